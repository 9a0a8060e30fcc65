/** Receipts (DESIGN §5): who holds what, since when and, for the author alone, via whom. */
import { createViaSealer, prepareRegister, type SignedRegister, signRegister, streamMark, toHex } from '@tocsin/journal'
import type { CircleId, InstitutionId, StreamId } from '@tocsin/model'
import { ranges } from '@tocsin/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, SECOND } from './constants.ts'
import { createReceipts } from './receipts.ts'
import { cardOf, institution } from './testing/institution.ts'
import { bulletin, createTown, type Inhabitant, type Town } from './testing/town.ts'
import type { Audience } from './types.ts'

let town: Town
let a: Inhabitant
let b: Inhabitant
let c: Inhabitant
let d: Inhabitant
let circle: CircleId

beforeEach(async () => {
  town = createTown()
  const all = []
  for (const name of ['a', 'b', 'c', 'd']) all.push(await town.inhabitant(name))
  ;[a, b, c, d] = all as [Inhabitant, Inhabitant, Inhabitant, Inhabitant]
  await town.acquaint(...all)
  circle = await town.circle(all)
})
afterEach(() => town.end())

async function publish(one: Inhabitant, audience: Audience = { tlp: 'AMBER', circle }) {
  const [entry] = await one.replica.publish.bulletin(bulletin([audience], town.now()))
  if (entry === undefined) throw new Error('nothing published')
  await town.settle()
  return { ...entry, stream: entry.stream as StreamId }
}

/** Time passes, and everybody does what is due. */
async function pass(ms: number, ...awake: Inhabitant[]): Promise<void> {
  town.pass(ms)
  for (const one of awake) await one.replica.tick()
  await town.settle()
}

const receiptOf = (holder: Inhabitant, of: Inhabitant, where = circle): SignedRegister | undefined =>
  [...holder.replica.book.saidIn(where, 'receipt')].find(({ register }) => register.author === of.id)

const heldIn = (signed: SignedRegister | undefined) =>
  signed?.register.kind === 'receipt' ? signed.register.value.held : []

/** Who holds it, as `one` knows: name, since when, via whom. */
async function holders(one: Inhabitant, { stream, seq }: { readonly stream: StreamId; readonly seq: number }) {
  const found = await one.replica.receipts.holders(stream, seq)
  return found.holders.map(({ institution: id, since, via }) => [
    nameOf(id),
    since,
    via === undefined ? '?' : nameOf(via)
  ])
}

function nameOf(id: InstitutionId): string {
  return ['a', 'b', 'c', 'd'][[a, b, c, d].findIndex((one) => one.id === id)] ?? 'somebody'
}

/** A receipt as a liar, or a node of another version, would sign it. */
function says(one: Inhabitant, held: readonly [StreamId, number][], where = circle, number = town.now() + 5) {
  const sealer = createViaSealer(new Uint8Array(32).fill(7))
  const value = {
    key: sealer.key,
    held: held.map(([stream, seq]): [Uint8Array, number, number, Uint8Array] => [
      streamMark(stream),
      seq,
      town.now(),
      sealer.seal({ nodeKey: a.who.nodeKey, stream, seq, via: one.id })
    ])
  }
  const fields = { kind: 'receipt', author: one.id, signer: one.who.nodeKey, circle: where, number, value } as const
  return signRegister(prepareRegister(fields), one.who.node).bytes
}

describe('a receipt', () => {
  it('tells the author who holds it, since when and via whom, also of those whom it is not linked to', async () => {
    await town.link(a, b)
    await town.link(b, c)
    await town.link(c, d)
    const at = town.now()
    const entry = await publish(a)
    await pass(2 * SECOND, a, b, c, d)
    expect((await holders(a, entry)).toSorted()).toEqual([
      ['b', at, 'a'],
      ['c', at, 'b'],
      ['d', at, 'c']
    ])
    // On its way back it was seen by b and c, which cannot read via whom; d was not told at once.
    expect(await holders(b, entry)).toContainEqual(['d', at, '?'])
    expect(receiptOf(d, b)).toBeUndefined()
  })

  it('reaches the rest of the circle when it compares, and nobody else', async () => {
    const stranger = await town.inhabitant('stranger')
    await town.acquaint(a, b, c, d, stranger)
    await town.link(a, b)
    const entry = await publish(a, { tlp: 'GREEN' })
    await pass(2 * SECOND, b)
    await town.link(a, d)
    await town.link(a, stranger)
    expect(await holders(d, entry)).toContainEqual(['b', expect.any(Number), '?'])
    expect([...stranger.replica.book.all()].filter(({ register }) => register.kind === 'receipt')).toEqual([])
  })

  it('speaks of no RED, of nothing of its own, and of no registers', async () => {
    await town.link(a, b)
    await publish(a, { tlp: 'RED', recipient: b.id })
    await publish(b)
    await pass(10 * SECOND, a, b)
    expect(receiptOf(b, b)).toBeUndefined()
    expect(heldIn(receiptOf(a, a))).toHaveLength(1)
  })

  it('is signed once for all that came within two seconds, and not again while nothing changes', async () => {
    await town.link(a, b)
    await publish(a)
    await pass(0, b)
    const first = receiptOf(b, b)
    expect(heldIn(first)).toHaveLength(1)
    await publish(a)
    await publish(a)
    await pass(2 * SECOND - 1, b)
    expect(receiptOf(b, b)?.hash).toBe(first?.hash)
    await pass(1, b)
    const second = receiptOf(b, b)
    expect(heldIn(second).map(([, seq]) => seq)).toEqual([3])
    await pass(DAY, b)
    await town.restart(b)
    await pass(DAY, b)
    expect(receiptOf(b, b)?.hash).toBe(second?.hash)
  })

  it('is signed by nobody whose key was retired, or whose clock is off', async () => {
    await town.link(a, b)
    b.replica.linked(c.id, 30 * 60 * SECOND)
    b.replica.linked(d.id, 30 * 60 * SECOND)
    await publish(a)
    await pass(10 * SECOND, b)
    expect(receiptOf(b, b)).toBeUndefined()
  })

  it('does not speak of what grew a week ago', async () => {
    await town.link(a, b)
    await publish(a)
    await pass(7 * DAY, b)
    await publish(a, { tlp: 'GREEN' })
    await pass(2 * SECOND, b)
    expect(heldIn(receiptOf(b, b))).toHaveLength(1)
  })

  it('speaks of 64 streams at most, those that grew last', async () => {
    const crowd = createTown()
    const all: Inhabitant[] = []
    for (let n = 0; n < 34; n++) all.push(await crowd.inhabitant(`m${n}`))
    const [reader, ...authors] = all as [Inhabitant, ...Inhabitant[]]
    await crowd.acquaint(...all)
    const where = await crowd.circle(all)
    const order: StreamId[] = []
    for (const tlp of ['AMBER', 'GREEN'] as const)
      for (const one of authors) {
        const audience = tlp === 'AMBER' ? { tlp, circle: where } : { tlp }
        const [entry] = await one.replica.publish.bulletin(bulletin([audience], crowd.now()))
        const stream = entry?.stream as StreamId
        expect(await reader.replica.admit(crowd.batch(one, reader, stream))).toMatchObject({ accepted: 1 })
        order.push(stream)
        crowd.pass(SECOND)
      }
    await reader.replica.tick()
    const said = heldIn(receiptOf(reader, reader, where)).map(([mark]) => toHex(mark))
    expect(order).toHaveLength(66)
    expect(said).toEqual(
      order
        .slice(2)
        .map((stream) => toHex(streamMark(stream)))
        .toReversed()
    )
    await crowd.end()
  })

  it('is remembered by the author when later ones no longer speak of it, also after a restart', async () => {
    await town.link(a, b)
    const at = town.now()
    const first = await publish(a)
    await pass(2 * SECOND, b)
    await pass(8 * DAY, a, b)
    await publish(a)
    await pass(2 * SECOND, b)
    await town.restart(a)
    expect(await holders(a, first)).toEqual([['b', at, 'a']])
  })
})

describe('what holders said', () => {
  it('goes with the stream that they spoke of', async () => {
    await town.link(a, b)
    await publish(a)
    await pass(2 * SECOND, a, b)
    const said = async (): Promise<number> => {
      let rows = 0
      for await (const _ of a.replica.store.scan(ranges.local('held'))) rows += 1
      return rows
    }
    expect(await said()).toBe(1)
    await pass(500 * DAY, a)
    await pass(DAY, a)
    expect([...a.replica.streams.all()]).toEqual([])
    expect(await said()).toBe(0)
  })
})

describe('a pause', () => {
  it('is as long for each stream that the next receipt holds further', async () => {
    await town.link(a, b)
    await town.link(b, c)
    await publish(a)
    await pass(0, b)
    const first = receiptOf(b, b)
    for (const one of [a, c]) await publish(one)
    await publish(a, { tlp: 'GREEN' })
    await pass(6 * SECOND - 1, b)
    expect(receiptOf(b, b)?.hash).toBe(first?.hash)
    await pass(1, b)
    expect(heldIn(receiptOf(b, b))).toHaveLength(3)
  })
})

describe('a receipt that cannot be written', () => {
  it('is signed again after the pause', async () => {
    await town.link(a, b)
    await publish(a)
    let tried = 0
    const receipts = createReceipts({
      ...b.replica,
      mayNotSign: () => undefined,
      admit: async (registers) => {
        tried += registers.length
        return { verdict: 'ignore', code: 'store-disk-full', accepted: 0, have: 0 }
      }
    })
    await receipts.tick()
    await receipts.tick()
    expect(tried).toBe(1)
    town.pass(2 * SECOND)
    await receipts.tick()
    expect(tried).toBe(2)
  })
})

describe('a false receipt', () => {
  const unconfirmed = async (one: Inhabitant, stream: StreamId, seq = 1) =>
    (await one.replica.receipts.holders(stream, seq)).unconfirmed.map(({ code, institution: id }) => [nameOf(id), code])

  it('that holds more than its author wrote counts for nothing, also once the author wrote as much', async () => {
    const { stream } = await publish(a)
    expect(await a.replica.admitRegisters([says(b, [[stream, 2]])], b.id)).toMatchObject({ accepted: 1 })
    expect(await unconfirmed(a, stream)).toEqual([['b', 'beyond-head']])
    await publish(a)
    expect(await holders(a, { stream, seq: 1 })).toEqual([])
  })

  it('about what its circle may not hold is shown and counts for nothing', async () => {
    const { stream } = await publish(a)
    const other = await town.circle([a, b])
    await a.replica.admitRegisters([says(b, [[stream, 1]], other)], b.id)
    expect(await holders(a, { stream, seq: 1 })).toEqual([])
    expect(await unconfirmed(a, stream)).toEqual([['b', 'outside-audience']])
  })

  it('about an unknown stream says nothing of any', async () => {
    const { stream } = await publish(a)
    await a.replica.admitRegisters([says(b, [['ab'.repeat(32) as StreamId, 1]])], b.id)
    expect(await a.replica.receipts.holders(stream, 1)).toEqual({ holders: [], unconfirmed: [] })
  })

  it('by another key, by a stranger, or about a circle that does not know its author, is refused', async () => {
    const { stream } = await publish(a)
    const thief = institution('thief')
    const forged = { ...b, who: { ...b.who, node: thief.node, nodeKey: thief.nodeKey } }
    expect(await a.replica.admitRegisters([says(forged, [[stream, 1]])], b.id)).toMatchObject({ verdict: 'ignore' })
    const stranger = await town.inhabitant('stranger')
    await town.acquaint(a, stranger)
    expect(await a.replica.admitRegisters([says(stranger, [[stream, 1]])], stranger.id)).toMatchObject({
      verdict: 'ignore',
      code: 'register-pair-outside'
    })
    expect(await holders(a, { stream, seq: 1 })).toEqual([])
  })

  it('cannot move what was said before to an earlier or later time', async () => {
    const { stream } = await publish(a)
    const at = town.now()
    await a.replica.admitRegisters([says(b, [[stream, 1]])], b.id)
    town.pass(DAY)
    await a.replica.admitRegisters([says(b, [])], b.id)
    town.pass(DAY)
    await a.replica.admitRegisters([says(b, [[stream, 1]])], b.id)
    expect(await holders(a, { stream, seq: 1 })).toEqual([['b', at, 'b']])
  })

  it('of a key that was retired since is not shown to others', async () => {
    const { stream } = await publish(a)
    await town.link(a, c)
    await c.replica.admitRegisters([says(b, [[stream, 1]])], b.id)
    expect((await holders(c, { stream, seq: 1 })).map(([name]) => name)).toContain('b')
    const keys = [{ key: b.who.next }]
    const card = cardOf(b.who, { number: town.now() + 9, keys, next: institution('b later').nodeKey })
    await c.replica.admitRegisters([card.bytes], b.id)
    expect((await holders(c, { stream, seq: 1 })).map(([name]) => name)).not.toContain('b')
  })
})

describe('quotas', () => {
  it('let a flood of receipts wait, and its author still says who it vouches for', async () => {
    const limited = await town.inhabitant('limited', { quotas: { receiptsADay: 48 } })
    await town.acquaint(a, b, limited)
    const small = await town.circle([a, b, limited])
    const codes = []
    for (let n = 1; n <= 5; n++) {
      const bytes = says(b, [['ab'.repeat(32) as StreamId, n]], small, town.now() + n)
      codes.push((await limited.replica.admitRegisters([bytes], b.id)).code)
    }
    expect(codes).toEqual([undefined, undefined, undefined, 'quota-author', 'quota-author'])
    town.pass(2 * SECOND)
    await b.replica.tick()
    const presence = prepareRegister({
      kind: 'presence',
      author: b.id,
      signer: b.who.nodeKey,
      circle: small,
      number: town.now() + 9,
      value: { digest: '00'.repeat(32), revocations: [] }
    })
    expect(await limited.replica.admitRegisters([signRegister(presence, b.who.node).bytes], b.id)).toMatchObject({
      accepted: 1
    })
  })
})

describe('what no circle hears of', () => {
  it('is confirmed by the link: RED', async () => {
    await town.link(a, b)
    const at = town.now()
    const entry = await publish(a, { tlp: 'RED', recipient: b.id })
    await expect.poll(() => holders(a, entry)).toEqual([['b', at, 'a']])
    expect(await a.replica.receipts.holders(entry.stream, entry.seq + 1)).toEqual({ holders: [], unconfirmed: [] })
  })
})
