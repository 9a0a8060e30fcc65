import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBulletinReader } from './bulletins.ts'
import { DAY, MINUTE } from './constants.ts'
import type { IncomingBatch } from './hop-door.ts'
import { forge, plainBulletin } from './testing/forge.ts'
import { cardOf } from './testing/institution.ts'
import { bulletin, type Inhabitant } from './testing/town.ts'
import { a, amber, b, c, meetBeforeEach, town } from './testing/trio.ts'
import type { Audience, Outcome } from './types.ts'

meetBeforeEach()

const admit = (at: Inhabitant, batch: IncomingBatch): Promise<Outcome> => at.replica.admit(batch)

const stream = (audience: Audience = amber, more: Parameters<typeof forge>[3] = {}) =>
  forge(a.who, audience, town.now, more)

async function titles(at: Inhabitant): Promise<string[]> {
  const { store, streams, book, identity } = at.replica
  const reader = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
  const { items } = await reader.page({}, { maxTlp: 'RED', use: 'hunt' }, { order: 'arrival', limit: 100 })
  return items.map(({ summary }) => summary?.title ?? '?')
}

describe('whatever a peer sends', () => {
  it('only outcomes come back, and nothing is held that the author did not sign', async () => {
    const s = stream()
    for (let n = 0; n < 3; n++) s.add()
    const good = s.batch(a.who, b.who)
    const parts = [
      good.descriptor,
      good.proof,
      ...good.entries.flatMap(({ header, body }) => [header, body ?? new Uint8Array(0)])
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.nat(parts.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(300)),
        async (which, flips, cut) => {
          const changed = parts.map((part, at) => {
            if (at !== which) return part
            const out = Uint8Array.from(part)
            for (const [where, value] of flips) if (out.length > 0) out[where % out.length] = value
            return cut === null ? out : out.subarray(0, cut)
          })
          const [descriptor, proof, ...rest] = changed as [Uint8Array, Uint8Array, ...Uint8Array[]]
          const entries = good.entries.map((_, n) => ({
            header: rest[2 * n] as Uint8Array,
            body: rest[2 * n + 1] as Uint8Array
          }))
          const outcome = await b.replica.admit({ from: a.id, descriptor, proof, entries })
          expect(['accept', 'ignore', 'reject']).toContain(outcome.verdict)
          if (outcome.accepted > 0) {
            const held = b.replica.sync.read(s.id, 1, 1e7)
            expect(held).toEqual(s.entries.slice(0, held.length))
          }
        }
      ),
      { numRuns: 400 }
    )
    await admit(b, good)
    expect(b.replica.sync.read(s.id, 1, 1e7)).toEqual(s.entries)
  })

  it('seen already is accepted once more without being written again', async () => {
    const s = stream()
    for (let n = 0; n < 4; n++) s.add()
    await admit(b, s.batch(a.who, b.who, { last: 2 }))
    expect(await admit(b, s.batch(c.who, b.who))).toMatchObject({ verdict: 'accept', accepted: 2, have: 4 })
    expect(await admit(b, s.batch(c.who, b.who, { first: 2, last: 3 }))).toMatchObject({
      verdict: 'accept',
      accepted: 0,
      have: 4
    })
    const rows = b.events.flatMap((event) => (event.type === 'entries' ? event.rows : []))
    expect(rows.map(({ row }) => row.seq)).toEqual([1, 2, 3, 4])
  })

  it('at the same moment twice is written once', async () => {
    const s = stream()
    for (let n = 0; n < 3; n++) s.add()
    const outcomes = await Promise.all([a, c].map((from) => admit(b, s.batch(from.who, b.who))))
    expect(outcomes.map(({ accepted }) => accepted)).toEqual([3, 0])
  })
})

describe('a full disk', () => {
  it('is nobody’s offence: ignored, nothing shown, reads go on', async () => {
    const d = await town.inhabitant('d', { disk: true })
    await town.acquaint(a, d)
    const s = stream({ tlp: 'RED', recipient: d.id })
    s.add({ value: plainBulletin('before') })
    s.add()
    await admit(d, s.batch(a.who, d.who, { last: 1 }))
    await town.restart(d, undefined, Number.MAX_SAFE_INTEGER)
    expect(await admit(d, s.batch(a.who, d.who))).toMatchObject({ verdict: 'ignore', code: 'store-disk-full', have: 1 })
    // Evidence cannot be kept either, and the rule holds all the same.
    const relayed = stream({ tlp: 'RED', recipient: d.id })
    relayed.add()
    await d.replica.admit(relayed.batch(a.who, d.who))
    expect(await d.replica.admitRegisters([cardOf(a.who, { number: town.now() + 1 }).bytes], a.id)).toMatchObject({
      verdict: 'ignore',
      code: 'store-disk-full',
      retryAfter: MINUTE
    })
    const own = bulletin([{ tlp: 'RED', recipient: a.id }], town.now())
    await expect(d.replica.publish.bulletin(own)).rejects.toMatchObject({ code: 'store-disk-full' })
    expect(d.replica.notSigning()).toBe('store-disk-full')
    expect(await titles(d)).toEqual(['before'])
    expect(d.replica.streams.size).toBe(1)
    // What is due is erased, which is what frees it.
    town.pass(31 * DAY)
    expect(await d.replica.tick()).toMatchObject({ bodies: 1 })
    await town.restart(d)
    expect(await admit(d, s.batch(a.who, d.who))).toMatchObject({ verdict: 'accept', accepted: 1 })
  })
})
