import { isUtf8 } from 'node:buffer'
import { JournalError } from './errors.ts'

/** Bounds for one CBOR text, chosen by the place where it arrives. */
export interface CborLimits {
  /** Whole text, in bytes. */
  readonly maxBytes: number
  /** Nesting of arrays and maps: `[1]` has depth 1, a bare `1` depth 0. */
  readonly maxDepth: number
  /** Data items in all, map keys included (RFC 8949 §1.2). */
  readonly maxItems: number
}

const PROTO = new TextEncoder().encode('__proto__')

/**
 * Reads a CBOR text (RFC 8949) without building anything and throws on whatever the frozen subset leaves out, so that
 * the lax decoder behind it only ever sees bytes with one meaning and one encoding. Nothing is allocated from an
 * announced length: lengths are compared with the bytes that are left.
 */
export function scanCbor(bytes: Uint8Array, limits: CborLimits): void {
  if (bytes.length > limits.maxBytes) {
    throw new JournalError('cbor-too-large', undefined, { bytes: bytes.length, maxBytes: limits.maxBytes })
  }
  let position = 0
  let items = 0
  // The argument of the item head read last; a second return value without an allocation per item.
  let argument = 0

  const refuse = (code: JournalError['code']): never => {
    throw new JournalError(code, undefined, { offset: position })
  }

  const byteAt = (index: number): number => bytes[index] ?? refuse('cbor-truncated')

  /** Reads one item head: returns the major type, leaves its argument in `argument`. */
  const readHead = (): number => {
    const initial = byteAt(position)
    const major = initial >> 5
    const info = initial & 0x1f
    if (major === 6) refuse('cbor-tag')
    if (major === 7) {
      if (info >= 25 && info <= 27) refuse('cbor-float')
      if (info === 31) refuse('cbor-indefinite')
      if (info >= 28) refuse('cbor-reserved')
      // 20 false, 21 true, 22 null; 23 is undefined, the others are unassigned (RFC 8949 §3.3).
      if (info < 20 || info > 22) refuse('cbor-simple')
      position++
      return major
    }
    if (info === 31) refuse(major >= 2 ? 'cbor-indefinite' : 'cbor-reserved')
    if (info >= 28) refuse('cbor-reserved')
    if (info < 24) {
      argument = info
      position++
      return major
    }
    const width = 1 << (info - 24)
    if (position + 1 + width > bytes.length) refuse('cbor-truncated')
    let value = 0
    // Exact up to 2^53; beyond, the float is still far above every bound it is compared with.
    for (let index = 1; index <= width; index++) value = value * 256 + byteAt(position + index)
    const least = width === 1 ? 24 : 2 ** (4 * width)
    if (value < least) refuse('cbor-not-minimal')
    if (major < 2 && value > Number.MAX_SAFE_INTEGER - major) refuse('cbor-int-range')
    argument = value
    position += 1 + width
    return major
  }

  const readText = (length: number): void => {
    if (length > bytes.length - position) refuse('cbor-truncated')
    const end = position + length
    let index = position
    while (index < end && byteAt(index) < 0x80) index++
    if (index < end) {
      if (!isUtf8(bytes.subarray(index, end))) refuse('cbor-bad-utf8')
      // cbor-x drops a byte order mark on machines without its native reader: one text, two readings.
      if (bytes[position] === 0xef && bytes[position + 1] === 0xbb && bytes[position + 2] === 0xbf)
        refuse('cbor-bad-utf8')
    }
    position = end
  }

  const count = (more: number): void => {
    items += more
    if (items > limits.maxItems) refuse('cbor-too-many-items')
  }

  const readMap = (pairs: number, depth: number): void => {
    let lastStart = 0
    let lastEnd = -1
    for (let pair = 0; pair < pairs; pair++) {
      if (readHead() !== 3) refuse('cbor-key-not-text')
      const start = position
      readText(argument)
      const order = lastEnd < 0 ? -1 : compareKeys(bytes, lastStart, lastEnd, start, position)
      if (order === 0) refuse('cbor-duplicate-key')
      if (order > 0) refuse('cbor-key-order')
      if (position - start === PROTO.length && PROTO.every((byte, index) => bytes[start + index] === byte)) {
        refuse('cbor-key-forbidden')
      }
      lastStart = start
      lastEnd = position
      readItem(depth)
    }
  }

  const readItem = (depth: number): void => {
    const major = readHead()
    const length = argument
    if (major === 3) readText(length)
    if (major < 2 || major === 3 || major === 7) return
    if (length * (major === 5 ? 2 : 1) > bytes.length - position) refuse('cbor-truncated')
    if (major === 2) {
      position += length
      return
    }
    if (depth >= limits.maxDepth) refuse('cbor-too-deep')
    count(major === 5 ? 2 * length : length)
    if (major === 5) readMap(length, depth + 1)
    else for (let index = 0; index < length; index++) readItem(depth + 1)
  }

  count(1)
  readItem(0)
  if (position !== bytes.length) refuse('cbor-trailing-bytes')
}

/** Order of two text keys by their encodings (RFC 8949 §4.2.1): the shorter first, then bytewise. */
function compareKeys(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  const longer = aEnd - aStart - (bEnd - bStart)
  if (longer !== 0) return longer
  for (let index = 0; aStart + index < aEnd; index++) {
    const difference = (bytes[aStart + index] ?? 0) - (bytes[bStart + index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
