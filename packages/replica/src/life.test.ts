/** The life of a bulletin: published, let in, found, taken out of use, erased. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eraseNowMessage, parseSignedHeader, toHex } from '@tocsin/journal'
import type { BulletinId, CircleId, EntryId, StreamId } from '@tocsin/model'
import { keys } from '@tocsin/store'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from './constants.ts'
import { sweep } from './sweep.ts'
import { accepts, vouches } from './testing/institution.ts'
import { bodyAt, pair, publish, readers, SIGHT, town, townBeforeEach } from './testing/life.ts'
import { bulletin, type Inhabitant } from './testing/town.ts'
import type { Audience } from './types.ts'

townBeforeEach()

async function live(one: Inhabitant): Promise<string[]> {
  const { items } = await readers(one).bulletins.page({}, SIGHT, { order: 'arrival', limit: 1000 })
  return items.map(({ summary }) => summary?.title ?? '?')
}

function filesWith(one: Inhabitant, markers: readonly string[]): string[] {
  return readdirSync(one.path).filter((name) => {
    const bytes = readFileSync(join(one.path, name))
    return markers.some((marker) => bytes.includes(marker))
  })
}

describe('a retraction', () => {
  it('takes the bulletin out of use at once and erases it in its time, everywhere and from every file', async () => {
    const { a, b, circle, amber } = await pair(true)
    // Each its own random bytes: LevelDB compresses, and only what was never seen before stands in a file as it is.
    const marker = (): string => randomBytes(16).toString('hex')
    const [title, text, value, comment, file] = [marker(), marker(), `${marker()}.example`, marker(), marker()]
    const markers = [title, text, value, comment, file]
    const attachments = [{ name: 'a.txt', mediaType: 'text/plain', data: new TextEncoder().encode(file) }]
    const indicators = [{ type: 'domain', value, role: 'malicious', comment }] as const
    const published = await publish(a, amber, { title, text, indicators: [...indicators], attachments })
    const link = await town.link(a, b)
    expect(await live(b)).toEqual([title])
    expect((await readers(b).indicators.lookup('domain', value, SIGHT)).length).toBe(1)
    expect(filesWith(b, [title]).length).toBeGreaterThan(0)
    link.cut()

    // A disabling repeats the value: it goes with what it disables.
    await a.replica.publish.disable(published.target, {
      bulletin: published.id as BulletinId,
      indicators: [{ type: 'domain', value }],
      reason: 'an error'
    })
    const attached = a.replica.store.get(keys.header(published.entry.stream, 1))
    const attachment = { ...published.target, entry: entryIdOf(attached) }
    await a.replica.publish.retract([published.target, attachment], 'an error')
    expect(await live(a)).toEqual([])
    expect(bodyAt(a, published.entry)).toBeDefined()

    // b was away all the time.
    town.pass(2 * DAY)
    await a.replica.tick()
    expect(bodyAt(a, published.entry)).toBeUndefined()
    expect(filesWith(a, markers)).toEqual([])
    await town.link(a, b)
    expect(await live(b)).toEqual([])
    town.pass(DAY)
    await b.replica.tick()
    expect(filesWith(b, markers)).toEqual([])
    expect((await readers(b).indicators.lookup('domain', value, SIGHT)).length).toBe(0)

    // And somebody new, who never held it, gets the chain without it.
    const c = await town.inhabitant('c', { disk: true })
    await town.acquaint(a, b, c)
    await admitNewcomer(c, [a, b], circle)
    await town.link(b, c)
    expect(c.replica.sync.head(published.entry.stream as StreamId)).toEqual(
      a.replica.sync.head(published.entry.stream as StreamId)
    )
    expect(filesWith(c, markers)).toEqual([])
    await publish(a, amber, { title: 'and the chain goes on' })
    await town.link(a, c)
    expect(await live(c)).toEqual(['and the chain goes on'])
    const [found] = await readers(b).bulletins.find(published.id, SIGHT)
    expect(found?.[0]).toMatchObject({ state: 'retracted', retraction: { reason: 'an error' } })
    expect(found?.[0]?.summary).toBeUndefined()
  })

  it('is undone by nobody who only knows the id: another author and another audience have no effect', async () => {
    const { a, b, amber } = await pair()
    const published = await publish(a, amber)
    await town.link(a, b)
    // b retracts what is a's.
    await b.replica.publish.retract([{ ...published.target }], 'mine')
    // a retracts it, but in another audience than that of the entry.
    const elsewhere: Audience = { tlp: 'RED', recipient: b.id }
    await a.replica.publish.retract([{ ...published.target, audience: elsewhere }], 'elsewhere')
    await town.settle()
    for (const one of [a, b]) expect(await live(one)).toEqual(['phishing'])
    town.pass(3 * DAY)
    for (const one of [a, b]) {
      await one.replica.tick()
      expect(bodyAt(one, published.entry)).toBeDefined()
    }
    // And neither stands in the way of the right one.
    await a.replica.publish.retract([published.target], 'right')
    await town.settle()
    for (const one of [a, b]) expect(await live(one)).toEqual([])
  })

  it('is held before what it names arrives, and in one group with it', async () => {
    const { a, b, amber } = await pair()
    const published = await publish(a, amber)
    const [retraction] = await a.replica.publish.retract([published.target], 'at once')
    const batches = [retraction?.stream, published.entry.stream].map((stream) => town.batch(a, b, stream as StreamId))
    // Both wait for one write: the second has to see what the first has not made durable yet.
    const outcomes = await Promise.all(batches.map((batch) => b.replica.admit(batch)))
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['accept', 'accept'])
    expect(await live(b)).toEqual([])
    expect(bodyAt(b, published.entry)).toBeDefined()
    town.pass(DAY + HOUR)
    await b.replica.tick()
    expect(bodyAt(b, published.entry)).toBeUndefined()
  })

  it('erases at once with the root key’s signature over its targets, and only then', async () => {
    const { a, b, amber } = await pair()
    const first = await publish(a, amber)
    const second = await publish(a, amber)
    await town.link(a, b)
    const sign = (entry: EntryId): string => toHex(a.who.root.sign(eraseNowMessage([entry])))
    await expect(a.replica.publish.retract([second.target], 'no', sign(first.entry.entry))).rejects.toMatchObject({
      code: 'erase-now-signature-invalid'
    })
    const byNodeKey = toHex(a.who.node.sign(eraseNowMessage([first.entry.entry])))
    await expect(a.replica.publish.retract([first.target], 'no', byNodeKey)).rejects.toMatchObject({
      code: 'erase-now-signature-invalid'
    })
    await a.replica.publish.retract([first.target], 'a victim', sign(first.entry.entry))
    await town.settle()
    town.pass(1000)
    for (const one of [a, b]) {
      await one.replica.tick()
      expect(bodyAt(one, first.entry)).toBeUndefined()
      expect(bodyAt(one, second.entry)).toBeDefined()
    }
  })

  it('of a thief cannot be dated back past the delay', async () => {
    const { a, b, amber } = await pair()
    const published = await publish(a, amber)
    await town.link(a, b)
    town.pass(10 * DAY)
    // The thief's clock says the day of publishing, ten days ago.
    const thief = await town.inhabitant('a')
    await town.acquaint(thief, b)
    await thief.replica.admitRegisters(
      [...b.replica.book.all()].map(({ bytes }) => bytes),
      b.id
    )
    town.pass(-10 * DAY)
    const [retraction] = await thief.replica.publish.retract([published.target], 'gone')
    town.pass(10 * DAY)
    expect(await b.replica.admit(town.batch(thief, b, retraction?.stream as StreamId))).toMatchObject({
      verdict: 'accept'
    })
    await b.replica.tick()
    expect(await live(b)).toEqual([])
    expect(bodyAt(b, published.entry)).toBeDefined()
  })
})

describe('superseding', () => {
  it('shows both or neither: one write, and one event of it each', async () => {
    const { a, amber } = await pair()
    const old = await publish(a, amber, { title: 'old' })
    const seen: string[][] = []
    a.replica.watch((event) => {
      if (event.type === 'entries') void live(a).then((titles) => seen.push(titles))
    })
    await publish(a, amber, { title: 'new', supersede: [old.target] })
    expect(await live(a)).toEqual(['new'])
    for (const titles of seen) expect(titles).toEqual(['new'])
    // Nothing of it when any part is refused.
    const bad = bulletin([amber, { tlp: 'AMBER', circle: 'ff'.repeat(32) as CircleId }], town.now(), {
      title: 'third',
      supersede: [old.target]
    })
    const before = a.replica.streams.size
    await expect(a.replica.publish.bulletin(bad)).rejects.toMatchObject({ code: 'not-in-circle' })
    expect(await live(a)).toEqual(['new'])
    expect(a.replica.streams.size).toBe(before)
  })
})

describe('keep-until', () => {
  it('erases bodies that are past it, which are then never offered nor taken', async () => {
    const { a, b, amber } = await pair(true)
    const value = `${randomBytes(16).toString('hex')}.example`
    const short = await publish(a, amber, {
      title: 'short',
      keepUntil: town.now() + 2 * DAY,
      indicators: [{ type: 'domain', value, role: 'malicious' }]
    })
    await publish(a, amber, { title: 'long' })
    const early = town.batch(a, b, short.entry.stream as StreamId)
    town.pass(2 * DAY + HOUR)
    // Not swept yet, and not handed out any more.
    expect(bodyAt(a, short.entry)).toBeDefined()
    expect(a.replica.sync.read(short.entry.stream as StreamId, 1, 1e6)[0]?.body).toBeNull()
    await a.replica.tick()
    expect(bodyAt(a, short.entry)).toBeUndefined()
    expect(filesWith(a, [value])).toEqual([])
    // A peer that hands it over all the same: the chain is taken, the body is not.
    const proof = town.batch(a, b, short.entry.stream as StreamId).proof
    expect(await b.replica.admit({ ...early, proof })).toMatchObject({ verdict: 'accept', accepted: 2 })
    expect(bodyAt(b, short.entry)).toBeUndefined()
    expect(await live(b)).toEqual(['long'])
  })

  it('drops whole streams once everything in them is past it, with all their rows', async () => {
    const { a, b, amber } = await pair()
    const before = await countRows(a)
    const published = await publish(a, amber, { keepUntil: town.now() + 40 * DAY })
    await a.replica.publish.retract([published.target], 'gone')
    expect(a.replica.streams.size).toBe(2)
    town.pass(45 * DAY)
    await a.replica.tick()
    // The quarter has ended, and nothing of it can be asked for.
    expect(a.replica.streams.size).toBe(0)
    const left = await countRows(a)
    // The two slots that name the last own streams, and the mark of nothing else.
    expect(left - before).toBeLessThanOrEqual(2)
    expect(b.replica.sync.rows(a.id, amber.circle ?? 'direct')).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ kind: 'stream' })])
    )
  })

  it('drops no stream that grew since it was found to be past it', async () => {
    const { a, b, amber } = await pair()
    const red: Audience = { tlp: 'RED', recipient: b.id }
    const other = await publish(a, red, { keepUntil: town.now() + 2 * DAY })
    const first = await publish(a, amber, { keepUntil: town.now() + 2 * DAY })
    await publish(a, amber, { keepUntil: town.now() + 60 * DAY })
    const stream = first.entry.stream as StreamId
    await b.replica.admit(town.batch(a, b, other.entry.stream as StreamId))
    await b.replica.admit(town.batch(a, b, stream, 1, 1))
    town.pass(45 * DAY)
    const { streams, store } = b.replica
    const rest = town.batch(a, b, stream, 2)
    let admitted: Promise<unknown> | undefined
    // The moment at which the sweep looks at what there is to drop.
    const watched = {
      ...streams,
      all: () => {
        admitted = b.replica.admit(rest)
        return streams.all()
      }
    }
    await sweep({ store, streams: watched }, town.now())
    expect(await admitted).toMatchObject({ verdict: 'accept', accepted: 1 })
    expect(streams.get(stream)?.state.seq).toBe(2)
    expect(streams.size).toBe(1)
  })

  it('is held to the charter’s bounds', async () => {
    const { a, amber } = await pair()
    for (const keepUntil of [town.now() + HOUR, town.now() + 731 * DAY])
      await expect(publish(a, amber, { keepUntil })).rejects.toMatchObject({ code: 'keep-until-out-of-bounds' })
  })
})

describe('cost', () => {
  it('is one row for an indicator', async () => {
    const { a, amber } = await pair()
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ type: 'domain', value: `d${n}.example`, role: 'malicious' }) as const)
    const before = await countRows(a)
    await publish(a, amber, { indicators: many(1) })
    const one = await countRows(a)
    await publish(a, amber, { indicators: many(1001) })
    const thousand = await countRows(a)
    // The second bulletin shares stream and slot with the first, so this is what a thousand indicators more cost.
    expect(thousand - one).toBeGreaterThanOrEqual(1000)
    expect(thousand - one).toBeLessThanOrEqual(1000 + (one - before))
  })
})

describe('an attachment', () => {
  it('opens from the stream of the bulletin that names it alone', async () => {
    const { a, b, amber } = await pair()
    const red: Audience = { tlp: 'RED', recipient: b.id }
    const data = new TextEncoder().encode('secret')
    const file = { name: 'x', mediaType: 'text/plain', data }
    const secret = await publish(a, red, { attachments: [file] })
    const open = await publish(a, amber, { attachments: [file] })
    const { bulletins } = readers(a)
    const heldOf = async (id: string) => (await bulletins.find(id, SIGHT))[0]?.[0] as never
    const named = entryIdOf(a.replica.store.get(keys.header(secret.entry.stream, 1)))
    expect(bulletins.attachment(await heldOf(secret.id), named)?.data).toEqual(data)
    expect(bulletins.attachment(await heldOf(open.id), named)).toBeUndefined()
  })

  it('of more than 8 MiB is refused', async () => {
    const { a, amber } = await pair()
    const file = { name: 'x', mediaType: 'text/plain', data: new Uint8Array(8 * 2 ** 20 + 1) }
    await expect(publish(a, amber, { attachments: [file] })).rejects.toMatchObject({ code: 'attachment-too-large' })
  })
})

async function countRows(one: Inhabitant): Promise<number> {
  let count = 0
  for await (const _ of one.replica.store.scan({ gte: Uint8Array.of(1), lt: Uint8Array.of(0xff) })) count += 1
  return count
}

function entryIdOf(header: Uint8Array | undefined): EntryId {
  if (header === undefined) throw new Error('no header')
  return parseSignedHeader(header).id
}

async function admitNewcomer(one: Inhabitant, members: readonly Inhabitant[], circle: CircleId): Promise<void> {
  const vows = [...members.map(({ who }) => vouches(who, one.who, circle)), accepts(one.who, circle)]
  for (const member of members) {
    await member.replica.admitRegisters(
      vows.map(({ bytes }) => bytes),
      one.id
    )
    const others = members.find((other) => other !== member) ?? member
    await member.replica.admitRegisters(
      vows.map(({ bytes }) => bytes),
      others.id
    )
  }
  const known = [...(members[0]?.replica.book.all() ?? [])].map(({ bytes }) => bytes)
  await one.replica.admitRegisters(known, members[0]?.id)
}
