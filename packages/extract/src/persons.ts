import { createCharClass } from './chars.ts'

/** Runs that can be base64 or hex of an address: long enough, and no longer than a mail address gets. */
const ENCODED_RUN = /[A-Za-z0-9_+-]{8,512}/g
const HEX = /^(?:[0-9a-f]{2})+$/i
const isLocal = createCharClass(/[A-Za-z0-9._%+'=-]/)
const isHost = createCharClass(/[A-Za-z0-9.-]/)
const PRINTABLE = /^[\x20-\x7e\r\n]+$/

const MAX_TEXT = 16_384
const AT = 0x40
const EQUALS = 0x3d

/**
 * Every mail address that a text can be read to contain: plain, percent-encoded (once or twice), with `=` for `@` as
 * in a bounce address, in base64 or in hex. Used to find victims inside links, so it prefers one too many.
 */
export function addressesIn(text: string): string[] {
  if (text.length > MAX_TEXT) return []
  const found = new Set<string>()
  const forms = new Set([text, percentDecode(text), percentDecode(percentDecode(text))])
  for (const form of forms) {
    plainAddresses(form, found)
    for (const [run] of form.matchAll(ENCODED_RUN)) {
      const decoded = decodeRun(run)
      if (decoded !== undefined) plainAddresses(percentDecode(decoded), found)
    }
  }
  return [...found]
}

function plainAddresses(text: string, into: Set<string>): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code !== AT && code !== EQUALS) continue
    let start = i
    while (start > 0 && i - start < 64 && isLocal(text.charCodeAt(start - 1))) start--
    let end = i + 1
    while (end < text.length && end - i < 254 && isHost(text.charCodeAt(end))) end++
    const host = text.slice(i + 1, end).replace(/[.-]{1,8}$/, '')
    if (start === i || !host.includes('.')) continue
    const local = text.slice(start, i)
    into.add(`${local}@${host}`.toLowerCase())
    // 'bounce+jdupont=univ.example': the person is what follows the last mark of the mailing machine
    const tail = local.slice(Math.max(local.lastIndexOf('+'), local.lastIndexOf('='), local.lastIndexOf('-')) + 1)
    if (tail !== '' && tail !== local) into.add(`${tail}@${host}`.toLowerCase())
  }
}

function decodeRun(run: string): string | undefined {
  const bytes = HEX.test(run) && run.length >= 16 ? Buffer.from(run, 'hex') : Buffer.from(run, 'base64')
  if (!bytes.includes(AT)) return undefined
  const decoded = bytes.toString('latin1')
  return PRINTABLE.test(decoded) ? decoded : undefined
}

/** Percent-decoding that leaves what is malformed as it is. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}
