/** Vouches end: who is told when, what falls without them, and how they are renewed (DESIGN §7). */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { sees } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const DAY = 86_400_000

interface Pending {
  readonly newcomers: readonly { readonly name: string; readonly missing: { acceptance: boolean; vouches: number } }[]
  readonly expiring: readonly {
    readonly subject: { readonly id: string }
    readonly by: { readonly id: string }
    readonly daysLeft: number
    readonly ours: boolean
    readonly needed: boolean
  }[]
}

describe('vouches', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let metz: Institution
  let circle: string
  let shift = 0

  const pendingAt = (one: Institution) => one.call<Pending>('GET', `/v1/circles/${circle}/pending`)
  const why = (one: Institution, about: Institution) =>
    one.call<{ standing: string; vouches: { code?: string }[] }>('GET', `/v1/circles/${circle}/why/${about.id}`)

  beforeAll(async () => {
    federation = await createFederation({
      world: { now: () => Date.now() + shift, random: (bytes) => randomBytes(bytes) }
    })
    ;[reims, uphf, metz] = await Promise.all([
      federation.institution('Reims', 'univ-reims.example'),
      federation.institution('Valenciennes', 'uphf.example'),
      federation.institution('Metz', 'univ-metz.example')
    ])
    await federation.link(reims, uphf)
    await federation.link(reims, metz)
    await federation.link(uphf, metz)
    circle = await federation.circle('esr-fr', 2, [reims, uphf])
    await federation.vouch(reims, metz, circle)
  }, 120_000)

  afterAll(() => federation?.end())

  it('that are still missing are told, with whatever else is', async () => {
    expect(await pendingAt(reims)).toMatchObject({
      newcomers: [{ name: 'Metz', missing: { acceptance: true, vouches: 1 } }],
      expiring: []
    })
    expect(await why(reims, metz)).toMatchObject({ standing: 'candidate' })
    shift = 30 * DAY
    await federation.vouch(uphf, metz, circle)
    await until('Metz knows the circle', () => metz.call('GET', `/v1/circles/${circle}`))
    await federation.accept(metz, circle)
    for (const one of [reims, uphf, metz]) await sees(one, circle, 3)
    expect((await pendingAt(reims)).newcomers).toEqual([])
  })

  it('that end within 30 days are listed, with whose they are and whether somebody falls without them', async () => {
    shift = 334 * DAY
    expect((await pendingAt(reims)).expiring).toEqual([])
    shift = 335 * DAY
    expect((await pendingAt(reims)).expiring).toMatchObject([
      { subject: { id: metz.id }, by: { id: reims.id }, daysLeft: 30, ours: true, needed: true }
    ])
    expect((await pendingAt(uphf)).expiring).toMatchObject([{ by: { id: reims.id }, ours: false, needed: true }])
  })

  it('that ended leave a candidate, and say so until they are renewed', async () => {
    shift = 366 * DAY
    expect(await why(reims, metz)).toMatchObject({ standing: 'candidate' })
    const { vouches } = await why(uphf, metz)
    expect(vouches.map(({ code }) => code)).toEqual([undefined, 'expired'])
    const { newcomers, expiring } = await pendingAt(reims)
    expect(newcomers).toMatchObject([{ name: 'Metz', missing: { acceptance: false, vouches: 1 } }])
    expect(expiring).toMatchObject([
      { by: { id: reims.id }, daysLeft: -1, ours: true, needed: true },
      { by: { id: uphf.id }, daysLeft: 29, ours: false, needed: true }
    ])
    await federation.vouch(reims, metz, circle)
    expect(await why(reims, metz)).toMatchObject({ standing: 'member' })
    expect((await pendingAt(reims)).expiring).toMatchObject([{ by: { id: uphf.id }, daysLeft: 29 }])
  })
})
