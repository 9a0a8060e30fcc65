import { toHex } from '@tocsin/journal'
import { SyncError } from './errors.ts'

const STABLE_CODE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** Reads the items of one frame in order; whatever is not as asked throws `bad-frame`. */
export interface FieldsOf {
  /** Unsigned integer of at most `most` (default 2^53 − 1). */
  uint(most?: number): number
  bool(): boolean
  /** True if the next item is an integer. */
  isInteger(): boolean
  /** Byte string of `least` to `most` bytes. */
  bytes(least: number, most: number): Uint8Array
  /** Byte string of exactly so many bytes, as lower-case hex. */
  hex(length: number): string
  nullable<T>(read: (fields: FieldsOf) => T): T | null
  /** A stable code: kebab-case of at most 64 letters, so that nothing else of the peer's reaches a report. */
  code(): string
  /** Array of at most `most` items, each read by `read`; an item that is an array is read by its own fields. */
  list<T>(most: number, read: (fields: FieldsOf) => T): T[]
  /** Array of items that are arrays themselves. */
  records<T>(most: number, read: (fields: FieldsOf) => T): T[]
  /** Nothing may be left, except from a peer of a newer minor version. */
  end(): void
}

/** A reader over a decoded CBOR array. */
export function readItems(value: unknown): FieldsOf {
  const items = arrayOf(value)
  let position = 0
  const next = (): unknown => {
    if (position >= items.length) throw bad('a field is missing')
    return items[position++]
  }
  const bytes = (least: number, most: number): Uint8Array => {
    const item = next()
    if (!(item instanceof Uint8Array) || item.length < least || item.length > most) throw bad('a byte string is due')
    return item
  }
  const some = (most: number): readonly unknown[] => {
    const list = arrayOf(next())
    if (list.length > most) throw bad('a list is too long')
    return list
  }
  const fields: FieldsOf = {
    uint(most = Number.MAX_SAFE_INTEGER) {
      const item = next()
      if (typeof item !== 'number' || !Number.isSafeInteger(item) || item < 0 || item > most) {
        throw bad('an integer is due')
      }
      return item
    },
    bool() {
      const item = next()
      if (typeof item !== 'boolean') throw bad('true or false is due')
      return item
    },
    isInteger: () => typeof items[position] === 'number',
    bytes,
    hex: (length) => toHex(bytes(length, length)),
    nullable(read) {
      if (items[position] !== null) return read(fields)
      position++
      return null
    },
    code() {
      const item = next()
      if (typeof item !== 'string' || item.length > 64 || !STABLE_CODE.test(item)) throw bad('a code is due')
      return item
    },
    list: (most, read) => {
      const inner = some(most)
      const reader = readItems(inner)
      return inner.map(() => read(reader))
    },
    records: (most, read) =>
      some(most).map((item) => {
        const reader = readItems(item)
        const record = read(reader)
        reader.end()
        return record
      }),
    end() {
      if (position !== items.length) throw bad('there are more fields than expected')
    }
  }
  return fields
}

function arrayOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw bad('an array is due')
  return value
}

function bad(what: string): SyncError {
  return new SyncError('bad-frame', `A frame does not have the shape of its type: ${what}.`)
}
