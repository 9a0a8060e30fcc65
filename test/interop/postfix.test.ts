/** Postfix answers from our tables: the listed is found, its neighbours are not, and nothing of a peer is a line. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { temporaryFolder } from '../harness/process.ts'
import { feedFile, hostile, item, itWith, run } from './consumer.ts'

const items = [
  ...hostile(),
  item('domain', 'evil-campus.com'),
  item('email', 'bad@phish-campus.com'),
  item('email', 'a.b+c@phish-campus.com'),
  item('ipv4', '91.200.12.34'),
  item('cidr', '185.220.100.0/25'),
  item('ipv6', '2a0e:5700:4::1f'),
  item('email-subject', 'Your mailbox (is) full.*'),
  item('message-id', 'AbC.1$x@evil-campus.com'),
  item('filename', 'facture (1).html'),
  item('url', 'http://evil-campus.com/a/b?c=d.e')
]

describe('postmap', () => {
  let dir = ''
  let remove = async (): Promise<void> => undefined

  beforeAll(async () => {
    ;({ dir, remove } = await temporaryFolder())
    await writeFile(join(dir, 'main.cf'), 'compatibility_level = 3.6\n')
    await writeFile(join(dir, 'master.cf'), '')
  })

  afterAll(() => remove())

  /** What the table answers; undefined for nothing. A complaint about the table is an answer, too. */
  async function ask(table: string, key: string): Promise<string | undefined> {
    const { status, output } = await run('postmap', ['-c', dir, '-q', key, table])
    return status === 1 && output === '' ? undefined : output.trim()
  }

  itWith(['postmap'], 'finds listed senders and what is below listed domains', async () => {
    const file = await feedFile(dir, 'postfix-access', items)
    for (const table of [`texthash:${file}`, `hash:${file}`]) {
      if (table.startsWith('hash'))
        expect(await run('postmap', ['-c', dir, table])).toMatchObject({ status: 0, output: '' })
      expect(await ask(table, 'evil-campus.com')).toBe('REJECT')
      expect(await ask(table, '.evil-campus.com')).toBe('REJECT')
      expect(await ask(table, 'bad@phish-campus.com')).toBe('REJECT')
      expect(await ask(table, 'a.b+c@phish-campus.com')).toBe('REJECT')
      expect(await ask(table, 'phish-campus.com')).toBeUndefined()
      expect(await ask(table, 'evil-name.com')).toBeUndefined()
      expect(await ask(table, 'notevil-campus.com')).toBeUndefined()
    }
  })

  itWith(['postmap'], 'finds addresses and ranges, without a warning about any line', async () => {
    const table = `cidr:${await feedFile(dir, 'postfix-cidr', items)}`
    expect(await ask(table, '91.200.12.34')).toBe('REJECT')
    expect(await ask(table, '185.220.100.127')).toBe('REJECT')
    expect(await ask(table, '2a0e:5700:4::1f')).toBe('REJECT')
    expect(await ask(table, '185.220.100.128')).toBeUndefined()
    expect(await ask(table, '45.9.148.1')).toBeUndefined()
  })

  itWith(['postmap'], 'checks headers for the exact value, and logs the bulletin', async () => {
    const table = `pcre:${await feedFile(dir, 'postfix-header', items, { use: 'detect' })}`
    const warned = 'WARN bulletin 0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11 TLP:AMBER'
    expect(await ask(table, 'Subject: Your mailbox (is) full.*')).toBe(warned)
    expect(await ask(table, 'subject: Your mailbox\n (is) full.*')).toBe(warned)
    expect(await ask(table, 'Subject: Your mailbox is fully')).toBeUndefined()
    expect(await ask(table, 'Subject: Re: Your mailbox (is) full.*')).toBeUndefined()
    expect(await ask(table, 'From: "Support" <bad@phish-campus.com>')).toBe(warned)
    expect(await ask(table, 'Reply-To: Bad@Phish-Campus.com')).toBe(warned)
    expect(await ask(table, 'From: not.bad@phish-campus.com')).toBeUndefined()
    expect(await ask(table, 'From: bad@phish-campus.com.good.org')).toBeUndefined()
    expect(await ask(table, 'Message-ID: <AbC.1$x@evil-campus.com>')).toBe(warned)
    expect(await ask(table, 'References: <a@b> <AbC.1$x@evil-campus.com>')).toBe(warned)
    expect(await ask(table, 'Message-ID: <abc.1$x@evil-campus.com>')).toBeUndefined()
    expect(await ask(table, 'Content-Disposition: attachment; filename="facture (1).html"')).toBe(warned)
    expect(await ask(table, 'Content-Disposition: attachment; filename="facture 1.html"')).toBeUndefined()
  })

  itWith(['postmap'], 'refuses headers only for what may be blocked', async () => {
    const table = `pcre:${await feedFile(dir, 'postfix-header', [item('email', 'bad@phish-campus.com')], { use: 'block' })}`
    expect(await ask(table, 'From: bad@phish-campus.com')).toBe('REJECT')
  })

  itWith(['postmap'], 'checks bodies for whole links', async () => {
    const table = `pcre:${await feedFile(dir, 'postfix-body', items, { use: 'block' })}`
    expect(await ask(table, 'see <http://evil-campus.com/a/b?c=d.e>.')).toBe('REJECT')
    expect(await ask(table, 'http://evil-campus.com/a/b?c=d.e')).toBe('REJECT')
    expect(await ask(table, 'http://evil-campus.com/a/b?c=d.e/more')).toBeUndefined()
    expect(await ask(table, 'http://evil-campus.com/a/b?c=dxe')).toBeUndefined()
  })
})
