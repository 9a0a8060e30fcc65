import { describe, expect, it } from 'vitest'
import { foldRoster } from './roster.ts'
import { standingOf } from './standing.ts'
import {
  accepts,
  CIRCLE,
  charterOf,
  DAY,
  fold,
  institution,
  OTHER_CIRCLE,
  resigns,
  revokes,
  viewOf,
  vouches
} from './test-fixtures.ts'
import { sharedCircles } from './view.ts'

const charter = charterOf(['reims', 'toulouse', 'silent', 'left'], 2)
const roster = fold(charter, [
  accepts('reims'),
  accepts('toulouse'),
  accepts('left'),
  resigns('left'),
  ...['lorraine', 'struck'].flatMap((name) => [accepts(name), vouches('reims', name), vouches('toulouse', name)]),
  ...['reims', 'toulouse'].map((name) => revokes(name, 'struck')),
  vouches('reims', 'candidate'),
  vouches('candidate', 'claimed'),
  accepts('applicant')
])
const other = foldRoster(
  OTHER_CIRCLE,
  charterOf(['reims', 'metz'], 1),
  ['reims', 'metz'].map((name) => accepts(name, { circle: OTHER_CIRCLE })),
  DAY
)
const view = viewOf([roster, other], ['friend'])

describe('standingOf', () => {
  it.each([
    ['reims', 'member'],
    ['lorraine', 'member'],
    ['silent', 'founder'],
    ['left', 'resigned'],
    ['struck', 'struck'],
    ['candidate', 'candidate'],
    ['claimed', 'outsider'],
    ['applicant', 'outsider'],
    ['friend', 'outsider']
  ])('%s is %s', (name, standing) => {
    expect(standingOf(roster, institution(name))).toBe(standing)
  })
})

describe('a roster view', () => {
  it('lists circles by membership and by part taken', () => {
    expect([...view.circlesOf(institution('reims'))].sort()).toEqual([CIRCLE, OTHER_CIRCLE])
    for (const name of ['silent', 'candidate']) {
      expect(view.circlesOf(institution(name)).size).toBe(0)
      expect([...view.standsIn(institution(name))]).toEqual([CIRCLE])
    }
    for (const name of ['left', 'struck', 'claimed', 'applicant', 'friend'])
      expect(view.standsIn(institution(name)).size).toBe(0)
    expect(view.isMember(CIRCLE, institution('metz'))).toBe(false)
    expect(view.isMember(OTHER_CIRCLE, institution('metz'))).toBe(true)
    expect(view.roster(CIRCLE)).toBe(roster)
  })

  it('knows members of any circle and peers', () => {
    const known = ['reims', 'metz', 'lorraine', 'friend'].map((name) => view.knows(institution(name)))
    expect(known).toEqual([true, true, true, true])
    for (const name of ['silent', 'candidate', 'struck', 'outsider']) expect(view.knows(institution(name))).toBe(false)
  })

  it('names to a peer only the circles in which both have a place', () => {
    const shared = (a: string, b: string) => sharedCircles(view, institution(a), institution(b))
    expect(shared('reims', 'metz')).toEqual([OTHER_CIRCLE])
    expect(shared('reims', 'candidate')).toEqual([CIRCLE])
    expect(shared('silent', 'lorraine')).toEqual([CIRCLE])
    expect(shared('reims', 'struck')).toEqual([])
    expect(shared('reims', 'friend')).toEqual([])
  })
})
