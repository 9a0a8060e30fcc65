/** A node that hears of its circle through one expelled member alone: what he can make it take, and how it stops giving. */
import { prepareRegister, type SignedRegister, signRegister } from '@tocsin/journal'
import { accepts, cardOf, forge, type Inhabitant, revokes, vouches } from '@tocsin/replica/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Cast, createCast, membersAt, publish, tell, titlesAt, turn } from './cast.ts'

const DAY = 86_400_000
let cast: Cast
/** It is linked to nobody but x, whom the others expelled. */
let alone: Inhabitant
let b: Inhabitant
let c: Inhabitant
let d: Inhabitant
let x: Inhabitant

beforeEach(async () => {
  cast = await createCast(['alone', 'b', 'c', 'd', 'x'], 2)
  ;[alone, b, c, d, x] = cast.founders as [Inhabitant, Inhabitant, Inhabitant, Inhabitant, Inhabitant]
})
afterEach(() => cast.town.end())

const stale = (one: Inhabitant): string | undefined => one.replica.presences.freshness(cast.circle)?.code

/** The others put x out among themselves; x hears of it too, and keeps it back. */
async function expel(): Promise<readonly SignedRegister[]> {
  const words = [b, c, d].map((one) => revokes(one.who, x.who, cast.circle))
  for (const [n, one] of [b, c, d].entries()) await tell(one, undefined, ...words.slice(n, n + 1))
  for (const [from, to] of [
    [b, c],
    [c, d]
  ] as const)
    await cast.town.link(from, to)
  for (const one of [b, c, d]) expect(membersAt(one, cast.circle)).not.toContain(x.id)
  return words
}

async function days(count: number, ...awake: Inhabitant[]): Promise<void> {
  for (let day = 0; day < count; day++) {
    cast.town.pass(DAY)
    for (const one of awake) await one.replica.tick()
    await cast.town.settle()
  }
}

/** A presence of one, with the signature of another. */
const presence = (of: Inhabitant, by: Inhabitant, number: number): Uint8Array => {
  const value = { digest: '00'.repeat(32), revocations: [] }
  const fields = {
    kind: 'presence',
    author: of.id,
    signer: of.who.nodeKey,
    circle: cast.circle,
    number,
    value
  } as const
  const signed = signRegister(prepareRegister(fields), of.who.node).bytes
  const forged = signRegister(prepareRegister({ ...fields, signer: by.who.nodeKey }), by.who.node).bytes
  return Uint8Array.from([...signed.subarray(0, -64), ...forged.subarray(-64)])
}

describe('a node fed by one expelled peer alone', () => {
  it('takes from him what was rightly said, and nobody whom he lets in, puts out or speaks for', async () => {
    const { town, amber, circle } = cast
    // What another member had said to x before; x may still relay it, by the roster that the lonely one holds.
    await publish(b, town, amber, 'old')
    const link = await town.link(b, x)
    link.cut()
    await expel()
    await town.link(x, alone)
    expect(await titlesAt(alone, town)).toEqual(['old'])
    const before = membersAt(alone, circle)
    // It alone cannot make a member, nor unmake one.
    const friend = await town.inhabitant('friend')
    const own = [vouches(x.who, friend.who, circle), accepts(friend.who, circle), cardOf(friend.who)]
    await tell(alone, x, ...own, revokes(x.who, b.who, circle), revokes(x.who, c.who, circle))
    expect(membersAt(alone, circle)).toEqual(before)
    // Nor speak as another.
    const forged = forge(b.who, amber, town.now)
    forged.add({ key: x.who.node })
    expect(await alone.replica.admit(forged.batch(x.who, alone.who))).toMatchObject({ code: 'bad-signature' })
    expect(await alone.replica.admitRegisters([presence(b, x, town.now() + 5)], x.id)).toMatchObject({
      verdict: 'reject',
      code: 'register-signature'
    })
  })

  it('gives AMBER and AMBER+STRICT to nobody from the seventh day on, whatever old presences he brings: `presences-missing`', async () => {
    const { town, amber, circle } = cast
    const kept = [...x.replica.book.saidIn(circle, 'presence')].map(({ bytes }) => bytes)
    expect(kept.length).toBe(5)
    await expel()
    await town.link(x, alone)
    await days(6, alone, x)
    await publish(alone, town, amber, 'on the sixth day')
    await town.settle()
    expect(await titlesAt(x, town)).toEqual(['on the sixth day'])
    await days(1, alone, x)
    // He hands over what the others said when he was still one of them, and dates nothing anew.
    for (const bytes of kept) await alone.replica.admitRegisters([bytes], x.id)
    expect(stale(alone)).toBe('presences-missing')
    await publish(alone, town, amber, 'on the seventh day')
    await publish(alone, town, { tlp: 'AMBER+STRICT', circle }, 'strictly')
    await publish(alone, town, { tlp: 'GREEN' }, 'green')
    await town.settle()
    expect(await titlesAt(x, town)).toEqual(['on the sixth day', 'green'])
    // What its operator is shown: who is silent since when, and who alone is heard.
    const seen = alone.replica.presences.freshness(circle)
    expect(seen).toMatchObject({ needed: 2, present: [x.id], missing: [] })
    expect(seen?.silent.map(({ institution: id }) => id).sort()).toEqual([b.id, c.id, d.id].sort())
    for (const { at } of seen?.silent ?? []) expect(at).toBeLessThan(town.now() - 6 * DAY)
  })

  it('stops at once where he brings fresh presences and keeps the revocations back: `revocation-missing`', async () => {
    const { town, amber, circle } = cast
    await expel()
    await days(1, b, c, d)
    const isOfX = ({ register }: SignedRegister): boolean => register.kind === 'revocation'
    await town.link(x, alone)
    expect(stale(alone)).toBeUndefined()
    const fresh = [...b.replica.book.saidIn(circle, 'presence')].map(({ bytes }) => bytes)
    await alone.replica.admitRegisters(fresh, x.id)
    expect(stale(alone)).toBe('revocation-missing')
    await publish(alone, town, amber, 'not for x')
    await town.settle()
    expect(await titlesAt(x, town)).toEqual([])
    const missing = alone.replica.presences.freshness(circle)?.missing ?? []
    expect(missing.map(({ revocation }) => revocation.subject)).toEqual([x.id, x.id, x.id])
    expect([...alone.replica.book.all()].some(isOfX)).toBe(false)
  })

  it('is made whole by one link to anybody else, and gives him nothing any more', async () => {
    const { town, amber, circle } = cast
    await expel()
    // He withholds every register of the others, also what he hears from now on.
    turn(x, (port) => ({
      rows: (peer, scope) => port.rows(peer, scope).filter(({ kind }) => kind === 'stream'),
      register: () => undefined
    }))
    await town.link(x, alone)
    await publish(x, town, amber, 'by him')
    await town.settle()
    expect(await titlesAt(alone, town)).toEqual(['by him'])
    await days(8, alone, b, c, d, x)
    const held = await publish(alone, town, amber, 'kept back')
    await town.settle()
    await town.link(alone, b)
    expect(stale(alone)).toBeUndefined()
    expect(membersAt(alone, circle)).not.toContain(x.id)
    for (const one of [b, c, d]) expect(await titlesAt(one, town)).toEqual(['kept back'])
    expect(alone.replica.sync.maySend(x.id, held.stream)).toEqual({
      allowed: false,
      code: 'amber-receiver-not-member'
    })
    expect(await titlesAt(x, town)).not.toContain('kept back')
    // His streams are frozen: readable where they are, and they go no further.
    expect(await titlesAt(alone, town)).toContain('by him')
    expect(await titlesAt(b, town)).not.toContain('by him')
  })
})
