import { describe, expect, it } from 'vitest'
import { explainMember, whatIf } from './explain.ts'
import type { Statement } from './statement.ts'
import { accepts, CIRCLE, charterOf, DAY, institution, namesIn, resigns, revokes, vouches } from './test-fixtures.ts'

const FOUNDERS = ['reims', 'valenciennes', 'toulouse']
const charter = charterOf(FOUNDERS, 2)
const founded = FOUNDERS.map((name) => accepts(name))
const lorraine = [accepts('lorraine'), vouches('reims', 'lorraine'), vouches('toulouse', 'lorraine')]

function explain(name: string, statements: readonly Statement[]) {
  return explainMember(CIRCLE, charter, statements, DAY, institution(name))
}

describe('explainMember', () => {
  it('shows the statements that make a member one', () => {
    const found = explain('lorraine', [...founded, ...lorraine])
    expect(found).toMatchObject({
      standing: 'member',
      rank: 1,
      founder: false,
      missing: { acceptance: false, vouches: 0 }
    })
    expect(found.own).toEqual([{ statement: lorraine[0] }])
    expect(found.vouches.map((weighed) => weighed.statement)).toEqual(expect.arrayContaining(lorraine.slice(1)))
    expect(found.vouches.every((weighed) => weighed.discount === undefined)).toBe(true)
  })

  it('says what is missing, and why each vouch does not count', () => {
    const expired = vouches('reims', 'metz', { expires: DAY - 1 })
    const stranger = vouches('lille', 'metz')
    const good = vouches('toulouse', 'metz')
    const found = explain('metz', [...founded, expired, stranger, good, good])
    expect(found).toMatchObject({ standing: 'candidate', missing: { acceptance: true, vouches: 1 } })
    const reasons = new Map(found.vouches.map(({ statement, discount }) => [statement, discount]))
    expect(reasons).toEqual(
      new Map([
        [expired, 'expired'],
        [stranger, 'author-not-placed'],
        [good, undefined]
      ])
    )
    expect(found.vouches[0]?.statement).toBe(good)
  })

  it('shows who struck somebody, founders by founders', () => {
    const out = [revokes('reims', 'toulouse'), revokes('valenciennes', 'toulouse')]
    const found = explain('toulouse', [...founded, ...out])
    expect(found).toMatchObject({ standing: 'struck', founder: true, missing: { acceptance: false, vouches: 0 } })
    expect(found.revocations.map(({ discount }) => discount)).toEqual([undefined, undefined])
  })

  it('shows a revocation that is heard but not enough, and one that is not heard', () => {
    const metz = [accepts('metz'), vouches('reims', 'metz'), vouches('toulouse', 'metz')]
    const heard = revokes('reims', 'lorraine')
    const beside = revokes('metz', 'lorraine')
    const found = explain('lorraine', [...founded, ...lorraine, ...metz, heard, beside])
    expect(found.standing).toBe('member')
    expect(found.revocations).toEqual([{ statement: heard }, { statement: beside, discount: 'author-not-placed' }])
  })

  it('shows a resignation and what it replaced', () => {
    const left = resigns('reims', { number: 2 })
    expect(explain('reims', [...founded, left])).toMatchObject({
      standing: 'resigned',
      own: [{ statement: left }, { statement: founded[0] }],
      missing: { acceptance: true, vouches: 0 }
    })
    const back = accepts('reims', { number: 3 })
    expect(explain('reims', [...founded, left, back]).own).toEqual([
      { statement: back },
      { statement: left, discount: 'older-number' },
      { statement: founded[0], discount: 'older-number' }
    ])
  })

  it('knows nothing of an outsider', () => {
    expect(explain('brest', founded)).toMatchObject({ standing: 'outsider', missing: { acceptance: true, vouches: 2 } })
  })
})

describe('whatIf', () => {
  const KNOWN = [...FOUNDERS, 'lorraine', 'metz', 'lille']
  function consequences(statements: readonly Statement[], author: string, subject: string, lifted = false) {
    const proposal = {
      kind: 'revocation' as const,
      author: institution(author),
      subject: institution(subject),
      circle: CIRCLE,
      value: { reason: 'stolen key', ...(lifted && { lifted }) }
    }
    const { falls, returns } = whatIf(CIRCLE, charter, statements, DAY, proposal)
    return { falls: namesIn(falls, KNOWN), returns: namesIn(returns, KNOWN) }
  }
  const metz = [accepts('metz'), vouches('lorraine', 'metz'), vouches('reims', 'metz')]

  it('shows that a first revocation changes nothing yet', () => {
    expect(consequences([...founded, ...lorraine], 'reims', 'lorraine')).toEqual({ falls: [], returns: [] })
  })

  it('shows who falls with the struck', () => {
    const first = revokes('toulouse', 'lorraine')
    expect(consequences([...founded, ...lorraine, ...metz, first], 'reims', 'lorraine')).toEqual({
      falls: ['lorraine', 'metz'],
      returns: []
    })
  })

  it('shows who returns when one that struck it falls', () => {
    // Lille is of rank 2, by Metz and Reims; Lorraine, of rank 1, and Toulouse struck it.
    const rankOne = [accepts('metz'), vouches('reims', 'metz'), vouches('toulouse', 'metz')]
    const lille = [accepts('lille'), vouches('metz', 'lille'), vouches('reims', 'lille')]
    const struck = [revokes('lorraine', 'lille'), revokes('toulouse', 'lille')]
    const statements = [...founded, ...lorraine, ...rankOne, ...lille, ...struck, revokes('toulouse', 'lorraine')]
    expect(consequences(statements, 'valenciennes', 'lorraine')).toEqual({ falls: ['lorraine'], returns: ['lille'] })
  })

  it('shows who returns when a revocation is lifted, numbered above what is held', () => {
    const out = [revokes('reims', 'lorraine', { number: 7 }), revokes('toulouse', 'lorraine')]
    expect(consequences([...founded, ...lorraine, ...metz, ...out], 'reims', 'lorraine', true)).toEqual({
      falls: [],
      returns: ['lorraine', 'metz']
    })
  })
})
