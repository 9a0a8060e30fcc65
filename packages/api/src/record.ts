/** The record of what clients of the institution fetch, and of acts that change the node. */
import type { FastifyRequest } from 'fastify'
import { isAct } from './acts.ts'
import type { Door } from './door.ts'
import type { ApiPorts, UseDone } from './ports.ts'

/** Characters of what a request was about. */
const MOST = 300

/**
 * Keeps what clients fetch, however it is answered, and before anything of the answer leaves. An act is kept before it
 * is done, with status 0, and how it ended before its answer leaves: none is done that is not on record.
 */
export function addRecord(app: Door, { tokens }: Pick<ApiPorts, 'tokens'>): void {
  const before = new WeakMap<FastifyRequest, number>()
  const kept = new WeakMap<FastifyRequest, UseDone>()
  app.decorateRequest('act', undefined)
  app.addHook('onRequest', async (request) => {
    before.set(request, request.raw.socket.bytesWritten)
  })
  app.addHook('preHandler', async (request) => {
    const { reader } = request
    const route = routeOf(request)
    if (reader !== undefined && isAct(route))
      kept.set(request, await tokens.used(reader.token, { route, ...aboutOf(request), status: 0 }))
  })
  app.addHook('onSend', async (request, reply) => {
    const { reader } = request
    const route = routeOf(request)
    if (reader === undefined || !(reader.isClient === true || isAct(route))) return
    const use = { ...aboutOf(request), status: reply.statusCode }
    const begun = kept.get(request)
    // One that was refused before it came to its handler is not on record yet.
    if (begun === undefined) kept.set(request, await tokens.used(reader.token, { route, ...use }))
    else await begun(use)
  })
  app.addHook('onResponse', async (request) => {
    await kept.get(request)?.({ bytes: request.raw.socket.bytesWritten - (before.get(request) ?? 0) })
  })
}

function routeOf({ method, routeOptions }: FastifyRequest): string {
  return `${method} ${routeOptions.url ?? ''}`
}

function aboutOf({ act, params }: FastifyRequest): { about?: string } {
  const { name, id, collection, file, event, institution, stream } = (params ?? {}) as Readonly<
    Record<string, string | undefined>
  >
  const about = act ?? name ?? id ?? collection ?? file ?? event ?? institution ?? stream
  return about === undefined ? {} : { about: about.slice(0, MOST) }
}
