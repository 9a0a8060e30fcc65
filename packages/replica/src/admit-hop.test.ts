import { verifyEvidence } from '@tocsin/trust'
import { describe, expect, it } from 'vitest'
import { HOUR, MAX_EVIDENCE_OF_ONE, MINUTE } from './constants.ts'
import type { IncomingBatch } from './hop-door.ts'
import { forge, STRANGE_CIRCLE } from './testing/forge.ts'
import { cardOf, institution } from './testing/institution.ts'
import type { Inhabitant } from './testing/town.ts'
import { a, amber, b, c, circle, meetBeforeEach, town } from './testing/trio.ts'
import type { Audience, Outcome } from './types.ts'

meetBeforeEach()

const admit = (at: Inhabitant, batch: IncomingBatch): Promise<Outcome> => at.replica.admit(batch)

async function refused(at: Inhabitant, batch: IncomingBatch, verdict: 'ignore' | 'reject', code: string) {
  const outcome = await admit(at, batch)
  expect(outcome).toMatchObject({ verdict, code })
  return outcome
}

const stream = (audience: Audience = amber, more: Parameters<typeof forge>[3] = {}) =>
  forge(a.who, audience, town.now, more)

describe('the hop', () => {
  const red: () => Audience = () => ({ tlp: 'RED', recipient: c.id })
  const strict: () => Audience = () => ({ tlp: 'AMBER+STRICT', circle })

  it('needs the sender’s own word for this very batch', async () => {
    const s = stream()
    s.add()
    s.add()
    await refused(b, { ...s.batch(a.who, b.who), proof: new Uint8Array(3) }, 'reject', 'bad-hop-proof')
    await refused(b, s.batch(a.who, b.who, {}, { key: c.who.node }), 'reject', 'bad-hop-proof')
    await refused(b, { ...s.batch(a.who, b.who), from: c.id }, 'reject', 'bad-hop-proof')
    await refused(b, { ...s.batch(c.who, b.who, {}, { key: a.who.node }), from: a.id }, 'reject', 'proof-other-sender')
    await refused(b, s.batch(a.who, b.who, {}, { to: c.who }), 'reject', 'proof-other-receiver')
    await refused(b, s.batch(a.who, b.who, { last: 1 }, { last: 2 }), 'reject', 'proof-other-range')
    // A clock is set right one day: no reason never to be asked again.
    const early = s.batch(a.who, b.who, {}, { time: town.now() - HOUR })
    expect(await refused(b, early, 'ignore', 'proof-other-time')).toMatchObject({ retryAfter: MINUTE })
    const other = stream()
    other.add()
    other.add()
    await refused(
      b,
      { ...s.batch(a.who, b.who), proof: other.batch(a.who, b.who).proof },
      'reject',
      'proof-other-stream'
    )
  })

  it.each([
    ['RED', () => red(), 'red-relayed'],
    ['AMBER+STRICT', () => strict(), 'strict-relayed']
  ] as const)(
    'of %s by a relay is rejected and kept as evidence that convinces a third party',
    async (_, audience, code) => {
      const s = stream(audience())
      s.add()
      await refused(c, s.batch(b.who, c.who), 'reject', code)
      const [kept] = await c.replica.shelf.list()
      const verdict = verifyEvidence(kept?.bundle ?? new Uint8Array(0), cardOf(b.who).bytes)
      expect(verdict).toMatchObject({
        ok: true,
        doubtful: false,
        evidence: { kind: 'misforward', accused: b.id, code }
      })
      expect(c.replica.streams.size).toBe(0)
      // And the author himself may.
      expect(await admit(c, s.batch(a.who, c.who))).toMatchObject({ verdict: 'accept' })
    }
  )

  it('of RED to somebody else is rejected with evidence against its author', async () => {
    const s = stream(red())
    s.add()
    await refused(b, s.batch(a.who, b.who), 'reject', 'red-not-recipient')
    const [kept] = await b.replica.shelf.list()
    expect(verifyEvidence(kept?.bundle ?? new Uint8Array(0), cardOf(a.who).bytes)).toMatchObject({ ok: true })
  })

  it('that rests on rosters is rejected where both signed the same one, ignored where not', async () => {
    const outsider = await town.inhabitant('outsider')
    await town.acquaint(outsider, a, b)
    const s = stream()
    s.add()
    const digest = b.replica.book.roster(circle)?.digest
    expect(digest).toBeDefined()
    await refused(b, s.batch(outsider.who, b.who), 'ignore', 'amber-sender-not-member')
    await refused(b, s.batch(outsider.who, b.who, {}, { digest }), 'reject', 'amber-sender-not-member')
    const [kept] = await b.replica.shelf.list()
    expect(verifyEvidence(kept?.bundle ?? new Uint8Array(0), cardOf(outsider.who).bytes)).toMatchObject({ ok: true })
    const nowhere = stream({ tlp: 'AMBER', circle: STRANGE_CIRCLE })
    nowhere.add()
    await refused(b, nowhere.batch(a.who, b.who), 'ignore', 'unknown-circle')
  })

  it('evidence does not pile up: a repeated offence is kept once, one offender has his share', async () => {
    const s = stream(red())
    for (let n = 0; n < MAX_EVIDENCE_OF_ONE + 10; n++) {
      s.add()
      for (let again = 0; again < 2; again++) await admit(c, s.batch(b.who, c.who, { first: n + 1 }))
    }
    expect(c.replica.shelf.count).toBe(MAX_EVIDENCE_OF_ONE)
    await town.restart(c)
    const t = forge(institution('a'), { tlp: 'AMBER+STRICT', circle }, town.now)
    t.add()
    await refused(c, t.batch(b.who, c.who), 'reject', 'strict-relayed')
    expect(c.replica.shelf.count).toBe(MAX_EVIDENCE_OF_ONE)
  })
})
