/** A message as RFC 5322 writes it: a fixed head, and a text in quoted-printable, so that no text can become a header. */

export interface Mail {
  readonly to: readonly string[]
  readonly from?: string
  readonly subject: string
  /** ms since the epoch. */
  readonly at: number
  readonly lang: 'en' | 'fr'
  /** Lines with `\n` between them. */
  readonly text: string
}

/** An address as it is put into a header: the dot-atom of RFC 5322 §3.4.1 and a name of the DNS, nothing that quotes. */
export function isMailAddress(text: string): boolean {
  if (text.length > 254) return false
  return /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i.test(
    text
  )
}

/** The whole message, its lines ended by CRLF (§2.1). Throws RangeError for what is no address. */
export function mailText({ to, from, subject, at, lang, text }: Mail): string {
  const odd = [...to, ...(from === undefined ? [] : [from])].find((address) => !isMailAddress(address))
  if (odd !== undefined || to.length === 0) throw new RangeError('no address')
  const head = [
    ...(from === undefined ? [] : [`From: ${from}`]),
    `To: ${to.join(',\r\n ')}`,
    `Subject: ${encodedWords(subject)}`,
    `Date: ${dateText(at)}`,
    // RFC 3834 §5: nobody's absence is to answer it.
    'Auto-Submitted: auto-generated',
    `Content-Language: ${lang}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable'
  ]
  return `${head.join('\r\n')}\r\n\r\n${quotedPrintable(text)}\r\n`
}

/** `Tue, 24 Nov 2026 09:00:00 +0000`: §3.3, which has no name for UTC. */
function dateText(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}

/** RFC 2047: words of at most 75 octets, folded, each of whole characters. */
function encodedWords(text: string): string {
  const words: string[] = []
  let word = ''
  for (const character of text.toWellFormed()) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word)
      word = ''
    }
    word += character
  }
  return [...words, word].map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ')
}

/** RFC 2045 §6.7: lines of at most 76 octets, everything but plain ASCII as `=XX`. */
function quotedPrintable(text: string): string {
  return text.toWellFormed().split('\n').map(quotedLine).join('\r\n')
}

function quotedLine(line: string): string {
  const octets = [...Buffer.from(line)]
  let made = ''
  let width = 0
  for (const [index, octet] of octets.entries()) {
    const isBlank = octet === 0x20 || octet === 0x09
    const isPlain = octet > 0x20 && octet < 0x7f && octet !== 0x3d
    const isOne = isBlank ? index < octets.length - 1 : isPlain
    if (width + (isOne ? 1 : 3) > 75) {
      made += '=\r\n'
      width = 0
    }
    // A dot alone would end the message, and `From ` begin another, on their way through old programs.
    const isDoubtful = width === 0 && (octet === 0x2e || octet === 0x46)
    const isKept = isOne && !isDoubtful
    const piece = isKept ? String.fromCharCode(octet) : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`
    made += piece
    width += piece.length
  }
  return made
}
