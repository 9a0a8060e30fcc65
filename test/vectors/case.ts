/** The one shape of all vector files. */
import { toHex } from '@tocsin/journal'
import { TocsinError } from '@tocsin/model'

/** Bytes in a case: hex, or parts of which some are repeated, so that a megabyte of zeros stays readable. */
export type Bytes = string | readonly (string | { readonly repeat: string; readonly times: number })[]

/** Hex with its long runs of one byte told by their length. */
export function compact(hex: string): Bytes {
  const parts = [...hex.matchAll(/((?:..)*?)(?:((..)\3{63,})|$)/g)].flatMap(([, plain = '', run, byte]) => [
    ...(plain === '' ? [] : [plain]),
    ...(run === undefined || byte === undefined ? [] : [{ repeat: byte, times: run.length / 2 }])
  ])
  return parts.every((part) => typeof part === 'string') ? hex : parts
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

/** JSON of a value: byte strings as `{ bytes }`, absent fields left out. */
export function plainJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => (item instanceof Uint8Array ? { bytes: toHex(item) } : item))
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
