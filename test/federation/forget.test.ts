/** Erasure by the clock on the wall: real processes, a charter with a short delay, every file of every home read. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { filesWith } from '../harness/files.ts'
import { arrives, publish, sees } from '../harness/line.ts'
import { until } from '../harness/process.ts'

/** ms; long enough to look at what is retracted and not yet erased. */
const DELAY = 3_000

interface Shown {
  readonly state: string
  readonly title: string
  readonly text: string
  readonly tags: readonly string[]
  readonly indicators: readonly unknown[]
  readonly attachments: readonly unknown[]
}

const BLANK = { title: '', text: '', tags: [], indicators: [], references: [], rules: [], attachments: [] }

describe('what was retracted is forgotten', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let toulouse: Institution
  let circle: string

  beforeAll(async () => {
    federation = await createFederation()
    ;[reims, uphf, toulouse] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr'),
      federation.institution('Toulouse', 'ut-capitole.fr')
    ])
    await federation.link(reims, uphf)
    await federation.link(uphf, toulouse)
    circle = await federation.circle('esr-fr', 2, [reims, uphf, toulouse], { erasureDelayMs: DELAY })
  })

  afterAll(() => federation?.end())

  const shown = (one: Institution, id: string): Promise<Shown> => one.call<Shown>('GET', `/v1/bulletins/${id}`)

  it('by its author, its relay, one that was off all the while and a newcomer that never held it', async () => {
    // Each its own random bytes: LevelDB compresses, and only what was never seen before stands in a file as it is.
    const markers = Array.from({ length: 10 }, () => randomBytes(16).toString('hex'))
    const [title, text, value, comment, name, data, tag, verdict, rule, reason] = markers
    const id = await publish(reims, {
      tlp: 'AMBER',
      title,
      text,
      tags: [tag],
      indicators: [{ type: 'domain', value: `${value}.example`, comment }],
      references: [{ url: 'https://site.example/x', verdict }],
      rules: [{ kind: 'yara', name: 'r', text: rule }],
      attachments: [{ name, base64: Buffer.from(data ?? '').toString('base64') }]
    })
    for (const one of [uphf, toulouse]) await arrives(one, id)
    await reims.call('POST', `/v1/bulletins/${id}/disabling`, { values: [`${value}.example`], reason })
    const bell = await publish(reims, { tlp: 'AMBER', title: 'after the disabling' })
    await arrives(toulouse, bell)
    // The reader finds what is there, each of them.
    for (const one of [reims, uphf, toulouse])
      for (const marker of markers)
        expect([one.name, marker, filesWith(one.home, [marker]).length > 0]).toEqual([one.name, marker, true])
    await toulouse.stop()

    await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'pasted by mistake' })
    // Out of use at once; readable by officers until the delay is over, since a thief's retraction can be undone.
    expect(await shown(reims, id)).toMatchObject({ state: 'retracted', title })
    await until('Valenciennes hears of it', async () => (await shown(uphf, id)).state === 'retracted')
    for (const one of [reims, uphf]) {
      const { items } = await one.call<{ items: unknown[] }>('GET', `/v1/indicators?value=${value}.example`)
      expect(items).toEqual([])
    }
    for (const one of [reims, uphf]) {
      await until(`${one.name} has erased it from every file`, () => filesWith(one.home, markers).length === 0)
      expect(await shown(one, id)).toMatchObject({ state: 'retracted', ...BLANK })
    }

    const bordeaux = await federation.institution('Bordeaux', 'u-bordeaux.fr')
    await federation.link(uphf, bordeaux)
    await federation.vouch(uphf, bordeaux, circle)
    await until('Reims holds the card of Bordeaux', () => federation.vouch(reims, bordeaux, circle).then(() => true))
    await until('Bordeaux knows the circle', () => bordeaux.call('GET', `/v1/circles/${circle}`))
    await federation.accept(bordeaux, circle)
    await sees(bordeaux, circle, 4)
    await arrives(bordeaux, bell)
    expect(filesWith(bordeaux.home, markers)).toEqual([])

    // It was off at the retraction and through the delay, and finds its own copy due.
    expect(filesWith(toulouse.home, markers)).not.toEqual([])
    await toulouse.start()
    await until('Toulouse has erased it from every file', () => filesWith(toulouse.home, markers).length === 0)
    expect(await shown(toulouse, id)).toMatchObject({ state: 'retracted', ...BLANK })

    // The chain goes on for everybody, and nobody brings the body back.
    const next = await publish(reims, { tlp: 'AMBER', title: 'the chain goes on' })
    for (const one of [reims, uphf, toulouse, bordeaux]) {
      await arrives(one, next)
      expect(filesWith(one.home, markers)).toEqual([])
      const { alarms, evidence } = await one.call<{ alarms: unknown[]; evidence: number }>('GET', '/v1/status')
      expect({ alarms, evidence }).toEqual({ alarms: [], evidence: 0 })
      const log = one.process()?.log() ?? ''
      for (const marker of markers) expect(log).not.toContain(marker)
    }
  })
})
