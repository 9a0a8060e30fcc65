const HEADER = /^([!-9;-~]{1,76}):(?:[ \t]|$)/
/** Headers that only a mail system writes; a pasted 'From:' and 'Subject:' alone are a message about a mail. */
const TRANSPORT = new Set([
  'received',
  'message-id',
  'mime-version',
  'return-path',
  'delivered-to',
  'dkim-signature',
  'x-original-to',
  'arc-seal',
  'authentication-results'
])
const COMMON = new Set(['from', 'to', 'subject', 'date', 'reply-to', 'content-type', 'cc', 'sender'])
const SAMPLE = 65_536

/** True for bytes that begin with the header of a mail (RFC 5322), possibly after an mbox line. Opens nothing. */
export function looksLikeMail(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SAMPLE)).toString('latin1')
  const lines = head
    .replace(/^\xef\xbb\xbf/, '')
    .replace(/^\s{1,16}/, '')
    .split(/\r?\n/)
  if (/^>?From \S/.test(lines[0] ?? '')) lines.shift()
  let transport = 0
  let known = 0
  for (const line of lines) {
    if (line === '') break
    if (line.startsWith(' ') || line.startsWith('\t')) continue
    const name = HEADER.exec(line)?.[1]?.toLowerCase()
    // The sample may end in the middle of a line; a line that is no header before that is no mail.
    if (name === undefined) return line === lines.at(-1) && head.length === SAMPLE && transport > 0 && known > 0
    if (TRANSPORT.has(name)) transport++
    else if (COMMON.has(name)) known++
  }
  return transport > 0 && transport + known >= 2
}
