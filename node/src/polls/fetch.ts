/** One request for a source: to the host that was named and no other, bounded in time and in bytes on both sides of gzip. */
import { type LookupAddress, lookup } from 'node:dns'
import { type IncomingHttpHeaders, type IncomingMessage, request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { PassThrough, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { isLoopback } from '@tocsin/api'
import { NodeError } from '../errors.ts'
import { addressIn, type Reach } from './reach.ts'

/** The Authorization header's two kinds: a token, or with `user` a password. */
export interface Login {
  readonly user?: string
  readonly secret: string
}

export interface FetchOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly login?: Login | undefined
  /** Bytes of the body, as sent and as unpacked. */
  readonly most: number
  /** ms for all of it, the body too. */
  readonly timeout: number
  readonly reach: Reach
  /** Ends with the source, or the node. */
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Throws NodeError poll-too-large, poll-timeout, poll-unreachable; breaking off hangs up. */
  readonly body: AsyncIterable<Uint8Array>
  /** Hangs up. */
  drop(): void
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MOST_REDIRECTS = 3

/** @throws NodeError poll-unreachable, poll-timeout, poll-address-forbidden, poll-redirected */
export async function fetchSource(url: URL, options: FetchOptions): Promise<Answer> {
  // One clock for all hops, or a chain of redirects would have as many.
  const clock = AbortSignal.timeout(options.timeout)
  let at = url
  for (let hops = 0; ; hops += 1) {
    const answer = await once(at, options, clock)
    const { location } = answer.headers
    if (!REDIRECTS.has(answer.status) || location === undefined) return answer
    answer.drop()
    const to = URL.canParse(location, at.href) ? new URL(location, at) : undefined
    // Elsewhere, the secret would go to whoever the server names, and so would our request.
    if (to === undefined || to.origin !== url.origin || hops >= MOST_REDIRECTS) throw new NodeError('poll-redirected')
    at = to
  }
}

async function once(url: URL, options: FetchOptions, clock: AbortSignal): Promise<Answer> {
  const { reach, login, most } = options
  const onlyHere = url.protocol === 'http:'
  const mayAsk = (address: string): boolean => reach(address) && (!onlyHere || isLoopback(address))
  const literal = addressIn(url)
  if (literal !== undefined && !mayAsk(literal)) throw new NodeError('poll-address-forbidden')
  const failed = (error: unknown): NodeError => {
    if (error instanceof NodeError) return error
    if (clock.aborted) return new NodeError('poll-timeout')
    const cause = (error as NodeJS.ErrnoException).code ?? 'unknown'
    return new NodeError('poll-unreachable', undefined, { cause })
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const ask = onlyHere ? overHttp : overHttps
    const headers = { 'accept-encoding': 'gzip', 'user-agent': 'Tocsin', ...options.headers, ...loginHeader(login) }
    const signal = AbortSignal.any([options.signal, clock])
    ask(url, { headers, signal, agent: false, lookup: guarded(mayAsk) }, resolve)
      .on('error', (error) => reject(failed(error)))
      .end()
  })
  const { statusCode: status = 0, headers } = response
  return {
    status,
    headers,
    body: bodyOf(response, most, failed),
    drop: () => response.destroy()
  }
}

function loginHeader(login: Login | undefined): { authorization?: string } {
  if (login === undefined) return {}
  const { user, secret } = login
  if (user === undefined) return { authorization: `Bearer ${secret}` }
  return { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` }
}

/** Judges what a name resolves to in the look-up that the connection uses: a second one could say something else. */
function guarded(mayAsk: Reach): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) return callback(error ?? new Error('no address'), '', 0)
      if (!addresses.every(({ address }) => mayAsk(address)))
        return callback(new NodeError('poll-address-forbidden'), '', 0)
      if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

async function* bodyOf(
  response: IncomingMessage,
  most: number,
  failed: (error: unknown) => NodeError
): AsyncGenerator<Uint8Array> {
  const coding = response.headers['content-encoding'] ?? 'identity'
  if (coding !== 'identity' && coding !== 'gzip') {
    response.destroy()
    throw new NodeError('poll-answer-invalid', `the answer is coded as ${coding.slice(0, 20)}`)
  }
  const unpacked = pipeline(
    response,
    (source) => bounded(source, most),
    coding === 'gzip' ? createGunzip() : new PassThrough(),
    // What goes wrong comes out of the iteration below.
    () => undefined
  )
  try {
    yield* bounded(unpacked, most)
  } catch (error) {
    throw failed(error)
  } finally {
    response.destroy()
  }
}

async function* bounded(source: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let taken = 0
  for await (const chunk of source) {
    taken += chunk.length
    if (taken > most) throw new NodeError('poll-too-large', `more than ${most} bytes`)
    yield chunk
  }
}

/** A body that is read whole. */
export async function wholeText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return new TextDecoder().decode(Buffer.concat(chunks))
}
