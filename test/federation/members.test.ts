/** Members come, go and are expelled: what each holds, hears and no longer hears (DESIGN §§5, 7). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Institution } from '../harness/federation.ts'
import { introduce } from '../harness/introduce.ts'
import { arrives, createLine, holds, type Line, publish, sees } from '../harness/line.ts'
import { until } from '../harness/process.ts'

interface Peer {
  readonly id: string
  readonly connected: boolean
}

interface Circle {
  readonly me: string
  readonly members: readonly { readonly id: string; readonly name: string }[]
  readonly struck: readonly { readonly id: string; readonly revokedBy: readonly string[] }[]
}

describe('members of a circle', () => {
  let line: Line
  let strict: string
  let old: string
  let early: string

  const circleAt = (one: Institution): Promise<Circle> => one.call<Circle>('GET', `/v1/circles/${line.circle}`)
  const peersOf = async (one: Institution): Promise<readonly Peer[]> =>
    (await one.call<{ items: Peer[] }>('GET', '/v1/peers')).items
  const streamsOf = async (one: Institution): Promise<number> =>
    (await one.call<{ streams: number }>('GET', '/v1/status')).streams

  async function linked(a: Institution, b: Institution): Promise<void> {
    await until(`${a.name} and ${b.name} are linked`, async () =>
      (await peersOf(a)).some(({ id, connected }) => id === b.id && connected)
    )
  }

  beforeAll(async () => {
    line = await createLine()
    early = await publish(line.lorraine, { tlp: 'AMBER', title: 'by Lorraine while a member' })
    await arrives(line.reims, early)
  })

  afterAll(() => line?.federation.end())

  it('get AMBER by relay and AMBER+STRICT from their own peers alone', async () => {
    const { reims, valenciennes, toulouse, lorraine } = line
    strict = await publish(reims, { tlp: 'AMBER+STRICT', title: 'for neighbours' })
    await arrives(valenciennes, strict)
    old = await publish(reims, {
      tlp: 'AMBER',
      title: 'history',
      indicators: [{ type: 'domain', value: 'history.example' }]
    })
    for (const one of [toulouse, lorraine]) {
      await arrives(one, old)
      expect(await holds(one, strict)).toBe(false)
    }
  })

  it('are not expelled by fewer than k', async () => {
    const { federation, reims, valenciennes, toulouse, lorraine, circle } = line
    await federation.revoke(reims, lorraine, circle)
    // Registers and entries leave in one order: who has this bulletin has heard of the revocation.
    const after = await publish(reims, { tlp: 'AMBER', title: 'after one revocation' })
    for (const one of [valenciennes, toulouse, lorraine]) {
      await arrives(one, after)
      const { members, struck } = await circleAt(one)
      expect(members.map(({ id }) => id)).toContain(lorraine.id)
      expect(struck).toEqual([])
    }
    expect((await circleAt(lorraine)).me).toBe('member')
  })

  it('are expelled by k: cut off at once, their streams frozen and searchable, what they hold stays theirs', async () => {
    const { federation, reims, valenciennes, toulouse, lorraine, circle } = line
    const mark = await publish(lorraine, {
      tlp: 'AMBER',
      title: 'the last of Lorraine',
      indicators: [{ type: 'domain', value: 'frozen.example' }]
    })
    await arrives(reims, mark)
    await federation.revoke(valenciennes, lorraine, circle)
    for (const one of [reims, valenciennes, toulouse]) {
      await sees(one, circle, 3)
      expect((await circleAt(one)).struck).toMatchObject([{ id: lorraine.id, revokedBy: expect.any(Array) }])
    }
    await until('the open connection has ended at both ends', async () => {
      const there = (await peersOf(toulouse)).some(({ id }) => id === lorraine.id)
      return !there && (await peersOf(lorraine)).every(({ connected }) => !connected)
    })
    const streams = await streamsOf(lorraine)

    const later = await publish(reims, { tlp: 'AMBER', title: 'after the expulsion' })
    const green = await publish(toulouse, { tlp: 'GREEN', title: 'for the community' })
    const theirs = await publish(lorraine, { tlp: 'GREEN', title: 'by the expelled' })
    for (const one of [valenciennes, toulouse]) await arrives(one, later)
    await arrives(reims, green)
    for (const id of [later, green]) expect(await holds(lorraine, id)).toBe(false)
    for (const one of [reims, valenciennes, toulouse]) expect(await holds(one, theirs)).toBe(false)
    // One more: the one it has just opened itself.
    expect(await streamsOf(lorraine)).toBe(streams + 1)

    for (const one of [reims, valenciennes, toulouse]) {
      const { items } = await one.call<{ items: { bulletin: { id: string } }[] }>(
        'GET',
        '/v1/indicators?value=frozen.example'
      )
      expect(items.map(({ bulletin }) => bulletin.id)).toEqual([mark])
    }
    for (const id of [old, early, mark]) expect(await holds(lorraine, id)).toBe(true)
  })

  it('stay out though a member links with them by hand: nothing of the circle goes either way', async () => {
    const { reims, toulouse, lorraine } = line
    await introduce(toulouse, lorraine.card)
    await linked(toulouse, lorraine)
    const still = await publish(lorraine, { to: ['Toulouse'], title: 'RED still goes between peers' })
    await arrives(toulouse, still)
    const amber = await publish(reims, { tlp: 'AMBER', title: 'for members' })
    await arrives(toulouse, amber)
    // It goes over the same link, later.
    const back = await publish(toulouse, { to: ['Lorraine'], title: 'and back' })
    await arrives(lorraine, back)
    expect(await holds(lorraine, amber)).toBe(false)
    expect(await line.lorraine.call('GET', '/v1/status')).toMatchObject({ evidence: 0 })
    expect((await peersOf(toulouse)).some(({ id, connected }) => id === lorraine.id && connected)).toBe(true)
    await toulouse.call('DELETE', `/v1/peers/${encodeURIComponent(lorraine.id)}`)
  })

  it('vouched later receive the history they may hold, not STRICT, not what is frozen', async () => {
    const { federation, reims, valenciennes, toulouse, circle } = line
    const bordeaux = await federation.institution('Bordeaux', 'u-bordeaux.fr')
    await federation.link(toulouse, bordeaux)
    await federation.vouch(toulouse, bordeaux, circle)
    await until('Valenciennes holds the card of Bordeaux', () =>
      federation.vouch(valenciennes, bordeaux, circle).then(() => true)
    )
    await until('Bordeaux knows the circle', () => bordeaux.call('GET', `/v1/circles/${circle}`))
    expect(await holds(bordeaux, old)).toBe(false)
    const ownStrict = await publish(toulouse, { tlp: 'AMBER+STRICT', title: 'said before Bordeaux came' })
    await federation.accept(bordeaux, circle)
    for (const one of [reims, valenciennes, toulouse, bordeaux]) await sees(one, circle, 4)
    await arrives(bordeaux, old)
    // Its neighbour's own, from before: it is a member now.
    await arrives(bordeaux, ownStrict)
    const bell = await publish(reims, { tlp: 'AMBER', title: 'after Bordeaux came' })
    await arrives(bordeaux, bell)
    expect(await holds(bordeaux, strict)).toBe(false)
    expect(await holds(bordeaux, early)).toBe(false)
    expect((await peersOf(reims)).map(({ id }) => id)).not.toContain(bordeaux.id)
    const { members } = await circleAt(bordeaux)
    expect(members.map(({ name }) => name).sort()).toEqual(['Bordeaux', 'Reims', 'Toulouse', 'Valenciennes'])
  })
})
