import type { CircleId, InstitutionId, Tlp } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { type Audience, type HopCode, mayHop } from './hop.ts'
import { foldRoster } from './roster.ts'
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

/**
 * One of each role. `author` and `recipient` are members too unless a table says otherwise; `neighbour` is a member of
 * another circle only; `peer` is on the allow-list and in no circle.
 */
const charter = charterOf(['author', 'recipient', 'member', 'silent-founder', 'struck-founder', 'resigned-founder'], 2)
const accepted = ['author', 'recipient', 'member', 'struck-founder', 'resigned-founder'].map((name) => accepts(name))
const roster = fold(charter, [
  ...accepted,
  resigns('resigned-founder', { number: 2 }),
  ...['author', 'recipient', 'member'].map((name) => revokes(name, 'struck-founder')),
  ...['joined', 'struck'].flatMap((name) => [accepts(name), vouches('author', name), vouches('member', name)]),
  ...['author', 'recipient'].map((name) => revokes(name, 'struck')),
  accepts('candidate'),
  vouches('member', 'candidate')
])
const elsewhere = foldRoster(
  OTHER_CIRCLE,
  charterOf(['neighbour'], 1),
  [accepts('neighbour', { circle: OTHER_CIRCLE })],
  DAY
)
const view = viewOf([roster, elsewhere], ['peer'])

const MEMBERS = ['author', 'recipient', 'member', 'joined']
const OTHERS = [
  'silent-founder',
  'struck-founder',
  'resigned-founder',
  'struck',
  'candidate',
  'neighbour',
  'peer',
  'outsider'
]
const ROLES = [...MEMBERS, ...OTHERS]
type Outcome = HopCode | 'allowed'

function hop(stream: Audience, from: string, to: string): Outcome {
  const verdict = mayHop(stream, institution(from), institution(to), view)
  return verdict.allowed ? 'allowed' : verdict.code
}

function streamOf(tlp: Tlp, author: string): Audience {
  const audience: { circle?: CircleId; recipient?: InstitutionId } =
    tlp === 'RED' ? { recipient: institution('recipient') } : tlp.startsWith('AMBER') ? { circle: CIRCLE } : {}
  return { author: institution(author), tlp, ...audience }
}

/** The table of DESIGN §5, written as one expectation per cell; recovery comes before every row. */
const ROWS: Record<Tlp, (author: string, from: string, to: string) => Outcome> = {
  RED: (author, from, to) => {
    if (from !== author) return 'red-relayed'
    return to === 'recipient' ? 'allowed' : 'red-not-recipient'
  },
  'AMBER+STRICT': (author, from, to) => {
    if (from !== author) return 'strict-relayed'
    return MEMBERS.includes(author) && MEMBERS.includes(to) ? 'allowed' : 'strict-not-member'
  },
  AMBER: (author, from, to) => {
    if (!MEMBERS.includes(author)) return 'amber-author-not-member'
    if (!MEMBERS.includes(from)) return 'amber-sender-not-member'
    return MEMBERS.includes(to) ? 'allowed' : 'amber-receiver-not-member'
  },
  GREEN: (author, from, to) => {
    const oneCircle = [author, from, to].every((name) => MEMBERS.includes(name))
    const theOther = [author, from, to].every((name) => name === 'neighbour')
    return oneCircle || theOther ? 'allowed' : 'green-no-shared-circle'
  },
  CLEAR: (author) => ([...MEMBERS, 'neighbour', 'peer'].includes(author) ? 'allowed' : 'clear-author-unknown')
}

describe('the roles of this table', () => {
  it('are what their names say', () => {
    const ids = (names: string[]) => names.map((name) => institution(name)).sort()
    expect([...roster.members.keys()].sort()).toEqual(ids(MEMBERS))
    expect([...roster.struck.keys()].sort()).toEqual(ids(['struck', 'struck-founder']))
    expect([...roster.candidates.keys()]).toEqual(ids(['candidate']))
    expect([...roster.resigned]).toEqual(ids(['resigned-founder']))
  })
})

describe.each(Object.keys(ROWS) as Tlp[])('TLP:%s', (tlp) => {
  it.each(ROLES)('by %s goes exactly where DESIGN §5 says', (author) => {
    const stream = streamOf(tlp, author)
    const expected: Record<string, Outcome> = {}
    const found: Record<string, Outcome> = {}
    for (const from of ROLES) {
      for (const to of ROLES) {
        expected[`${from} → ${to}`] = to === author ? 'allowed' : ROWS[tlp](author, from, to)
        found[`${from} → ${to}`] = hop(stream, from, to)
      }
    }
    expect(found).toEqual(expected)
    expect(Object.keys(found)).toHaveLength(ROLES.length ** 2)
  })
})

describe('labels', () => {
  const base = { author: institution('author') }
  const circle = { circle: CIRCLE }
  const recipient = { recipient: institution('recipient') }
  const contradictions: Audience[] = [
    { ...base, tlp: 'RED' },
    { ...base, tlp: 'RED', ...circle },
    { ...base, tlp: 'RED', ...circle, ...recipient },
    { ...base, tlp: 'AMBER+STRICT' },
    { ...base, tlp: 'AMBER+STRICT', ...recipient },
    { ...base, tlp: 'AMBER+STRICT', ...circle, ...recipient },
    { ...base, tlp: 'AMBER' },
    { ...base, tlp: 'AMBER', ...recipient },
    { ...base, tlp: 'AMBER', ...circle, ...recipient },
    { ...base, tlp: 'GREEN', ...circle },
    { ...base, tlp: 'GREEN', ...recipient },
    { ...base, tlp: 'CLEAR', ...circle },
    { ...base, tlp: 'CLEAR', ...recipient },
    { ...base, tlp: 'WHITE' as Tlp },
    { ...base, tlp: 'amber' as Tlp, ...circle }
  ]

  it.each(contradictions)(
    'that contradict each other are refused: $tlp, circle $circle, recipient $recipient',
    (stream) => {
      for (const to of ['recipient', 'member', 'author']) expect(hop(stream, 'author', to)).toBe('labels-contradictory')
    }
  )

  it('of a circle that is not known here are refused, recovery aside', () => {
    const unknown: Audience = { ...base, tlp: 'AMBER', circle: 'ff'.repeat(32) as CircleId }
    expect(hop(unknown, 'author', 'member')).toBe('unknown-circle')
    expect(hop({ ...unknown, tlp: 'AMBER+STRICT' }, 'author', 'member')).toBe('unknown-circle')
    expect(hop({ ...unknown, tlp: 'AMBER+STRICT' }, 'member', 'joined')).toBe('strict-relayed')
    expect(hop(unknown, 'member', 'author')).toBe('allowed')
  })
})

describe('more than one circle', () => {
  const names = ['author', 'bridge']
  const second = foldRoster(
    OTHER_CIRCLE,
    charterOf(['bridge', 'neighbour'], 1),
    ['bridge', 'neighbour'].map((name) => accepts(name, { circle: OTHER_CIRCLE })),
    DAY
  )
  const both = viewOf([
    fold(
      charterOf(names, 1),
      names.map((name) => accepts(name))
    ),
    second
  ])
  const allowed = (stream: Audience, from: string, to: string) =>
    mayHop(stream, institution(from), institution(to), both).allowed

  it('does not carry TLP:GREEN or TLP:AMBER across: all three must be in one', () => {
    for (const tlp of ['GREEN', 'AMBER'] as const) {
      expect(allowed(streamOf(tlp, 'author'), 'author', 'bridge')).toBe(true)
      expect(allowed(streamOf(tlp, 'author'), 'bridge', 'neighbour')).toBe(false)
    }
    expect(allowed(streamOf('GREEN', 'bridge'), 'bridge', 'neighbour')).toBe(true)
  })
})

describe('TLP:CLEAR', () => {
  it('of unknown authors is taken where that is set', async () => {
    const { createRosterView } = await import('./view.ts')
    const open = createRosterView({ rosters: [], peers: [], anyClearAuthor: true })
    const stream = streamOf('CLEAR', 'outsider')
    expect(mayHop(stream, institution('peer'), institution('member'), open)).toEqual({ allowed: true })
  })
})
