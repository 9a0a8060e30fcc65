import { hash } from 'node:crypto'
import { JournalError } from './errors.ts'

const HEX = /^(?:[0-9a-f]{2})*$/

// Short bytes become text, and texts bytes, in one place: a Buffer for each of them costs four times as much (measured),
// and ids are turned round on every frame.
const bench = Buffer.alloc(1024)
const benchBytes = plain(bench)

/** Lower-case hexadecimal of the bytes. */
export function toHex(bytes: Uint8Array): string {
  return written(bytes, 'hex')
}

/** The bytes as a text, one character a byte: a key for a Map. */
export function toLatin1(bytes: Uint8Array): string {
  return written(bytes, 'latin1')
}

function written(bytes: Uint8Array, encoding: 'hex' | 'latin1'): string {
  if (bytes.length > bench.length)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding)
  benchBytes.set(bytes)
  return bench.toString(encoding, 0, bytes.length)
}

/**
 * The bytes of lower-case hexadecimal text; upper case, odd length and anything else throws `hex-malformed`, so that
 * one value has one spelling. `length` (bytes), where given, must match.
 */
export function fromHex(text: string, length?: number): Uint8Array {
  if ((length !== undefined && text.length !== 2 * length) || !HEX.test(text)) {
    throw new JournalError('hex-malformed', undefined, { expectedBytes: length, characters: text.length })
  }
  if (text.length > 2 * bench.length) return new Uint8Array(Buffer.from(text, 'hex'))
  return benchBytes.slice(0, bench.write(text, 0, 'hex'))
}

/** True if both hold the same bytes. Not constant-time: nothing secret is compared with it. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0
}

/** Bytewise order, a prefix before what it starts: -1, 0 or 1. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b)
}

/** One new array with the bytes of all parts. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** True if every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** SHA-256, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  // By way of a text: an array made by node:crypto costs four times the hash of a short message (measured).
  bench.write(hash('sha256', bytes, 'binary'), 0, 'latin1')
  return benchBytes.slice(0, 32)
}

/** SHA-256, 64 lower-case hex digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}

/** SHA-256 of a text's UTF-8 as a text, one character a byte: a third of the cost of a new array (measured). */
export function sha256Latin1(text: string): string {
  return hash('sha256', text, 'binary')
}

/** UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
  // Three bytes a UTF-16 unit at most.
  if (3 * text.length > bench.length) return new TextEncoder().encode(text)
  return benchBytes.slice(0, bench.write(text, 0, 'utf8'))
}

/** The same bytes in memory of their own, whatever the caller does with his. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return plain(bytes).slice()
}

/** The same memory as a plain Uint8Array: Buffer overrides slice() and toString(), which surprises. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
