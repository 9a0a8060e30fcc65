import type { IndicatorRole } from '@tocsin/model'
import { createEditor, type Edited, stack } from './edited.ts'
import { lineStarts } from './openings.ts'
import { refangView } from './refang.ts'

/** One piece of the input that is read by itself, and the way back from what is read to what was written. */
export interface Part {
  readonly where: string
  /** As written; offsets of results point into this. */
  readonly source: string
  /** The role of what is found here, where nothing more particular says otherwise. */
  readonly role: IndicatorRole
  /** Refanged: what the tokeniser reads. */
  readonly view: string
  /** Where the lines of `view` begin. */
  readonly lines: readonly number[]
  /** Half-open range of `source` for one of `view`. */
  range(start: number, end: number): readonly [number, number]
  /** True when a defanging mark lies in the range of `view`. */
  defanged(start: number, end: number): boolean
}

/** Prepares a text for reading; `decoded` is given when the source was decoded before (tags, entities). */
export function makePart(
  where: string,
  source: string,
  decoded: Edited = asWritten(source),
  role: IndicatorRole = 'malicious'
): Part {
  const view = stack(decoded, refangView(decoded.text))
  return {
    where,
    source,
    role,
    view: view.text,
    lines: lineStarts(view.text),
    range: view.range,
    defanged: view.marked
  }
}

/** A part whose view is the source itself, for header values and names that no person defanged. */
export function makeExactPart(where: string, source: string): Part {
  const { range, marked } = asWritten(source)
  return { where, source, role: 'malicious', view: source, lines: lineStarts(source), range, defanged: marked }
}

function asWritten(source: string): Edited {
  return createEditor(source).finish()
}
