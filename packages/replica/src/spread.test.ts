/** A fork is seen by everybody who may hold the stream, and blamed on its author alone (DESIGN §§4, 9.6). */
import { decodeDescriptor, parseSignedHeader } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import { type ForkSide, sealForkProof, verifyEvidence } from '@tocsin/trust'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBulletinReader } from './bulletins.ts'
import { DAY, HOUR, MAX_FORKS_OF_ONE } from './constants.ts'
import { QUOTAS } from './quotas.ts'
import { branches, type Forged, forge } from './testing/forge.ts'
import { accepts, cardOf, type Institution, institution, resigns, vouches } from './testing/institution.ts'
import { createTown, type Inhabitant, type Link, type Town } from './testing/town.ts'
import type { Audience } from './types.ts'

const AUTHOR = institution('author')
const NAMES = ['p1', 'p2', 'p3', 'p4', 'p5']

let town: Town
let author: Inhabitant
let line: Inhabitant[]
let circle: CircleId
let amber: Audience

beforeEach(async () => {
  town = createTown()
  author = await town.inhabitant('author')
  line = []
  for (const name of NAMES) line.push(await town.inhabitant(name))
  await town.acquaint(author, ...line)
  circle = await town.circle([author, ...line])
  amber = { tlp: 'AMBER', circle }
})
afterEach(() => town.end())

const at = (n: number): Inhabitant => line[n] as Inhabitant

/** Links neighbours from the first to the last of these. */
async function chain(first: number, last: number): Promise<Link[]> {
  const links: Link[] = []
  for (let n = first; n < last; n++) links.push(await town.link(at(n), at(n + 1)))
  return links
}

async function take(one: Inhabitant, forged: Forged, from: Institution = AUTHOR): Promise<string> {
  return (await one.replica.admit(forged.batch(from, one.who))).code ?? 'taken'
}

async function states(one: Inhabitant): Promise<string[]> {
  const { store, streams, book, identity } = one.replica
  const reader = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
  const { items } = await reader.page({ all: true }, { maxTlp: 'RED', use: 'hunt' }, { order: 'arrival', limit: 500 })
  return items.map(({ state }) => state)
}

async function accused(one: Inhabitant): Promise<(string | undefined)[]> {
  const kept = await one.replica.shelf.list()
  return kept.map(({ bundle }) => {
    const verdict = verifyEvidence(bundle, cardOf(AUTHOR).bytes)
    return verdict.ok ? verdict.evidence.accused : verdict.code
  })
}

/** What everybody has to know of a fork of the author's, from this seq on. */
async function expectSeen(all: readonly Inhabitant[], stream: string, split: number): Promise<void> {
  for (const one of all) {
    expect([...one.replica.forks.all()]).toMatchObject([{ seq: split, streams: [stream] }])
    expect(await accused(one)).toEqual(expect.arrayContaining([AUTHOR.id]))
    expect(new Set(await accused(one)).size).toBe(1)
    expect(one.replica.alarms().some(({ code, message }) => code === 'fork' && message.includes(AUTHOR.id))).toBe(true)
    const held = await states(one)
    expect(held.slice(0, split - 1)).toEqual(Array(split - 1).fill('live'))
    expect(held.slice(split - 1)).toEqual(Array(Math.max(0, held.length - split + 1)).fill('void'))
  }
}

function expectNobodyBlamed(links: readonly Link[]): void {
  const types = links.flatMap(({ reports }) => reports.map(({ type }) => type))
  expect(types.filter((type) => type === 'rejected' || type === 'violation' || type === 'refused')).toEqual([])
}

/** Both digests of every scope are the same by now. */
function expectAgreed(a: Inhabitant, b: Inhabitant, scopes: readonly ('direct' | CircleId)[]): void {
  for (const scope of scopes) {
    const rows = (one: Inhabitant, other: Inhabitant) =>
      one.replica.sync
        .rows(other.id, scope)
        .map(({ kind, key, number, hash }) => `${kind} ${key} ${number} ${hash}`)
        .sort()
    expect(rows(a, b)).toEqual(rows(b, a))
  }
}

describe('a fork in a line of five', () => {
  it.each([
    ['of equal length', 2, 4, 4],
    ['of unequal length', 2, 9, 3],
    ['from the first entry on', 0, 2, 3]
  ] as const)('%s, met in the middle, is seen by all, down to the split', async (_, common, one, other) => {
    const [first, second] = branches(AUTHOR, amber, town.now, [common, one, other])
    expect(await take(at(0), first)).toBe('taken')
    expect(await take(at(4), second)).toBe('taken')
    const links = [...(await chain(0, 2)), ...(await chain(3, 4))]
    expect(line.map(({ replica }) => replica.streams.get(first.id)?.state.seq)).toEqual([one, one, one, other, other])
    links.push(...(await chain(2, 3)))
    await expectSeen(line, first.id, common + 1)
    expectNobodyBlamed(links)
    for (const [a, b] of [
      [0, 1],
      [2, 3],
      [0, 4]
    ] as const)
      expectAgreed(at(a), at(b), ['direct', circle])
  })

  it('of which the ends alone met both sides reaches those who hold one side', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [3, 5, 5])
    await take(at(0), first)
    const links = await chain(0, 4)
    expect(await take(at(4), second)).toBe('fork')
    expect(await take(at(0), second)).toBe('fork')
    await town.settle()
    await expectSeen(line, first.id, 4)
    expectNobodyBlamed(links)
  })

  it('behind a long common past is walked back to, however little of it a neighbour shows', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [10, 150, 150])
    await take(at(0), first)
    const links = await chain(0, 2)
    // The last entry of the other branch alone: a fork, whose split nobody here has seen.
    const shown = second.batch(AUTHOR, at(1).who, { first: 150 })
    expect(await at(1).replica.admit(shown)).toMatchObject({ code: 'fork', from: 86 })
    await town.settle()
    for (const one of line.slice(0, 3)) expect([...one.replica.forks.all()]).toMatchObject([{ seq: 150 }])
    await take(at(3), second)
    links.push(...(await chain(2, 3)))
    await expectSeen(line.slice(0, 4), first.id, 11)
    expectNobodyBlamed(links)
  })

  it('is told to its author as well, who signs on elsewhere', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [1, 2, 2])
    await take(at(0), first)
    await take(at(0), second)
    await town.link(at(0), author)
    expect([...author.replica.forks.all()]).toHaveLength(1)
    expect(author.replica.alarms().map(({ code }) => code)).toEqual(expect.arrayContaining(['fork', 'foreign-entry']))
  })

  it('is there after a restart, for whoever comes late, with what lies before the split', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [3, 5, 6])
    await take(at(0), first)
    await take(at(0), second)
    await town.restart(at(0))
    const late = at(1)
    const link = await town.link(at(0), late)
    await expectSeen([late], first.id, 4)
    expect(late.replica.streams.get(first.id)?.state).toMatchObject({ seq: 3, forkedAt: 4 })
    expect(await take(late, first)).toBe('stream-frozen')
    expect(await take(late, second)).toBe('stream-frozen')
    expect(late.replica.streams.get(first.id)?.state).toMatchObject({ seq: 3, forkedAt: 4 })
    expectAgreed(at(0), late, ['direct', circle])
    expectNobodyBlamed([link])
  })

  it('from the first entry on leaves a latecomer nothing of the stream but the proof', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [0, 2, 2])
    await take(at(0), first)
    await take(at(0), second)
    await town.link(at(0), at(1))
    expect([...at(1).replica.forks.all()]).toMatchObject([{ seq: 1 }])
    expect(await take(at(1), first)).toBe('stream-frozen')
    expect(at(1).replica.streams.size).toBe(0)
  })

  it('is not buried by a later split of the same stream: the earliest one wins everywhere', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [4, 6, 6])
    const { incarnation } = decodeDescriptor(first.descriptor).descriptor
    const early = forge(AUTHOR, amber, town.now, { incarnation })
    early.headers.push(...first.headers.slice(0, 1))
    early.entries.push(...first.entries.slice(0, 1))
    early.add()
    for (const one of line.slice(0, 4)) await take(one, first)
    await take(at(0), second)
    await take(at(3), early)
    await chain(0, 3)
    await expectSeen(line.slice(0, 4), first.id, 2)
  })

  it('of streams that continue one is seen by all, and a third one counts no more', async () => {
    const root = forge(AUTHOR, amber, town.now)
    const predecessor = { stream: root.id, seq: 1, head: root.add().id }
    const [one, two, three] = [1, 2, 3].map(() => {
      const successor = forge(AUTHOR, amber, town.now, { predecessor })
      successor.add()
      return successor
    }) as [Forged, Forged, Forged]
    for (const place of [at(0), at(4)]) await take(place, root)
    await take(at(0), one)
    await take(at(4), two)
    await chain(0, 4)
    for (const each of line) {
      expect([...each.replica.forks.all()]).toMatchObject([{ kind: 'streams', seq: 1 }])
      expect(await accused(each)).toEqual(expect.arrayContaining([AUTHOR.id]))
      expect(await take(each, three)).toMatch(/^(fork|stream-frozen)$/)
      expect((await states(each)).filter((state) => state === 'live')).toHaveLength(1)
    }
    for (const [a, b] of [
      [0, 1],
      [1, 4]
    ] as const)
      expectAgreed(at(a), at(b), ['direct', circle])
  })

  it('of streams let in at one moment is found as well', async () => {
    const predecessor = { stream: 'ab'.repeat(32) as never, seq: 1, head: 'cd'.repeat(32) as never }
    const twins = [1, 2].map(() => {
      const successor = forge(AUTHOR, amber, town.now, { predecessor })
      successor.add()
      return successor
    })
    await Promise.all(twins.map((twin) => take(at(0), twin)))
    await town.settle()
    expect([...at(0).replica.forks.all()]).toMatchObject([{ kind: 'streams' }])
    for (const { state } of at(0).replica.streams.all()) expect(state.forkedAt).toBe(1)
  })

  it('of a register is seen by all, and neither counts', async () => {
    const one = cardOf(AUTHOR, { number: town.now() + 1, name: 'one' })
    const other = cardOf(AUTHOR, { number: town.now() + 1, name: 'other' })
    await at(0).replica.admitRegisters([one.bytes], AUTHOR.id)
    await at(4).replica.admitRegisters([other.bytes], AUTHOR.id)
    const links = await chain(0, 4)
    for (const each of line) {
      expect(each.replica.book.keysOf(one.address)).toHaveLength(2)
      expect(await accused(each)).toEqual([AUTHOR.id])
      expect(each.replica.alarms().map(({ code }) => code)).toContain('fork-register')
    }
    expectNobodyBlamed(links)
    expectAgreed(at(0), at(4), ['direct', circle])
  })
})

describe('an author that forks at will', () => {
  it('is found out alike by all, whoever heard which branch, how far and in which order', async () => {
    const branch = fc.record({ leaves: fc.nat(5), length: fc.integer({ min: 1, max: 8 }) })
    const heard = fc.record({ by: fc.nat(3), branch: fc.nat(3), upTo: fc.integer({ min: 1, max: 8 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(branch, { minLength: 1, maxLength: 3 }),
        fc.array(heard, { minLength: 2, maxLength: 8 }),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        async (more, hearings, order) => {
          const world = createTown()
          try {
            const all: Inhabitant[] = []
            for (const name of NAMES.slice(0, 4)) all.push(await world.inhabitant(name))
            const source = await world.inhabitant('author')
            await world.acquaint(source, ...all)
            const audience: Audience = { tlp: 'AMBER', circle: await world.circle([source, ...all]) }
            const tree = grow(audience, world.now, more)
            for (const { by, branch: which, upTo } of hearings) {
              const [one, forged] = [all[by], tree[which % tree.length]]
              if (one === undefined || forged === undefined) continue
              const last = Math.min(upTo, forged.headers.length)
              await one.replica.admit(forged.batch(AUTHOR, one.who, { last }))
            }
            // Where what anybody heard parts first.
            const ids = new Map<number, Set<string>>()
            for (const { branch: which, upTo } of hearings)
              for (const { header, id } of tree[which % tree.length]?.headers.slice(0, upTo) ?? [])
                ids.set(header.seq, (ids.get(header.seq) ?? new Set()).add(id))
            const split = [...ids].find(([, held]) => held.size > 1)?.[0]
            for (const n of order) await world.link(all[n] as Inhabitant, all[n + 1] as Inhabitant)
            const forks = all.map((one) => [...one.replica.forks.all()].map(({ seq }) => seq))
            expect(forks).toEqual(all.map(() => (split === undefined ? [] : [split])))
            const ends = all.map((one) =>
              one.replica.sync
                .rows((one === all[0] ? source : (all[0] as Inhabitant)).id, audience.circle ?? 'direct')
                .filter(({ kind }) => kind === 'stream')
                .map(({ key, number, hash }) => `${key} ${number} ${hash}`)
            )
            for (const end of ends) expect(end).toEqual(ends[0])
            for (const one of all) {
              const forged = new Set((await accused(one)).concat(AUTHOR.id))
              expect([...forged]).toEqual([AUTHOR.id])
            }
          } finally {
            await world.end()
          }
        }
      ),
      { numRuns: 40 }
    )
  })

  /** The trunk, and branches that leave it after so many entries. */
  function grow(
    audience: Audience,
    now: () => number,
    more: readonly { readonly leaves: number; readonly length: number }[]
  ): Forged[] {
    const trunk = forge(AUTHOR, audience, now)
    for (let n = 0; n < 8; n++) trunk.add()
    const { incarnation } = decodeDescriptor(trunk.descriptor).descriptor
    return [
      trunk,
      ...more.map(({ leaves, length }) => {
        const forged = forge(AUTHOR, audience, now, { incarnation })
        forged.headers.push(...trunk.headers.slice(0, leaves))
        forged.entries.push(...trunk.entries.slice(0, leaves))
        for (let n = 0; n < length; n++) forged.add()
        return forged
      })
    ]
  }
})

describe('who hears of it', () => {
  it('for AMBER+STRICT is the circle, though entries come from their author alone', async () => {
    const strict: Audience = { tlp: 'AMBER+STRICT', circle }
    const [first, second] = branches(AUTHOR, strict, town.now, [1, 2, 2])
    await take(at(0), first)
    await take(at(0), second)
    await take(at(2), first)
    const links = await chain(0, 2)
    for (const one of line.slice(0, 3)) expect([...one.replica.forks.all()]).toMatchObject([{ seq: 2 }])
    // The proof is relayed, the stream is not.
    expect(at(1).replica.streams.size).toBe(0)
    expect(await states(at(2))).toEqual(['live', 'void'])
    expectNobodyBlamed(links)
    expectAgreed(at(1), at(2), ['direct', circle])
  })

  it('for RED is the two alone', async () => {
    const red: Audience = { tlp: 'RED', recipient: at(0).id }
    const [first, second] = branches(AUTHOR, red, town.now, [1, 2, 2])
    await take(at(0), first)
    expect(await take(at(0), second)).toBe('fork')
    await chain(0, 4)
    await town.link(at(0), author)
    expect([...at(0).replica.forks.all()]).toHaveLength(1)
    expect([...author.replica.forks.all()]).toHaveLength(1)
    for (const other of line.slice(1)) {
      expect([...other.replica.forks.all()]).toEqual([])
      expect(other.replica.shelf.count).toBe(0)
      const [key] = [...at(0).replica.forks.all()].map((fork) => fork.key)
      expect(at(0).replica.sync.maySendRegister(other.id, key ?? '')).toMatchObject({ allowed: false })
    }
    // Also where one of the two hands it on.
    const bytes = at(0).replica.sync.register([...at(0).replica.forks.all()][0]?.key ?? '') ?? new Uint8Array(0)
    expect(await at(1).replica.admitRegisters([bytes], at(0).id)).toMatchObject({
      verdict: 'ignore',
      code: 'red-relayed'
    })
  })

  it('is a member who was let in after it, too', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [2, 3, 3])
    await take(at(0), first)
    await take(at(0), second)
    await chain(0, 4)
    const fresh = await town.inhabitant('fresh')
    await town.acquaint(fresh, at(1))
    const vows = line.slice(0, 2).map(({ who }) => vouches(who, fresh.who, circle))
    for (const one of line)
      await one.replica.admitRegisters(
        [...vows, accepts(fresh.who, circle)].map(({ bytes }) => bytes),
        at(0).id
      )
    await town.link(at(1), fresh)
    await expectSeen([fresh], first.id, 3)
  })

  it('is the circle although the author leaves it', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [1, 2, 2])
    await take(at(0), first)
    await take(at(0), second)
    await take(at(1), first)
    const gone = resigns(AUTHOR, circle)
    for (const one of line) await one.replica.admitRegisters([gone.bytes], AUTHOR.id)
    expect(at(1).replica.book.view.isMember(circle, AUTHOR.id)).toBe(false)
    await town.link(at(0), at(1))
    expect([...at(1).replica.forks.all()]).toHaveLength(1)
  })
})

describe('a proof that is brought', () => {
  function proofOf(more: { by?: Institution } = {}): Uint8Array {
    const [first, second] = branches(AUTHOR, amber, town.now, [0, 1, 1])
    if (more.by !== undefined) {
      second.headers.length = 0
      second.entries.length = 0
      second.add({ key: more.by.node })
    }
    return sealed(first, second)
  }

  it('is taken from whoever may hold the stream, once', async () => {
    const bytes = proofOf()
    expect(await at(0).replica.admitRegisters([bytes], at(1).id)).toMatchObject({ verdict: 'accept', accepted: 1 })
    expect(await at(0).replica.admitRegisters([bytes], at(2).id)).toMatchObject({ verdict: 'accept', accepted: 0 })
    expect(at(0).replica.shelf.count).toBe(1)
  })

  it.each([
    ['with a signature of somebody else', () => proofOf({ by: institution('p1') }), 'bad-signature'],
    ['with a byte of a signature changed', () => changed(proofOf(), -1), 'bad-signature'],
    ['with its last byte missing', () => proofOf().subarray(0, 761), 'fork-proof-length'],
    ['with a header that is none', () => changed(proofOf(), 2 + 380 + 190), 'unknown-version'],
    ['with a descriptor of another stream', () => changed(proofOf(), 2 + 380 + 70), 'entry-field'],
    ['of one entry against itself', () => twice(proofOf()), 'fork-proof-order']
  ])('made up %s, is refused, and accuses nobody', async (_, make, code) => {
    const outcome = await at(0).replica.admitRegisters([make()], at(1).id)
    expect(outcome).toMatchObject({ verdict: code === 'unknown-version' ? 'ignore' : 'reject', code, accepted: 0 })
    expect([...at(0).replica.forks.all()]).toEqual([])
    expect(at(0).replica.shelf.count).toBe(0)
    expect(at(0).replica.alarms()).toEqual([])
  })

  it('from outside the audience, of an unknown author, of another key, too new or too old is not taken', async () => {
    const stranger = await town.inhabitant('stranger')
    const of = (sides: [Forged, Forged]): Uint8Array => sealed(...sides)
    const elsewhere: Audience = { tlp: 'AMBER', circle: 'ee'.repeat(32) as CircleId }
    const cases: [Uint8Array, Inhabitant, string][] = [
      [proofOf(), stranger, 'amber-sender-not-member'],
      [of(branches(AUTHOR, elsewhere, town.now, [0, 1, 1])), at(1), 'unknown-circle'],
      [of(branches(stranger.who, amber, town.now, [0, 1, 1])), at(1), 'amber-author-not-member'],
      [
        of(branches(AUTHOR, amber, town.now, [0, 1, 1], { nodeKey: at(1).who.nodeKey })),
        at(1),
        'node-key-not-certified'
      ],
      [of(branches(AUTHOR, amber, () => town.now() + HOUR, [0, 1, 1])), at(1), 'too-new'],
      [of(branches(AUTHOR, amber, () => town.now() - 900 * DAY, [0, 1, 1])), at(1), 'overdue']
    ]
    for (const [bytes, from, code] of cases)
      expect(await at(0).replica.admitRegisters([bytes], from.id)).toMatchObject({ verdict: 'ignore', code })
    expect([...at(0).replica.forks.all()]).toEqual([])
  })

  it('is dropped when nothing of its stream can be kept any more', async () => {
    await at(0).replica.admitRegisters([proofOf()], at(1).id)
    town.pass(900 * DAY)
    await at(0).replica.tick()
    expect([...at(0).replica.forks.all()]).toEqual([])
  })

  it('is one of a bounded number for streams that nobody showed, and does not keep out those that are held', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [1, 2, 2])
    await take(at(0), first)
    const flood = Array.from({ length: MAX_FORKS_OF_ONE + 40 }, () => proofOf())
    for (let day = 0; day < 3; day++) {
      for (let start = 0; start < flood.length; start += 32)
        await at(0).replica.admitRegisters(flood.slice(start, start + 32), at(1).id)
      town.pass(DAY)
    }
    expect([...at(0).replica.forks.all()]).toHaveLength(MAX_FORKS_OF_ONE)
    expect(await at(0).replica.admitRegisters(flood.slice(-1), at(1).id)).toMatchObject({ code: 'too-many-forks' })
    expect(await at(0).replica.admitRegisters([sealed(first, second, 1)], at(1).id)).toMatchObject({ accepted: 1 })
    expect(at(0).replica.streams.get(first.id)?.state.forkedAt).toBe(2)
    // And two of them come to rest, whatever either holds.
    const link = await town.link(at(0), at(1))
    expectNobodyBlamed([link])
  })

  it('of one stream, ever earlier, comes at the pace of a quota; the earliest arrives in the end', async () => {
    const [first, second] = branches(AUTHOR, amber, town.now, [0, 200, 200])
    await take(at(0), first)
    const proofs = first.headers.map((_, n) => sealed(first, second, n)).reverse()
    let taken = 0
    let retryAfter: number | undefined
    for (const bytes of proofs) {
      const outcome = await at(0).replica.admitRegisters([bytes], at(1).id)
      taken += outcome.accepted
      retryAfter ??= outcome.retryAfter
    }
    expect(taken).toBe(QUOTAS.forksADay)
    town.pass(retryAfter ?? 0)
    expect(await at(0).replica.admitRegisters(proofs.slice(-1), at(1).id)).toMatchObject({ accepted: 1 })
    expect(at(0).replica.streams.get(first.id)?.state.forkedAt).toBe(1)
  })

  function sealed(first: Forged, second: Forged, n = 0): Uint8Array {
    return sealForkProof(sideOf(first, n), sideOf(second, n)).bytes
  }
})

function sideOf(forged: Forged, n: number): ForkSide {
  const entry = forged.entries[n]
  if (entry === undefined) throw new RangeError('no such entry')
  return { stream: decodeDescriptor(forged.descriptor), entry: parseSignedHeader(entry.header) }
}

function changed(bytes: Uint8Array, place: number): Uint8Array {
  const other = Uint8Array.from(bytes)
  const index = place < 0 ? bytes.length + place : place
  other[index] = (other[index] ?? 0) ^ 2
  return other
}

/** The first side twice. */
function twice(bytes: Uint8Array): Uint8Array {
  const other = Uint8Array.from(bytes)
  other.copyWithin(2 + 380, 2, 2 + 380)
  return other
}
