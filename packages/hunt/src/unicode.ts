import { domainToASCII } from 'node:url'

/** A piece of a run with characters beyond ASCII: where it stands, and its A-labels if it is such a name itself. */
export interface ForeignName {
  readonly from: number
  readonly to: number
  readonly ascii?: Uint8Array
}

const PIECES = /[\p{L}\p{M}\p{N}._\-\u200c\u200d]+/gu
const ASCII = /^[\x21-\x7e]*$/
/** Bytes of a run that are looked at: no name is longer. */
const LONGEST = 2048

/** Takes a run apart at quotation marks, dashes and whatever else beyond ASCII is no letter, mark or digit. */
export function* foreignNames(bytes: Uint8Array, start: number, end: number): Generator<ForeignName> {
  let stop = Math.min(end, start + LONGEST)
  // Not amid a character (RFC 3629 §3).
  while (stop < end && stop > start && ((bytes[stop] as number) & 0xc0) === 0x80) stop -= 1
  const text = Buffer.from(bytes.subarray(start, stop)).toString('utf8')
  // Bytes that are no UTF-8 become three each: then places cannot be told any more.
  if (text.includes('\ufffd')) return
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    const from = start + Buffer.byteLength(text.slice(0, index))
    const to = from + Buffer.byteLength(piece)
    if (ASCII.test(piece)) {
      yield { from, to }
      continue
    }
    const name = piece.replace(/^\.+|\.+$/g, '')
    const ascii = domainToASCII(name)
    if (ascii === '') continue
    const lead = piece.indexOf(name)
    yield { from: from + lead, to: from + lead + Buffer.byteLength(name), ascii: Buffer.from(ascii) }
  }
}
