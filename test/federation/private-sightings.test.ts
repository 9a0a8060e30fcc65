/** An institution that was hit tells the author alone, and the circle learns how many were, not who (real processes). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution, type Problem } from '../harness/federation.ts'
import { arrives, publish } from '../harness/line.ts'
import { tocsin, until } from '../harness/process.ts'

interface Shown {
  readonly indicators: readonly {
    readonly value: string
    readonly sightings: { readonly sighting: number; readonly private: number }
  }[]
}

interface Counted {
  readonly contributors: number
  readonly published: readonly number[]
  readonly refused?: string
  readonly entries: readonly string[]
}

const VALUE = 'login.evil.example'

describe('a private sighting', () => {
  let federation: Federation
  let reims: Institution
  let hit: Institution[]
  let calm: Institution
  let id: string

  beforeAll(async () => {
    federation = await createFederation()
    reims = await federation.institution('Reims', 'univ-reims.fr')
    const uphf = await federation.institution('Valenciennes', 'uphf.fr')
    const toulouse = await federation.institution('Toulouse', 'ut-capitole.fr')
    const lorraine = await federation.institution('Lorraine', 'univ-lorraine.fr')
    calm = await federation.institution('Lille', 'univ-lille.fr')
    hit = [uphf, toulouse, lorraine]
    for (const one of [...hit, calm]) await federation.link(reims, one)
    // A way round Reims, too: what is told to it alone must not take it.
    await federation.link(uphf, calm)
    await federation.circle('esr-fr', 2, [reims, ...hit, calm])
    id = await publish(reims, { tlp: 'AMBER', indicators: [{ type: 'domain', value: VALUE }] })
    for (const one of [...hit, calm]) await arrives(one, id)
  })
  afterAll(() => federation?.end())

  const sightings = async (at: Institution): Promise<{ sighting: number; private: number } | undefined> =>
    (await at.call<Shown>('GET', `/v1/bulletins/${id}`)).indicators.find(({ value }) => value === VALUE)?.sightings
  const count = (dryRun = false): Promise<Counted> =>
    reims.call<Counted>('POST', `/v1/sightings/count${dryRun ? '?dryRun' : ''}`, { value: VALUE })
  const refusal = (asked: Promise<unknown>): Promise<Problem> =>
    asked.then(
      () => {
        throw new Error('it was not refused')
      },
      (error: Problem) => error
    )

  it('goes to the author and nowhere else', async () => {
    const done = await tocsin(
      ['--json', 'sighting', 'add', VALUE, '--kind', 'sighting', '--count', '40', '--private'],
      {
        home: hit[0]?.home ?? ''
      }
    )
    expect(JSON.parse(done.stdout)).toMatchObject({
      audience: { tlp: 'RED', direct: [{ name: 'Reims' }], relay: [], opensTo: [] }
    })
    await until('Reims knows', async () => (await sightings(reims))?.sighting === 40)
    // What the same institution says to all afterwards has come, by both ways that there are.
    const [uphf] = hit as [Institution]
    await arrives(calm, await publish(uphf, { tlp: 'AMBER', title: 'said to all afterwards' }))
    expect(await sightings(calm)).toMatchObject({ sighting: 0, private: 0 })
    expect(await sightings(hit[1] as Institution)).toMatchObject({ sighting: 0 })
  })

  it('is refused of one’s own bulletin, and of an author who is no peer', async () => {
    const own = { value: VALUE, kind: 'sighting', private: true }
    expect(await refusal(reims.call('POST', '/v1/sightings', own))).toMatchObject({
      status: 422,
      code: 'private-to-oneself'
    })
    const [, toulouse] = hit as [Institution, Institution]
    const far = await publish(toulouse, { tlp: 'AMBER', indicators: [{ type: 'domain', value: 'far.evil.example' }] })
    await arrives(calm, far)
    const unheard = { value: 'far.evil.example', kind: 'sighting', private: true }
    expect(await refusal(calm.call('POST', '/v1/sightings', unheard))).toMatchObject({ code: 'author-not-a-peer' })
  })

  it('is counted with at least two others, and the circle learns how many', async () => {
    expect(await count(true)).toMatchObject({ contributors: 1, refused: 'too-few-contributors', entries: [] })
    expect(await refusal(count())).toMatchObject({ status: 422, code: 'too-few-contributors' })
    const [, toulouse, lorraine] = hit as [Institution, Institution, Institution]
    await toulouse.call('POST', '/v1/sightings', { value: VALUE, kind: 'sighting', private: true })
    await toulouse.call('POST', '/v1/sightings', { value: VALUE, kind: 'sighting', private: true })
    await lorraine.call('POST', '/v1/sightings', { value: VALUE, kind: 'sighting', private: true })
    await until('Reims has all three', async () => (await count(true)).contributors === 3)
    expect(await refusal(calm.call('POST', '/v1/sightings/count', { value: VALUE, bulletin: id }))).toMatchObject({
      status: 403,
      code: 'forbidden-not-author'
    })
    expect(await count()).toMatchObject({ contributors: 3, published: [] })
    await until('Lille knows how many', async () => (await sightings(calm))?.private === 3)
    expect(await sightings(calm)).toEqual({ sighting: 0, falsePositive: 0, expiration: 0, private: 3 })
    // Lille was hit as well, later: that shows in no count before two more were.
    await calm.call('POST', '/v1/sightings', { value: VALUE, kind: 'sighting', private: true })
    await until('Reims has the fourth', async () => (await count(true)).contributors === 4)
    expect(await refusal(count())).toMatchObject({ status: 422, code: 'count-too-close' })
    const shown = await tocsin(['show', id], { home: (hit[2] as Institution).home })
    expect(shown.stdout).toContain('1+3/0/0')
  })
})
