/**
 * Links by host and prefix of the path. A prefix ends where a piece of the link does, so that `/a` is found in `/a/b` and
 * `/a?x=1` and not in `/abc`. The scheme does not count: what was called over http is called over https tomorrow.
 */
import { DEFAULT_PORTS } from '@tocsin/model'
import { SIGN } from './bytes.ts'
import { finish, PRIME } from './table.ts'

/** The port that counts: 0 where it is the one that the scheme leaves out, or, without a scheme, that of the web. */
export function portOf(scheme: string | undefined, port: number): number {
  const standard = scheme === undefined ? port === 80 || port === 443 : DEFAULT_PORTS[scheme] === port
  return standard ? 0 : port
}

/** An indicator's URL, as the table of links wants it. */
export interface Link {
  readonly hostStart: number
  readonly hostEnd: number
  readonly isAddress: boolean
  hashFor(seed: number): number
  /** Hashes of what stands before each place where a piece ends or begins, the end aside. */
  edgesFor(seed: number): Iterable<number>
}

/** Takes a URL in normal form apart, at its place in `texts`. */
export function linkOf(texts: Uint8Array, start: number, end: number): Link {
  const text = latin1(texts, start, end)
  const [, scheme = '', bracketed, name = '', port = '', rest = ''] =
    /^([^:]+):\/\/(?:\[([^\]]*)\]|([^/:?#]*))(?::(\d+))?(.*)$/s.exec(text) ?? []
  const hostStart = start + scheme.length + (bracketed === undefined ? 3 : 4)
  const host = bracketed ?? name
  const path = Buffer.from(rest.startsWith('/') ? rest : `/${rest}`, 'latin1')
  return {
    hostStart,
    hostEnd: hostStart + host.length,
    isAddress: bracketed !== undefined || /^[\d.]+$/.test(name),
    hashFor: (seed) => {
      let hash = startOf(seed, Number(port))
      for (const byte of path) hash = Math.imul(hash ^ byte, PRIME)
      return finish(hash)
    },
    *edgesFor(seed) {
      let hash = startOf(seed, Number(port))
      for (const [at, byte] of path.entries()) {
        if (EDGES[byte] === 1 || (at > 0 && EDGES[path[at - 1] as number] === 1)) yield finish(hash)
        hash = Math.imul(hash ^ byte, PRIME)
      }
    }
  }
}

/** Bytes as one character each. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

/** Where the hash of a path begins: with the host, which is in the seed, and the port. */
export function startOf(seed: number, port: number): number {
  return finish(seed ^ Math.imul(port, PRIME))
}

/** Bytes at which a piece of a link ends. */
export const EDGES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  "/?#&;=,)]}|!*:'".includes(String.fromCharCode(byte)) ? 1 : 0
)

/** Bytes that no link holds: it ends before them. A backslash ends it too, unless it escapes a slash. */
export const ENDS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte <= 0x20 || byte === 0x7f || '"<>`\\'.includes(String.fromCharCode(byte)) ? 1 : 0
)

/** True if the bytes at `at` are a slash, plain or escaped as JSON writers do. */
export function isSlash(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === SIGN.slash || (bytes[at] === SIGN.backslash && bytes[at + 1] === SIGN.slash)
}
