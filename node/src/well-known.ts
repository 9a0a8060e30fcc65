/** A small file of somebody's web server, read as one reads from a stranger: little, briefly, and from nowhere else. */
import type { LookupAddress } from 'node:dns'
import type { Resolver } from 'node:dns/promises'
import { get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http'
import { get as getSecure } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isSpecialPurpose } from '@tocsin/model'

/** Bytes of the answer that are read. */
const MOST_BYTES = 4_096
/** Redirects that are followed, within the same origin. */
const REDIRECTS = 2
/** ms for one file. */
const TIMEOUT = 5_000

const MOVED = new Set([301, 302, 303, 307, 308])
/** The file is not there (RFC 9110 §15.5.5, §15.5.11). */
const ABSENT = new Set([404, 410])

class WellKnownError extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/**
 * The lines of the file; none where it is not there, or where the server sends us to another host. Throws an error with
 * a `code` where it could not be asked.
 */
export async function readWellKnown(url: string, lookup: LookupFunction, signal: AbortSignal): Promise<string[]> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)])
  let at = new URL(url)
  for (let left = REDIRECTS; ; left--) {
    const answer = await ask(at, lookup, within)
    const status = answer.statusCode ?? 0
    if (status === 200) return linesOf(await headOf(answer))
    answer.destroy()
    if (ABSENT.has(status)) return []
    if (!MOVED.has(status)) throw new WellKnownError(`http-${status}`)
    const target = URL.parse(answer.headers.location ?? '', at.href)
    if (target === null || target.origin !== at.origin) return []
    if (left === 0) throw new WellKnownError('too-many-redirects')
    at = target
  }
}

function ask(url: URL, lookup: LookupFunction, signal: AbortSignal): Promise<IncomingMessage> {
  const options: RequestOptions = {
    lookup,
    signal,
    agent: false,
    headers: { accept: 'text/plain', 'user-agent': 'tocsin' },
    maxHeaderSize: 8_192
  }
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? getSecure(url, options, resolve) : getPlain(url, options, resolve)
    request.on('error', (error) => reject(signal.aborted ? new WellKnownError('timeout') : error))
  })
}

/** A line that the limit cut is left out: half a digest would look like another one. */
function linesOf(head: string): string[] {
  const lines = head.split(/\r\n|\r|\n/)
  return Buffer.byteLength(head) < MOST_BYTES ? lines : lines.slice(0, -1)
}

/** The beginning of the body, as text. */
async function headOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    // Leaving the loop destroys the rest unread.
    if (size >= MOST_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8')
}

/**
 * Addresses by the same name servers as the TXT records. Those of special purpose are passed over unless `anywhere`: a
 * card that came by mail must not make this node knock at doors of its own network.
 */
export function createAddressLookup(resolver: Resolver, anywhere: boolean): LookupFunction {
  async function addressesOf(name: string): Promise<LookupAddress[]> {
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    const all = found.flatMap((result, index) =>
      result.status === 'fulfilled' ? result.value.map((address) => ({ address, family: index === 0 ? 4 : 6 })) : []
    )
    const usable = all.filter(({ address }) => anywhere || !isSpecialPurpose(address))
    if (usable.length > 0) return usable
    if (all.length > 0) throw new WellKnownError('address-of-special-purpose')
    throw found.find((result) => result.status === 'rejected')?.reason ?? new WellKnownError('ENOTFOUND')
  }

  return (name, options, callback) => {
    addressesOf(name).then(
      (addresses) => {
        const [first] = addresses
        if (options.all === true) callback(null, addresses)
        else callback(null, first?.address ?? '', first?.family ?? 4)
      },
      (error: NodeJS.ErrnoException) => callback(error, [])
    )
  }
}
