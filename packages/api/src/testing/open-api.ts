import { type Api, type ApiOptions, createApi } from '../api.ts'
import { createMemoryNode, type MemoryNode } from './memory-ports.ts'

/** A door over a node in memory, closed by `await using`. */
export interface OpenedApi extends AsyncDisposable {
  readonly api: Api
  readonly node: MemoryNode
}

/** Creates a loopback door on a free port over an empty node in memory; nothing listens before `start`. */
export function openApi(options: Partial<ApiOptions> = {}): OpenedApi {
  const node = createMemoryNode()
  const api = createApi({ ports: node.ports, listen: { host: '127.0.0.1', port: 0 }, ...options })
  return { api, node, [Symbol.asyncDispose]: () => api.stop() }
}

/** The header that carries a token. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}
