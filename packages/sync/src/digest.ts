import { createBoundedCache, fromHex, sha256, utf8 } from '@tocsin/journal'
import { BUCKET_DIGEST_BYTES, BUCKETS, MAX_ROWS } from './constants.ts'
import type { Row } from './ports.ts'

const DOMAIN = utf8('tocsin/digest/1\0')
/** A row as digests and marks read it: kind 1 · key 32 · number 8 (big-endian) · hash 32. */
export const ROW_BYTES = 73
const KIND_CODES: Readonly<Record<Row['kind'], number>> = { register: 1, stream: 2 }

/** SHA-256 over 'tocsin/digest/1\0' and the sorted rows, each of ROW_BYTES. */
export function digestOf(rows: readonly Row[]): Uint8Array {
  // Every byte of it is written below.
  const bytes = Buffer.allocUnsafe(DOMAIN.length + rows.length * ROW_BYTES)
  bytes.set(DOMAIN)
  let at = DOMAIN.length
  for (const row of [...rows].sort(compareRows)) {
    writeRow(bytes, row, at)
    at += ROW_BYTES
  }
  // One call: 64 buckets are 64 short messages, and a Hash object for each costs several times its hash.
  return sha256(bytes)
}

/** The ROW_BYTES of a row, in place. */
export function writeRow(into: Buffer, row: Row, at: number): void {
  into[at] = KIND_CODES[row.kind]
  writeHex(into, row.key, at + 1)
  // In two halves: a BigInt for each row would cost as much as the rest of it.
  into.writeUInt32BE(Math.floor(row.number / 2 ** 32), at + 33)
  into.writeUInt32BE(row.number % 2 ** 32, at + 37)
  writeHex(into, row.hash, at + 41)
}

/** 64 hex digits in place, without an array for each of them. */
function writeHex(into: Buffer, text: string, at: number): void {
  if (text.length !== 64 || into.write(text, at, 32, 'hex') !== 32) into.set(fromHex(text, 32), at)
}

// Asked for each row of each comparison with each peer, and always the same for one key.
const buckets = createBoundedCache<string, number>(MAX_ROWS)

/** Which of the 64 buckets a key belongs to: the first six bits of the SHA-256 of its 32 bytes. */
export function bucketOf(key: string): number {
  const known = buckets.get(key)
  if (known !== undefined) return known
  const bucket = (sha256(fromHex(key, 32))[0] ?? 0) >> 2
  buckets.set(key, bucket)
  return bucket
}

const NOTHING = digestOf([])

/** The 64 bucket digests, each the first 16 bytes of `digestOf` over its rows, one after another. */
export function bucketDigests(rows: readonly Row[]): Uint8Array {
  const parts: Row[][] = Array.from({ length: BUCKETS }, () => [])
  for (const row of rows) parts[bucketOf(row.key)]?.push(row)
  const digests = new Uint8Array(BUCKETS * BUCKET_DIGEST_BYTES)
  for (const [index, part] of parts.entries()) {
    const digest = part.length === 0 ? NOTHING : digestOf(part)
    digests.set(digest.subarray(0, BUCKET_DIGEST_BYTES), index * BUCKET_DIGEST_BYTES)
  }
  return digests
}

/** A set of buckets as 8 bytes: bucket b is bit b mod 8 (from the low end) of byte b div 8. */
export function differingBuckets(a: Uint8Array, b: Uint8Array): Uint8Array {
  const mask = new Uint8Array(BUCKETS / 8)
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const start = bucket * BUCKET_DIGEST_BYTES
    const end = start + BUCKET_DIGEST_BYTES
    if (Buffer.compare(a.subarray(start, end), b.subarray(start, end)) !== 0) mask[bucket >> 3] = bit(mask, bucket)
  }
  return mask
}

/** True if the bucket of this key is in the set. */
export function inBuckets(mask: Uint8Array, key: string): boolean {
  const bucket = bucketOf(key)
  return ((mask[bucket >> 3] ?? 0) & (1 << (bucket & 7))) !== 0
}

function bit(mask: Uint8Array, bucket: number): number {
  return (mask[bucket >> 3] ?? 0) | (1 << (bucket & 7))
}

function compareRows(a: Row, b: Row): number {
  const kinds = KIND_CODES[a.kind] - KIND_CODES[b.kind]
  if (kinds !== 0) return kinds
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}
