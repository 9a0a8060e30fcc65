import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshnessOf, type HeldPresence, PRESENCE_FOR, presenceOf, presencesNeeded } from './presence.ts'
import type { Statement } from './statement.ts'
import { accepts, charterOf, fold, institution, revokes, vouches } from './test-fixtures.ts'

const NOW = 20_000 * 86_400_000
const HOUR = 3_600_000
const everybody = ['reims', 'valenciennes', 'toulouse', 'lorraine', 'metz']
const charter = charterOf(everybody, 2)
const base = everybody.map((name) => accepts(name))
const roster = fold(charter, base)

/** What somebody who holds these statements says. */
function says(name: string, statements: readonly Statement[] = base, number = NOW - HOUR): HeldPresence {
  return { author: institution(name), number, value: presenceOf(fold(charter, statements), statements) }
}

function judge(presences: readonly HeldPresence[], held: readonly Statement[] = base, self = 'reims') {
  const holds = (author: string, subject: string) =>
    held.find((one) => one.kind === 'revocation' && one.author === author && one.subject === subject)?.number
  const byAuthor = new Map(presences.map((one) => [one.author, one]))
  return freshnessOf(fold(charter, held), institution(self), byAuthor, holds, NOW)
}

describe('how many must have been here', () => {
  it.each([
    [1, 2, 0],
    [2, 2, 0],
    [2, 3, 1],
    [2, 4, 2],
    [2, 40, 2],
    [3, 4, 2],
    [1, 1, 0]
  ])('k = %i among %i members: %i', (k, members, needed) => {
    const names = Array.from({ length: members }, (_, index) => `u${index}`)
    const circle = fold(
      charterOf(names, Math.min(k, members)),
      names.map((name) => accepts(name))
    )
    expect(presencesNeeded({ ...circle, threshold: k })).toBe(needed)
  })
})

describe('a roster', () => {
  it('is stale while too few others were here, and says who is silent', () => {
    const one = judge([says('toulouse')])
    expect(one.code).toBe('presences-missing')
    expect(one.needed).toBe(2)
    expect(one.present).toEqual([institution('toulouse')])
    expect(one.silent.map(({ institution: id }) => id)).not.toContain(institution('toulouse'))
    expect(one.silent).toHaveLength(3)
    expect(judge([says('toulouse'), says('lorraine')]).code).toBeUndefined()
  })

  it('counts neither oneself nor whoever is no member', () => {
    expect(judge([says('reims'), says('toulouse'), says('stranger')]).code).toBe('presences-missing')
  })

  it('is stale again after seven days', () => {
    const at = (number: number) => judge([says('toulouse'), says('lorraine', base, number)])
    expect(at(NOW - PRESENCE_FOR + 1).code).toBeUndefined()
    const old = at(NOW - PRESENCE_FOR)
    expect(old.code).toBe('presences-missing')
    expect(old.silent).toContainEqual({ institution: institution('lorraine'), at: NOW - PRESENCE_FOR })
  })

  it('does not count a presence that names a revocation which is missing here', () => {
    const knows = [...base, revokes('toulouse', 'metz', { number: 5 })]
    const behind = judge([says('toulouse', knows), says('lorraine')])
    expect(behind.code).toBe('presences-missing')
    expect(behind.missing).toEqual([
      {
        revocation: { author: institution('toulouse'), subject: institution('metz'), number: 5 },
        namedBy: [institution('toulouse')]
      }
    ])
    expect(judge([says('toulouse', knows), says('lorraine')], knows).code).toBeUndefined()
  })

  it('is as good with a newer word of the same author', () => {
    const knows = [...base, revokes('toulouse', 'metz', { number: 5 })]
    const lifted = [...base, revokes('toulouse', 'metz', { number: 6, lifted: true })]
    expect(judge([says('toulouse', knows), says('lorraine', knows)], lifted).code).toBeUndefined()
    expect(judge([says('toulouse', lifted), says('lorraine', lifted)], knows).code).toBe('revocation-missing')
  })

  it('is stale when as many name a revocation that is missing as are needed, however many do not', () => {
    const knows = [...base, revokes('toulouse', 'metz')]
    const all = [says('toulouse', knows), says('lorraine', knows), says('valenciennes'), says('metz')]
    expect(judge(all).code).toBe('revocation-missing')
  })

  it('is not made stale by one member that names what does not exist', () => {
    const invented = [...base, revokes('valenciennes', 'metz', { number: 9 })]
    const all = [says('toulouse', invented), says('lorraine'), says('metz')]
    expect(judge(all).code).toBeUndefined()
  })

  it('lacks nothing of whoever has no say here', () => {
    const outside: HeldPresence = {
      author: institution('toulouse'),
      number: NOW,
      value: {
        digest: '00'.repeat(32),
        revocations: [{ author: institution('stranger'), subject: institution('metz'), number: 3 }]
      }
    }
    expect(judge([outside, says('lorraine')]).code).toBeUndefined()
  })
})

describe('a presence', () => {
  it('is the same for the same revocations in any order, and names the newest 32', () => {
    const many: Statement[] = Array.from({ length: 40 }, (_, index) =>
      revokes('reims', `u${index}`, { number: index + 1 })
    )
    const said = presenceOf(roster, many)
    expect(said.revocations).toHaveLength(32)
    expect(said.revocations.map(({ number }) => number)).toEqual(Array.from({ length: 32 }, (_, index) => 40 - index))
    fc.assert(
      fc.property(fc.shuffledSubarray(many, { minLength: 40 }), (shuffled) => {
        expect(presenceOf(roster, [...shuffled, ...shuffled.slice(5)])).toEqual(said)
      }),
      { numRuns: 20 }
    )
    expect(presenceOf(roster, many.slice(1)).digest).not.toBe(said.digest)
  })

  it('names neither vouches nor what the fold cannot count', () => {
    expect(presenceOf(roster, [vouches('reims', 'metz'), revokes('stranger', 'metz')])).toEqual(presenceOf(roster, []))
  })
})
