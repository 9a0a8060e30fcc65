/**
 * Index keys as bytes that order as the keys do in UTF-8, and from which every value comes back as it was: each UTF-16 unit by
 * itself in one to three bytes, surrogates above all others. Most keys are ASCII and stand as they are. No byte is above 0xef.
 */
import type { IndicatorType } from '@tocsin/model'
import { rankOf, unitOf } from './order.ts'

const ASCII = 0x80
const DOT = 0x2e

/** What a key takes at most of the bytes that it is written into, while it is written. */
export function roomForKey(value: string): number {
  return 6 * value.length + 1
}

/** Writes the key of a value and gives its end. Where that is `keyLength` bytes further, the key is ASCII. */
export function writeKey(bytes: Buffer, at: number, type: IndicatorType, value: string): number {
  if (type !== 'domain') return writeText(bytes, at, value)
  // Behind the room for its reversed labels.
  const from = at + 3 * value.length + 1
  return reverseLabels(bytes, from, writeText(bytes, from, value), bytes, at)
}

/** The UTF-16 units of a key. */
export function keyLength(type: IndicatorType, value: string): number {
  return type === 'domain' ? value.length + 1 : value.length
}

let reversed = Buffer.alloc(1024)

/** The value whose key stands at [start, end). */
export function readValue(bytes: Buffer, start: number, end: number, type: IndicatorType, isAscii: boolean): string {
  if (type !== 'domain') return readText(bytes, start, end, isAscii)
  if (end - start > reversed.length) reversed = Buffer.alloc(2 * (end - start))
  // Each label has a dot behind it in a key, the last one too.
  return readText(reversed, 0, reverseLabels(bytes, start, end - 1, reversed, 0) - 1, isAscii)
}

/** The labels at [start, end) from the last one to the first, a dot behind each, as the model's index key has them. */
function reverseLabels(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  let place = at
  let stop = end
  for (let i = end - 1; i >= start - 1; i -= 1) {
    if (i >= start && from[i] !== DOT) continue
    for (let j = i + 1; j < stop; j += 1) {
      to[place] = from[j] as number
      place += 1
    }
    to[place] = DOT
    place += 1
    stop = i
  }
  return place
}

function writeText(bytes: Buffer, at: number, text: string): number {
  const written = bytes.write(text, at)
  return written === text.length ? at + written : writeUnits(bytes, at, text)
}

function readText(bytes: Buffer, start: number, end: number, isAscii: boolean): string {
  return isAscii ? bytes.toString('latin1', start, end) : readUnits(bytes, start, end)
}

function writeUnits(bytes: Buffer, start: number, text: string): number {
  let at = start
  for (let i = 0; i < text.length; i += 1) {
    const unit = rankOf(text.charCodeAt(i))
    if (unit < ASCII) bytes[at] = unit
    else {
      if (unit < 0x800) bytes[at] = 0xc0 | (unit >> 6)
      else {
        bytes[at] = 0xe0 | (unit >> 12)
        at += 1
        bytes[at] = 0x80 | ((unit >> 6) & 0x3f)
      }
      at += 1
      bytes[at] = 0x80 | (unit & 0x3f)
    }
    at += 1
  }
  return at
}

function readUnits(bytes: Buffer, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at += 1) {
    const first = bytes[at] as number
    let unit = first
    if (first >= ASCII) {
      unit = first < 0xe0 ? first & 0x1f : first & 0x0f
      for (let more = first < 0xe0 ? 1 : 2; more > 0; more -= 1) {
        at += 1
        unit = (unit << 6) | ((bytes[at] as number) & 0x3f)
      }
    }
    text += String.fromCharCode(unitOf(unit))
  }
  return text
}
