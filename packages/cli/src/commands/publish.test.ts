import type { BulletinView, PublishView } from '@tocsin/api'
import { describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

const MESSAGE = `Bonjour,
le lien hxxps://login[.]phish[.]example[.]net/owa circule, depuis 198[.]51[.]100[.]7.
Compte touché chez vous : jdupont@uphf.fr. Nous : rssi@univ-reims.fr`

const MAIL = 'From: helpdesk@phish.example.net\r\nSubject: Votre quota\r\n\r\nhttps://phish.example.net/quota\r\n'

describe('publish from a message', () => {
  it('shows what was found and left out, labels and audience, and asks before it publishes', async () => {
    await using desk = await openDesk()
    const file = await desk.file('message.txt', MESSAGE)
    const refused = await desk.run(['publish', file], { answers: [['Sign and publish this?', 'n']] })
    expect(refused.status).toBe(1)
    expect(refused.out).toContain('hxxps://login[.]phish[.]example[.]net/owa')
    expect(refused.out).toMatch(/rssi\[@\]univ-reims\[\.\]fr +text +our own domain \(own-domain\)/)
    expect(refused.out).toContain('TLP:AMBER (by default)')
    expect(refused.out).toMatch(/Reached directly +Valenciennes/)
    expect(refused.out).toContain('Whoever esr-fr admits')
    expect(await held(desk)).toEqual([])

    const done = await desk.run(
      ['publish', file, '--tlp', 'tlp:green', '--threat', 'Hameçonnage', '--drop', '198[.]51[.]100[.]7'],
      {
        answers: [['Sign and publish this?', 'y']]
      }
    )
    expect(done.status).toBe(0)
    const [bulletin] = await held(desk)
    expect(bulletin).toMatchObject({ tlp: 'GREEN', threat: 'phishing' })
    expect(bulletin?.indicators.map(({ value }) => value)).toEqual(['https://login.phish.example.net/owa'])
    expect(done.out).toContain(`Published ${bulletin?.id}`)
  })

  it('offers a member’s accounts as RED, by a command that works as it stands', async () => {
    await using desk = await openDesk()
    const shown = await desk.run(['publish', '-', '--dry-run'], { input: MESSAGE })
    expect(shown.status).toBe(0)
    const command = /printf '%s' '(.*)' \| tocsin publish - --to '(.*)'\n/.exec(shown.out)
    const [, json = '', to = ''] = command ?? []
    expect((await desk.run(['publish', '-', '--to', to, '--yes'], { input: json })).status).toBe(0)
    expect(await held(desk)).toMatchObject([
      {
        tlp: 'RED',
        recipients: [{ name: 'Valenciennes' }],
        indicators: [{ type: 'account', value: 'jdupont@uphf.fr' }]
      }
    ])
  })

  it('asks at the terminal itself when the message was pasted', async () => {
    await using desk = await openDesk()
    const done = await desk.run(['publish', '-'], { input: MESSAGE, answers: [['Sign and publish this?', 'y']] })
    expect(done.status).toBe(0)
    expect(await held(desk)).toHaveLength(1)
    const blind = await desk.run(['publish', '-', '--pap', 'amber', '--yes'], { input: MESSAGE })
    expect(blind.out).toMatch(/TLP +TLP:AMBER \(by default\)\nPAP +PAP:AMBER\n/)
  })

  it('reads a mail by its name or its look', async () => {
    await using desk = await openDesk()
    const file = await desk.file('sample.eml', MAIL)
    const named = await desk.run(['publish', file, '--dry-run', '--json'])
    expect(named.json<PublishView>()).toMatchObject({ title: 'Votre quota', dryRun: true })
    const piped = await desk.run(['publish', '-', '--dry-run', '--json'], { input: MAIL })
    expect(piped.json<PublishView>().title).toBe('Votre quota')
  })
})

describe('publish from a draft', () => {
  it('takes options over it, attaches files and makes short ids whole', async () => {
    await using desk = await openDesk()
    const first = desk.node.arrive({ title: 'first', indicators: [{ type: 'ipv4', value: '192.0.2.1' }] })
    const draft = {
      title: 'draft',
      threat: 'scan',
      indicators: [
        { type: 'ipv4', value: '192.0.2.1' },
        { type: 'domain', value: 'cdn.example.org' }
      ]
    }
    const file = await desk.file('draft.json', JSON.stringify(draft))
    const sample = await desk.file('sample.bin', 'MZ')
    const args = ['--title', 'again', '--confidence', '90', '--about', first.id.slice(0, 8), '--attach', sample]
    const more = [
      '--reference',
      'https://site.example/r=bad',
      '--context',
      'cdn[.]example[.]org',
      '--keep-until',
      '30d',
      '--pap',
      'amber'
    ]
    const done = await desk.run(['publish', file, ...args, ...more, '--yes', '--json'])
    expect(done).toMatchObject({ status: 0, err: '' })
    const { id } = done.json<PublishView>()
    expect(await held(desk)).toMatchObject([
      {
        id,
        title: 'again',
        threat: 'scan',
        confidence: 90,
        pap: 'AMBER',
        about: [first.id],
        references: [{ url: 'https://site.example/r', verdict: 'bad' }],
        attachments: [{ name: 'sample.bin', size: 2 }],
        indicators: [{ role: 'malicious' }, { value: 'cdn.example.org', role: 'context' }]
      },
      { title: 'first' }
    ])
  })

  it('is RED with --to, and refuses another TLP by option or in the draft', async () => {
    await using desk = await openDesk()
    const open = await desk.file('draft.json', '{"title":"t","tlp":"TLP:AMBER"}')
    const bare = await desk.file('bare.json', '{"title":"t"}')
    for (const args of [
      ['publish', bare, '--to', 'Valenciennes', '--tlp', 'AMBER+STRICT', '--yes'],
      ['publish', open, '--to', 'Valenciennes', '--yes']
    ]) {
      expect(await desk.run(args)).toMatchObject({ status: 2, err: expect.stringContaining('recipients-need-red') })
    }
    expect((await desk.run(['publish', bare, '--to', 'Valenciennes', '--yes'])).status).toBe(0)
    expect((await held(desk))[0]?.tlp).toBe('RED')
  })

  it('lists refused lines: leaves them out if told so at a terminal, else publishes nothing', async () => {
    await using desk = await openDesk()
    const indicators = [
      { type: 'ipv4', value: '192.0.2.1' },
      { type: 'ipv4', value: '999.0.2.1' }
    ]
    const file = await desk.file('draft.json', JSON.stringify({ title: 't', indicators }))
    const dry = await desk.run(['publish', file, '--dry-run'])
    expect(dry).toMatchObject({ status: 1, out: expect.stringContaining('indicators[1].value') })
    const blind = await desk.run(['publish', file, '--yes'])
    expect(blind).toMatchObject({ status: 1, err: expect.stringContaining('indicators[1].value') })
    expect(await held(desk)).toEqual([])
    const seen = await desk.run(['publish', file], { answers: [['without the 1 refused line', 'y']] })
    expect(seen.status).toBe(0)
    expect((await held(desk))[0]?.indicators).toMatchObject([{ value: '192.0.2.1' }])
  })

  it.each([
    ['{"title":', 'draft-unreadable'],
    ['[1]', 'draft-unreadable'],
    ['{"titel":"t"}', 'titel: No such field. (unknown-field)'],
    ['{"title":"t","indicators":"x","to":7}', 'indicators: ']
  ])('says what is wrong with %s', async (text, said) => {
    await using desk = await openDesk()
    const ran = await desk.run(['publish', await desk.file('draft.json', text), '--yes'])
    expect(ran).toMatchObject({ status: 1, out: '', err: expect.stringContaining(said) })
  })

  it('needs --yes or --dry-run without a terminal, before anything is read', async () => {
    await using desk = await openDesk()
    expect(await desk.run(['publish', 'absent.json'])).toMatchObject({
      status: 2,
      err: expect.stringContaining('--dry-run')
    })
    expect((await desk.run(['publish', 'absent.json', '--yes'])).err).toContain('cannot read absent.json (ENOENT)')
  })

  it('keeps standard output for the result alone with --json', async () => {
    await using desk = await openDesk()
    const file = await desk.file('draft.json', '{"title":"t"}')
    const done = await desk.run(['publish', file, '--json'], { answers: [['Sign and publish this?', 'y']] })
    expect(done.json<PublishView>()).toMatchObject({ dryRun: false, title: 't' })
    expect(done.err).toContain('Reached directly')
  })
})

describe('publish --edit', () => {
  it('opens the draft in the editor, without a shell and without the attachments', async () => {
    await using desk = await openDesk()
    const script = await desk.file(
      'edit.mjs',
      `import { readFileSync, writeFileSync } from 'node:fs'
const file = process.argv.at(-1)
const draft = JSON.parse(readFileSync(file, 'utf8'))
writeFileSync(new URL('./seen.json', import.meta.url), JSON.stringify(draft))
writeFileSync(file, JSON.stringify({ ...draft, title: 'edited' }))`
    )
    const sample = await desk.file('sample.bin', 'MZ')
    const file = await desk.file('draft.json', '{"title":"draft"}')
    const run = await desk.run(['publish', file, '--edit', '--attach', sample, '--yes'], { editor: editorOf(script) })
    expect(run.status).toBe(0)
    expect(JSON.parse(await desk.read('seen.json'))).toEqual({ title: 'draft' })
    expect(await held(desk)).toMatchObject([{ title: 'edited', attachments: [{ name: 'sample.bin' }] }])
  })

  it('publishes nothing when the editor fails or leaves no JSON', async () => {
    await using desk = await openDesk()
    const file = await desk.file('draft.json', '{"title":"draft"}')
    const fails = await desk.file('fail.mjs', 'process.exit(3)')
    const spoils = await desk.file(
      'spoil.mjs',
      `import { writeFileSync } from 'node:fs'\nwriteFileSync(process.argv.at(-1), '{')`
    )
    for (const [chosen, code] of [
      [editorOf(fails), 'editor-failed'],
      [editorOf(spoils), 'draft-unreadable'],
      ['/no/such/editor', 'editor-failed']
    ] as const) {
      const run = await desk.run(['publish', file, '--edit', '--yes'], { editor: chosen })
      expect(run).toMatchObject({ status: 1, err: expect.stringContaining(code) })
    }
    expect(await held(desk)).toEqual([])
  })
})

function editorOf(script: string): string {
  return `${process.execPath} ${script}`
}

type Desk = Awaited<ReturnType<typeof openDesk>>

async function held(desk: Desk): Promise<BulletinView[]> {
  const reader = { token: 't', scope: 'admin', maxTlp: 'RED', use: 'hunt' } as const
  const page = await desk.node.ports.bulletins.list({ limit: 100 }, reader)
  return Promise.all(page.items.map(({ id }) => desk.node.ports.bulletins.get(id, reader)))
}
