/**
 * Text that a peer wrote is hostile: it may try to break out of a comment, hide or reverse what a reader sees, or end
 * a line. Names, titles and comments are made harmless here (they are for people and may be changed); values are never
 * changed, because a changed indicator is a wrong one: a format that cannot carry a value refuses it.
 */

// What needs no change: printable ASCII without a space at either end.
const USUAL = /^(?:[!-~](?:[ -~]*[!-~])?)?$/

// Controls (Cc), format characters (Cf: bidirectional overrides, zero-width, tags), line and paragraph separators,
// private use, lone surrogates and unassigned: nothing of this belongs in a one-line remark.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}]+/gu
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const SPACES = /\p{Zs}+/gu
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu

/**
 * One printable line of at most `maxLength` code points, cut with an ellipsis. Line breaks become spaces; invisible and
 * direction-changing characters vanish. Never fails; the empty text stays empty.
 */
export function oneLine(text: string, maxLength: number): string {
  if (text.length <= maxLength && USUAL.test(text)) return text
  // Whatever is beyond four times the room could only be invisible padding: bounds the work for huge texts.
  const head = text.length > maxLength * 4 + 64 ? text.slice(0, maxLength * 4 + 64) : text
  const line = head.replace(BREAKS, ' ').replace(INVISIBLE, '').replace(SPACES, ' ').trim()
  const points = [...line]
  if (points.length <= maxLength && head.length === text.length) return line
  return `${points.slice(0, Math.max(0, maxLength - 1)).join('')}…`
}

/** `oneLine`, and free of quotes, backslashes and comment marks: safe inside a comment of any of our text formats. */
export function remark(text: string, maxLength: number): string {
  return oneLine(text, maxLength).replace(/["'`\\;#]/g, '’')
}

/** True if a value can stand on a line of text as it is: nothing invisible, no line break, no space at either end. */
export function isPlainLine(value: string): boolean {
  return value !== '' && (USUAL.test(value) || (!UNPRINTABLE.test(value) && value.trim() === value))
}

// JSON.stringify leaves DEL, C1 controls, bidirectional marks and line separators as they are; terminals and logs do not.
const DOUBTFUL = /[^ -~\u00a0-\u00ac\u00ae-\u024f]/
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A JSON text in which everything invisible is escaped: the same document, and nothing in it deceives a reader. */
export function escapeInvisible(json: string): string {
  if (!DOUBTFUL.test(json)) return json
  // By UTF-16 unit: what lies beyond U+FFFF is escaped as a pair (RFC 8259 §7).
  return json.replace(HIDDEN, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`
    ).join('')
  )
}
