/** The node's HTTP API as its commands use it: JSON in, JSON out, problems thrown. */

import type { Connection } from './env.ts'
import { CliError, Problem } from './errors.ts'

type QueryValue = string | number | boolean | readonly string[] | undefined
export type Query = Readonly<Record<string, QueryValue>>

export interface Client {
  get<T>(path: string, query?: Query): Promise<T>
  post<T>(path: string, body: unknown, query?: Query): Promise<T>
  /** A body that is not JSON. */
  postBytes<T>(path: string, bytes: Uint8Array<ArrayBuffer>, mediaType: string, query?: Query): Promise<T>
  /** A body that is sent as it is read. */
  postStream<T>(path: string, body: Blob | ReadableStream, query?: Query): Promise<T>
  delete(path: string, query?: Query): Promise<void>
  /** An answer whose body is read piece by piece. */
  open(
    path: string,
    query?: Query,
    options?: { headers?: Record<string, string>; signal?: AbortSignal }
  ): Promise<Response>
}

/** `/v1/x?a=1&b=2&b=3`; what is undefined is left out. */
export function pathWith(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one))
  }
  return search.size === 0 ? path : `${path}?${search}`
}

/** One path segment of a name that a person typed. */
export function segment(text: string): string {
  return encodeURIComponent(text)
}

/** Creates the client. Throws CliError `node-unreachable`, `node-answer-unreadable`, and Problem for refusals. */
export function createClient(fetch: typeof globalThis.fetch, connection: Connection): Client {
  const base = connection.baseUrl.replace(/\/+$/, '')
  const { token } = connection
  if (token === undefined) throw new CliError('no-token')

  async function ask(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const headers = { accept: 'application/json', ...init.headers, authorization: `Bearer ${token}` }
    let answer: Response
    try {
      answer = await fetch(`${base}${path}`, { ...init, headers, redirect: 'error' })
    } catch (error) {
      if (init.signal?.aborted === true) throw error
      throw new CliError('node-unreachable', undefined, { url: base, reason: reasonOf(error) })
    }
    if (answer.ok) return answer
    const document = await json(answer).catch(() => undefined)
    if (typeof document !== 'object' || document === null || !('code' in document)) {
      throw new CliError('node-answer-unreadable', undefined, { url: base, status: answer.status })
    }
    throw new Problem(document as Record<string, unknown>, answer.status)
  }

  async function json(answer: Response): Promise<unknown> {
    try {
      return await answer.json()
    } catch (error) {
      throw new CliError('node-answer-unreadable', undefined, {
        url: base,
        status: answer.status,
        reason: reasonOf(error)
      })
    }
  }

  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, mediaType: string, query?: Query) =>
    ask(pathWith(path, query), { method: 'POST', body, headers: { 'content-type': mediaType } })

  return {
    get: async <T>(path: string, query?: Query) => (await json(await ask(pathWith(path, query)))) as T,
    post: async <T>(path: string, body: unknown, query?: Query) =>
      (await json(await post(path, JSON.stringify(body), 'application/json', query))) as T,
    postBytes: async <T>(path: string, bytes: Uint8Array<ArrayBuffer>, mediaType: string, query?: Query) =>
      (await json(await post(path, bytes, mediaType, query))) as T,
    postStream: async <T>(path: string, body: Blob | ReadableStream, query?: Query) => {
      const init = {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/octet-stream' },
        duplex: 'half' as const
      }
      return (await json(await ask(pathWith(path, query), init))) as T
    },
    async delete(path, query) {
      await ask(pathWith(path, query), { method: 'DELETE' })
    },
    open: (path, query, options = {}) =>
      ask(pathWith(path, query), { ...options, headers: { accept: '*/*', ...options.headers } })
  }
}

/** `ECONNREFUSED` and the like, without the message, which would repeat the URL. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return String(cause.code)
  return error instanceof Error ? error.name : 'unknown'
}
