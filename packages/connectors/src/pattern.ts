// Of ASCII all but letters, digits and the underscore: none of them means anything behind a backslash (PCRE, Perl).
const MARK = /[ -/:-@[-^`{-~]/g

/** A pattern of PCRE or Perl, to stand between two slashes, that matches this text and no other. */
export function exactly(text: string): string {
  return text.replace(MARK, '\\$&')
}

/** The same for a text of words, however a header is folded between them (RFC 5322 §2.2.3). */
export function wordsOf(text: string): string {
  return text.split(' ').map(exactly).join('\\s+')
}
