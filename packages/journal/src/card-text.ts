import { equalBytes, plain } from './bytes.ts'
import { JournalError } from './errors.ts'

const BEGIN = '-----BEGIN TOCSIN CARD-----'
const END = '-----END TOCSIN CARD-----'
const LINE = 64

// A card register is at most 33 KiB, 45,000 characters of base64; the rest is room for the mail around it.
const MAX_TEXT = 1 << 20

/** A card register as one block to paste into a mail: base64 in lines of 64 between the two marks. */
export function cardText(register: Uint8Array): string {
  const base64 = Buffer.from(register).toString('base64')
  return [BEGIN, ...(base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []), END, ''].join('\n')
}

/**
 * The register bytes in a pasted card text; `openRegister` is the next step. Lines around the block are passed over,
 * since mails have greetings and signatures; so are space and `>` at the start of a line. Anything but exactly one
 * whole block of clean base64 throws `card-text`.
 */
export function parseCardText(text: string): Uint8Array {
  if (text.length > MAX_TEXT) throw refused('too long')
  const lines = text.split(/\r\n|\r|\n/).map((row) => row.replace(/^[\s>]+/, '').trimEnd())
  const begin = lines.indexOf(BEGIN)
  const end = lines.indexOf(END)
  if (begin === -1 || end < begin) throw refused('no whole block')
  if (lines.indexOf(BEGIN, begin + 1) !== -1 || lines.indexOf(END, end + 1) !== -1) throw refused('more than one block')
  const base64 = lines.slice(begin + 1, end).join('')
  const bytes = plain(Buffer.from(base64, 'base64'))
  // Node skips foreign characters and spare bits; what does not come back the same was not clean.
  if (bytes.length === 0 || !equalBytes(Buffer.from(base64), Buffer.from(Buffer.from(bytes).toString('base64')))) {
    throw refused('not base64')
  }
  return bytes
}

function refused(reason: string): JournalError {
  return new JournalError('card-text', `No card can be read here: ${reason}.`, { reason })
}
