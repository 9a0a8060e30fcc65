import type { InstitutionId, Tlp } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { type Misforward, misforward } from './misforward.ts'
import { accepts, CIRCLE, charterOf, fold, institution, OTHER_CIRCLE } from './test-fixtures.ts'

const MEMBERS = ['author', 'relay', 'receiver']
const roster = fold(
  charterOf(MEMBERS, 2),
  MEMBERS.map((name) => accepts(name))
)

function judge(tlp: Tlp, author: string, from: string, to: string, signed?: string, held = roster): string {
  const audience: { circle?: typeof CIRCLE; recipient?: InstitutionId } =
    tlp === 'RED' ? { recipient: institution('receiver') } : tlp.startsWith('AMBER') ? { circle: CIRCLE } : {}
  const stream = { author: institution(author), tlp, ...audience }
  const proof = { from: institution(from), to: institution(to), rosterDigest: signed }
  return text(misforward(proof, stream, held))
}

function text(found: Misforward): string {
  return found.offence ? `${found.basis}: ${found.code}` : found.code
}

describe('misforward', () => {
  it('is plain from the labels for TLP:RED and TLP:AMBER+STRICT, whatever the rosters', () => {
    expect(judge('RED', 'author', 'relay', 'receiver')).toBe('labels: red-relayed')
    expect(judge('RED', 'author', 'relay', 'outsider')).toBe('labels: red-relayed')
    expect(judge('RED', 'author', 'author', 'relay')).toBe('labels: red-not-recipient')
    expect(judge('AMBER+STRICT', 'author', 'relay', 'receiver')).toBe('labels: strict-relayed')
    expect(judge('AMBER+STRICT', 'author', 'outsider', 'outsider', '00'.repeat(32))).toBe('labels: strict-relayed')
  })

  it('is none where a stream comes from its author to whom it names, or back to its author', () => {
    expect(judge('RED', 'author', 'author', 'receiver')).toBe('allowed')
    for (const tlp of ['RED', 'AMBER+STRICT', 'AMBER', 'GREEN', 'CLEAR'] as const)
      expect(judge(tlp, 'author', 'outsider', 'author')).toBe('allowed')
  })

  it('rests on the roster for TLP:AMBER, and only where both hold the one whose digest was signed', () => {
    const signed = roster.digest
    expect(judge('AMBER', 'author', 'relay', 'outsider', signed)).toBe('roster: amber-receiver-not-member')
    expect(judge('AMBER', 'author', 'outsider', 'receiver', signed)).toBe('roster: amber-sender-not-member')
    expect(judge('AMBER', 'outsider', 'relay', 'receiver', signed)).toBe('roster: amber-author-not-member')
    expect(judge('AMBER', 'author', 'relay', 'receiver', signed)).toBe('allowed')
    expect(judge('AMBER+STRICT', 'author', 'author', 'outsider', signed)).toBe('roster: strict-not-member')
    expect(judge('AMBER', 'author', 'relay', 'outsider', '00'.repeat(32))).toBe('not-provable')
    expect(judge('AMBER', 'author', 'relay', 'outsider', undefined)).toBe('not-provable')
    expect(judge('AMBER+STRICT', 'author', 'author', 'outsider', '00'.repeat(32))).toBe('not-provable')
    const elsewhere = { ...roster, circle: OTHER_CIRCLE }
    expect(judge('AMBER', 'author', 'relay', 'outsider', signed, elsewhere)).toBe('not-provable')
  })

  it('cannot be proved for TLP:GREEN and TLP:CLEAR, which rest on more than a proof signs', () => {
    for (const tlp of ['GREEN', 'CLEAR'] as const)
      expect(judge(tlp, 'author', 'relay', 'outsider', roster.digest)).toBe('not-provable')
  })
})
