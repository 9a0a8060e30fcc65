import { fromHex, plain, toHex } from './bytes.ts'
import type { JournalErrorCode } from './errors.ts'
import { JournalError } from './errors.ts'

/** Writes fixed-width big-endian fields one after another; a value that does not fit throws `code`. */
export interface FieldWriter {
  /** Unsigned integer of `width` bytes (at most 8, and at most 2^53 − 1). */
  uint(value: number, width: number): FieldWriter
  /** Exactly `width` bytes from lower-case hex; zeros where undefined. */
  hex(value: string | undefined, width: number): FieldWriter
  /** Exactly `width` bytes; zeros where undefined. */
  bytes(value: Uint8Array | undefined, width: number): FieldWriter
  /** The filled array; throws if fields are missing. */
  done(): Uint8Array
}

/** Starts a record of `length` bytes. */
export function writeFields(length: number, code: JournalErrorCode): FieldWriter {
  const record = Buffer.alloc(length)
  let offset = 0
  const check = (fits: boolean): void => {
    if (!fits) throw new JournalError(code, undefined, { offset })
  }
  const writer: FieldWriter = {
    uint(value, width) {
      check(Number.isSafeInteger(value) && value >= 0 && (width >= 7 || value < 2 ** (8 * width)))
      if (width === 8) record.writeBigUInt64BE(BigInt(value), offset)
      else record.writeUIntBE(value, offset, width)
      offset += width
      return writer
    },
    hex: (value, width) => writer.bytes(value === undefined ? undefined : fromHex(value), width),
    bytes(value, width) {
      check(value === undefined || value.length === width)
      if (value !== undefined) record.set(value, offset)
      offset += width
      return writer
    },
    done() {
      check(offset === length)
      return plain(record)
    }
  }
  return writer
}

/** Reads fixed-width big-endian fields; the caller has checked the length of the record. */
export interface FieldReader {
  /** Unsigned integer of `width` bytes; undefined if beyond 2^53 − 1. */
  uint(width: number): number | undefined
  /** `width` bytes as lower-case hex. */
  hex(width: number): string
  /** `width` bytes, a view. */
  bytes(width: number): Uint8Array
}

/** Starts reading at the first byte. */
export function readFields(record: Uint8Array): FieldReader {
  let offset = 0
  const take = (width: number): number => {
    offset += width
    return offset - width
  }
  return {
    uint(width) {
      const end = take(width) + width
      let value = 0
      for (let at = end - width; at < end; at++) value = value * 256 + (record[at] ?? 0)
      // Beyond 2^53 − 1 it was rounded, never to anything below 2^53.
      return Number.isSafeInteger(value) ? value : undefined
    },
    hex: (width) => toHex(record.subarray(take(width), offset)),
    bytes: (width) => record.subarray(take(width), offset)
  }
}
