/** The one shape of all vector files. */
import { sha256Hex, toHex } from '@tocsin/journal'
import { TocsinError } from '@tocsin/model'

/** Bytes in a case: hex, or parts of which some are repeated, so that a megabyte of zeros stays readable. */
export type Bytes = string | readonly (string | { readonly repeat: string; readonly times: number })[]

/** Hex with its long runs of one byte told by their length. */
export function compact(hex: string): Bytes {
  const bytes = Buffer.from(hex, 'hex')
  const parts: (string | { repeat: string; times: number })[] = []
  let plain = 0
  for (let start = 0; start < bytes.length; ) {
    let end = start + 1
    while (end < bytes.length && bytes[end] === bytes[start]) end++
    if (end - start >= 64) {
      if (plain < start) parts.push(bytes.toString('hex', plain, start))
      parts.push({ repeat: bytes.toString('hex', start, start + 1), times: end - start })
      plain = end
    }
    start = end
  }
  if (parts.length === 0) return hex
  return plain < bytes.length ? [...parts, bytes.toString('hex', plain)] : parts
}

/** One case: exactly one of `result` and `error`. The kinds are described in README.md. */
export interface Case {
  readonly kind: string
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  /** What comes out, as JSON; byte strings inside CBOR values are `{ "bytes": hex }`. */
  readonly result?: unknown
  /** The stable code with which it is refused. */
  readonly error?: string
}

export interface VectorFile {
  readonly description: string
  readonly cases: readonly Case[]
}

export const holds = (kind: string, name: string, input: Case['input'], result: unknown): Case => ({
  kind,
  name,
  input,
  result: plainJson(result)
})

export const fails = (kind: string, name: string, input: Case['input'], error: string): Case => ({
  kind,
  name,
  input,
  error
})

/** A case of `hex` alone: what must be refused, as [name, bytes, code]. */
export const refusals = (kind: string, rows: readonly (readonly [string, Uint8Array | string, string])[]): Case[] =>
  rows.map(([name, bytes, error]) =>
    fails(kind, name, { hex: typeof bytes === 'string' ? bytes : toHex(bytes) }, error)
  )

/** JSON of a value: byte strings as `{ bytes }`, long ones by length and hash, absent fields left out. */
export function plainJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => {
      if (!(item instanceof Uint8Array)) return item
      return item.length > 1024 ? { length: item.length, sha256: sha256Hex(item) } : { bytes: toHex(item) }
    })
  )
}

/** The bytes that a case speaks of. */
export function bytesOf(given: unknown): Uint8Array {
  const parts = typeof given === 'string' ? [given] : (given as Exclude<Bytes, string>)
  const hex = parts.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times)))
  return new Uint8Array(Buffer.from(hex.join(''), 'hex'))
}

/** The code of what was thrown; anything but an error of ours is a bug and goes on. */
export function codeOf(error: unknown): string {
  if (error instanceof TocsinError) return error.code
  throw error
}

/** For rules that answer with a verdict, and for checks that only say no: the code `refused`. */
export class Refused extends TocsinError {
  constructor(code = 'refused') {
    super(code, 'refused')
  }
}
