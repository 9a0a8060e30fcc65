import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExtractContext } from './extraction.ts'
import { readHtml } from './html.ts'
import { looksLikeMail } from './looks-like-mail.ts'
import { extractMail, MAX_MAIL } from './mail.ts'

const REIMS: ExtractContext = { ownDomains: ['univ-reims.example'], circleDomains: [] }

function mail(headers: readonly string[], body: string): Uint8Array {
  return Buffer.from([...headers, 'MIME-Version: 1.0', '', body].join('\r\n'))
}

describe('extractMail', () => {
  it('hashes attachments, opens none, and hands their bytes on', async () => {
    const content = Buffer.from('https://in-the-attachment.example/')
    const eml = mail(
      ['From: x@evil.example', 'To: a@univ-reims.example', 'Content-Type: multipart/mixed; boundary=b'],
      `--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="../../a b.txt"\r\n\r\n${content}\r\n--b--`
    )
    const { found, attachments } = await extractMail(eml, REIMS)
    expect(found.map(({ type, value, where }) => [type, value, where])).toEqual([
      ['email', 'x@evil.example', 'header:From'],
      ['filename', 'a b.txt', 'attachment:a b.txt'],
      ['sha256', createHash('sha256').update(content).digest('hex'), 'attachment:a b.txt']
    ])
    expect(attachments).toHaveLength(1)
    expect(attachments[0]).toMatchObject({ name: 'a b.txt', mediaType: 'text/plain', size: content.length })
    expect(Buffer.from(attachments[0]?.data ?? []).equals(content)).toBe(true)
    expect(attachments[0]?.md5).toBe(createHash('md5').update(content).digest('hex'))
  })

  it.each([
    ['7bit', '<p>x</p>\r\n<p>y</p>\r\n', '<p>x</p>\r\n<p>y</p>\r\n'],
    ['quoted-printable', '<p>=C3=A9 =\r\nx</p>\r\n<p>y</p>', '<p>é x</p>\r\n<p>y</p>'],
    ['base64', 'PHA+eDwvcD4K', '<p>x</p>\n']
  ])('hashes the very bytes of an attachment in %s', async (encoding, sent, meant) => {
    const eml = mail(
      ['From: x@evil.example', 'Content-Type: multipart/mixed; boundary="b 1"'],
      `--b 1\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: ${encoding}\r\nContent-Disposition: attachment; filename=a.html\r\n\r\n${sent}\r\n--b 1--\r\n`
    )
    const { attachments } = await extractMail(eml, REIMS)
    expect(Buffer.from(attachments[0]?.data ?? []).toString()).toBe(meant)
  })

  it('is not fooled by a sender who writes our address into his name', async () => {
    const name = Buffer.from('DSI <dsi@univ-reims.example>').toString('base64')
    const eml = mail(
      [`From: =?utf-8?B?${name}?= <x@evil.example>`, 'To: a@univ-reims.example', 'Subject: Urgent'],
      '-------- Message transféré --------\r\nhttps://evil.example/x'
    )
    const { found } = await extractMail(eml, REIMS)
    expect(found.map(({ type }) => type)).toEqual(['email', 'email-subject', 'url'])
  })

  it('gives places inside the decoded part, in the source of its HTML', async () => {
    const html =
      '<p>Voir <b>evil</b>&period;example et <a href="https://a.example/?x=1&amp;y=2">https://b.example/</a></p>'
    const eml = mail(['From: x@evil.example', 'To: a@univ-reims.example', 'Content-Type: text/html'], html)
    const { found, parts } = await extractMail(eml, REIMS)
    const rows = found
      .filter(({ where }) => where.startsWith('html'))
      .map(({ where, value, raw }) => [where, value, raw])
    expect(rows).toEqual([
      ['html', 'evil.example', 'evil</b>&period;example'],
      ['html', 'https://b.example/', 'https://b.example/'],
      ['html:href', 'https://a.example/?x=1&y=2', 'https://a.example/?x=1&amp;y=2']
    ])
    for (const row of found) expect(parts[row.where]?.slice(row.start, row.end)).toBe(row.raw)
  })

  it('takes recipients out of the text for others', async () => {
    const eml = mail(
      [
        'From: x@evil.example',
        'To: a@univ-reims.example',
        'X-Original-To: b@elsewhere.example',
        'Content-Type: text/html'
      ],
      '<p>Bonjour a@univ-reims.example et B@elsewhere.example</p>'
    )
    const { minimisedText, leftOut } = await extractMail(eml, REIMS)
    expect(minimisedText).toBe('Bonjour […] et […]')
    expect(leftOut.map(({ code, value }) => [code, value])).toEqual([
      ['recipient', 'a@univ-reims.example'],
      ['recipient', 'b@elsewhere.example']
    ])
  })

  it('names an input that is too large or no mail that can be read', async () => {
    await expect(extractMail(new Uint8Array(MAX_MAIL + 1), REIMS)).rejects.toMatchObject({ code: 'input-too-large' })
    const endless = Buffer.from(`Subject: ${'x'.repeat(1_100_000)}\r\n\r\n`)
    await expect(extractMail(endless, REIMS)).rejects.toMatchObject({ code: 'mail-unreadable' })
  })

  it('reads any bytes after a header, with every place where it says', async () => {
    const scraps = fc.constantFrom(
      ...'\r\n|--b|--b--|Content-Type: text/html|Content-Type: message/rfc822|Content-Transfer-Encoding: base64|<a href="|http://a.example/|">|</a>|&#46;|<!--|<script>|To: a@b.example|Subject: x|x@y.example|<|>|"|=?utf-8?B?YQ==?=|aHR0cDovL2EuZXhhbXBsZS8='.split(
        '|'
      )
    )
    const bodies = fc.array(scraps, { maxLength: 40 }).map((pieces) => pieces.join(''))
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const eml = mail(['From: x@evil.example', 'Content-Type: multipart/mixed; boundary=b'], `--b\r\n${body}`)
        const { found, refused, leftOut, parts } = await extractMail(eml, REIMS)
        for (const row of [...found, ...refused, ...leftOut]) {
          expect(parts[row.where]?.slice(row.start, row.end)).toBe(row.raw)
        }
      }),
      { numRuns: 500 }
    )
  })
})

describe('readHtml', () => {
  it.each(['<', '<a ', '<a href="', '<!--', '<script>', '&#', '<a href=x ', '<a href="http://a.example/">'])(
    'reads %j over and over, at 4 MiB, in one pass',
    (unit) => {
      const source = unit.repeat(Math.floor((4 * 1024 * 1024) / unit.length))
      expect(readHtml(source).text.text.length).toBeLessThanOrEqual(source.length)
    },
    120_000
  )
})

describe('looksLikeMail', () => {
  const text = (lines: readonly string[]) => Buffer.from(lines.join('\n'))
  it('wants a header that a mail system wrote', () => {
    expect(looksLikeMail(text(['Received: from a', '\tby b', 'From: x@y.example', '', 'z']))).toBe(true)
    expect(looksLikeMail(text(['From x@y.example Tue Nov 24', 'Message-ID: <a@b>', 'Date: x', '', 'z']))).toBe(true)
    expect(looksLikeMail(text(['From: x@y.example', 'Subject: z', '', 'forwarded by hand']))).toBe(false)
    expect(looksLikeMail(text(['Bonjour,', 'Message-ID: <a@b>', 'From: x']))).toBe(false)
    expect(looksLikeMail(text(['Received: from a', 'no header', 'From: x@y.example']))).toBe(false)
    expect(looksLikeMail(new Uint8Array())).toBe(false)
  })
})
