/**
 * The one codec: the sole importer of cbor-x, with frozen options. The subset is the core deterministic encoding of
 * RFC 8949 §4.2.1 without tags and floats: definite lengths, shortest heads, integers within ±(2^53 − 1), valid UTF-8,
 * byte strings, arrays, maps with text keys in ascending order of their encodings, true, false, null. So each value has
 * one encoding: `encode(decode(bytes))` gives the very bytes back.
 */
import { Encoder } from 'cbor-x'
import { copyBytes, plain } from './bytes.ts'
import { type CborLimits, scanCbor } from './cbor-scan.ts'
import { JournalError } from './errors.ts'

// Kept apart from the call: `int64AsNumber` and `useTag259ForMaps` exist but are not in the package's own types.
const OPTIONS = {
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  tagUint8Array: false,
  copyBuffers: true, // a decoded byte string must not keep, or change with, the frame it came in
  int64AsNumber: true, // the scanner has bounded them
  useTag259ForMaps: false // maps are handed over as Map, to keep the order of keys such as '10'
}
const cbor = new Encoder(OPTIONS)

/** Nesting that `encode` accepts; also what ends a value that contains itself. */
const ENCODE_DEPTH = 32

const UNBOUNDED: CborLimits = { maxBytes: Infinity, maxDepth: ENCODE_DEPTH, maxItems: Infinity }

/**
 * CBOR of a value made of null, booleans, safe integers, well-formed strings, Uint8Array, arrays and plain objects.
 * Keys whose value is undefined are left out. Everything else throws `cbor-unencodable`.
 */
export function encode(value: unknown): Uint8Array {
  const bytes = copyBytes(cbor.encode(ordered(value, 0)))
  // Our own output passes the same door as a peer's: what we sign, others can read.
  scanCbor(bytes, UNBOUNDED)
  return bytes
}

/** The value of a CBOR text within `limits`; anything outside the subset throws a `cbor-…` JournalError. */
export function decode(bytes: Uint8Array, limits: CborLimits): unknown {
  scanCbor(bytes, limits)
  // A view of its own, since cbor-x hangs a DataView on the array it is given.
  return cbor.decode(plain(bytes))
}

function ordered(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'boolean':
      return value
    case 'number':
      return integer(value)
    case 'object':
      return value === null ? null : container(value, depth)
    default:
      throw unencodable(`a ${typeof value}`)
  }
}

function container(value: object, depth: number): unknown {
  if (value instanceof Uint8Array) return plain(value)
  if (depth >= ENCODE_DEPTH) throw unencodable(`nesting beyond ${ENCODE_DEPTH}`)
  if (Array.isArray(value)) return Array.from(value, (item: unknown) => ordered(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw unencodable('an object of a class')
  const pairs = Object.entries(value).filter(([, item]) => item !== undefined)
  pairs.sort(([a], [b]) => compareKeys(a, b))
  return new Map(pairs.map(([key, item]) => [text(key), ordered(item, depth + 1)]))
}

function text(value: string): string {
  if (!value.isWellFormed()) throw unencodable('a text with a lone surrogate')
  if (value.startsWith('\ufeff')) throw unencodable('a text that starts with a byte order mark')
  return value
}

function integer(value: number): number | bigint {
  if (!Number.isSafeInteger(value)) throw unencodable('a number that is no safe integer')
  // cbor-x writes numbers beyond 32 bits as floats, unless they are BigInt.
  return value > 0xffffffff || value < -0x100000000 ? BigInt(value) : value + 0
}

/** The order of RFC 8949 §4.2.1: by length in bytes, then bytewise (UTF-16 order differs beyond the BMP). */
function compareKeys(a: string, b: string): number {
  return Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function unencodable(what: string): JournalError {
  return new JournalError('cbor-unencodable', `CBOR cannot hold ${what} here.`, { what })
}
