/** What a bulletin goes through after it was published, between three members in a line: over the doors of real nodes. */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution, type Problem } from '../harness/federation.ts'
import { arrives, holds, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const MIB8 = 8 * 1024 * 1024
const DAY = 86_400_000

interface Named {
  readonly id: string
}

interface Shown {
  readonly id: string
  readonly state: string
  readonly title: string
  readonly about: readonly string[]
  readonly supersedes?: string
  readonly keepUntil: string
  readonly recipients: readonly Named[]
  readonly indicators: readonly {
    readonly value: string
    readonly state: string
    readonly sightings: { readonly sighting: number; readonly falsePositive: number; readonly expiration: number }
  }[]
  readonly attachments: readonly { readonly sha256: string; readonly size: number }[]
  readonly retraction?: { readonly reason: string }
}

interface Sighted {
  readonly bulletin: string
  readonly audience: { readonly tlp: string; readonly direct: readonly Named[]; readonly relay: readonly Named[] }
}

interface Published {
  readonly id: string
  readonly labels: {
    readonly tlp: string
    readonly pap: string
    readonly keepUntil: string
    readonly defaulted: readonly string[]
  }
  readonly indicators: readonly { readonly value: string }[]
  readonly offers: readonly { readonly to: Named; readonly values: readonly string[] }[]
}

describe('a bulletin after it was published', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let toulouse: Institution
  let serial = 0

  beforeAll(async () => {
    federation = await createFederation()
    ;[reims, uphf, toulouse] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr'),
      federation.institution('Toulouse', 'ut-capitole.fr')
    ])
    await federation.link(reims, uphf)
    await federation.link(uphf, toulouse)
    await federation.circle('esr-fr', 2, [reims, uphf, toulouse])
  })

  afterAll(() => federation?.end())

  const shown = (one: Institution, id: string): Promise<Shown> => one.call<Shown>('GET', `/v1/bulletins/${id}`)
  const fresh = (): { type: string; value: string } => ({ type: 'domain', value: `d${++serial}.evil.example` })
  const sight = (by: Institution, fields: Record<string, unknown>): Promise<Sighted> =>
    by.call<Sighted>('POST', '/v1/sightings', { kind: 'sighting', ...fields })
  const ids = (list: readonly Named[]): string[] => list.map(({ id }) => id).sort()

  async function problem(asked: Promise<unknown>): Promise<Problem> {
    return asked.then(
      () => {
        throw new Error('it was not refused')
      },
      (error: Problem) => error
    )
  }

  async function counts(one: Institution, id: string, value: string): Promise<number> {
    return (await shown(one, id)).indicators.find((indicator) => indicator.value === value)?.sightings.sighting ?? 0
  }

  async function blockList(one: Institution): Promise<string> {
    const response = await fetch(`${one.api}/v1/feeds/list`, { headers: { authorization: `Bearer ${one.token}` } })
    expect(response.status).toBe(200)
    return response.text()
  }

  it('has follow-ups that name it, by anybody who holds it', async () => {
    const first = await publish(reims, { tlp: 'AMBER', title: 'first' })
    await arrives(toulouse, first)
    const second = await publish(toulouse, { tlp: 'AMBER', title: 'seen here too', about: [first] })
    await arrives(reims, second)
    expect((await shown(reims, second)).about).toEqual([first])
    const unknown = '00000000-0000-4000-8000-000000000000'
    expect(await problem(publish(reims, { tlp: 'AMBER', about: [unknown] }))).toMatchObject({ code: 'not-found' })
    // What Toulouse may not hold it cannot cite either, and is told no more than of what is nowhere.
    const strict = await publish(reims, { tlp: 'AMBER+STRICT' })
    const denied = await problem(publish(toulouse, { tlp: 'AMBER', about: [strict] }))
    expect(denied).toMatchObject({ status: 404, code: 'not-found' })
  })

  it('is superseded in one step, and its sightings follow', async () => {
    const indicator = fresh()
    const old = await publish(reims, { tlp: 'AMBER', title: 'old', indicators: [indicator, fresh()] })
    await arrives(toulouse, old)
    await sight(toulouse, { value: indicator.value, count: 5 })
    await until('Reims counts it', async () => (await counts(reims, old, indicator.value)) === 5)
    const next = await publish(reims, { tlp: 'AMBER', title: 'new', indicators: [indicator], supersedes: old })
    for (const one of [uphf, toulouse]) {
      await arrives(one, next)
      expect(await shown(one, next)).toMatchObject({ state: 'live', supersedes: old })
      expect(await counts(one, next, indicator.value)).toBe(5)
      // Retractions go first: the new one is never there beside the old one.
      expect(await shown(one, old)).toMatchObject({ state: 'retracted', retraction: { reason: 'superseded' } })
    }
    expect(await problem(publish(toulouse, { tlp: 'AMBER', supersedes: next }))).toMatchObject({
      code: 'forbidden-not-author'
    })
    expect(await problem(publish(reims, { tlp: 'AMBER', supersedes: old }))).toMatchObject({
      code: 'already-retracted'
    })
  })

  it('loses single indicators from every feed at once when its author disables them', async () => {
    const [wrong, right] = [fresh(), fresh()]
    const id = await publish(reims, { tlp: 'AMBER', pap: 'GREEN', indicators: [wrong, right] })
    await arrives(toulouse, id)
    expect(await blockList(toulouse)).toContain(wrong.value)
    expect(
      await problem(toulouse.call('POST', `/v1/bulletins/${id}/disabling`, { values: [wrong.value], reason: 'no' }))
    ).toMatchObject({ status: 403, code: 'forbidden-not-author' })
    await reims.call('POST', `/v1/bulletins/${id}/disabling`, { values: [wrong.value], reason: 'a shared host' })
    await until('it is disabled at Toulouse', async () => {
      const { indicators } = await shown(toulouse, id)
      return indicators.find(({ value }) => value === wrong.value)?.state === 'disabled'
    })
    for (const one of [reims, toulouse]) {
      const list = await blockList(one)
      expect(list).not.toContain(wrong.value)
      expect(list).toContain(right.value)
    }
    expect(
      await problem(reims.call('POST', `/v1/bulletins/${id}/disabling`, { values: ['other.example'], reason: 'no' }))
    ).toMatchObject({ code: 'indicator-not-in-bulletin' })
  })

  it('is contested by two members, not by one, and then leaves the block lists', async () => {
    const indicator = fresh()
    const id = await publish(reims, { tlp: 'AMBER', pap: 'GREEN', indicators: [indicator] })
    await arrives(toulouse, id)
    const stateAt = async (one: Institution): Promise<string | undefined> => (await shown(one, id)).indicators[0]?.state
    const against = async (one: Institution): Promise<number> =>
      (await shown(one, id)).indicators[0]?.sightings.falsePositive ?? 0
    await sight(toulouse, { value: indicator.value, kind: 'false-positive' })
    await until('Reims hears the first', async () => (await against(reims)) === 1)
    expect(await stateAt(reims)).toBe('live')
    expect(await blockList(reims)).toContain(indicator.value)
    await sight(uphf, { value: indicator.value, kind: 'false-positive' })
    for (const one of [reims, uphf, toulouse]) {
      await until(`${one.name} hears the second`, async () => (await stateAt(one)) === 'contested')
      expect(await blockList(one)).not.toContain(indicator.value)
    }
  })

  it('gets sightings for its own audience, and for its author alone where it is RED or STRICT', async () => {
    const [amber, strict, red] = [fresh(), fresh(), fresh()]
    const open = await publish(uphf, { tlp: 'AMBER', indicators: [amber] })
    const narrow = await publish(uphf, { tlp: 'AMBER+STRICT', indicators: [strict] })
    const secret = await publish(uphf, { to: ['Reims', 'Toulouse'], indicators: [red] })
    for (const id of [open, narrow, secret]) for (const one of [reims, toulouse]) await arrives(one, id)

    const wide = await sight(reims, { value: amber.value })
    expect(wide.audience).toMatchObject({ tlp: 'AMBER' })
    expect(ids([...wide.audience.direct, ...wide.audience.relay])).toEqual(ids([uphf, toulouse]))
    for (const [id, value] of [
      [narrow, strict.value],
      [secret, red.value]
    ] as const) {
      const told = await sight(reims, { value })
      expect(told).toMatchObject({ bulletin: id, audience: { tlp: 'RED', direct: [{ id: uphf.id }], relay: [] } })
      await until('the author counts it', async () => (await counts(uphf, id, value)) === 1)
    }
    // The author's own word about its own RED goes to all who hold it.
    const own = await sight(uphf, { value: red.value, bulletin: secret, count: 2 })
    expect(ids(own.audience.direct)).toEqual(ids([reims, toulouse]))
    await until('Toulouse counts what the author saw', async () => (await counts(toulouse, secret, red.value)) === 2)
    await until('Toulouse counts the wide one', async () => (await counts(toulouse, open, amber.value)) === 1)
    // They came after what Reims told the author, over the same links.
    expect(await counts(toulouse, narrow, strict.value)).toBe(0)
    expect((await shown(toulouse, secret)).recipients.map(({ id }) => id)).toEqual([toulouse.id])
  })

  it('must be named when a sighting could be about another one too', async () => {
    const indicator = fresh()
    const one = await publish(reims, { tlp: 'AMBER', indicators: [indicator] })
    const other = await publish(uphf, { tlp: 'GREEN', indicators: [indicator] })
    await arrives(toulouse, one)
    await arrives(toulouse, other)
    const asked = await problem(sight(toulouse, { value: indicator.value }))
    expect(asked.code).toBe('several-bulletins')
    expect([...(asked.body.candidates as string[])].sort()).toEqual([one, other].sort())
    expect(await sight(toulouse, { value: indicator.value, bulletin: other })).toMatchObject({
      bulletin: other,
      audience: { tlp: 'GREEN' }
    })
    expect(await problem(sight(toulouse, { value: 'nowhere.example' }))).toMatchObject({ status: 404 })
    // Once one of them is out of use there is nothing to ask.
    await uphf.call('POST', `/v1/bulletins/${other}/retraction`, { reason: 'over' })
    await until('it is out of use', async () => (await shown(toulouse, other)).state === 'retracted')
    expect(await sight(toulouse, { value: indicator.value })).toMatchObject({ bulletin: one })
  })

  it('carries a sample of 8 MiB over a relay, and none that is larger', async () => {
    const data = randomBytes(MIB8)
    const sample = (bytes: Buffer): Record<string, unknown> => ({
      tlp: 'AMBER',
      attachments: [{ name: 'sample.bin', base64: bytes.toString('base64') }]
    })
    const id = await publish(reims, sample(data))
    await arrives(toulouse, id)
    const sha256 = createHash('sha256').update(data).digest('hex')
    expect((await shown(toulouse, id)).attachments).toMatchObject([{ sha256, size: MIB8 }])
    const response = await fetch(`${toulouse.api}/v1/bulletins/${id}/attachments/${sha256}`, {
      headers: { authorization: `Bearer ${toulouse.token}` }
    })
    expect(Buffer.from(await response.arrayBuffer()).equals(data)).toBe(true)
    const refused = await problem(publish(reims, sample(Buffer.concat([data, Buffer.of(0)]))))
    expect(refused).toMatchObject({ status: 400, code: 'invalid-request' })
    expect(refused.body.problems).toMatchObject([
      { path: 'attachments[0].base64', message: expect.stringContaining('8 MiB') }
    ])
  })

  it('is kept until when it says, within what the charter allows', async () => {
    const keepUntil = new Date(Date.now() + 40 * DAY).toISOString()
    const id = await publish(reims, { tlp: 'AMBER', keepUntil })
    await arrives(toulouse, id)
    expect((await shown(toulouse, id)).keepUntil).toBe(keepUntil)
    for (const ms of [DAY / 2, 731 * DAY]) {
      const outside = new Date(Date.now() + ms).toISOString()
      const refused = await problem(publish(reims, { tlp: 'AMBER', keepUntil: outside }))
      expect(refused).toMatchObject({ status: 422, code: 'keep-until-out-of-bounds' })
      expect(refused.body).toMatchObject({ earliest: expect.any(String), latest: expect.any(String) })
    }
  })

  it('takes the labels that nobody gave from the charter, and says which', async () => {
    const dry = (draft: Record<string, unknown>): Promise<Published> =>
      reims.call<Published>('POST', '/v1/bulletins?dryRun', { title: 'test', ...draft })
    const bare = await dry({})
    expect(bare.labels).toMatchObject({ tlp: 'AMBER', pap: 'GREEN', circle: 'esr-fr', threat: 'other', confidence: 50 })
    expect([...bare.labels.defaulted].sort()).toEqual(['confidence', 'keepUntil', 'pap', 'threat', 'tlp'])
    const full = await dry({
      tlp: 'TLP:WHITE',
      pap: 'PAP:AMBER',
      threat: 'c2',
      confidence: 80,
      keepUntil: new Date(Date.now() + 2 * DAY).toISOString()
    })
    expect(full.labels).toMatchObject({ tlp: 'CLEAR', pap: 'AMBER', threat: 'c2', confidence: 80, defaulted: [] })
  })

  it("keeps another member's account out and offers it as RED, which then reaches that member alone", async () => {
    const indicator = fresh()
    const account = { type: 'account', value: 'jdupont@ut-capitole.fr' }
    const said = await uphf.call<Published>('POST', '/v1/bulletins', {
      title: 'accounts',
      tlp: 'AMBER',
      indicators: [account, indicator]
    })
    expect(said.indicators.map(({ value }) => value)).toEqual([indicator.value])
    expect(said.offers).toMatchObject([{ to: { id: toulouse.id }, values: [account.value] }])
    const [offer] = said.offers
    const id = await publish(uphf, {
      to: [offer?.to.id],
      about: [said.id],
      indicators: offer?.values.map((value) => ({ type: 'account', value }))
    })
    await arrives(toulouse, id)
    expect((await shown(toulouse, id)).indicators).toMatchObject([{ value: account.value }])
    const bell = await publish(uphf, { tlp: 'AMBER' })
    await arrives(reims, bell)
    expect(await holds(reims, id)).toBe(false)
    const found = await reims.call<{ items: unknown[] }>('GET', `/v1/indicators?value=${account.value}`)
    expect(found.items).toEqual([])
  })
})
