import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'

/** Where a bug of ours is, without its message, which may quote a peer's text or a value of TLP:RED. */
export function whereabouts(error: unknown): { readonly error: string; readonly frames: readonly string[] } {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const frames = stack
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 8)
  return { error: error instanceof Error ? error.name : typeof error, frames }
}

/** Fastify's own lines carry URLs with their queries and errors with their messages: none of them is written. */
export class DiscreetLog extends LogController {
  constructor() {
    super({ disableRequestLogging: true })
  }

  /** A source that failed after the answer had begun; a client that went away is nobody's error. */
  override streamError(error: Error, request: FastifyRequest, _reply: FastifyReply): void {
    if ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE') return
    request.log.error({ route: request.routeOptions.url, ...whereabouts(error) }, 'answer cut short')
  }
}
