/** Attacks with keys that are stolen, made up, claimed, old or used twice. */
import {
  concatBytes,
  institutionId,
  nodeKey,
  prepareRegister,
  proveNodeKey,
  signRegister,
  toHex,
  utf8,
  verify
} from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import {
  accepts,
  branches,
  cardOf,
  forge,
  type Inhabitant,
  institution,
  revokes,
  START,
  vouches
} from '@tocsin/replica/testing'
import { verifyEvidence } from '@tocsin/trust'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { at, type Cast, createCast, idsOf, membersAt, publish, tell, titlesAt } from './cast.ts'

const DOMAIN = utf8('tocsin/register/1\0')
const IDENTITY = Uint8Array.from({ length: 32 }, (_, n) => (n === 0 ? 1 : 0))
let cast: Cast
let a: Inhabitant
let b: Inhabitant
let c: Inhabitant

beforeEach(async () => {
  cast = await createCast(['a', 'b', 'c'], 2)
  ;[a, b, c] = cast.founders as [Inhabitant, Inhabitant, Inhabitant]
})
afterEach(() => cast.town.end())

/** What stands under the signature of a register. */
const unsigned = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length - 64)

/** The bytes with one thing in the place of another of its length, whether it stands there as bytes or as hex digits. */
function replaced(bytes: Uint8Array, old: Uint8Array, by: Uint8Array): Uint8Array {
  const text = (one: Uint8Array): string => toHex(utf8(toHex(one)))
  const hex = toHex(bytes).replaceAll(toHex(old), toHex(by)).replaceAll(text(old), text(by))
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

describe('a stolen node key', () => {
  it('that tries to speak in the circle signs no vouch, revocation, acceptance or card that anybody takes', async () => {
    const { circle } = cast
    const newcomer = institution('newcomer')
    await tell(b, c, vouches(c.who, newcomer, circle))
    await tell(b, c, cardOf(newcomer), accepts(newcomer, circle))
    const statements = [
      vouches(a.who, newcomer, circle),
      revokes(a.who, c.who, circle),
      accepts(a.who, circle, START + 1),
      cardOf(a.who, { number: START + 1, name: 'somebody else' })
    ]
    for (const { bytes } of statements) {
      // In the right form, of the right author, over the right bytes: and by the wrong key.
      const message = concatBytes(DOMAIN, unsigned(bytes))
      const forged = concatBytes(unsigned(bytes), a.who.node.sign(message))
      expect(await b.replica.admitRegisters([forged], a.id)).toMatchObject({
        verdict: 'reject',
        code: 'register-signature',
        accepted: 0
      })
    }
    // Nor does it stand up as an institution of its own: nobody knows it.
    const alone = { ...a.who, root: a.who.node, id: institutionId(a.who.node.publicKey) }
    expect(await tell(b, a, vouches(alone, newcomer, circle))).toMatchObject({
      verdict: 'ignore',
      code: 'register-author-outside'
    })
    expect(membersAt(b, circle)).toEqual(idsOf(a, b, c))
    // What the root key signs of the same is taken.
    expect(await tell(b, a, at(statements, 0))).toMatchObject({ verdict: 'accept', accepted: 1 })
    expect(membersAt(b, circle)).toContain(newcomer.id)
  })
})

describe('a thief of a node key', () => {
  it('that retracts, publishes and rewrites is undone by the closing, also at a node that was away meanwhile', async () => {
    const { town, amber } = cast
    const mine = await publish(a, town, amber, 'mine')
    await town.link(a, b)
    // The thief takes it back in the author's name, and says something of its own behind it.
    const back = forge(a.who, amber, town.now, { kind: 'retraction' })
    back.add({ kind: 'retraction', value: { targets: [mine.entry], reason: 'nothing to see' } })
    await b.replica.admit(back.batch(a.who, b.who))
    const lie = forge(a.who, amber, town.now)
    lie.add()
    await b.replica.admit(lie.batch(a.who, b.who))
    expect(await titlesAt(b, town)).toEqual(['phishing'])
    town.pass(1000)

    // A new card retires the key, and closings say where each stream ends.
    const until = town.now()
    const card = cardOf(a.who, {
      number: until,
      keys: [
        { key: a.who.node, until },
        { key: a.who.next, from: until }
      ],
      next: toHex(institution('spare').node.publicKey)
    })
    const closing = (stream: { id: string; descriptor: Uint8Array }, last: number, head?: string) =>
      signRegister(
        prepareRegister({
          kind: 'closing',
          author: a.id,
          stream: stream.id as StreamId,
          number: 1,
          value: { stream: toHex(stream.descriptor), last, ...(head === undefined ? {} : { head: head as EntryId }) }
        }),
        a.who.root
      )
    const own = { id: mine.stream, descriptor: a.replica.sync.descriptor(mine.stream) ?? new Uint8Array(0) }
    const words = [card, closing(back, 0), closing(lie, 0), closing(own, 1, mine.entry)]
    expect(await tell(b, c, ...words)).toMatchObject({ verdict: 'accept', accepted: words.length })
    expect(await titlesAt(b, town)).toEqual(['mine'])
    // One that was away gets the genuine alone; and the thief, who goes on signing, reaches nobody.
    await town.link(b, c)
    expect(await titlesAt(c, town)).toEqual(['mine'])
    lie.add()
    for (const one of [b, c]) expect((await one.replica.admit(lie.batch(c.who, one.who))).accepted).toBe(0)
    const fresh = forge(a.who, amber, town.now)
    fresh.add()
    expect(await b.replica.admit(fresh.batch(c.who, b.who))).toMatchObject({ code: 'stream-frozen', accepted: 0 })
    // The institution speaks on with the key that everybody's gate knew already.
    const right = forge(a.who, amber, town.now, { nodeKey: nodeKey(a.who.next.publicKey) })
    right.add({ key: a.who.next })
    expect(await b.replica.admit(right.batch(c.who, b.who))).toMatchObject({ verdict: 'accept', accepted: 1 })
  })
})

describe('a rolled-back card', () => {
  it('is old news: the key that its owner retired opens no gate and signs nothing any more', async () => {
    const { town, amber } = cast
    const old = cardOf(a.who)
    const until = town.now() - 1
    const renewed = cardOf(a.who, {
      number: START + 1,
      keys: [{ key: a.who.node, until }, { key: a.who.next }],
      next: toHex(institution('spare').node.publicKey)
    })
    expect(await tell(b, a, renewed)).toMatchObject({ verdict: 'accept' })
    expect(await tell(b, c, old)).toMatchObject({ accepted: 0 })
    expect(b.replica.book.cardRegister(a.id)?.register.number).toBe(START + 1)
    const keys = b.replica.peers().find(({ institution: id }) => id === a.id)?.nodeKeys
    expect(keys).not.toContain(a.who.nodeKey)
    expect(keys).toContain(nodeKey(a.who.next.publicKey))
    const stolen = forge(a.who, amber, town.now)
    stolen.add()
    expect(await b.replica.admit(stolen.batch(c.who, b.who))).toMatchObject({
      verdict: 'ignore',
      code: 'stream-frozen'
    })
    // The new key speaks for the same institution.
    const right = forge(a.who, amber, town.now, { nodeKey: nodeKey(a.who.next.publicKey) })
    right.add({ key: a.who.next })
    expect(await b.replica.admit(right.batch(c.who, b.who))).toMatchObject({ verdict: 'accept', accepted: 1 })
  })
})

describe('a card that claims another’s node key', () => {
  it('without its consent is no card; with it, from a thief, the key is frozen and both institutions live on', async () => {
    const { town, amber } = cast
    const thief = institution('thief')
    const card = (proof: string) => ({
      name: 'thief',
      domains: [],
      contact: '',
      addresses: [],
      nodeKeys: [
        { key: thief.nodeKey, from: 0, proof: proveNodeKey(thief.node, thief.root.publicKey) },
        { key: a.who.nodeKey, from: 0, proof }
      ],
      next: nodeKey(thief.next.publicKey)
    })
    const fields = { kind: 'card', author: thief.id, number: START } as const
    // The consent on a's own card names a's root key, the thief's own key signs for nobody else.
    for (const proof of [
      proveNodeKey(a.who.node, a.who.root.publicKey),
      proveNodeKey(thief.node, thief.root.publicKey)
    ]) {
      const bytes = prepareRegister({ ...fields, value: card(proof) })
      const claim = concatBytes(bytes, thief.root.sign(concatBytes(DOMAIN, bytes)))
      await expect(b.replica.addPeer(claim)).rejects.toMatchObject({ code: 'card-proof' })
    }
    expect(b.replica.book.ownerOf(a.who.nodeKey)).toBe(a.id)

    // Who holds the key as well can make it consent: then it is nobody's.
    const value = card(proveNodeKey(a.who.node, thief.root.publicKey))
    await b.replica.addPeer(signRegister(prepareRegister({ ...fields, value }), thief.root).bytes)
    expect(b.replica.book.ownerOf(a.who.nodeKey)).toBe('contested')
    const stream = forge(a.who, amber, town.now)
    stream.add()
    expect(await b.replica.admit(stream.batch(c.who, b.who))).toMatchObject({
      verdict: 'ignore',
      code: 'node-key-contested'
    })
    for (const { institution: id, nodeKeys } of b.replica.peers())
      if (id === a.id || id === thief.id) expect(nodeKeys).not.toContain(a.who.nodeKey)
    expect(membersAt(b, cast.circle)).toContain(a.id)
    // With the key that it said it would have next, a goes on.
    const renewed = cardOf(a.who, {
      number: START + 1,
      keys: [{ key: a.who.node }, { key: a.who.next }],
      next: toHex(institution('spare').node.publicKey)
    })
    await tell(b, c, renewed)
    const fresh = forge(a.who, amber, town.now, { nodeKey: nodeKey(a.who.next.publicKey) })
    fresh.add({ key: a.who.next })
    expect(await b.replica.admit(fresh.batch(c.who, b.who))).toMatchObject({ verdict: 'accept' })
  })
})

describe('an identity-point key', () => {
  it('under which one signature fits everything is no key: as root, as node, and in a stream', async () => {
    const { town, amber } = cast
    // R = B, s = 1 verifies under the identity for every message where nobody looks at the key.
    const base = Uint8Array.from({ length: 32 }, (_, n) => (n === 0 ? 0x58 : 0x66))
    const fits = concatBytes(
      base,
      Uint8Array.from({ length: 32 }, (_, n) => (n === 0 ? 1 : 0))
    )
    expect(() => verify(IDENTITY as never, utf8('anything'), fits)).toThrow()

    const swap = (bytes: Uint8Array, key: Uint8Array): Uint8Array => {
      return replaced(bytes, key, IDENTITY)
    }
    // As a root key: the register's own signer.
    const rooted = concatBytes(swap(unsigned(cardOf(a.who).bytes), a.who.root.publicKey), fits)
    expect(await b.replica.admitRegisters([rooted], a.id)).toMatchObject({ verdict: 'reject', code: 'key-bad-order' })
    // As a node key on a card that a member's own root key signed.
    const value = unsigned(cardOf(a.who, { number: START + 1 }).bytes)
    const proof = proveNodeKey(a.who.node, a.who.root.publicKey)
    const spoilt = replaced(swap(value, a.who.node.publicKey), Buffer.from(proof, 'hex'), fits)
    expect(spoilt).not.toEqual(value)
    const carded = concatBytes(spoilt, a.who.root.sign(concatBytes(DOMAIN, spoilt)))
    expect(await b.replica.admitRegisters([carded], a.id)).toMatchObject({ verdict: 'reject' })
    expect(b.replica.book.card(a.id)?.nodeKeys.map(({ key }) => key)).toEqual([a.who.nodeKey])
    // As the key of a stream, which nobody's card could certify anyway.
    const honest = forge(a.who, amber, town.now)
    honest.add()
    const batch = honest.batch(a.who, b.who)
    const descriptor = swap(batch.descriptor, a.who.node.publicKey)
    expect(descriptor).not.toEqual(batch.descriptor)
    expect(await b.replica.admit({ ...batch, descriptor })).toMatchObject({ verdict: 'reject', accepted: 0 })
    expect([...b.replica.streams.all()]).toEqual([])
    // The very same with real keys.
    expect(await b.replica.admit(batch)).toMatchObject({ verdict: 'accept', accepted: 1 })
    expect(await tell(b, a, cardOf(a.who, { number: START + 1 }))).toMatchObject({ verdict: 'accept' })
  })
})

describe('an author that equivocates', () => {
  it('tells each half of the circle another story: both see it as soon as they meet, and neither story counts', async () => {
    const { town, amber, circle } = cast
    const [one, other] = branches(a.who, amber, town.now, [1, 3, 2])
    expect(await b.replica.admit(one.batch(a.who, b.who))).toMatchObject({ verdict: 'accept', accepted: 3 })
    expect(await c.replica.admit(other.batch(a.who, c.who))).toMatchObject({ verdict: 'accept', accepted: 2 })
    expect((await titlesAt(b, town)).length).toBe(3)
    const link = await town.link(b, c)
    for (const half of [b, c]) {
      // What both stories have in common stands.
      expect((await titlesAt(half, town)).length).toBe(1)
      expect(half.replica.alarms().map(({ code }) => code)).toContain('fork')
      const kept = await half.replica.shelf.list()
      for (const { bundle } of kept)
        expect(verifyEvidence(bundle, cardOf(a.who).bytes)).toMatchObject({
          ok: true,
          evidence: { kind: 'fork-entry', accused: a.id }
        })
      expect(kept.length).toBeGreaterThan(0)
    }
    // Nor does either go on: what the author adds to one of them counts for nobody.
    one.add()
    expect((await b.replica.admit(one.batch(a.who, b.who, { first: 4 }))).accepted).toBe(0)
    expect((await titlesAt(b, town)).length).toBe(1)
    // A stream of its own that it never forked is heard all the same.
    const sound = forge(a.who, { tlp: 'CLEAR' }, town.now)
    sound.add()
    expect(await b.replica.admit(sound.batch(a.who, b.who))).toMatchObject({ accepted: 1 })
    // The relay is blamed for nothing, and the author stays a member: people decide.
    expect(link.reports.filter(({ type }) => type === 'rejected' || type === 'violation')).toEqual([])
    expect(membersAt(b, circle)).toContain(a.id)
  })
})

describe('an author’s own stream that comes back to it', () => {
  it('helps it to recover and is evidence against nobody: of every TLP, from whoever held it', async () => {
    const { town, amber, circle } = cast
    const audiences = [
      { tlp: 'CLEAR' },
      { tlp: 'GREEN' },
      amber,
      { tlp: 'AMBER+STRICT', circle },
      { tlp: 'RED', recipient: b.id }
    ] as const
    const said = []
    for (const audience of audiences) said.push(await publish(a, town, audience, audience.tlp))
    await town.link(a, b)
    expect((await titlesAt(b, town)).length).toBe(audiences.length)
    // The author lost its disk and comes back with nothing but its keys.
    const again = await town.inhabitant('a')
    await town.acquaint(again, b)
    await tell(again, b, ...[...b.replica.book.all()])
    for (const { stream } of said) {
      const outcome = await again.replica.admit(town.batch(b, again, stream))
      // Entries by its own key that this store did not write are never adopted silently; but it is nobody's offence.
      expect(outcome).toMatchObject({ verdict: 'ignore', code: 'foreign-entry' })
    }
    const link = await town.link(again, b)
    expect(link.reports.filter(({ type }) => type === 'rejected' || type === 'violation')).toEqual([])
    for (const { bundle } of [...(await again.replica.shelf.list()), ...(await b.replica.shelf.list())])
      expect(verifyEvidence(bundle, cardOf(b.who).bytes)).toMatchObject({ ok: false })
    // The same hop to anybody else is an offence.
    const strict = at(said, 3).stream
    expect(await c.replica.admit(town.batch(b, c, strict))).toMatchObject({ verdict: 'reject', code: 'strict-relayed' })
    const [kept] = await c.replica.shelf.list()
    expect(verifyEvidence(at([kept], 0)?.bundle ?? new Uint8Array(0), cardOf(b.who).bytes)).toMatchObject({ ok: true })
  })
})
