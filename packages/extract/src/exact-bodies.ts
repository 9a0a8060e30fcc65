import { createHash } from 'node:crypto'

/** The MIME parts of a mail that postal-mime hands out with other line ends than they were sent with. */
export interface ExactBodies {
  /** The bytes as they were sent, for bytes as postal-mime hands them out; unknown ones come back as they are. */
  exact(handedOut: Uint8Array): Uint8Array
}

const BOUNDARY = /boundary\s{0,4}=\s{0,4}(?:"([^"\r\n]{1,200})"|([^\s";,]{1,200}))/gi
const MAX_BOUNDARIES = 1_000

/**
 * postal-mime 4 reads a mail line by line and ends every line of a part that is not base64 with one LF, the last one
 * too. For a text that is right, for a hash it is not: an HTML attachment in quoted-printable would never be found
 * again. So those parts are decoded here once more, byte for byte (RFC 2046 §5.1.1: the line break before a delimiter
 * belongs to the delimiter), and looked up by what postal-mime makes of them.
 */
export function readExactBodies(mail: Uint8Array): ExactBodies {
  const raw = Buffer.from(mail.buffer, mail.byteOffset, mail.byteLength).toString('latin1')
  const delimiters = new Set<string>()
  for (const [, quoted, bare] of raw.matchAll(BOUNDARY)) {
    if (delimiters.size < MAX_BOUNDARIES) delimiters.add(`--${quoted ?? bare ?? ''}`)
  }
  const bodies = new Map<string, Buffer>()
  for (const segment of segmentsOf(raw, delimiters)) {
    const blank = /\r?\n\r?\n/.exec(segment)
    // A part without headers begins with the blank line itself.
    const bodyStart =
      /^\r?\n/.exec(segment)?.[0].length ?? (blank === null ? segment.length : blank.index + blank[0].length)
    const headers = segment.slice(0, bodyStart).replace(/\r?\n[ \t]+/g, ' ')
    const encoding = /^content-transfer-encoding\s*:\s*"?([\w-]+)/im.exec(headers)?.[1]?.toLowerCase() ?? '8bit'
    if (encoding === 'base64') continue
    const body = segment.slice(bodyStart)
    const sent = encoding === 'quoted-printable' ? decodeQuotedPrintable(body, true) : body
    const handedOut =
      encoding === 'quoted-printable'
        ? decodeQuotedPrintable(body, false)
        : `${body.replace(/\r*\n/g, '\n').replace(/\r+$/, '')}\n`
    bodies.set(digest(Buffer.from(handedOut, 'latin1')), Buffer.from(sent, 'latin1'))
  }
  return { exact: (handedOut) => bodies.get(digest(handedOut)) ?? handedOut }
}

/** What stands between two delimiter lines, without the line break before the second. */
function segmentsOf(raw: string, delimiters: ReadonlySet<string>): string[] {
  const segments: string[] = []
  let start: number | undefined
  for (let at = 0; at < raw.length; ) {
    const newline = raw.indexOf('\n', at)
    const end = newline < 0 ? raw.length : newline
    if (raw.startsWith('--', at) && end - at <= 256) {
      const line = raw.slice(at, end).trimEnd()
      if (delimiters.has(line) || (line.endsWith('--') && delimiters.has(line.slice(0, -2)))) {
        if (start !== undefined) segments.push(raw.slice(start, Math.max(start, beforeBreak(raw, at))))
        start = end + 1
      }
    }
    at = end + 1
  }
  return segments
}

function beforeBreak(raw: string, at: number): number {
  if (raw[at - 1] !== '\n') return at
  return raw[at - 2] === '\r' ? at - 2 : at - 1
}

/** RFC 2045 §6.7; with `keepBreaks` the line ends as sent, else each line ended by LF as postal-mime does. */
function decodeQuotedPrintable(body: string, keepBreaks: boolean): string {
  const lines = body.split('\n')
  const decoded = lines.map((line, index) => {
    const isLast = index === lines.length - 1
    const text = line.replace(/\r+$/, '')
    const soft = text.endsWith('=')
    const content = (soft ? text.slice(0, -1) : text).replace(/=([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16))
    )
    if (soft) return content
    if (!keepBreaks) return `${content}\n`
    return isLast ? content : `${content}${line.endsWith('\r') ? '\r\n' : '\n'}`
  })
  return decoded.join('')
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64')
}
