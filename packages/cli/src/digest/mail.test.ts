import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMailAddress, mailText } from './mail.ts'

const AT = Date.UTC(2026, 10, 24, 9)
const FIXED = { to: ['rssi@univ-reims.fr'], at: AT, lang: 'fr' } as const
const NAMES = [
  ...['From', 'To', 'Subject', 'Date', 'Auto-Submitted', 'Content-Language', 'MIME-Version', 'Content-Type'],
  'Content-Transfer-Encoding'
]

/** The message read back by the grammar of RFC 5322 and 2045, and nothing of ours. */
function read(mail: string): { headers: readonly (readonly [string, string])[]; text: string } {
  const end = mail.indexOf('\r\n\r\n')
  const headers = mail
    .slice(0, end)
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const)
  const octets = mail
    .slice(end + 4)
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return { headers, text: Buffer.from(octets, 'latin1').toString('utf8') }
}

const words = (value: string): string =>
  value
    .split(' ')
    .map((word) => Buffer.from(/^=\?utf-8\?B\?([\w+/=]*)\?=$/.exec(word)?.[1] ?? '!', 'base64').toString('utf8'))
    .join('')

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        'Bcc: x@evil.example',
        '.',
        'From ',
        '=',
        '?=',
        ' ',
        '\t',
        'é',
        '😀',
        '\0',
        '\u2028'
      ),
      {
        maxLength: 80
      }
    )
    .map((parts) => parts.join(''))
)

describe('a mail', () => {
  it('has the headers of ours and no other, whatever is in its subject and its text', () => {
    fc.assert(
      fc.property(hostile, hostile, (subject, text) => {
        const mail = mailText({ ...FIXED, from: 'tocsin@univ-reims.fr', subject, text })
        const { headers, text: back } = read(mail)
        expect(headers.map(([name]) => name)).toEqual(NAMES)
        expect(words(headers[2]?.[1] ?? '')).toBe(subject.toWellFormed())
        expect(back).toBe(`${text.toWellFormed().replaceAll('\n', '\r\n')}\r\n`)
        expect(mail).toMatch(/^[\t\r\n -~]*$/)
        for (const line of mail.split('\r\n')) {
          expect(line.length).toBeLessThanOrEqual(78)
          expect(line).not.toMatch(/[\r\n]|^\.|[ \t]$/)
        }
        expect(mail.slice(mail.indexOf('\r\n\r\n'))).not.toMatch(/^From /m)
      }),
      { numRuns: 2_000 }
    )
  })

  it('says its day as RFC 5322 does, and that a machine wrote it', () => {
    const mail = mailText({ ...FIXED, subject: 'x', text: '' })
    expect(mail).toContain('\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n')
    expect(mail).toContain('\r\nAuto-Submitted: auto-generated\r\n')
    expect(mail.startsWith('To: rssi@univ-reims.fr\r\n')).toBe(true)
  })

  it('goes to addresses alone', () => {
    for (const good of ['a@b.fr', "o'neil+ssi@cert.univ-reims.fr", 'x@xn--bcher-kva.example'])
      expect(isMailAddress(good)).toBe(true)
    for (const odd of [
      'a@b.fr\r\nBcc: c@d.fr',
      'a@b.fr, c@d.fr',
      '<a@b.fr>',
      '"a b"@c.fr',
      'a@b',
      '-',
      'a@b.fr\n',
      'é@b.fr',
      `${'a'.repeat(250)}@b.fr`
    ])
      expect(() => mailText({ ...FIXED, to: [odd], subject: '', text: '' })).toThrow(RangeError)
    fc.assert(
      fc.property(hostile, (tail) => {
        expect(isMailAddress(`a@b.fr${tail}`) && /[^\w.-]/.test(tail)).toBe(false)
      })
    )
  })
})
