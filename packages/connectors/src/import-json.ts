import type { ImportRefusalCode } from './errors.ts'

export type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ImportRefusalCode; readonly message: string; readonly offset?: number }

/** Deeper than any honest record: what walks a document may recurse. */
const MAX_DEPTH = 32

/** JSON (RFC 8259) of bounded depth, which is looked at before it is parsed. `offset` in UTF-16 units. */
export function readJson(text: string): ReadJson {
  const deep = tooDeepAt(text)
  if (deep >= 0) {
    return { ok: false, code: 'json-too-deep', message: `nested more than ${MAX_DEPTH} deep`, offset: deep }
  }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    const offset = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    return {
      ok: false,
      code: 'not-json',
      message: 'not JSON',
      ...(offset === undefined ? {} : { offset: Number(offset) })
    }
  }
}

function tooDeepAt(text: string): number {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (quoted) {
      if (unit === 0x5c) at += 1
      else if (unit === 0x22) quoted = false
    } else if (unit === 0x22) quoted = true
    else if (unit === 0x7b || unit === 0x5b) {
      depth += 1
      if (depth > MAX_DEPTH) return at
    } else if (unit === 0x7d || unit === 0x5d) depth -= 1
  }
  return -1
}

/** An object of a document; its members are looked up as its own alone. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member that is a text with something in it. */
export function textIn(object: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
