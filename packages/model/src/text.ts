/**
 * What no text of ours may hold, whoever wrote it: a peer's bulletin lands in terminals, in zone files and in chat.
 */

// C0, DEL, C1 and the two Unicode line separators: they end a line, move a cursor or start an escape sequence.
const CONTROL = /[\p{Cc}\u2028\u2029]/u
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\t\n]|[\u2028\u2029]/u
// Unicode Bidirectional Algorithm (UAX #9) embeddings, overrides and isolates: `invoice\u202Efdp.exe`.
const BIDI = /[\u202A-\u202E\u2066-\u2069]/u

// Most values: nothing in them that any of the rules below refuses.
const PRINTABLE_ASCII = /^[ -~]*$/

/** True if the text holds a control character; with `layout`, newline and tab are no such characters. */
export function hasControl(text: string, layout = false): boolean {
  return (layout ? CONTROL_BUT_LAYOUT : CONTROL).test(text)
}

/** True if the text holds a character that reorders what a reader sees. */
export function hasBidiOverride(text: string): boolean {
  return BIDI.test(text)
}

/** True for one line that shows what it holds: no control, no bidirectional override, no unpaired surrogate. */
export function isPlainLine(text: string): boolean {
  return PRINTABLE_ASCII.test(text) || (text.isWellFormed() && !hasControl(text) && !hasBidiOverride(text))
}

/**
 * True for a text of several lines: newline and tab allowed, as are the marks that right-to-left languages need. A
 * leading byte order mark is refused: decoders drop it, and the bytes would no longer be those that were signed.
 */
export function isPlainText(text: string): boolean {
  return PRINTABLE_ASCII.test(text) || (text.isWellFormed() && !hasControl(text, true) && !text.startsWith('\uFEFF'))
}
