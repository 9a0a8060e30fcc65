/** Attacks on who is in the circle: each meets a rule of DESIGN §7 and shows that the rule is what stops it. */
import { prepareRegister, type SignedRegister, signRegister } from '@tocsin/journal'
import {
  accepts,
  cardOf,
  type Inhabitant,
  type Institution,
  institution,
  revokes,
  START,
  vouches
} from '@tocsin/replica/testing'
import { coverage, explainMember } from '@tocsin/trust'
import { afterEach, describe, expect, it } from 'vitest'
import { at, type Cast, createCast, idsOf, membersAt, publish, tell, titlesAt } from './cast.ts'

const DAY = 86_400_000
let cast: Cast

/** A member vouches for them all, the first ones last, and takes in what they say. */
async function enlist(by: Inhabitant, crowd: readonly Institution[], circle: Cast['circle']): Promise<void> {
  const words = crowd.map((one, n) => vouches(by.who, one, circle, { number: START + crowd.length - n }))
  await tell(by, undefined, ...words)
  for (const one of crowd) {
    await by.replica.admitRegisters([cardOf(one).bytes, accepts(one, circle).bytes], one.id)
  }
}

afterEach(() => cast.town.end())

/** Why somebody is no member here, by the statements that one holds. */
function whyAt(one: Inhabitant, id: Inhabitant['id']) {
  const { book } = one.replica
  const charter = book.charter(cast.circle)
  if (charter === undefined) throw new Error('no such circle')
  return explainMember(cast.circle, charter, book.statements(cast.circle), Math.floor(cast.town.now() / DAY), id)
}

describe('Sybil newcomers', () => {
  it('whom fewer than k members vouched for stay out, though a crowd of them vouches for itself', async () => {
    cast = await createCast(['a', 'b', 'accomplice'], 2)
    const { town, circle, amber, founders } = cast
    const [a, b, accomplice] = [at(founders, 0), at(founders, 1), at(founders, 2)]
    const face = await town.inhabitant('sybil-0')
    const crowd = [face.who, ...Array.from({ length: 11 }, (_, n) => institution(`sybil-${n + 1}`))]
    const ring = crowd.flatMap((one) =>
      crowd.filter((other) => other !== one).map((other) => vouches(other, one, circle))
    )
    await enlist(accomplice, crowd, circle)
    // Whoever only stands at the door is not heard about others.
    expect(await tell(accomplice, face, ...ring)).toMatchObject({ verdict: 'ignore', code: 'register-author-outside' })
    // The victim even allow-listed one of them.
    await town.acquaint(a, face)
    await publish(a, town, amber, 'for members')
    for (const peer of [accomplice, b, face]) await town.link(a, peer)
    expect(await tell(a, accomplice, ...ring)).toMatchObject({ verdict: 'ignore', code: 'register-author-outside' })

    for (const one of [a, b]) expect(membersAt(one, circle)).toEqual(idsOf(a, b, accomplice))
    const why = whyAt(a, face.id)
    expect(why.standing).toBe('candidate')
    expect(why.vouches.filter(({ discount }) => discount === undefined).length).toBe(1)
    expect(await titlesAt(face, town)).toEqual([])
    expect(await titlesAt(b, town)).toEqual(['for members'])
    const stream = at([...a.replica.streams.all()], 0).id
    expect(a.replica.sync.maySend(face.id, stream)).toMatchObject({ code: 'amber-receiver-not-member' })

    // The one vouch that is missing makes it a member, and the bulletin comes.
    await town.acquaint(b, face)
    await tell(b, undefined, vouches(b.who, face.who, circle))
    await town.link(b, face)
    await tell(face, undefined, accepts(face.who, circle))
    await town.settle()
    expect(membersAt(a, circle)).toContain(face.id)
    expect(await titlesAt(face, town)).toEqual(['for members'])
    // Its own vouches count now, beside the accomplice's: the rest of the crowd follows. That is what k vouches mean.
    await tell(a, face, ...ring.filter(({ register }) => register.author === face.id))
    expect(membersAt(a, circle).length).toBe(3 + crowd.length)
  })
})

describe('two colluding members at k = 3', () => {
  it('admit nobody and expel nobody, with as many newcomers as they like', async () => {
    cast = await createCast(['a', 'b', 'c', 'x', 'y'], 3)
    const { town, circle, founders } = cast
    const [a, b, c, x, y] = founders as [Inhabitant, Inhabitant, Inhabitant, Inhabitant, Inhabitant]
    const crowd = Array.from({ length: 8 }, (_, n) => institution(`puppet-${n}`))
    for (const plotter of [x, y]) {
      await enlist(plotter, crowd, circle)
      await tell(plotter, undefined, revokes(plotter.who, a.who, circle))
    }
    await tell(x, y, ...crowd.flatMap((one) => [revokes(one, a.who, circle), revokes(one, b.who, circle)]))
    for (const peer of [x, y, b, c]) await town.link(a, peer)
    for (const one of [a, b, c]) {
      expect(membersAt(one, circle)).toEqual(idsOf(a, b, c, x, y))
      expect(one.replica.isPeer(a.id)).toBe(one !== a)
    }
    expect(whyAt(b, a.id).revocations.filter(({ discount }) => discount === undefined).length).toBe(2)

    // A third one is what it takes, for either.
    const [puppet] = crowd as [(typeof crowd)[number]]
    await tell(c, undefined, vouches(c.who, puppet, circle))
    await town.settle()
    expect(membersAt(b, circle)).toContain(puppet.id)
    await tell(c, undefined, revokes(c.who, a.who, circle))
    await town.link(b, c)
    await b.replica.tick()
    expect(membersAt(b, circle)).not.toContain(a.id)
  })
})

describe('stolen founders', () => {
  it('who vouch a crowd bring it in only as far as their 32 vouches go, expel nobody with it, and it falls with them', async () => {
    cast = await createCast(['a', 'b', 'c', 'x', 'y'], 2)
    const { town, circle, amber, founders } = cast
    const [a, b, c, x, y] = founders as [Inhabitant, Inhabitant, Inhabitant, Inhabitant, Inhabitant]
    const face = await town.inhabitant('thief-0')
    await town.acquaint(a, face)
    const crowd = [face.who, ...Array.from({ length: 39 }, (_, n) => institution(`thief-${n + 1}`))]
    for (const stolen of [x, y]) await enlist(stolen, crowd, circle)
    for (const peer of [x, y, b, c, face]) await town.link(a, peer)
    // Two keys are k: this much is theirs to do.
    expect(membersAt(a, circle).length).toBe(5 + 32)
    expect(membersAt(a, circle)).toContain(face.id)
    // Forty against three founders: they are not heard about an earlier rank.
    await tell(x, y, ...crowd.flatMap((one) => [a, b, c].map((founder) => revokes(one, founder.who, circle))))
    for (const stolen of [x, y]) await tell(stolen, undefined, revokes(stolen.who, a.who, circle))
    await town.settle()
    expect(membersAt(b, circle)).toEqual(expect.arrayContaining(idsOf(a, b, c)))
    expect(whyAt(b, b.id).revocations.every(({ discount }) => discount === 'author-not-placed')).toBe(true)

    // More than half of the founders put the stolen ones out, and the whole crowd falls with them.
    for (const one of [a, b, c])
      await tell(one, undefined, revokes(one.who, x.who, circle), revokes(one.who, y.who, circle))
    await town.settle()
    for (const one of [a, b, c]) expect(membersAt(one, circle)).toEqual(idsOf(a, b, c))
    await publish(a, town, amber, 'once they are out')
    await town.settle()
    expect(await titlesAt(b, town)).toEqual(['once they are out'])
    expect(await titlesAt(face, town)).toEqual([])
  })
})

describe('a member with a good name', () => {
  it('that renames itself or claims a big host’s domain once it was vouched keeps the name and domain that were vouched', async () => {
    cast = await createCast(['a', 'b', 'c'], 2)
    const { town, circle, founders } = cast
    const [a, b] = [at(founders, 0), at(founders, 1)]
    const m = await town.inhabitant('m')
    await town.acquaint(a, m)
    await tell(a, b, accepts(m.who, circle), vouches(a.who, m.who, circle), vouches(b.who, m.who, circle))
    expect(membersAt(a, circle)).toContain(m.id)
    const shown = () => a.replica.book.roster(circle)?.members.get(m.id)
    expect(shown()).toMatchObject({ name: 'm', domains: ['m.example'] })

    const held = a.replica.book.card(m.id)
    if (held === undefined) throw new Error('no card')
    const value = { ...held, name: 'Microsoft', domains: ['outlook.com', 'evil.example'] }
    const renamed = signRegister(prepareRegister({ kind: 'card', author: m.id, number: START + 1, value }), m.who.root)
    await tell(m, undefined, renamed)
    await town.link(a, m)
    // The card is taken, since it is its own; what it says of itself is a claim.
    expect(a.replica.book.card(m.id)?.name).toBe('Microsoft')
    expect(shown()).toMatchObject({ name: 'm', domains: ['m.example'] })

    // One voucher that believes it is not enough; two are.
    const again = (by: Inhabitant) => ({
      ...vouches(by.who, m.who, circle),
      ...signRegister(
        prepareRegister({
          kind: 'vouch',
          author: by.id,
          subject: m.id,
          circle,
          number: START + 2,
          value: {
            name: 'Microsoft',
            domains: ['outlook.com'],
            how: 'phone',
            checkedAt: START,
            expires: Math.floor(START / DAY) + 100
          }
        }),
        by.who.root
      )
    })
    await tell(a, b, again(b))
    expect(shown()?.domains).not.toContain('outlook.com')
    await tell(a, undefined, again(a))
    expect(shown()).toMatchObject({ name: 'Microsoft', domains: ['outlook.com'] })
    expect(coverage([], 2, { name: 'Microsoft', domains: [] }).coverage).toBe('claimed')
  })
})

describe('a revoked member', () => {
  it('whose old vouches are replayed, newest numbers first or last, brings nobody back', async () => {
    cast = await createCast(['a', 'b', 'c'], 2)
    const { town, circle, founders } = cast
    const [a, b, c] = [at(founders, 0), at(founders, 1), at(founders, 2)]
    const [m, friend] = [institution('m'), institution('friend')]
    const words = [
      cardOf(m),
      cardOf(friend),
      accepts(m, circle),
      vouches(a.who, m, circle),
      vouches(b.who, m, circle),
      accepts(friend, circle),
      vouches(a.who, friend, circle),
      vouches(m, friend, circle)
    ]
    await tell(a, b, ...words)
    expect(membersAt(a, circle)).toEqual(idsOf(a, b, c, m, friend))
    const strikes = [revokes(a.who, m, circle), revokes(b.who, m, circle)]
    await tell(a, undefined, at(strikes, 0))
    await tell(a, b, at(strikes, 1))
    expect(membersAt(a, circle)).toEqual(idsOf(a, b, c))

    // Handed in once more, by somebody who is a member: an older word is old news, and nothing moves.
    for (const word of [...words, vouches(m, friend, circle, { number: START - 5 })]) {
      await tell(a, c, word)
      expect(membersAt(a, circle)).toEqual(idsOf(a, b, c))
    }
    // A newer one by the revoked is heard of no more, nor does it count.
    await tell(a, c, vouches(m, friend, circle, { number: START + 50 }))
    expect(membersAt(a, circle)).toEqual(idsOf(a, b, c))
    expect(whyAt(a, friend.id).vouches.find(({ statement }) => statement.author === m.id)?.discount).toBe(
      'author-not-placed'
    )
    // Nor at one that hears the vouches first and the strikes after them, over a real link.
    await tell(c, b, ...words)
    expect(membersAt(c, circle)).toContain(friend.id)
    await town.link(a, c)
    expect(membersAt(c, circle)).toEqual(idsOf(a, b, c))
    // The same vouch by somebody who is still in is what it takes.
    await tell(a, b, vouches(b.who, friend, circle))
    expect(membersAt(a, circle)).toContain(friend.id)
  })
})

describe('a member with two tongues', () => {
  it('that signs two statements under one number is heard with neither, and all come to the same roster', async () => {
    cast = await createCast(['a', 'b', 'c'], 2)
    const { town, circle, founders } = cast
    const [a, b, c] = founders as [Inhabitant, Inhabitant, Inhabitant]
    const number = START + 5
    const newcomer = institution('newcomer')
    await tell(b, undefined, vouches(b.who, newcomer, circle))
    await tell(c, b, vouches(b.who, newcomer, circle))
    // To one half it vouches until a late day, to the other until an early one; and likewise about its colleague.
    const day = Math.floor(START / DAY)
    const [late, early] = [day + 100, day + 50].map((expires) =>
      vouches(a.who, newcomer, circle, { number, expires })
    ) as [SignedRegister, SignedRegister]
    await tell(b, a, late)
    await tell(c, a, early)
    for (const one of [b, c])
      await one.replica.admitRegisters([cardOf(newcomer).bytes, accepts(newcomer, circle).bytes], a.id)
    for (const one of [b, c]) expect(membersAt(one, circle)).toContain(newcomer.id)
    await town.link(b, c)
    for (const one of [b, c]) {
      expect(membersAt(one, circle)).toEqual(idsOf(a, b, c))
      const { vouches: held } = whyAt(one, newcomer.id)
      const ofLiar = held.filter(({ statement }) => statement.author === a.id)
      expect(ofLiar.map(({ discount }) => discount)).toEqual(['forked-number', 'forked-number'])
      expect((await one.replica.shelf.list()).length).toBe(1)
    }
    expect(b.replica.book.roster(circle)?.digest).toBe(c.replica.book.roster(circle)?.digest)
    // A newer word settles it.
    await tell(b, a, vouches(a.who, newcomer, circle, { number: number + 1 }))
    await town.settle()
    for (const one of [b, c]) expect(membersAt(one, circle)).toContain(newcomer.id)
  })
})
