import { FOLD, SIGN } from './bytes.ts'
import { finish, PRIME } from './table.ts'

/** Hash of bytes, letters in lower case. */
export function hashBytes(seed: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = seed
  for (let at = end - 1; at >= start; at -= 1) hash = Math.imul(hash ^ (FOLD[bytes[at] as number] as number), PRIME)
  return finish(hash)
}

/** Hash of a name, read from its end, so that all names above it are met on the way. */
export const hashName: typeof hashBytes = hashBytes

/** Hashes of all names above a name: of `b.c` and `c` for `a.b.c`. */
export function parentHashes(seed: number, bytes: Uint8Array, start: number, end: number): number[] {
  const hashes: number[] = []
  let hash = seed
  for (let at = end - 1; at >= start; at -= 1) {
    const byte = bytes[at] as number
    if (byte === SIGN.dot) hashes.push(finish(hash))
    hash = Math.imul(hash ^ (FOLD[byte] as number), PRIME)
  }
  return hashes
}

/** True if `length` bytes at `a` of one and at `b` of the other are the same but for the case of letters. */
export function sameBytes(one: Uint8Array, a: number, other: Uint8Array, b: number, length: number): boolean {
  for (let at = 0; at < length; at += 1) if (FOLD[one[a + at] as number] !== FOLD[other[b + at] as number]) return false
  return true
}
