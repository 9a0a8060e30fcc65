import type { CircleId } from '@tocsin/model'
import { sealForkProof } from '@tocsin/trust'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MAX_FORKS_OF_ONE } from './constants.ts'
import { QUOTAS } from './quotas.ts'
import { branches, type Forged } from './testing/forge.ts'
import {
  AUTHOR,
  amber,
  at,
  author,
  chain,
  circle,
  expectAgreed,
  expectNobodyBlamed,
  expectSeen,
  line,
  lineBeforeEach,
  sideOf,
  states,
  take,
  town
} from './testing/fork-line.ts'
import { accepts, type Institution, institution, resigns, vouches } from './testing/institution.ts'
import type { Inhabitant } from './testing/town.ts'
import type { Audience } from './types.ts'

lineBeforeEach()

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
