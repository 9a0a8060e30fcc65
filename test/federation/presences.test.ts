/** A circle that was silent for a week, as real processes on a later clock: AMBER stops where too few are heard of. */
import type { CircleView } from '@tocsin/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, holds, publish } from '../harness/line.ts'
import { tocsin, until } from '../harness/process.ts'

const DAY = 86_400_000

/** The clock of a machine that was off for so many days; timers run as ever. */
function daysLater(days: number): NodeJS.ProcessEnv {
  const clock = `const now = Date.now, T = Date, ahead = ${days * DAY};
    globalThis.Date = class extends T {
      constructor(...given) { given.length === 0 ? super(now() + ahead) : super(...given) }
      static now() { return now() + ahead }
    }`
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(clock)}` }
}

describe('a circle that was silent for a week', () => {
  const env = daysLater(8)
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let toulouse: Institution
  let lorraine: Institution
  let circle: string

  beforeAll(async () => {
    federation = await createFederation()
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr')
    toulouse = await federation.institution('Toulouse', 'ut-capitole.fr')
    lorraine = await federation.institution('Lorraine', 'univ-lorraine.fr')
    await federation.link(reims, uphf)
    await federation.link(uphf, toulouse)
    await federation.link(toulouse, lorraine)
    circle = await federation.circle('esr-fr', 2, [reims, uphf, toulouse, lorraine])
    const first = await publish(reims, { tlp: 'AMBER' })
    await arrives(lorraine, first)
    for (const one of [reims, uphf, toulouse, lorraine]) await one.stop()
  })
  afterAll(() => federation?.end())

  const presences = async (one: Institution): Promise<CircleView['presences']> =>
    (await one.call<CircleView>('GET', `/v1/circles/${circle}`)).presences

  it('gives no AMBER while two of it hear of nobody else, and everything as soon as they hear of a third', async () => {
    await reims.start({ env })
    await uphf.start({ env })
    await until('they hear of each other', async () => (await presences(reims)).heard.includes('Valenciennes'))
    expect(await presences(reims)).toMatchObject({ flows: false, code: 'presences-missing', needed: 2 })
    expect((await presences(reims)).silent.toSorted()).toEqual(['Lorraine', 'Toulouse'])

    // What anybody of the circle may have goes on; AMBER stays where it is.
    const amber = await publish(reims, { tlp: 'AMBER' })
    const strict = await publish(reims, { tlp: 'AMBER+STRICT', circle })
    const green = await publish(reims, { tlp: 'GREEN' })
    await arrives(uphf, green)
    for (const id of [amber, strict]) expect(await holds(uphf, id)).toBe(false)

    // The operator is told by both commands that he would look at, with what to do.
    const shown = await tocsin(['circle', 'show', 'esr-fr'], { home: reims.home })
    expect(shown.stdout).toMatch(/stopped here: 1 others heard of .* 2 needed\. Silent: .*Toulouse/)
    const examined = await tocsin(['doctor'], { home: reims.home, env })
    expect(examined.stdout).toMatch(/esr-fr/)
    expect(examined.code).not.toBe(0)

    // Toulouse is heard of at Reims through Valenciennes, and that is enough.
    await toulouse.start({ env })
    await until('AMBER flows again', async () => (await presences(reims)).flows)
    for (const id of [amber, strict]) await arrives(uphf, id)
    await arrives(toulouse, amber)
    expect((await presences(reims)).heard.toSorted()).toEqual(['Toulouse', 'Valenciennes'])
    const again = await tocsin(['circle', 'show', 'esr-fr'], { home: reims.home })
    expect(again.stdout).not.toContain('stopped here')
  })
})
