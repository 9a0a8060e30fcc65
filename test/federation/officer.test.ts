/** A working day with the command line alone: real nodes, real `tocsin` commands. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives } from '../harness/line.ts'
import { tocsin, until } from '../harness/process.ts'

const MIB8 = 8 * 1024 * 1024

interface Published {
  readonly id: string
  readonly labels: { readonly tlp: string; readonly pap: string; readonly defaulted: readonly string[] }
  readonly indicators: readonly { readonly type: string; readonly value: string }[]
  readonly offers: readonly { readonly to: { readonly name: string }; readonly values: readonly string[] }[]
}

describe("an officer's day", () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let phish = ''

  beforeAll(async () => {
    federation = await createFederation()
    ;[reims, uphf] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr')
    ])
    await federation.link(reims, uphf)
    await federation.circle('esr-fr', 1, [reims, uphf])
  })

  afterAll(() => federation?.end())

  async function run<T>(who: Institution, args: readonly string[], input?: string): Promise<T> {
    const { code, stdout, stderr } = await tocsin(['--json', ...args], {
      home: who.home,
      ...(input === undefined ? {} : { input })
    })
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout) as T
  }

  async function refused(who: Institution, args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await tocsin(args, { home: who.home, ...(input === undefined ? {} : { input }) })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    return /\(([a-z-]+)\)/.exec(stderr)?.[1] ?? stderr
  }

  it('begins with a pasted message: indicators found, own and members left out, defaults shown', async () => {
    const message = [
      'Hameçonnage en cours',
      'Lien : hxxps://webmail-univ[.]example/cas depuis 45[.]155[.]205[.]233',
      'Signalé par agent@univ-reims.fr, vu aussi chez secretariat@uphf.fr'
    ].join('\n')
    const dry = await run<Published>(reims, ['publish', '-', '--dry-run'], message)
    expect(dry.indicators.map(({ value }) => value).sort()).toEqual([
      '45.155.205.233',
      'https://webmail-univ.example/cas'
    ])
    expect(dry.labels).toMatchObject({ tlp: 'AMBER', pap: 'GREEN' })
    expect(dry.labels.defaulted).toEqual(expect.arrayContaining(['tlp', 'pap']))
    const { items } = await run<{ items: unknown[] }>(reims, ['search'])
    expect(items).toEqual([])
    phish = (await run<Published>(reims, ['publish', '-', '--threat', 'phishing', '--yes'], message)).id
    await arrives(uphf, phish)
  })

  it('finds again by value, by word, by many values at once, and shows who says it', async () => {
    for (const what of ['45[.]155[.]205[.]233', 'hameçonnage']) {
      const { items } = await run<{ items: { id?: string; bulletin?: { id: string } }[] }>(uphf, ['search', what])
      expect(items.map((item) => item.bulletin?.id ?? item.id)).toContain(phish)
    }
    const found = await run<{ items: { value: string; hits: unknown[] }[] }>(
      uphf,
      ['lookup', '-'],
      '45.155.205.233\n8.8.8.8\n'
    )
    expect(found.items.map(({ hits }) => hits.length)).toEqual([1, 0])
    const shown = await run<{ author: { name: string }; entries: { via?: { name: string } }[] }>(uphf, [
      'show',
      phish.slice(0, 8)
    ])
    expect(shown.author.name).toBe('Reims')
    expect(shown.entries[0]?.via?.name).toBe('Reims')
  })

  it('reports sightings to the audience of the bulletin, and to the author alone where it is strict', async () => {
    const seen = await run<{ audience: { tlp: string } }>(uphf, [
      'sighting',
      'add',
      '45.155.205.233',
      '--kind',
      'sighting',
      '--count',
      '3'
    ])
    expect(seen.audience.tlp).toBe('AMBER')
    await until('Reims counts it', async () => {
      const { indicators } = await reims.call<{ indicators: { value: string; sightings: { sighting: number } }[] }>(
        'GET',
        `/v1/bulletins/${phish}`
      )
      return indicators.some(({ value, sightings }) => value === '45.155.205.233' && sightings.sighting === 3)
    })
    const strict = await run<Published>(
      reims,
      ['publish', '-', '--tlp', 'AMBER+STRICT', '--yes'],
      'C2 : 185.220.101.47'
    )
    await arrives(uphf, strict.id)
    const narrow = await run<{ audience: { tlp: string; direct: { name: string }[] } }>(uphf, [
      'sighting',
      'add',
      '185.220.101.47',
      '--kind',
      'sighting'
    ])
    expect(narrow.audience).toMatchObject({ tlp: 'RED', direct: [{ name: 'Reims' }] })
    const again = await run<Published>(reims, ['publish', '-', '--yes'], 'encore 45.155.205.233')
    await arrives(uphf, again.id)
    expect(await refused(uphf, ['sighting', 'add', '45.155.205.233', '--kind', 'sighting'])).toBe('bulletin-needed')
    await run(uphf, ['sighting', 'add', '45.155.205.233', '--kind', 'false-positive', '--bulletin', phish])
  })

  it('offers an account of another member to that member alone', async () => {
    const draft = JSON.stringify({
      title: 'comptes',
      indicators: [
        { type: 'account', value: 'jdupont@uphf.fr' },
        { type: 'ipv4', value: '193.32.162.157' }
      ]
    })
    const dry = await run<Published>(reims, ['publish', '-', '--dry-run'], draft)
    expect(dry.indicators.map(({ value }) => value)).toEqual(['193.32.162.157'])
    expect(dry.offers).toMatchObject([{ to: { name: 'Valenciennes' }, values: ['jdupont@uphf.fr'] }])
    const red = JSON.stringify({ title: 'votre compte', indicators: [{ type: 'account', value: 'jdupont@uphf.fr' }] })
    const sent = await run<Published>(reims, ['publish', '-', '--to', 'Valenciennes', '--yes'], red)
    expect(sent).toMatchObject({ labels: { tlp: 'RED' }, indicators: [{ value: 'jdupont@uphf.fr' }] })
    // --to means RED: another label is wrong use.
    const contradictory = ['publish', '-', '--to', 'Valenciennes', '--tlp', 'AMBER', '--yes']
    expect((await tocsin(contradictory, { home: reims.home, input: red })).code).toBe(2)
  })

  it('attaches a sample of 8 MiB, whole at the other end, and no byte more', async () => {
    const sample = join(reims.home, 'sample.bin')
    const bytes = randomBytes(MIB8)
    await writeFile(sample, bytes)
    const { id } = await run<Published>(reims, ['publish', '-', '--attach', sample, '--yes'], 'échantillon joint')
    await arrives(uphf, id)
    const { attachments } = await uphf.call<{ attachments: { sha256: string; size: number }[] }>(
      'GET',
      `/v1/bulletins/${id}`
    )
    const response = await fetch(`${uphf.api}/v1/bulletins/${id}/attachments/${attachments[0]?.sha256}`, {
      headers: { authorization: `Bearer ${uphf.token}` }
    })
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
    await writeFile(sample, Buffer.concat([bytes, Buffer.of(0)]))
    const { code } = await tocsin(['publish', '-', '--attach', sample, '--yes'], {
      home: reims.home,
      input: 'trop grand'
    })
    expect(code).toBe(1)
  })

  it('corrects: supersedes in one step, disables, retracts; nobody else can', async () => {
    const better = await run<Published>(
      reims,
      ['publish', '-', '--supersedes', phish, '--yes'],
      'Hameçonnage, suite : hxxps://webmail-univ[.]example/cas2 et 45.155.205.233'
    )
    await arrives(uphf, better.id)
    await until(
      'the old one is retracted',
      async () => (await uphf.call<{ state: string }>('GET', `/v1/bulletins/${phish}`)).state === 'retracted'
    )
    await run(reims, ['disable', better.id, '45.155.205.233', '--reason', 'shared host'])
    await until('it is disabled at the other end', async () => {
      const { indicators } = await uphf.call<{ indicators: { value: string; state: string }[] }>(
        'GET',
        `/v1/bulletins/${better.id}`
      )
      return indicators.find(({ value }) => value === '45.155.205.233')?.state === 'disabled'
    })
    expect(await refused(uphf, ['retract', better.id, '--reason', 'not mine', '--yes'])).toBe('forbidden-not-author')
    await run(reims, ['retract', better.id, '--reason', 'over', '--yes'])
    await until(
      'it is retracted at the other end',
      async () => (await uphf.call<{ state: string }>('GET', `/v1/bulletins/${better.id}`)).state === 'retracted'
    )
    expect((await uphf.call<{ title: string }>('GET', `/v1/bulletins/${better.id}`)).title).not.toBe('')
    // A victim noticed late: the delay is cut short.
    await run(reims, ['retract', better.id, '--reason', 'a victim', '--erase-now', '--yes'])
    await until(
      'it is erased at the other end',
      async () => (await uphf.call<{ title: string }>('GET', `/v1/bulletins/${better.id}`)).title === ''
    )
  })

  it('ends with files for tools and a token for one of them', async () => {
    await run(reims, ['publish', '-', '--threat', 'scan', '--yes'], 'scan : 193.32.162.157')
    const path = join(reims.home, 'block.txt')
    await run(reims, ['export', 'list', '--type', 'ipv4', '--to', path])
    expect(await readFile(path, 'utf8')).toMatch(/^193\.32\.162\.157$/m)
    await run(reims, ['except', '193.32.162.157', '--reason', 'our scanner'])
    await run(reims, ['export', 'list', '--type', 'ipv4', '--to', path])
    expect(await readFile(path, 'utf8')).not.toMatch(/^193\.32\.162\.157$/m)
    const { secret } = await run<{ secret: string }>(reims, [
      'token',
      'create',
      '--name',
      'siem',
      '--scope',
      'read',
      '--max-tlp',
      'GREEN',
      '--use',
      'detect'
    ])
    const away = await tocsin(['--json', 'search'], { env: { TOCSIN_URL: reims.api, TOCSIN_TOKEN: secret } })
    expect(JSON.parse(away.stdout)).toEqual({ items: [] })
    const limited = await tocsin(['status'], { env: { TOCSIN_URL: reims.api, TOCSIN_TOKEN: secret } })
    expect(limited).toMatchObject({ code: 1, stderr: expect.stringContaining('forbidden-scope') })
  })
})
