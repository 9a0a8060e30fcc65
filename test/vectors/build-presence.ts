import { fromHex, openRegister } from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import { type Freshness, freshnessOf, presenceOf, type Roster, type Statement, statementOf } from '@tocsin/trust'
import { foldHex } from './build-roster.ts'
import { type Case, fails, holds, type VectorFile } from './case.ts'
import { DAY, NOW } from './records.ts'
import { circleOf, idOf, TODAY } from './world.ts'

interface Named {
  readonly author: InstitutionId
  readonly subject: InstitutionId
  readonly number: number
}

/** What is held of one circle, and when: who is heard of, and what of revocations. */
export interface FreshnessInput {
  readonly threshold: number
  readonly members: readonly InstitutionId[]
  readonly founders: readonly InstitutionId[]
  readonly self: InstitutionId
  readonly presences: readonly {
    readonly author: InstitutionId
    readonly number: number
    readonly revocations: readonly Named[]
  }[]
  readonly held: readonly Named[]
  readonly now: number
}

/** What a node says of itself that holds these statements. */
export function presenceHex(charter: string, statements: readonly string[], day: number): unknown {
  const roster = foldHex(charter, statements, day)
  const read = statements.map((hex) => statementOf(openRegister(fromHex(hex))))
  return presenceOf(
    roster,
    read.filter((it): it is Statement => it !== undefined)
  )
}

export function freshnessIn(it: FreshnessInput): Freshness {
  const place = { rank: 0, vouchedBy: [], coverage: 'claimed' as const, domains: [] }
  const roster = {
    threshold: it.threshold,
    members: new Map(it.members.map((id) => [id, place])),
    founders: new Set(it.founders)
  } as unknown as Roster
  const heard = it.presences.map(({ author, number, revocations }) => {
    const value = { digest: '00'.repeat(32), revocations: [...revocations] }
    return [author, { author, number, value }] as const
  })
  const holdsOf = (author: InstitutionId, subject: InstitutionId): number | undefined =>
    it.held.find((one) => one.author === author && one.subject === subject)?.number
  return freshnessOf(roster, it.self, new Map(heard), holdsOf, it.now)
}

const [reims, uphf, toulouse, lorraine, lille] = ['Reims', 'Valenciennes', 'Toulouse', 'Lorraine', 'Lille'].map(
  idOf
) as [InstitutionId, InstitutionId, InstitutionId, InstitutionId, InstitutionId]
const outsider = idOf('Outsider')
const FIVE = [reims, uphf, toulouse, lorraine, lille]
const WEEK = 7 * DAY

const word = (author: InstitutionId, subject: InstitutionId, number = 5): Named => ({ author, subject, number })
const heard = (author: InstitutionId, revocations: readonly Named[] = [], number = NOW - DAY) => ({
  author,
  number,
  revocations
})
/** Five members at k = 2: two others are needed. */
const five: FreshnessInput = {
  threshold: 2,
  members: FIVE,
  founders: FIVE,
  self: reims,
  presences: [heard(uphf), heard(toulouse)],
  held: [],
  now: NOW
}
const only = (...members: readonly InstitutionId[]): Partial<FreshnessInput> => ({ members, founders: members })
const against = word(uphf, lille)

const fresh: readonly (readonly [string, Partial<FreshnessInput>])[] = [
  ['two others of five, k = 2', {}],
  ['one member alone', { ...only(reims), presences: [] }],
  ['a circle of two needs nobody', { ...only(reims, uphf), presences: [] }],
  ['a circle of three needs one other', { ...only(reims, uphf, toulouse), presences: [heard(uphf)] }],
  ['a millisecond before seven days', { presences: [heard(uphf), heard(toulouse, [], NOW - WEEK + 1)] }],
  [
    'every revocation named is held',
    { presences: [heard(uphf, [against]), heard(toulouse, [against])], held: [against] }
  ],
  [
    'a newer word than the one named',
    { presences: [heard(uphf, [against]), heard(toulouse, [against])], held: [word(uphf, lille, 6)] }
  ],
  ['one more names what is not held', { presences: [heard(uphf), heard(toulouse), heard(lorraine, [against])] }],
  [
    'what an outsider is said to have revoked',
    { presences: [heard(uphf, [word(outsider, lille)]), heard(toulouse, [word(outsider, lille)])] }
  ]
]

const stale: readonly (readonly [string, Partial<FreshnessInput>, string])[] = [
  ['nobody heard of', { presences: [] }, 'presences-missing'],
  ['one of two', { presences: [heard(uphf)] }, 'presences-missing'],
  ['one of two, and oneself', { presences: [heard(uphf), heard(reims)] }, 'presences-missing'],
  ['one of two, and an outsider', { presences: [heard(uphf), heard(outsider)] }, 'presences-missing'],
  [
    'one of two, and a founder who is no member',
    { members: FIVE.slice(0, 4), presences: [heard(uphf), heard(lille)] },
    'presences-missing'
  ],
  ['two of three, k = 3', { threshold: 3 }, 'presences-missing'],
  ['nobody, in a circle of three', { ...only(reims, uphf, toulouse), presences: [] }, 'presences-missing'],
  [
    'one of two, in a circle of four',
    { ...only(reims, uphf, toulouse, lorraine), presences: [heard(uphf)] },
    'presences-missing'
  ],
  [
    'at seven days to the millisecond',
    { presences: [heard(uphf), heard(toulouse, [], NOW - WEEK)] },
    'presences-missing'
  ],
  ['all of a week and more ago', { now: NOW + WEEK }, 'presences-missing'],
  [
    'one of the two names what is not held',
    { presences: [heard(uphf), heard(toulouse, [against])] },
    'presences-missing'
  ],
  [
    'each names another revocation that is not held',
    { presences: [heard(uphf, [word(uphf, lille)]), heard(toulouse, [word(toulouse, lille)])] },
    'presences-missing'
  ],
  [
    'one names two that are not held',
    { presences: [heard(uphf), heard(toulouse, [word(uphf, lille), word(lorraine, lille)])] },
    'presences-missing'
  ],
  [
    'two name what is not held',
    { presences: [heard(uphf, [against]), heard(toulouse, [against])] },
    'revocation-missing'
  ],
  [
    'two name what is not held, and as many are silent about it',
    { presences: [heard(uphf, [against]), heard(toulouse, [against]), heard(lorraine), heard(lille)] },
    'revocation-missing'
  ],
  [
    'an older word than the one named is held',
    { presences: [heard(uphf, [against]), heard(toulouse, [against])], held: [word(uphf, lille, 4)] },
    'revocation-missing'
  ],
  [
    'two name different numbers of one',
    { presences: [heard(uphf, [against]), heard(toulouse, [word(uphf, lille, 9)])] },
    'revocation-missing'
  ],
  [
    'the same two held of somebody else',
    {
      presences: [heard(uphf, [against]), heard(toulouse, [against])],
      held: [word(uphf, lorraine), word(toulouse, lille)]
    },
    'revocation-missing'
  ],
  [
    'one held of the two that two name',
    {
      presences: [uphf, toulouse].map((author) => heard(author, [against, word(toulouse, lille)])),
      held: [against]
    },
    'revocation-missing'
  ],
  [
    'of a founder who is no member',
    {
      members: FIVE.slice(0, 4),
      presences: [heard(uphf, [word(lille, uphf)]), heard(toulouse, [word(lille, uphf)])]
    },
    'revocation-missing'
  ],
  [
    'one names what is not held, in a circle of three',
    { ...only(reims, uphf, toulouse), presences: [heard(uphf, [word(toulouse, uphf)])] },
    'revocation-missing'
  ]
]

const circle = circleOf(['Reims', 'Valenciennes', 'Toulouse'], 2)
const accepted = ['Reims', 'Valenciennes', 'Toulouse'].map((name) => circle.accepts(name))
const letIn = (name: string): string[] => [
  circle.accepts(name),
  circle.vouches('Reims', name),
  circle.vouches('Valenciennes', name)
]
const many = Array.from({ length: 33 }, (_, index) => circle.revokes('Reims', `Gone${index}`, 1 + (index % 3)))

const said: readonly (readonly [string, readonly string[]])[] = [
  ['no revocations', accepted],
  ['one revocation', [...accepted, circle.revokes('Reims', 'Gone')]],
  ['one that is lifted', [...accepted, circle.revokes('Reims', 'Gone', 2, true)]],
  ['the newest word of each', [...accepted, circle.revokes('Reims', 'Gone'), circle.revokes('Reims', 'Gone', 7)]],
  ['of a founder who has not accepted', [...accepted.slice(0, 2), circle.revokes('Toulouse', 'Gone')]],
  ['of an outsider: none', [...accepted, circle.revokes('Outsider', 'Gone')]],
  ['of a candidate: none', [...accepted, circle.accepts('Lorraine'), circle.revokes('Lorraine', 'Gone')]],
  ['of a member of a later rank', [...accepted, ...letIn('Lorraine'), circle.revokes('Lorraine', 'Gone')]],
  ['32 named of 33, and a digest of all', [...accepted, ...many]]
]

/** Presences: what one says, and what those that are heard allow (§§9, 11). */
export function buildPresence(): VectorFile {
  const input = (change: Partial<FreshnessInput>) => ({ ...five, ...change })
  const statements = said.map(([name, list]): Case => {
    const given = { charter: circle.charter, statements: list, day: TODAY }
    return holds('presence', name, given, presenceHex(circle.charter, list, TODAY))
  })
  return {
    description:
      'What a presence says of the statements held (§9), and whether AMBER flows by those that are held (§11)',
    cases: [
      ...statements,
      ...fresh.map(([name, change]) => holds('freshness', name, input(change), true)),
      ...stale.map(([name, change, code]) => fails('freshness', name, input(change), code))
    ]
  }
}
