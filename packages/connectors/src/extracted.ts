/** From what a text or mail says to a draft, its warnings and its refusals. */
import type { Extraction, Place } from '@tocsin/extract'
import { type DraftInput, defang, defangText, MAX_TEXT } from '@tocsin/model'
import type { ImportPlace, ImportRefusal, ImportWarning, SourceLabels } from './import.ts'
import type { Labels } from './import-labels.ts'

const MOST_LISTED = 100

/** The labels of a draft as the operator's settings fill them. */
export function labelFields(labels: Labels, { circle, threat, confidence }: SourceLabels): DraftInput {
  const { tlp, pap } = labels
  // GREEN means every circle of ours, RED its recipients: only AMBER names one.
  const names = circle !== undefined && (tlp === 'AMBER' || tlp === 'AMBER+STRICT')
  return {
    tlp,
    pap,
    ...(names ? { circle } : {}),
    ...(threat === undefined ? {} : { threat }),
    ...(confidence === undefined ? {} : { confidence })
  }
}

/** The draft of an extraction: its text as it may leave the institution. */
export function draftOf(said: Extraction, labels: Labels, defaults: SourceLabels): DraftInput {
  const text = plainText(said.minimisedText)
  return {
    ...labelFields(labels, defaults),
    ...(said.title === undefined ? {} : { title: said.title }),
    ...(text === '' ? {} : { text }),
    ...(said.lang === undefined ? {} : { lang: said.lang }),
    indicators: said.found.map(({ type, value, role }) => ({ type, value, role }))
  }
}

/** A text as a draft may hold it: newline and tab are its only control characters, and its end may be missing. */
export function plainText(text: string): string {
  const clean = text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\t\n]|[\u2028\u2029]/gu, ' ')
    .replace(/^\uFEFF+/, '')
    .toWellFormed()
    .trimEnd()
  if (clean.length <= MAX_TEXT) return clean
  return clean.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/, '')
}

/** What was left out because it is nobody else's business, and a text that is cut. */
export function leftOutWarnings(said: Extraction): ImportWarning[] {
  const warnings = said.leftOut.slice(0, MOST_LISTED).map(
    (row): ImportWarning => ({
      code: 'left-out',
      message: `${row.type} ${defang(row.type, row.value)}: ${row.code}`,
      place: placeOf(row)
    })
  )
  const more = said.leftOut.length - warnings.length
  if (more > 0) warnings.push({ code: 'left-out', message: `and ${more} more` })
  if (said.minimisedText.length > MAX_TEXT) {
    warnings.push({ code: 'text-cut', message: `the text has ${said.minimisedText.length} characters` })
  }
  return warnings
}

/** What was meant to be an indicator and is none; `raw` never holds a password. */
export function refusalsOf(said: Extraction): ImportRefusal[] {
  return said.refused.map((row) => ({
    kind: 'refused',
    code: row.code as ImportRefusal['code'],
    message: `${defangText(row.raw.slice(0, 100))}: ${row.reason}`,
    place: placeOf(row)
  }))
}

/** Offsets of a text are UTF-16 and of one part: people find the line. */
function placeOf({ line, where }: Place): ImportPlace {
  return { line, ...(where === 'text' ? {} : { path: where }) }
}
