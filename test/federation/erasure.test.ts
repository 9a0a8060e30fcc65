import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { filesWith } from '../harness/files.ts'
import { arrives, publish, sees } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const HOUR = 3_600_000

interface Listed {
  readonly items: readonly { readonly id: string }[]
}

interface Shown {
  readonly state: string
  readonly title: string
  readonly indicators: readonly unknown[]
  readonly retraction?: { readonly reason: string }
}

describe('a retraction takes the bulletin out of use at once and erases it after the delay', () => {
  let offset = 0
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let circle: string
  // Each its own random bytes: LevelDB compresses, and only what was never seen before stands in a file as it is.
  const random = (): string => randomBytes(16).toString('hex')
  const markers = [random(), random(), `${random()}.example`, random(), random(), random()]

  beforeAll(async () => {
    federation = await createFederation({
      world: { now: () => Date.now() + offset, random: (bytes) => randomBytes(bytes) },
      headPatience: 500
    })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr')
    await federation.link(reims, uphf)
    circle = await federation.circle('esr-fr', 1, [reims, uphf])
  })

  afterAll(() => federation?.end())

  async function newcomer(name: string, domain: string, members: number): Promise<Institution> {
    const one = await federation.institution(name, domain)
    await federation.link(reims, one)
    await federation.vouch(reims, one, circle)
    await until(`${name} knows the circle`, () => one.call('GET', `/v1/circles/${circle}`))
    await federation.accept(one, circle)
    await sees(one, circle, members)
    return one
  }

  async function shown(one: Institution, id: string): Promise<Shown> {
    return one.call<Shown>('GET', `/v1/bulletins/${id}`)
  }

  async function outOfUse(one: Institution, id: string): Promise<void> {
    expect((await one.call<Listed>('GET', '/v1/bulletins')).items.map((item) => item.id)).not.toContain(id)
    expect((await one.call<Listed>('GET', `/v1/indicators?value=${markers[2]}`)).items).toEqual([])
    const feed = await fetch(`${one.api}/v1/feeds/list`, { headers: { authorization: `Bearer ${one.token}` } })
    expect(await feed.text()).not.toContain(markers[2])
  }

  it('everywhere: at its author, at a node that was off, at newcomers who never held it', async () => {
    const [title, text, value, comment, name, attached] = markers as [string, string, string, string, string, string]
    const id = await publish(reims, {
      title,
      text,
      tlp: 'AMBER',
      indicators: [{ type: 'domain', value, comment }],
      attachments: [{ name, base64: Buffer.from(attached).toString('base64') }]
    })
    await arrives(uphf, id)
    for (const one of [reims, uphf])
      expect(filesWith(join(one.home, 'store'), [title, value]).length).toBeGreaterThan(0)
    await uphf.stop()

    await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'false alarm' })
    await outOfUse(reims, id)
    expect((await shown(reims, id)).state).toBe('retracted')

    const early = await newcomer('Toulouse', 'ut-capitole.fr', 3)
    // While its roster still grows a log can pass the door a moment before the retraction stream does: the next
    // comparison, a second later, brings it.
    await until('the newcomer holds it as retracted', async () => (await shown(early, id)).state === 'retracted', 5000)
    await outOfUse(early, id)

    await uphf.start()
    await until('the absent one hears of it', async () => (await shown(uphf, id)).state === 'retracted')
    await outOfUse(uphf, id)

    offset += 23 * HOUR
    const kept = await publish(reims, { tlp: 'AMBER', title: 'still inside the delay' })
    await arrives(uphf, kept)
    expect((await shown(uphf, id)).title).toBe(title)

    offset += 2 * HOUR
    for (const one of [reims, uphf, early]) {
      await until(
        `${one.name} has erased it from every file`,
        () => filesWith(join(one.home, 'store'), markers).length === 0
      )
      const view = await shown(one, id).catch(() => undefined)
      expect(view?.title ?? '').toBe('')
      expect(view?.indicators ?? []).toEqual([])
    }

    const late = await newcomer('Lorraine', 'univ-lorraine.fr', 4)
    await arrives(late, kept)
    const next = await publish(reims, { tlp: 'AMBER', title: 'the chain goes on' })
    for (const one of [uphf, early, late]) await arrives(one, next)
    expect(filesWith(join(late.home, 'store'), markers)).toEqual([])
    expect(late.process()).toBeDefined()
  })
})
