import { DEFAULT_QUOTAS } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { foldRoster, isNewcomer } from './roster.ts'
import {
  accepts,
  CIRCLE,
  charterOf,
  DAY,
  fold,
  institution,
  namesIn,
  OTHER_CIRCLE,
  resigns,
  revokes,
  vouches
} from './test-fixtures.ts'

const FOUNDERS = ['reims', 'valenciennes', 'toulouse']
const charter = charterOf(FOUNDERS, 2)
const founded = FOUNDERS.map((name) => accepts(name))
const KNOWN = [...FOUNDERS, 'lorraine', 'metz', 'lille', 'brest', 'nice']

function membersOf(statements: Parameters<typeof fold>[1], day = DAY, of = charter): string[] {
  return namesIn(fold(of, statements, day).members.keys(), KNOWN)
}

describe('rank 0', () => {
  it('holds the founders who accepted, and no other founder', () => {
    const roster = fold(charter, founded.slice(0, 2))
    expect(namesIn(roster.members.keys(), KNOWN)).toEqual(['reims', 'valenciennes'])
    expect(roster.founders.size).toBe(3)
    expect(roster.candidates.size).toBe(0)
  })

  it('takes an acceptance of this circle by this name only', () => {
    expect(membersOf([accepts('reims', { name: 'esr-de' })])).toEqual([])
    expect(membersOf([accepts('reims', { circle: OTHER_CIRCLE })])).toEqual([])
    // The newest register alone counts, even where it is the wrong one.
    expect(membersOf([accepts('reims'), accepts('reims', { number: 2, name: 'esr-de' })])).toEqual([])
  })

  it('lets a founder resign and return', () => {
    const left = [...founded, resigns('reims', { number: 1 })]
    expect(membersOf(left)).toEqual(['toulouse', 'valenciennes'])
    expect(fold(charter, left).resigned.has(institution('reims'))).toBe(true)
    const back = [...left, accepts('reims', { number: 2 })]
    expect(membersOf(back)).toEqual(['reims', 'toulouse', 'valenciennes'])
    expect(fold(charter, back).resigned.size).toBe(0)
  })

  it('strikes a founder whom k founders and more than half of them revoke', () => {
    const roster = fold(charter, [...founded, revokes('reims', 'toulouse'), revokes('valenciennes', 'toulouse')])
    expect(namesIn(roster.members.keys(), KNOWN)).toEqual(['reims', 'valenciennes'])
    expect(namesIn(roster.struck.get(institution('toulouse')) ?? [], KNOWN)).toEqual(['reims', 'valenciennes'])
  })

  it('does not strike with k founders who are only half of them', () => {
    const four = charterOf(['reims', 'valenciennes', 'toulouse', 'metz'], 2)
    const accepted = [...founded, accepts('metz')]
    const two = [revokes('reims', 'toulouse'), revokes('valenciennes', 'toulouse')]
    expect(membersOf([...accepted, ...two], DAY, four)).toContain('toulouse')
    expect(membersOf([...accepted, ...two, revokes('metz', 'toulouse')], DAY, four)).not.toContain('toulouse')
  })

  it('does not strike with fewer than k, were they all the others', () => {
    const strict = charterOf(FOUNDERS, 3)
    const both = [revokes('reims', 'toulouse'), revokes('valenciennes', 'toulouse')]
    expect(membersOf([...founded, ...both], DAY, strict)).toContain('toulouse')
  })

  it('judges all founders at once, so that the struck have still been heard', () => {
    const all = FOUNDERS.flatMap((author) => FOUNDERS.filter((s) => s !== author).map((s) => revokes(author, s)))
    const roster = fold(charter, [...founded, ...all])
    expect(roster.members.size).toBe(0)
    expect(roster.struck.size).toBe(3)
  })

  it('does not hear founders who have not accepted, nor later ranks', () => {
    const two = founded.slice(0, 2)
    expect(membersOf([...two, revokes('reims', 'valenciennes'), revokes('toulouse', 'valenciennes')])).toContain(
      'valenciennes'
    )
    const crowd = ['lorraine', 'metz', 'lille', 'brest'].flatMap((name) => [
      accepts(name),
      vouches('reims', name),
      vouches('valenciennes', name),
      revokes(name, 'toulouse')
    ])
    expect(membersOf([...founded, ...crowd])).toContain('toulouse')
  })
})

describe('later ranks', () => {
  const lorraine = [accepts('lorraine'), vouches('reims', 'lorraine'), vouches('toulouse', 'lorraine')]

  it('admits who accepted and has k vouches, not with one fewer, not unaccepted', () => {
    expect(membersOf([...founded, ...lorraine])).toContain('lorraine')
    expect(membersOf([...founded, ...lorraine.slice(0, 2)])).not.toContain('lorraine')
    expect(membersOf([...founded, ...lorraine.slice(1)])).not.toContain('lorraine')
  })

  it('shows a candidate what is missing', () => {
    const roster = fold(charter, [...founded, vouches('reims', 'lorraine'), vouches('brest', 'lorraine')])
    expect(roster.candidates.get(institution('lorraine'))).toEqual({
      accepted: false,
      vouchedBy: [institution('reims')],
      claimedBy: [institution('brest')],
      missing: 1
    })
  })

  it('counts ranks along the chain of vouches', () => {
    const metz = [accepts('metz'), vouches('lorraine', 'metz'), vouches('reims', 'metz')]
    const roster = fold(charter, [...founded, ...metz, ...lorraine])
    expect(roster.members.get(institution('lorraine'))?.rank).toBe(1)
    expect(roster.members.get(institution('metz'))?.rank).toBe(2)
  })

  it('admits nobody on the vouches of a ring that vouches for itself', () => {
    const ring = ['metz', 'lille', 'brest'].flatMap((author) => [
      accepts(author),
      ...['metz', 'lille', 'brest'].filter((subject) => subject !== author).map((subject) => vouches(author, subject))
    ])
    expect(membersOf([...founded, ...ring])).toEqual([...FOUNDERS].sort())
  })

  it('counts a vouch on its last day and not on the day after', () => {
    const short = [accepts('lorraine'), vouches('reims', 'lorraine', { expires: DAY }), vouches('toulouse', 'lorraine')]
    expect(membersOf([...founded, ...short])).toContain('lorraine')
    expect(membersOf([...founded, ...short], DAY + 1)).not.toContain('lorraine')
  })

  it('hears nobody about itself', () => {
    const self = [accepts('lorraine'), vouches('reims', 'lorraine'), vouches('lorraine', 'lorraine')]
    expect(membersOf([...founded, ...self])).not.toContain('lorraine')
    expect(membersOf([...founded, revokes('reims', 'toulouse'), revokes('toulouse', 'toulouse')])).toContain('toulouse')
  })

  it('strikes on k revocations by earlier ranks, and takes back what is lifted', () => {
    const out = [revokes('reims', 'lorraine'), revokes('valenciennes', 'lorraine')]
    expect(membersOf([...founded, ...lorraine, ...out])).not.toContain('lorraine')
    expect(fold(charter, [...founded, ...lorraine, ...out]).struck.has(institution('lorraine'))).toBe(true)
    const lifted = revokes('reims', 'lorraine', { number: 2, lifted: true })
    expect(membersOf([...founded, ...lorraine, ...out, lifted])).toContain('lorraine')
  })

  it('does not let newcomers strike those before them, or beside them', () => {
    const others = ['metz', 'lille'].flatMap((name) => [
      accepts(name),
      vouches('reims', name),
      vouches('toulouse', name)
    ])
    const against = [revokes('metz', 'lorraine'), revokes('lille', 'lorraine')]
    expect(membersOf([...founded, ...lorraine, ...others, ...against])).toContain('lorraine')
  })

  it('drops whom the struck had vouched for, unless others did too', () => {
    const metz = [accepts('metz'), vouches('lorraine', 'metz'), vouches('reims', 'metz')]
    const out = [revokes('reims', 'lorraine'), revokes('valenciennes', 'lorraine')]
    expect(membersOf([...founded, ...lorraine, ...metz, ...out])).not.toContain('metz')
    expect(membersOf([...founded, ...lorraine, ...metz, ...out, vouches('toulouse', 'metz')])).toContain('metz')
  })

  it('does not bring a struck founder back through vouches', () => {
    const out = [revokes('reims', 'toulouse'), revokes('valenciennes', 'toulouse')]
    const helpers = ['lorraine', 'metz'].flatMap((name) => [
      accepts(name),
      vouches('reims', name),
      vouches('valenciennes', name),
      vouches(name, 'toulouse')
    ])
    expect(membersOf([...founded, ...out, ...helpers])).not.toContain('toulouse')
  })

  it('counts a member out that resigns, whoever vouches', () => {
    expect(membersOf([...founded, ...lorraine, resigns('lorraine', { number: 2 })])).not.toContain('lorraine')
  })
})

describe('one stolen root key', () => {
  it('admits nobody and expels nobody with k ≥ 2', () => {
    const lorraine = [accepts('lorraine'), vouches('reims', 'lorraine'), vouches('toulouse', 'lorraine')]
    const thief = [
      ...['metz', 'lille', 'brest', 'nice'].flatMap((name) => [accepts(name), vouches('valenciennes', name)]),
      ...['reims', 'toulouse', 'lorraine'].map((name) => revokes('valenciennes', name))
    ]
    expect(membersOf([...founded, ...lorraine, ...thief])).toEqual(membersOf([...founded, ...lorraine]))
  })
})

describe('numbers', () => {
  const candidate = [accepts('lorraine'), vouches('reims', 'lorraine')]

  it('lets only the newest of a register count', () => {
    const short = vouches('toulouse', 'lorraine', { number: 2, expires: DAY - 1 })
    expect(membersOf([...founded, ...candidate, short, vouches('toulouse', 'lorraine')])).not.toContain('lorraine')
  })

  it('counts neither side of a fork, nor what stood before, until a newer one comes', () => {
    const before = vouches('toulouse', 'lorraine', { number: 1 })
    const fork = [1, 2].map((side) => vouches('toulouse', 'lorraine', { number: 2, hash: `side ${side}` }))
    expect(membersOf([...founded, ...candidate, before, ...fork])).not.toContain('lorraine')
    const settled = vouches('toulouse', 'lorraine', { number: 3 })
    expect(membersOf([...founded, ...candidate, before, ...fork, settled])).toContain('lorraine')
  })

  it('counts as many open vouches as the charter says', () => {
    const one = { ...charterOf(['reims'], 1), quotas: { openVouches: 2 } }
    const crowd = ['a', 'b', 'c'].flatMap((name, index) => [
      accepts(name),
      vouches('reims', name, { number: index + 1 })
    ])
    const { members } = fold(one, [accepts('reims'), ...crowd])
    expect(namesIn(members.keys(), ['reims', 'a', 'b', 'c']).sort()).toEqual(['b', 'c', 'reims'])
  })

  it('knows since when somebody is a member: the k-th vouch, whatever the member says of itself', () => {
    const at = (day: number) => ({ number: day * 86_400_000 + 5 })
    const oldest = vouches('toulouse', 'lorraine', at(DAY - 40))
    const statements = [
      ...founded,
      accepts('lorraine', { number: 1 }),
      vouches('reims', 'lorraine', at(DAY - 20)),
      oldest,
      vouches('valenciennes', 'lorraine', at(DAY - 10))
    ]
    const { members } = fold(charter, statements)
    expect(members.get(institution('reims'))).not.toHaveProperty('since')
    const lorraine = members.get(institution('lorraine'))
    expect(lorraine).toMatchObject({ rank: 1, since: DAY - 20 })
    // For so many days, counted from that one, and on the day after no more.
    expect([29, 30, 31].map((days) => isNewcomer(lorraine ?? {}, DAY - 20 + days, 30))).toEqual([true, false, false])
    expect(isNewcomer(members.get(institution('reims')) ?? {}, DAY, 3650)).toBe(false)
    expect(isNewcomer(lorraine ?? {}, DAY - 20, 0)).toBe(false)
    // Without the oldest vouch it is the next pair that counts: of what is held and the day, nothing else.
    const fewer = fold(
      charter,
      statements.filter((one) => one !== oldest)
    ).members
    expect(fewer.get(institution('lorraine'))?.since).toBe(DAY - 10)
    expect(fold(charter, [...statements].reverse()).members).toEqual(members)
  })

  it('counts the 32 newest open vouches of an author, and one more when one of them has expired', () => {
    const crowd = Array.from({ length: DEFAULT_QUOTAS.openVouches + 1 }, (_, index) => `university-${index}`)
    const one = charterOf(['reims'], 1)
    const statements = [
      accepts('reims'),
      ...crowd.flatMap((name, index) => [
        accepts(name),
        vouches('reims', name, { number: 100 + index, expires: index === 7 ? DAY : DAY + 50 })
      ])
    ]
    const today = fold(one, statements)
    expect(today.members.size).toBe(1 + DEFAULT_QUOTAS.openVouches)
    expect(today.members.has(institution('university-0'))).toBe(false)
    const tomorrow = fold(one, statements, DAY + 1)
    expect(tomorrow.members.has(institution('university-0'))).toBe(true)
    expect(tomorrow.members.has(institution('university-7'))).toBe(false)
  })
})

describe('digest', () => {
  it('changes with circle, day and members, and with nothing else', () => {
    const digest = fold(charter, founded).digest
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(fold(charter, [...founded, vouches('reims', 'toulouse')]).digest).toBe(digest)
    expect(fold(charter, founded, DAY + 1).digest).not.toBe(digest)
    expect(fold(charter, founded.slice(1)).digest).not.toBe(digest)
    const elsewhere = FOUNDERS.map((name) => accepts(name, { circle: OTHER_CIRCLE }))
    expect(foldRoster(OTHER_CIRCLE, charter, elsewhere, DAY).digest).not.toBe(digest)
    expect(foldRoster(CIRCLE, charterOf(FOUNDERS, 3), founded, DAY).digest).toBe(digest)
  })
})
