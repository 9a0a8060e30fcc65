/** What changes this node for everybody: who did it, what and when is kept, as what clients fetch is. */
import type { RouteKey } from './scopes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What an act is about, as its route says it: names and labels, never a secret. */
    act: string | undefined
  }
}

/** Officers' own words, bulletins and what becomes of drafts, are signed or kept with the draft. */
export const ACTS: ReadonlySet<RouteKey> = new Set<RouteKey>([
  'POST /v1/sources',
  'DELETE /v1/sources/:name',
  'POST /v1/exceptions',
  'DELETE /v1/exceptions',
  'POST /v1/introductions/:id',
  'POST /v1/peers',
  'DELETE /v1/peers/:institution',
  'POST /v1/vouches',
  'POST /v1/registers',
  'POST /v1/tokens',
  'DELETE /v1/tokens/:id',
  'POST /v1/streams/:stream/claim'
])

/** `POST` and the like of scope `admin` that change nothing by themselves. */
export const NO_ACTS: ReadonlySet<RouteKey> = new Set<RouteKey>([
  'POST /v1/sources/:name/poll',
  'POST /v1/card/prepare',
  'POST /v1/cards',
  'POST /v1/cards/domains',
  'POST /v1/introductions',
  'POST /v1/circles/prepare'
])

export function isAct(route: string): boolean {
  return ACTS.has(route as RouteKey)
}
