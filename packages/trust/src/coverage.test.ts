import { describe, expect, it } from 'vitest'
import { type Claim, coverage } from './coverage.ts'
import { foldRoster } from './roster.ts'
import { accepts, CIRCLE, charterOf, DAY, fold, institution, vouches } from './test-fixtures.ts'

const claim: Claim = { name: 'Claimed', domains: ['b.fr', 'a.fr'] }

describe('coverage', () => {
  it('holds each domain on which enough vouches agree, and no other', () => {
    const states = (...domains: string[]): Claim => ({ name: 'Lorraine', domains })
    const found = coverage([states('b.fr', 'a.fr'), states('a.fr', 'c.fr'), states('b.fr')], 2, claim)
    expect(found).toEqual({ coverage: 'vouched', name: 'Lorraine', domains: ['a.fr', 'b.fr'] })
  })

  it('counts a domain once per vouch', () => {
    const found = coverage(
      [
        { name: 'x', domains: ['a.fr', 'a.fr'] },
        { name: 'x', domains: [] }
      ],
      2,
      undefined
    )
    expect(found.domains).toEqual([])
  })

  it('takes the name most state, the first in order at a tie, none without enough', () => {
    const named = (...names: string[]) =>
      coverage(
        names.map((name) => ({ name, domains: [] })),
        2,
        claim
      ).name
    expect(named('x', 'y', 'y')).toBe('y')
    expect(named('y', 'x', 'y', 'x')).toBe('x')
    expect(named('a', 'a', 'b', 'b', 'b')).toBe('b')
    expect(named('x', 'y')).toBeUndefined()
  })

  it('leaves the own claim standing where vouches are too few or none are needed', () => {
    const own = { coverage: 'claimed', name: 'Claimed', domains: ['a.fr', 'b.fr'] }
    expect(coverage([{ name: 'x', domains: [] }], 2, claim)).toEqual(own)
    expect(coverage([], 0, claim)).toEqual(own)
    expect(coverage([], 2, undefined)).toEqual({ coverage: 'claimed', domains: [] })
  })
})

describe('coverage in the fold', () => {
  const founders = ['reims', 'toulouse', 'valenciennes']
  const founded = founders.map((name) => accepts(name))
  const charter = charterOf(founders, 2)
  const claims = new Map([[institution('reims'), { name: 'URCA', domains: ['univ-reims.fr', 'urca.fr'] }]])

  it('covers a member by the vouches that made it one', () => {
    const roster = fold(charter, [
      ...founded,
      accepts('lorraine'),
      vouches('reims', 'lorraine', { name: 'UL', domains: ['univ-lorraine.fr', 'ul.fr'] }),
      vouches('toulouse', 'lorraine', { name: 'UL', domains: ['univ-lorraine.fr', 'gmail.com'] })
    ])
    const member = roster.members.get(institution('lorraine'))
    expect(member).toMatchObject({ coverage: 'vouched', name: 'UL', domains: ['univ-lorraine.fr'] })
  })

  it('shows a founder as it claims, until min(k, founders − 1) other founders vouch', () => {
    const one = vouches('toulouse', 'reims', { name: 'Reims', domains: ['univ-reims.fr'] })
    const two = vouches('valenciennes', 'reims', { name: 'Reims', domains: ['univ-reims.fr', 'x.fr'] })
    const of = (statements: Parameters<typeof fold>[1]) =>
      foldRoster(CIRCLE, charter, [...founded, ...statements], DAY, claims).members.get(institution('reims'))
    expect(of([])).toMatchObject({ coverage: 'claimed', name: 'URCA', domains: ['univ-reims.fr', 'urca.fr'] })
    expect(of([one])).toMatchObject({ coverage: 'claimed', domains: ['univ-reims.fr', 'urca.fr'] })
    expect(of([one, two])).toMatchObject({ coverage: 'vouched', name: 'Reims', domains: ['univ-reims.fr'] })
  })

  it('needs one vouch where two founders are both k', () => {
    const pair = charterOf(['reims', 'toulouse'], 2)
    const vouch = vouches('toulouse', 'reims', { domains: ['univ-reims.fr'] })
    const roster = foldRoster(CIRCLE, pair, [...founded.slice(0, 2), vouch], DAY, claims)
    expect(roster.members.get(institution('reims'))).toMatchObject({ coverage: 'vouched', domains: ['univ-reims.fr'] })
  })

  it('does not count what newcomers say of a founder', () => {
    const newcomers = ['metz', 'lille'].flatMap((name) => [
      accepts(name),
      vouches('toulouse', name),
      vouches('valenciennes', name),
      vouches(name, 'reims', { domains: ['gmail.com'] })
    ])
    const roster = foldRoster(CIRCLE, charter, [...founded, ...newcomers], DAY, claims)
    expect(roster.members.size).toBe(5)
    expect(roster.members.get(institution('reims'))).toMatchObject({ coverage: 'claimed', vouchedBy: [] })
  })

  it('is no part of who belongs: claims change neither members nor digest', () => {
    const plain = fold(charter, founded)
    const claimed = foldRoster(CIRCLE, charter, founded, DAY, claims)
    expect(claimed.digest).toBe(plain.digest)
  })
})
