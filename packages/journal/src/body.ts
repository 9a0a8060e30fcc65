import { createHash, hash } from 'node:crypto'
import type { EntryKind } from '@tocsin/model'
import { concatBytes, utf8 } from './bytes.ts'

/** Bodies are hashed in chunks of 64 KiB, so that a receiver can check one before the next arrives. */
export const CHUNK = 65_536

/** Greatest body of an attachment entry, and of one whose kind this version does not know: 9 MiB. */
export const MAX_ATTACHMENT_BODY = 9 * 2 ** 20
/** Greatest body of any other entry: 2 MiB. */
export const MAX_BODY = 2 * 2 ** 20

/** Greatest body length that the header of this kind may announce, bytes. */
export function maxBodyOf(kind: EntryKind | number): number {
  // A kind of a later version may need the larger bound; refusing it here would stop its author's whole stream.
  return kind === 'attachment' || typeof kind === 'number' ? MAX_ATTACHMENT_BODY : MAX_BODY
}

const DOMAIN = utf8('tocsin/body/1\0')

/** SHA-256 of each 64 KiB chunk, one after another: n × 32 bytes. */
export function chunkHashes(body: Uint8Array): Uint8Array {
  const hashes: Uint8Array[] = []
  for (let start = 0; start < body.length; start += CHUNK) {
    hashes.push(hash('sha256', body.subarray(start, start + CHUNK), 'buffer'))
  }
  return concatBytes(...hashes)
}

/** Body hash over a list of chunk hashes as `chunkHashes` gives it: SHA-256('tocsin/body/1\0' ‖ list), hex. */
export function bodyHashOfChunks(list: Uint8Array): string {
  return createHash('sha256').update(DOMAIN).update(list).digest('hex')
}

/** Body hash as it stands in the entry header, 64 hex digits. */
export function bodyHashOf(body: Uint8Array): string {
  return bodyHashOfChunks(chunkHashes(body))
}

/** True if these are the bytes that the header's length and hash speak of. */
export function bodyMatches(
  header: { readonly bodyLength: number; readonly bodyHash: string },
  body: Uint8Array
): boolean {
  return body.length === header.bodyLength && bodyHashOf(body) === header.bodyHash
}
