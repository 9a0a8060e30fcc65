import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DraftView, ImportedView, PublishView } from '@tocsin/api'
import { describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

const LABELS = ['--tlp', 'amber', '--pap', 'green']
const TEXT = 'Campagne de phishing\nhttps://evil.example.org/login\n'

describe('import', () => {
  it('lists the formats, in the language of the officer', async () => {
    await using desk = await openDesk()
    expect((await desk.run(['import'], { lang: 'fr' })).out).toMatch(/text +Message en texte brut/)
    const unknown = await desk.run(['import', 'stix9', '-'])
    expect(unknown.status).toBe(1)
    expect(unknown.err).toContain('text')
  })

  it('takes a file, standard input and a URL, and the same only once', async () => {
    await using desk = await openDesk()
    const file = await desk.file('mail.txt', TEXT)
    const dry = await desk.run(['import', 'text', file, ...LABELS, '--dry-run'])
    expect(dry.out).toContain('Campagne de phishing')
    expect((await desk.run(['draft', 'list'])).out).toBe('No drafts.\n')
    const first = await desk.run(['--json', 'import', 'text', file, ...LABELS])
    expect(first.json<ImportedView>().counts).toMatchObject({ new: 1, known: 0 })
    const second = await desk.run(['import', 'text', '-', ...LABELS], { input: TEXT })
    expect(second.err).toContain('0 new, 0 changed, 1 known already')

    const server = createServer((request, response) => {
      response.statusCode = request.url === '/feed' ? 200 : 404
      response.end('Autre\n198.51.100.7\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const fetched = await desk.run(['--json', 'import', 'text', `${url}/feed`, ...LABELS])
      expect(fetched.json<ImportedView>().items).toMatchObject([{ title: 'Autre', indicatorCount: 1 }])
      expect((await desk.run(['import', 'text', `${url}/none`])).err).toContain('404')
    } finally {
      server.close()
    }
  })

  it('says what was refused, by its line and rule, and fails where nothing else came', async () => {
    await using desk = await openDesk()
    const refused = await desk.run(['import', 'text', '-'], { input: TEXT })
    expect(refused.status).toBe(1)
    expect(refused.out).toMatch(/line 1 +no label \(label-missing\)/)
    expect(refused.err).toContain('--tlp and --pap set those of what says none')
    expect(refused.err).toContain('nothing-imported')
  })
})

describe('draft', () => {
  async function deskWithDraft() {
    const desk = await openDesk()
    const done = await desk.run(['--json', 'import', 'text', '-', ...LABELS], { input: TEXT })
    return { desk, id: done.json<ImportedView>().items[0]?.id ?? '' }
  }

  it('shows a draft with its values defanged', async () => {
    const { desk, id } = await deskWithDraft()
    await using _desk = desk
    expect((await desk.run(['draft', 'list'])).out).toContain(id.slice(0, 8))
    const shown = await desk.run(['draft', 'show', id.slice(0, 8)])
    expect(shown.out).toContain('hxxps://evil[.]example[.]org/login')
    expect(shown.out).toContain('TLP:AMBER')
    expect((await desk.run(['draft', 'show', 'ffffffff'])).status).toBe(1)
  })

  it('publishes what was shown, once it was answered with yes', async () => {
    const { desk, id } = await deskWithDraft()
    await using _desk = desk
    expect((await desk.run(['draft', 'accept', id])).status).toBe(2)
    expect((await desk.run(['--json', 'draft', 'accept', id, '--dry-run'])).json<PublishView>().id).toBeUndefined()
    const no = await desk.run(['draft', 'accept', id], { answers: [['Sign and publish', 'n']] })
    expect(no.status).toBe(1)
    const yes = await desk.run(['draft', 'accept', id], { answers: [['Sign and publish', 'y']] })
    expect(yes.out).toContain('Campagne de phishing')
    expect(yes.status).toBe(0)
    expect((await desk.run(['draft', 'list'])).out).toBe('No drafts.\n')
    expect((await desk.run(['draft', 'accept', id, '--yes'])).err).toContain('draft-closed')
    expect((await desk.run(['search'])).out).toContain('Campagne de phishing')
  })

  it('is changed by options or in the editor, and discarded', async () => {
    const { desk, id } = await deskWithDraft()
    await using _desk = desk
    expect((await desk.run(['draft', 'edit', id, '--title', 'Autre titre', '--tlp', 'green'])).status).toBe(0)
    const shown = (await desk.run(['--json', 'draft', 'show', id])).json<DraftView>()
    expect(shown).toMatchObject({ title: 'Autre titre', tlp: 'GREEN', edited: true })
    const editor = await desk.file(
      'editor.mjs',
      "import{readFileSync as r,writeFileSync as w}from'node:fs';const f=process.argv[2];w(f,r(f,'utf8').replace('Autre','Encore un'))"
    )
    expect((await desk.run(['draft', 'edit', id], { editor: `${process.execPath} ${editor}` })).out).toContain(
      'Encore un titre'
    )
    expect((await desk.run(['draft', 'discard', id])).status).toBe(2)
    expect((await desk.run(['draft', 'discard', id, '--yes'])).out).toContain(id)
    expect((await desk.run(['draft', 'list', '--all'])).out).toContain(id.slice(0, 8))
  })
})

describe('what a newcomer gets wrong', () => {
  it('is said of a file that is not there, and of a mapping that is none', async () => {
    await using desk = await openDesk()
    const gone = await desk.run(['import', 'text', `${desk.home}/nothing`, ...LABELS])
    expect(gone).toMatchObject({ status: 1, err: expect.stringContaining('(ENOENT) (file-unreadable)') })
    expect((await desk.run(['import', 'text', desk.home.slice(0, -5), ...LABELS])).err).toContain('(EISDIR)')
    const file = await desk.file('m.txt', TEXT)
    const mapped = await desk.run(['import', 'text', file, '--map', 'value', ...LABELS], { lang: 'fr' })
    expect(mapped.err).toContain('--map attend CHAMP=ENDROIT, et non value')
  })

  it('is said of a source without labels, before everything that it sends is refused', async () => {
    await using desk = await openDesk()
    expect((await desk.run(['source', 'add', 'bare', 'text'])).err).toContain('--tlp and --pap set them')
    expect((await desk.run(['source', 'add', 'chat', 'text', ...LABELS])).err).not.toContain('--tlp')
  })

  it('finds choices and defaults in the language of the help', async () => {
    await using desk = await openDesk()
    const french = await desk.run(['source', 'add', '--help'], { lang: 'fr' })
    expect(french.out.replaceAll(/\s+/g, ' ')).toContain('au choix review, publish; review par défaut')
    expect(french.out).not.toMatch(/choices|default/)
    expect((await desk.run(['digest', '--help'])).out.replaceAll(/\s+/g, ' ')).toContain('one of daily, weekly')
  })
})
