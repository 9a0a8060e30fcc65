/** A long JSON document, a part at a time: what it holds in its lists never stands in memory as a whole. */
import { ImportCut } from './import-source.ts'

/** A step is a member's name or a place in a list. */
export type JsonPath = readonly (string | number)[]

/** One part of a document, in its order. */
export type JsonPart =
  /** A whole value that was not opened. */
  | { readonly kind: 'value'; readonly path: JsonPath; readonly value: unknown }
  /** A value that has more bytes than one part may have; it was passed over. */
  | { readonly kind: 'too-large'; readonly path: JsonPath }
  /** An object or list that was opened has ended. */
  | { readonly kind: 'end'; readonly path: JsonPath }

export interface JsonPartsOptions {
  /** True for an object or list that is to come part by part. */
  readonly opens: (path: JsonPath) => boolean
  /** Bytes of one part. */
  readonly most: number
}

/** Deeper than any honest record. */
const MAX_DEPTH = 32
const MAX_KEY = 4096

interface Frame {
  readonly isList: boolean
  index: number
  key: string
}

type Expect = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing'

/**
 * The parts of a (bounded) document, those of one chunk at a time. Throws ImportCut `not-json` or `json-too-deep` at its
 * place; what came before was given. Nothing at all gives nothing.
 */
export async function* jsonParts(
  source: AsyncIterable<Uint8Array>,
  { opens, most }: JsonPartsOptions
): AsyncGenerator<readonly JsonPart[]> {
  const frames: Frame[] = []
  let expect: Expect = 'value'
  let at = 0
  let isFirst = true
  // The value or key that is being read: its bytes so far, and where in it we are.
  let held: Buffer[] | undefined
  let length = 0
  let depth = 0
  let isQuoted = false
  let isEscaped = false
  let isKey = false
  let isWord = false

  const path = (): JsonPath => frames.map(({ isList, index, key }) => (isList ? index : key))
  const bad = (offset: number): ImportCut => new ImportCut('not-json', 'not JSON', offset)

  for await (const chunk of source) {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (isFirst && bytes.length > 0) {
      isFirst = false
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
        bytes = bytes.subarray(3)
        at += 3
      }
    }
    const parts: JsonPart[] = []
    let from = 0
    let i = 0
    while (i < bytes.length) {
      if (held === undefined) {
        i = structure(bytes, i, parts)
        from = i
        if (held !== undefined) i = begin(bytes, i)
        continue
      }
      const end = within(bytes, i)
      if (end < 0) break
      finish(bytes, from, end, parts)
      i = end
    }
    if (held !== undefined) add(Buffer.from(bytes.subarray(from)))
    at += bytes.length
    if (parts.length > 0) yield parts
  }
  if (held !== undefined && isWord && frames.length === 0) {
    const parts: JsonPart[] = []
    finish(Buffer.alloc(0), 0, 0, parts)
    yield parts
  }
  if (held !== undefined || frames.length > 0) throw bad(at)

  /** One token of the structure; leaves `held` set where a value or key begins at the place that it answers. */
  function structure(bytes: Buffer, i: number, parts: JsonPart[]): number {
    const byte = bytes[i] ?? 0
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return i + 1
    const isEnd = byte === 0x7d || byte === 0x5d
    if (isEnd) {
      const frame = frames.at(-1)
      const isDue = expect === 'comma-or-end' || expect === 'value-or-end' || expect === 'key-or-end'
      if (frame === undefined || !isDue || frame.isList !== (byte === 0x5d)) throw bad(at + i)
      frames.pop()
      parts.push({ kind: 'end', path: path() })
      expect = frames.length === 0 ? 'nothing' : 'comma-or-end'
      return i + 1
    }
    if (expect === 'colon' && byte === 0x3a) {
      expect = 'value'
      return i + 1
    }
    if (expect === 'comma-or-end' && byte === 0x2c) {
      const frame = frames.at(-1)
      if (frame?.isList === true) frame.index += 1
      expect = frame?.isList === true ? 'value' : 'key'
      return i + 1
    }
    if ((expect === 'key' || expect === 'key-or-end') && byte === 0x22) {
      isKey = true
      held = []
      return i
    }
    if (expect !== 'value' && expect !== 'value-or-end') throw bad(at + i)
    if ((byte === 0x7b || byte === 0x5b) && opens(path())) {
      if (frames.length >= MAX_DEPTH) throw new ImportCut('json-too-deep', `nested more than ${MAX_DEPTH} deep`, at + i)
      const isList = byte === 0x5b
      frames.push({ isList, index: 0, key: '' })
      expect = isList ? 'value-or-end' : 'key-or-end'
      return i + 1
    }
    isKey = false
    held = []
    return i
  }

  function begin(bytes: Buffer, i: number): number {
    const byte = bytes[i]
    length = 0
    isEscaped = false
    isQuoted = byte === 0x22
    depth = byte === 0x7b || byte === 0x5b ? 1 : 0
    isWord = !isQuoted && depth === 0
    return i + 1
  }

  /** Where the value ends, or -1 if it goes on beyond this chunk. */
  function within(bytes: Buffer, start: number): number {
    let i = start
    if (isWord) {
      while (i < bytes.length && isWordByte(bytes[i] ?? 0)) i += 1
      return i < bytes.length ? i : -1
    }
    while (i < bytes.length) {
      const byte = bytes[i] ?? 0
      i += 1
      if (isQuoted) {
        if (isEscaped) isEscaped = false
        else if (byte === 0x5c) isEscaped = true
        else if (byte === 0x22) {
          isQuoted = false
          if (depth === 0) return i
        }
      } else if (byte === 0x22) isQuoted = true
      else if (byte === 0x7b || byte === 0x5b) {
        depth += 1
        if (frames.length + depth > MAX_DEPTH)
          throw new ImportCut('json-too-deep', `nested more than ${MAX_DEPTH} deep`, at + i - 1)
      } else if (byte === 0x7d || byte === 0x5d) {
        depth -= 1
        if (depth === 0) return i
      }
    }
    return -1
  }

  function add(part: Buffer): void {
    length += part.length
    // What is too large is passed over in constant memory.
    if (length <= (isKey ? MAX_KEY : most)) held?.push(part)
    else held = []
  }

  function finish(bytes: Buffer, from: number, end: number, parts: JsonPart[]): void {
    add(bytes.subarray(from, end))
    const isTooLarge = length > (isKey ? MAX_KEY : most)
    const text = held?.length === 1 ? (held[0]?.toString('utf8') ?? '') : Buffer.concat(held ?? []).toString('utf8')
    held = undefined
    if (isTooLarge) {
      if (isKey) throw bad(at + end)
      parts.push({ kind: 'too-large', path: path() })
    } else {
      const value = parsed(text, at + end)
      const frame = frames.at(-1)
      if (isKey && frame !== undefined) frame.key = String(value)
      else parts.push({ kind: 'value', path: path(), value })
    }
    expect = isKey ? 'colon' : frames.length === 0 ? 'nothing' : 'comma-or-end'
  }

  function parsed(text: string, offset: number): unknown {
    try {
      return JSON.parse(text)
    } catch {
      throw bad(offset)
    }
  }
}

function isWordByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x45
  )
}
