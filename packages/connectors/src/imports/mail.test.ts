import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imported } from '../imports.fixture.ts'
import { MAIL } from './mail.ts'

const mail = (to: string, more = ''): string =>
  [
    'Return-Path: <bounce@evil.example.net>',
    `Delivered-To: ${to}`,
    `Received: from evil.example.net (evil.example.net [203.0.113.50]) by mx.univ-reims.fr for <${to}>;`,
    ' Mon, 30 Nov 2026 09:00:00 +0100',
    'From: "Service informatique" <support@evil.example.net>',
    `To: "Jean Dupont" <${to}>`,
    'Subject: Votre compte expire',
    'Message-ID: <1234@evil.example.net>',
    'Date: Mon, 30 Nov 2026 09:00:00 +0100',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    `Bonjour ${to}, TLP:CLEAR PAP:CLEAR`,
    `Validez ici : https://login.evil.example.net/?u=${to}`,
    more,
    '--b',
    'Content-Type: application/pdf; name="facture.pdf"',
    'Content-Disposition: attachment; filename="facture.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    'JVBERi0xLjQK',
    '--b--',
    ''
  ].join('\r\n')

const sampleOf = async (source: string): Promise<string> => {
  const { drafts } = await imported(MAIL, source)
  const [sample] = drafts[0]?.draft.attachments ?? []
  return Buffer.from(sample?.base64 ?? '', 'base64').toString()
}

describe('mail', () => {
  it('makes a draft with a cleaned sample, and believes no label that the mail claims', async () => {
    const { drafts } = await imported(MAIL, mail('jean.dupont@univ-reims.fr'))
    const [item] = drafts
    expect(item?.draft).toMatchObject({ tlp: 'AMBER', pap: 'GREEN', title: 'Votre compte expire' })
    const values = item?.draft.indicators.map(({ type, value }) => `${type} ${value}`)
    expect(values).toContain('email support@evil.example.net')
    expect(values).toContain('filename facture.pdf')
    expect(item?.draft.attachments.map(({ name }) => name)).toEqual(['mail-sample.txt'])
    const sample = Buffer.from(item?.draft.attachments[0]?.base64 ?? '', 'base64').toString()
    expect(sample).toContain('From: "Service informatique" <support@evil.example.net>')
    expect(sample).toContain('Subject: Votre compte expire')
    const { warnings: _warnings, ...rest } = item ?? { warnings: [] }
    expect(JSON.stringify(rest) + sample).not.toMatch(/dupont/i)
    expect(item?.warnings.map(({ code }) => code)).toContain('left-out')
  })

  it('is one item, whoever received it, and another one when it says something else', async () => {
    const [one, two, other] = await Promise.all([
      imported(MAIL, mail('jean.dupont@univ-reims.fr')),
      imported(MAIL, mail('marie.martin@univ-reims.fr')),
      imported(MAIL, mail('jean.dupont@univ-reims.fr', 'ou 198.51.100.9'))
    ])
    expect(two.drafts[0]?.key).toBe(one.drafts[0]?.key)
    expect(other.drafts[0]?.key).not.toBe(one.drafts[0]?.key)
  })

  it('shows of a report the mail that it carries, and nothing of who reported it', async () => {
    const report = [
      'From: "Marie Martin" <marie.martin@univ-reims.fr>',
      'To: rssi@univ-reims.fr',
      'Subject: TR: suspect',
      'Content-Type: multipart/mixed; boundary="r"',
      '',
      '--r',
      'Content-Type: text/plain',
      '',
      'Ceci me semble suspect.',
      '--r',
      'Content-Type: message/rfc822',
      '',
      mail('marie.martin@univ-reims.fr'),
      '--r--',
      ''
    ].join('\r\n')
    const sample = await sampleOf(report)
    expect(sample).toContain('Subject: Votre compte expire')
    expect(sample).not.toMatch(/martin|rssi@|TR: suspect/i)
  })

  it('refuses a mail without labels of the operator', async () => {
    const { drafts, refused } = await imported(MAIL, mail('a@univ-reims.fr'), { labels: {} })
    expect(drafts).toEqual([])
    expect(refused).toMatchObject([{ code: 'label-missing' }])
  })

  it('stands whatever the headers hold, and puts no line of its own into the sample', async () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 100 })
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (from, subject) => {
        const encoded = `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=`
        const source = `From: "${from}" <x@evil.example.net>\r\nSubject: ${encoded}\r\nMessage-ID: <a@b.example>\r\n\r\ntext\r\n`
        const [head = ''] = (await sampleOf(source)).split('\n\n')
        for (const line of head.split('\n').filter((it) => it !== '')) {
          expect(line).toMatch(/^(From|Sender|Reply-To|Return-Path|Subject|Message-ID|X-Originating-IP): /)
        }
      }),
      { numRuns: 100 }
    )
  })
})
