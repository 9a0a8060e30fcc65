/** A member who floods its circle is made to wait, nobody else is, and in the end everything has come (DESIGN §8.5). */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, holds, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const DAY = 86_400_000
/** Half a month of two a day comes at once. */
const AT_ONCE = 32

describe('a circle whose charter allows two entries a day', () => {
  let offset = 0
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let flood: string[]

  beforeAll(async () => {
    const world = { now: () => Date.now() + offset, random: (bytes: number) => new Uint8Array(randomBytes(bytes)) }
    federation = await createFederation({ world, headPatience: 300 })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr')
    await federation.link(reims, uphf)
    await federation.circle('esr-fr', 2, [reims, uphf], { quotas: { entriesADay: 2, bytesADay: 1_000_000 } })
  })
  afterAll(() => federation?.end())

  const held = async (at: Institution): Promise<number> => {
    const here = await Promise.all(flood.map((id) => holds(at, id)))
    return here.filter(Boolean).length
  }

  it('lets a flood wait, says so, and lets others through meanwhile', async () => {
    expect(await uphf.call('GET', '/v1/circles/esr-fr')).toMatchObject({
      quotas: { entriesADay: 2, bytesADay: 1_000_000 }
    })
    flood = []
    for (let n = 0; n < AT_ONCE + 4; n++) flood.push(await publish(reims, { tlp: 'AMBER', title: `flood ${n}` }))
    await until('as much as fits has come', async () => (await held(uphf)) === AT_ONCE)
    const { counters } = await uphf.call<{ counters: Record<string, number> }>('GET', '/v1/status')
    expect(counters['admit:quota-author']).toBeGreaterThan(0)
    expect(await held(reims)).toBe(AT_ONCE + 4)
    await arrives(reims, await publish(uphf, { tlp: 'AMBER', title: 'of somebody else' }))
    // Of another audience, and not of the circle's quota.
    await arrives(uphf, await publish(reims, { tlp: 'GREEN', title: 'to the community' }))
    expect(await held(uphf)).toBe(AT_ONCE)
  })

  it('and everything comes when the days have passed, no sooner for a restart', async () => {
    await uphf.stop()
    await uphf.start()
    await arrives(uphf, await publish(reims, { tlp: 'GREEN', title: 'after the restart' }))
    await until('it has been refused again', async () => {
      const { counters } = await uphf.call<{ counters: Record<string, number> }>('GET', '/v1/status')
      return (counters['admit:quota-author'] ?? 0) > 0
    })
    expect(await held(uphf)).toBe(AT_ONCE)
    offset += 3 * DAY
    await uphf.stop()
    await uphf.start()
    await until('all of it has come', async () => (await held(uphf)) === AT_ONCE + 4)
  })
})
