/** Lies about who holds what: a receipt is its author's word alone, and only what can be is shown as held. */
import { createViaSealer, openRegister, prepareRegister, signRegister, streamMark } from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import { type Inhabitant, institution, vouches } from '@tocsin/replica/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { at, type Cast, createCast, letIn, publish, titlesAt, turn } from './cast.ts'

let cast: Cast
/** Author, liar, a victim who says nothing, and somebody in between. */
let a: Inhabitant
let liar: Inhabitant
let victim: Inhabitant
let relay: Inhabitant

beforeEach(async () => {
  cast = await createCast(['a', 'liar', 'victim', 'relay'], 2)
  ;[a, liar, victim, relay] = cast.founders as [Inhabitant, Inhabitant, Inhabitant, Inhabitant]
})
afterEach(() => cast.town.end())

interface Claim {
  readonly stream: StreamId
  readonly seq: number
  /** Who is said to have brought it. */
  readonly via?: InstitutionId
}

interface Forgery {
  readonly signer?: string
  readonly number?: number
  readonly circle?: string
}

/** A receipt in the name of `author`, signed by the key of `by`. */
function receipt(author: Inhabitant, by: Inhabitant, claims: readonly Claim[], more: Forgery = {}): Uint8Array {
  const { town, circle } = cast
  const sealer = createViaSealer(new Uint8Array(32).fill(7))
  const value = {
    key: sealer.key,
    held: claims.map(({ stream, seq, via = a.id }): [Uint8Array, number, number, Uint8Array] => [
      streamMark(stream),
      seq,
      town.now(),
      sealer.seal({ nodeKey: a.who.nodeKey, stream, seq, via })
    ])
  }
  const fields = {
    kind: 'receipt',
    author: author.id,
    signer: by.who.nodeKey,
    circle,
    number: town.now() + 5,
    value,
    ...more
  } as const
  return signRegister(prepareRegister(fields as never), by.who.node).bytes
}

async function shown({ stream, seq }: Claim): Promise<unknown[]> {
  const { holders } = await a.replica.receipts.holders(stream, seq)
  return holders.map(({ institution, via }) => [institution, via])
}

const hear = (bytes: Uint8Array, from: Inhabitant) => a.replica.admitRegisters([bytes], from.id)

describe('a forged receipt', () => {
  it('in another member’s name is refused, whatever key signs it: `node-key-not-certified`, `register-signature`', async () => {
    const { town, amber } = cast
    const said = await publish(a, town, amber, 'said')
    const ownKey = receipt(victim, liar, [said])
    expect(await hear(ownKey, liar)).toMatchObject({ verdict: 'ignore', code: 'node-key-not-certified' })
    const honest = receipt(victim, victim, [said])
    // The victim's key stands there, and somebody else's signature.
    const foreign = Uint8Array.from([...honest.subarray(0, -64), ...ownKey.subarray(-64)])
    expect(await hear(foreign, liar)).toMatchObject({ verdict: 'reject', code: 'register-signature' })
    expect(await shown(said)).toEqual([])
    // The victim's own word counts, also by way of the liar.
    expect(await hear(honest, liar)).toMatchObject({ verdict: 'accept', accepted: 1 })
    expect(await shown(said)).toEqual([[victim.id, a.id]])
  })

  it('that a relay rewrites ends its session, and harms nobody else: `register-signature`', async () => {
    const { town, amber } = cast
    const said = await publish(a, town, amber, 'said')
    const first = await town.link(a, relay)
    await town.link(relay, victim)
    expect(await titlesAt(victim, town)).toEqual(['said'])
    first.cut()
    await victim.replica.tick()
    await town.settle()
    const isReceipt = (bytes: Uint8Array): boolean => openRegister(bytes).register.kind === 'receipt'
    turn(relay, (port) => ({
      register: (address) => {
        const bytes = port.register(address)
        const isOurs = bytes !== undefined && bytes[0] !== 0xf0 && isReceipt(bytes)
        // Somewhere in what is held.
        return isOurs ? bytes.map((byte, n) => (n === bytes.length - 80 ? byte ^ 1 : byte)) : bytes
      }
    }))
    const lying = await town.link(a, relay)
    expect(lying.reports.some((report) => 'code' in report && report.code === 'register-signature')).toBe(true)
    expect(await shown(said)).toEqual([])
    expect(await a.replica.shelf.list()).toEqual([])
    // By another way it comes as it was signed.
    await town.link(a, victim)
    expect(await shown(said)).toEqual([[victim.id, relay.id]])
  })

  it('that was replayed unsays nothing: only the highest number counts', async () => {
    const { town, amber } = cast
    const first = await publish(a, town, amber, 'first')
    const old = receipt(liar, liar, [], { number: town.now() + 1 })
    const fresh = receipt(liar, liar, [first], { number: town.now() + 2 })
    await hear(fresh, liar)
    expect(await hear(old, relay)).toMatchObject({ accepted: 0 })
    expect(await shown(first)).toEqual([[liar.id, a.id]])
  })

  it('of somebody outside is not heard, himself or through a member: `register-pair-outside`, `register-author-outside`', async () => {
    const { town, amber, circle } = cast
    const said = await publish(a, town, amber, 'said')
    const outsider = await town.inhabitant('outsider')
    await town.acquaint(a, outsider, relay)
    const own = receipt(outsider, outsider, [said])
    expect(await hear(own, outsider)).toMatchObject({ verdict: 'ignore', code: 'register-pair-outside' })
    expect(await hear(own, relay)).toMatchObject({ verdict: 'ignore', code: 'register-author-outside' })
    // A candidate says nothing either, nor whoever names a circle that is not held.
    await a.replica.admitRegisters([vouches(a.who, outsider.who, circle).bytes], undefined)
    expect((await hear(own, outsider)).accepted).toBe(0)
    expect((await hear(receipt(liar, liar, [said], { circle: 'ee'.repeat(32) }), liar)).accepted).toBe(0)
    expect(await shown(said)).toEqual([])
    // A member of the same circle is heard.
    await letIn(cast, outsider, [a, relay])
    expect(await hear(receipt(outsider, outsider, [said], { number: town.now() + 9 }), outsider)).toMatchObject({
      accepted: 1
    })
    expect(await shown(said)).toEqual([[outsider.id, a.id]])
  })
})

describe('a lying receipt', () => {
  it('of more than the author wrote is shown as unconfirmed and counts for nothing: `beyond-head`', async () => {
    const { town, amber } = cast
    const said = await publish(a, town, amber, 'said')
    await hear(receipt(liar, liar, [{ ...said, seq: 3 }]), liar)
    expect(await a.replica.receipts.holders(said.stream, 1)).toEqual({
      holders: [],
      unconfirmed: [{ institution: liar.id, code: 'beyond-head' }]
    })
    // Nor does it hold what is written later.
    for (const title of ['two', 'three']) await publish(a, town, amber, title)
    expect(await shown({ ...said, seq: 3 })).toEqual([])
  })

  it('of a bulletin for others is shown as unconfirmed: `outside-audience`, and of RED it says nothing', async () => {
    const { town } = cast
    const other = await town.circle([a, liar])
    const said = await publish(a, town, { tlp: 'AMBER', circle: other }, 'theirs')
    const red = await publish(a, town, { tlp: 'RED', recipient: victim.id }, 'red')
    await hear(receipt(liar, liar, [said, red]), liar)
    for (const one of [said, red])
      expect(await a.replica.receipts.holders(one.stream, 1)).toEqual({
        holders: [],
        unconfirmed: [{ institution: liar.id, code: 'outside-audience' }]
      })
  })

  it('that names another as its source is its author’s word alone: nobody signed that hop', async () => {
    const { town, amber } = cast
    const said = await publish(a, town, amber, 'said')
    const link = await town.link(a, liar)
    link.cut()
    await hear(receipt(liar, liar, [{ ...said, via: victim.id }]), liar)
    // Shown as the liar's word ...
    expect(await shown(said)).toEqual([[liar.id, victim.id]])
    // ... for which it has no hop proof: the only one names the true source, in the source's own signature.
    expect(await liar.replica.hops.of(said.stream, 1)).toMatchObject([{ from: a.id, to: liar.id }])
    // The victim holds nothing, and no receipt of anybody makes it a holder.
    const { holders } = await a.replica.receipts.holders(said.stream, 1)
    expect(holders.map(({ institution: id }) => id)).toEqual([liar.id])
    // Somebody who is known to nobody is no source.
    const stranger = institution('stranger')
    const next = await publish(a, town, amber, 'next')
    await hear(receipt(liar, liar, [{ ...next, via: stranger.id }], { number: town.now() + 9 }), liar)
    expect(await shown(next)).toEqual([[liar.id, undefined]])
  })

  it('tells nobody but the author via whom it came: another member’s guess is not confirmed', async () => {
    const { town, amber } = cast
    const said = await publish(a, town, amber, 'said')
    for (const one of [relay, liar]) (await town.link(a, one)).cut()
    const honest = receipt(liar, liar, [{ ...said, via: victim.id }])
    await relay.replica.admitRegisters([honest], liar.id)
    const { holders } = await relay.replica.receipts.holders(said.stream, 1)
    expect(holders).toEqual([{ institution: liar.id, since: town.now() }])
    // Nor can a source be moved to another stream: it is sealed for one place of one.
    const other = await publish(a, town, { tlp: 'GREEN' }, 'other')
    const { value } = openRegister(honest).register as { value: { key: Uint8Array; held: readonly unknown[][] } }
    const [, seq, since, sealed] = at(value.held, 0)
    const moved = { key: value.key, held: [[streamMark(other.stream), seq, since, sealed]] }
    const fields = { kind: 'receipt', author: relay.id, signer: relay.who.nodeKey, circle: cast.circle } as const
    const bytes = signRegister(
      prepareRegister({ ...fields, number: town.now() + 5, value: moved } as never),
      relay.who.node
    ).bytes
    expect(await hear(bytes, relay)).toMatchObject({ accepted: 1 })
    expect(await shown(other)).toEqual([[relay.id, undefined]])
  })
})
