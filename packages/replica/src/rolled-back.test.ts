/** A store that is rolled back, copied or lost does not fork itself, whomever it meets afterwards (DESIGN §4). */
import type { StreamId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { DAY, HEAD_PATIENCE } from './constants.ts'
import { bulletin, type Inhabitant, type Rows } from './testing/town.ts'
import { a, amber, b, c, meetBeforeEach, town } from './testing/trio.ts'

meetBeforeEach()

async function publish(one: Inhabitant) {
  const [entry] = await one.replica.publish.bulletin(
    bulletin([amber], town.now(), { keepUntil: town.now() + 200 * DAY })
  )
  if (entry === undefined) throw new Error('nothing was published')
  return entry
}

/** Publishes while nobody is there: signs after the patience. */
async function publishAlone(one: Inhabitant) {
  let waited = false
  const done = one.replica.publish.bulletin(bulletin([amber], town.now()), () => {
    waited = true
  })
  town.pass(HEAD_PATIENCE)
  await one.replica.tick()
  const [entry] = await done
  if (entry === undefined) throw new Error('nothing was published')
  return { ...entry, waited }
}

/** Three entries, a copy of the store, two more; all of it at the peer, if one is given. */
async function lostTail(peer?: Inhabitant): Promise<{ stream: StreamId; rows: Rows }> {
  const { stream } = await publish(a)
  await publish(a)
  await publish(a)
  const rows = await town.copy(a)
  await publish(a)
  await publish(a)
  if (peer !== undefined) (await town.link(a, peer)).cut()
  return { stream: stream as StreamId, rows }
}

const codes = (one: Inhabitant): string[] => [...new Set(one.replica.alarms().map(({ code }) => code))]
const foreign = async (one: Inhabitant): Promise<number> => one.replica.shelf.count

/** No fork anywhere, and everybody holds what a signed after all. */
function expectNoFork(streams: readonly string[], ...all: Inhabitant[]): void {
  for (const one of all) {
    expect([...one.replica.forks.all()]).toEqual([])
    expect(codes(one)).not.toContain('fork')
    for (const { state } of one.replica.streams.all()) expect(state.forkedAt).toBeUndefined()
    for (const stream of streams) expect(one.replica.streams.get(stream as StreamId)).toBeDefined()
  }
}

describe('a store put back from a backup', () => {
  it('that meets a peer who holds more says so, adopts nothing, and goes on in a new stream', async () => {
    const { stream, rows } = await lostTail(b)
    await town.rollBack(a, rows)
    await town.link(a, b)
    expect(codes(a)).toEqual(['foreign-entry'])
    expect(await foreign(a)).toBe(1)
    expect(a.replica.sync.head(stream)?.seq).toBe(3)
    const next = await publish(a)
    expect(next.stream).not.toBe(stream)
    await town.settle()
    expectNoFork([next.stream], a, b)
    expect(b.replica.streams.get(stream)?.state.seq).toBe(5)
    expect(codes(b)).toEqual([])
  })

  it('that meets nobody for a while, and then somebody, has forked nothing', async () => {
    const { stream, rows } = await lostTail(b)
    await town.rollBack(a, rows)
    const next = await publishAlone(a)
    expect(next.waited).toBe(true)
    expect(next.stream).not.toBe(stream)
    await town.link(a, b)
    await town.link(b, c)
    expect(codes(a)).toEqual(['foreign-entry'])
    expectNoFork([next.stream], a, b, c)
    expect((await publish(a)).stream).toBe(next.stream)
  })

  it('whose lost life had gone on elsewhere as well opens no second successor', async () => {
    const { stream, rows } = await lostTail(b)
    // The lost life: a start without peers, and a new incarnation that only b has seen.
    await town.restart(a)
    const lost = await publishAlone(a)
    ;(await town.link(a, b)).cut()
    for (const lives of [1, 2]) {
      await town.rollBack(a, rows)
      const next = await publishAlone(a)
      const link = await town.link(a, b)
      expect(codes(a)).toEqual(['foreign-entry'])
      expectNoFork([next.stream, stream], b)
      expectNoFork([next.stream], a)
      expect(next.stream, `life ${lives}`).not.toBe(lost.stream)
      link.cut()
    }
  })

  it('in a later quarter signs at once, and opens no second successor either', async () => {
    const { rows } = await lostTail(b)
    town.pass(60 * DAY)
    // As every second: they say that they are here, or nothing of their circle would flow.
    for (const one of [a, b]) await one.replica.tick()
    const first = await publish(a)
    expect(a.replica.streams.get(first.stream as StreamId)?.descriptor.predecessor).toBeDefined()
    ;(await town.link(a, b)).cut()
    await town.rollBack(a, rows)
    const second = await publish(a)
    await town.link(a, b)
    expectNoFork([first.stream, second.stream], b)
  })

  it('that lost nothing goes on where it was, once a peer has said so', async () => {
    const { stream } = await lostTail(b)
    const rows = await town.copy(a)
    await town.rollBack(a, rows)
    const done = publish(a)
    await town.link(a, b)
    await a.replica.tick()
    expect(await done).toMatchObject({ stream, seq: 6 })
    expect(codes(a)).toEqual([])
  })

  it('keeps what it may sign when the peer knows less than it', async () => {
    const { stream } = await lostTail()
    await town.restart(a)
    const done = publish(a)
    await town.link(a, c)
    await a.replica.tick()
    expect(await done).toMatchObject({ stream, seq: 6 })
  })
})

describe('a lost store', () => {
  it('begun anew signs at once, and hears of its former entries', async () => {
    const { stream } = await lostTail(b)
    const rows: Rows = []
    await town.rollBack(a, rows)
    await a.replica.admitRegisters(
      [...b.replica.book.all()].map(({ bytes }) => bytes),
      b.id
    )
    const next = await publish(a)
    await town.link(a, b)
    expect(codes(a)).toEqual(['foreign-entry'])
    expect(a.replica.streams.get(stream)).toBeUndefined()
    expectNoFork([next.stream], a, b)
  })
})

describe('two living copies of one store', () => {
  it('that no peer sees together fork where both went on, and there alone', async () => {
    const { stream } = await lostTail(b)
    ;(await town.link(a, c)).cut()
    const copy = await town.inhabitant('a', { rows: await town.copy(a) })
    await town.restart(a)
    await town.link(a, b)
    await town.link(copy, c)
    expect(await publish(a)).toMatchObject({ stream, seq: 6 })
    expect(await publish(copy)).toMatchObject({ stream, seq: 6 })
    await town.settle()
    await town.link(b, c)
    for (const one of [a, copy, b, c]) expect([...one.replica.forks.all()]).toMatchObject([{ kind: 'entries', seq: 6 }])
    for (const one of [a, copy]) expect(codes(one)).toEqual(expect.arrayContaining(['fork', 'foreign-entry']))
    const [one, other] = [await publish(a), await publish(copy)]
    await town.settle()
    for (const each of [b, c]) {
      for (const next of [one, other])
        expect(each.replica.streams.get(next.stream as StreamId)?.state.forkedAt).toBeUndefined()
      expect([...each.replica.forks.all()]).toHaveLength(1)
      expect(each.replica.streams.get(one.stream as StreamId)?.state.seq).toBe(1)
      expect(each.replica.streams.get(other.stream as StreamId)?.state.seq).toBe(1)
    }
  })
})
