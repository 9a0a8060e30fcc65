/** Rspamd and SpamAssassin load our feeds, score a real message for each listed thing, and leave its neighbours alone. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { importNamed, readImport } from '@tocsin/connectors'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { temporaryFolder, until } from '../harness/process.ts'
import { feedFile, hostile, item, itWith, run } from './consumer.ts'
import { startRspamd } from './rspamd.ts'

const SAMPLE = Buffer.from('not really a virus')
const items = [
  ...hostile(),
  item('domain', 'evil-campus.com'),
  item('domain', 'login.phish-campus.com'),
  item('email', 'bad@sender-campus.com'),
  item('url', 'http://other-campus.com/kit/x.php'),
  item('ipv4', '91.200.12.34'),
  item('cidr', '185.220.100.0/25'),
  item('sha256', createHash('sha256').update(SAMPLE).digest('hex')),
  item('email-subject', 'Réponse urgente (1)'),
  item('message-id', '4711@evil-campus.com')
]

interface Mail {
  readonly from?: string
  readonly subject?: string
  readonly id?: string
  readonly text?: string
  readonly attachment?: Buffer
}

function mail({
  from = 'friend@univ-good.fr',
  subject = 'Bonjour',
  id = '1@univ-good.fr',
  text = 'Bonjour.',
  attachment = Buffer.from('x')
}: Mail): string {
  const encoded = `=?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`
  return [
    `From: "Somebody" <${from}>`,
    'To: victim@univ-good.fr',
    `Subject: ${encoded}`,
    `Message-ID: <${id}>`,
    `Date: ${new Date().toUTCString()}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '--b',
    'Content-Type: application/octet-stream; name=sample.bin',
    'Content-Disposition: attachment; filename=sample.bin',
    'Content-Transfer-Encoding: base64',
    '',
    attachment.toString('base64'),
    '--b--',
    ''
  ].join('\r\n')
}

let dir = ''
let remove = async (): Promise<void> => undefined

beforeAll(async () => {
  ;({ dir, remove } = await temporaryFolder())
  await chmod(dir, 0o755)
})

afterAll(() => remove())

describe('SpamAssassin', () => {
  itWith(
    ['spamassassin'],
    'lints the rules and scores what is listed',
    async () => {
      const rules = join(dir, 'spamassassin')
      await mkdir(rules)
      const preferences = join(dir, 'user_prefs')
      await writeFile(preferences, '')
      for (const name of await readdir('/etc/spamassassin'))
        if (name.endsWith('.pre')) await copyFile(join('/etc/spamassassin', name), join(rules, name))
      await feedFile(rules, 'spamassassin', items)
      await feedFile(rules, 'spamassassin-rules', items, { use: 'detect' })
      const options = ['-L', `--siteconfigpath=${rules}`, '-p', preferences]
      expect(await run('spamassassin', ['--lint', ...options])).toMatchObject({ status: 0, output: '' })

      // One run over a mailbox of all of them: SpamAssassin takes seconds to compile its rules.
      const expected: readonly (readonly [Mail, readonly string[]])[] = [
        [{}, []],
        [{ text: 'http://www.evil-campus.com/x' }, ['TOCSIN_HOST']],
        [{ text: 'http://notevil-campus.com/x http://phish-campus.com/' }, []],
        [{ from: 'bad@sender-campus.com' }, ['USER_IN_BLOCKLIST']],
        [{ from: 'notbad@sender-campus.com' }, []],
        [{ from: 'any@deep.evil-campus.com' }, ['USER_IN_BLOCKLIST']],
        [{ text: 'http://other-campus.com/kit/x.php' }, ['TOCSIN_RULE']],
        [{ text: 'http://other-campus.com/kit/x.php5' }, []],
        [{ subject: 'Réponse urgente (1)' }, ['TOCSIN_RULE']],
        [{ subject: 'Réponse urgente 1' }, []],
        [{ id: '4711@evil-campus.com' }, ['TOCSIN_RULE']]
      ]
      const mailbox = expected.map(
        ([about], i) => `From x Mon Nov 30 09:00:00 2026\nX-Case: ${i}\n${mail(about).replaceAll('\r', '')}\n`
      )
      const { stdout } = await run('spamassassin', ['--mbox', ...options], mailbox.join(''))
      // In an order of its own, the message behind its score.
      const scored =
        /^X-Spam-Status: [^=]*=\S+ required=\S+ tests=([A-Z0-9_,\s]+?)(?:\s+autolearn|\n\S)[\s\S]*?^X-Case: (\d+)/gm
      const hits: string[][] = []
      for (const [, names = '', index] of stdout.matchAll(scored)) {
        hits[Number(index)] = names
          .split(/[,\s]+/)
          .filter((name) => /^(?:TOCSIN|USER_IN_BLOCK)/.test(name))
          .map((name) => name.replace(/^TOCSIN_[0-9A-F]{16}$/, 'TOCSIN_RULE'))
      }
      expect(hits).toEqual(expected.map(([, names]) => names))

      await writeFile(join(rules, 'broken.cf'), 'uri BROKEN /(/\n')
      expect((await run('spamassassin', ['--lint', ...options])).status).not.toBe(0)
    },
    120_000
  )
})

/** What the import makes of one post of Rspamd. */
async function metIn(body: string): Promise<string[]> {
  const rspamd = importNamed('rspamd')
  if (rspamd === undefined) throw new Error('no import of this name')
  const options = { source: 'mx', labels: {}, context: { ownDomains: [], circleDomains: [] }, now: Date.now() }
  const met: string[] = []
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(body)
  }
  for await (const it of readImport(rspamd, source(), options)) {
    if (it.kind !== 'sighting') throw new Error(JSON.stringify(it))
    met.push(...it.values.map(({ type, value }) => `${type} ${value}`))
  }
  return met
}

describe('Rspamd', () => {
  itWith(
    ['rspamd', 'rspamadm', 'rspamc'],
    'loads the maps by the rules of docs/formats.md and scores what is listed',
    async () => {
      const maps = join(dir, 'maps')
      await mkdir(maps)
      for (const [name, map] of [
        ['rspamd-host', 'host'],
        ['rspamd-url', 'url'],
        ['rspamd-ip', 'ip'],
        ['rspamd-from', 'from'],
        ['rspamd-hash', 'hash']
      ] as const) {
        const file = await feedFile(maps, name, items)
        await copyFile(file, join(maps, `${map}.map`))
        await chmod(join(maps, `${map}.map`), 0o644)
      }
      const guide = await readFile(new URL('../../docs/formats.md', import.meta.url), 'utf8')
      const [, rules = ''] = /# \/etc\/rspamd\/local\.d\/multimap\.conf\n([^`]+)```/.exec(guide) ?? []
      const posted: string[] = []
      const exports = createServer((request, response) => {
        const pieces: Buffer[] = []
        request.on('data', (piece: Buffer) => pieces.push(piece))
        request.on('end', () => {
          posted.push(`${request.headers.authorization} ${Buffer.concat(pieces).toString('utf8')}`)
          response.end('{}')
        })
      })
      exports.listen(0, '127.0.0.1')
      await once(exports, 'listening')
      const { port: exported } = exports.address() as AddressInfo
      const imports = await readFile(new URL('../../docs/imports.md', import.meta.url), 'utf8')
      const [, exporter = ''] = /# \/etc\/rspamd\/local\.d\/metadata_exporter\.conf\n([^`]+)```/.exec(imports) ?? []
      const rspamd = await startRspamd(join(dir, 'rspamd'), {
        'multimap.conf': rules.replaceAll('/var/lib/tocsin-feeds', maps),
        'metadata_exporter.conf': exporter.replace('127.0.0.1:8470', `127.0.0.1:${exported}`)
      })
      try {
        const symbols = (about: Mail, from?: string, ip?: string): Promise<string[]> =>
          rspamd.symbols(mail(about), { ...(from === undefined ? {} : { from }), ...(ip === undefined ? {} : { ip }) })
        expect(await symbols({})).toEqual([])
        expect(await symbols({ text: 'http://www.evil-campus.com/x' })).toEqual(['TOCSIN_TLD'])
        expect(await symbols({ text: 'http://evil-campus.com/x' })).toEqual(['TOCSIN_HOST', 'TOCSIN_TLD'])
        expect(await symbols({ text: 'http://login.phish-campus.com/' })).toEqual(['TOCSIN_HOST'])
        expect(await symbols({ text: 'http://phish-campus.com/ http://notevil-campus.com' })).toEqual([])
        expect(await symbols({ text: 'http://other-campus.com/kit/x.php' })).toEqual(['TOCSIN_URL'])
        expect(await symbols({}, 'bad@sender-campus.com')).toEqual(['TOCSIN_FROM'])
        expect(await symbols({ from: 'bad@sender-campus.com' })).toEqual(['TOCSIN_HEADER_FROM'])
        expect(await symbols({}, 'any@evil-campus.com')).toEqual(['TOCSIN_FROM'])
        expect(await symbols({ from: 'any@evil-campus.com' })).toEqual(['TOCSIN_HEADER_FROM_DOMAIN'])
        expect(await symbols({}, 'other@sender-campus.com', '185.220.100.9')).toEqual(['TOCSIN_IP'])
        expect(await symbols({}, 'other@sender-campus.com', '185.220.100.129')).toEqual([])
        expect(await symbols({ attachment: SAMPLE })).toEqual(['TOCSIN_HASH'])
        expect(await symbols({}, 'x@evil-name.com', '45.9.148.1')).toEqual([])

        posted.length = 0
        const about = {
          text: 'http://evil-campus.com/x http://other-campus.com/kit/x.php',
          subject: 'Réponse urgente (1)'
        }
        await symbols(
          { ...about, attachment: SAMPLE, id: '4711@evil-campus.com' },
          'bad@sender-campus.com',
          '91.200.12.34'
        )
        await until('Rspamd has told it', async () => posted.length > 0, 30_000)
        const [, token, body = ''] = /^Basic (\S+) (.*)$/s.exec(posted[0] ?? '') ?? []
        expect(Buffer.from(token ?? '', 'base64').toString()).toBe('tocsin:TOKEN')
        expect(await metIn(body)).toEqual(
          expect.arrayContaining([
            'domain evil-campus.com',
            'domain sender-campus.com',
            'email bad@sender-campus.com',
            'email-subject Réponse urgente (1)',
            'ipv4 91.200.12.34',
            'message-id 4711@evil-campus.com',
            `sha256 ${createHash('sha256').update(SAMPLE).digest('hex')}`,
            'url http://other-campus.com/kit/x.php'
          ])
        )
        expect((await metIn(body)).join(' ')).not.toContain('victim')
      } finally {
        await rspamd.stop()
        exports.close()
        exports.closeAllConnections()
      }
    },
    120_000
  )
})
