/**
 * What peers wrote goes to a terminal only through here: no escape sequence may move a cursor or set a title, no
 * control character end a line, and no bidirectional or invisible character make a text look like another.
 */
import { stripVTControlCharacters } from 'node:util'

const CONTROL = /\p{Cc}|[\u2028\u2029]/gu
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\t\n]|[\u2028\u2029]/gu
// Marks, embeddings, overrides and isolates of UAX #9; zero-width and tag characters, which show nothing at all.
const DECEIVING = /[\u061C\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]|[\u{E0000}-\u{E007F}]/gu

/** One line that shows what it holds; line breaks and tabs become spaces. */
export function safeLine(text: string): string {
  return stripVTControlCharacters(text.toWellFormed())
    .replace(/[\r\n\t\u2028\u2029]+/g, ' ')
    .replace(CONTROL, '')
    .replace(DECEIVING, '')
}

/** A text of several lines; line breaks and tabs stay. */
export function safeText(text: string): string {
  return stripVTControlCharacters(text.toWellFormed().replace(/\r\n?/g, '\n'))
    .replace(CONTROL_BUT_LAYOUT, '')
    .replace(DECEIVING, '')
}

/** JSON in which everything a terminal might obey or misshow is escaped: the values are still the same. */
export function safeJson(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, null, indent) ?? 'null'
  return text.replace(/[\u007F-\u009F]|[\u2028\u2029]/gu, escaped).replace(DECEIVING, escaped)
}

function escaped(mark: string): string {
  return Array.from({ length: mark.length }, (_, i) => `\\u${mark.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
    ''
  )
}
