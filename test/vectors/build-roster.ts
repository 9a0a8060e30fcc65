import { fromHex, openRegister } from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import { foldRoster, type Roster, type Statement, statementOf } from '@tocsin/trust'
import { type Case, holds, type VectorFile } from './case.ts'
import { circleOf, idOf, TODAY } from './world.ts'

/** A roster as JSON: what a fold must come to. */
export function rosterJson(roster: Roster): unknown {
  return {
    members: Object.fromEntries(roster.members),
    candidates: Object.fromEntries(roster.candidates),
    struck: Object.fromEntries(roster.struck),
    resigned: [...roster.resigned],
    digest: roster.digest
  }
}

/** Folds signed registers, hex: the charter, and the statements in any order. */
export function foldHex(charter: string, statements: readonly string[], day: number): Roster {
  const founding = openRegister(fromHex(charter)).register
  if (founding.kind !== 'charter' || founding.circle === undefined) throw new Error('a charter is wanted')
  const read = statements.map((hex) => statementOf(openRegister(fromHex(hex))))
  return foldRoster(
    founding.circle,
    founding.value,
    read.filter((it): it is Statement => it !== undefined),
    day
  )
}

interface Expected {
  readonly members?: readonly string[]
  readonly struck?: readonly string[]
}

const FOUNDERS = ['Reims', 'Valenciennes', 'Toulouse']
const it = circleOf(FOUNDERS, 2)
const other = circleOf(FOUNDERS, 1)
const two = circleOf(['Reims', 'Toulouse'], 2)
const careful = circleOf(FOUNDERS, 2, { openVouches: 2 })
const five = circleOf(['Reims', 'Valenciennes', 'Toulouse', 'Lorraine', 'Lille'], 2)
const FOUR = [...FOUNDERS, 'Lorraine']
const four = circleOf(FOUR, 2)
const accepted = FOUNDERS.map((name) => it.accepts(name))
const lorraine = [it.accepts('Lorraine'), it.vouches('Reims', 'Lorraine'), it.vouches('Valenciennes', 'Lorraine')]
const lille = [it.accepts('Lille'), it.vouches('Lorraine', 'Lille'), it.vouches('Toulouse', 'Lille')]
const crowd = Array.from({ length: 33 }, (_, index) => `Crowd${index}`)

// Who is a member, and who struck, is said by hand; the rest of the roster comes from the fold.
const scenes: readonly (readonly [string, ReturnType<typeof circleOf>, readonly string[], Expected, number?])[] = [
  ['nobody accepted', it, [], {}],
  ['one founder accepted', it, [it.accepts('Reims')], { members: ['Reims'] }],
  ['all founders accepted', it, accepted, { members: FOUNDERS }],
  ['an acceptance of another name', it, [it.accepts('Reims', 1, 'esr-eu')], {}],
  ['statements of another circle', it, [...accepted, other.revokes('Reims', 'Toulouse')], { members: FOUNDERS }],
  ['one vouch of two', it, [...accepted, ...lorraine.slice(0, 2)], { members: FOUNDERS }],
  ['two vouches and no acceptance', it, [...accepted, ...lorraine.slice(1)], { members: FOUNDERS }],
  ['admitted by two', it, [...accepted, ...lorraine], { members: [...FOUNDERS, 'Lorraine'] }],
  [
    'in falling order',
    it,
    [...accepted, ...lorraine, ...lille].reverse(),
    { members: [...FOUNDERS, 'Lorraine', 'Lille'] }
  ],
  [
    'everything twice',
    it,
    [...accepted, ...lorraine, ...accepted, ...lorraine],
    { members: [...FOUNDERS, 'Lorraine'] }
  ],
  [
    'the second rank vouches with the first',
    it,
    [...accepted, ...lorraine, ...lille],
    { members: [...FOUNDERS, 'Lorraine', 'Lille'] }
  ],
  [
    'two newcomers vouch for each other',
    it,
    [
      ...accepted,
      it.accepts('A'),
      it.accepts('B'),
      it.vouches('A', 'B'),
      it.vouches('B', 'A'),
      it.vouches('Reims', 'A'),
      it.vouches('Reims', 'B')
    ],
    { members: FOUNDERS }
  ],
  [
    'a vouch of a founder who never accepted',
    it,
    [
      ...accepted.slice(0, 2),
      it.accepts('Lorraine'),
      it.vouches('Toulouse', 'Lorraine'),
      it.vouches('Reims', 'Lorraine')
    ],
    { members: FOUNDERS.slice(0, 2) }
  ],
  [
    'a vouch on its last day',
    it,
    [
      ...accepted,
      lorraine[0] ?? '',
      it.vouches('Reims', 'Lorraine', { expires: TODAY }),
      it.vouches('Toulouse', 'Lorraine', { expires: TODAY })
    ],
    { members: [...FOUNDERS, 'Lorraine'] }
  ],
  [
    'a vouch on the day after',
    it,
    [
      ...accepted,
      lorraine[0] ?? '',
      it.vouches('Reims', 'Lorraine', { expires: TODAY }),
      it.vouches('Toulouse', 'Lorraine', { expires: TODAY })
    ],
    { members: FOUNDERS },
    TODAY + 1
  ],
  [
    'a newer vouch that has expired replaces an open one',
    it,
    [...accepted, ...lorraine, it.vouches('Reims', 'Lorraine', { number: 2, expires: TODAY - 1 })],
    { members: FOUNDERS }
  ],
  [
    'an older vouch that has expired replaces nothing',
    it,
    [
      ...accepted,
      lorraine[0] ?? '',
      it.vouches('Reims', 'Lorraine', { number: 1, expires: TODAY - 1 }),
      it.vouches('Reims', 'Lorraine', { number: 2 }),
      it.vouches('Toulouse', 'Lorraine')
    ],
    { members: [...FOUNDERS, 'Lorraine'] }
  ],
  [
    'two vouches with one number: neither counts',
    it,
    [...accepted, ...lorraine, it.vouches('Reims', 'Lorraine', { name: 'Lorraine 2' })],
    { members: FOUNDERS }
  ],
  [
    'a higher number settles a fork',
    it,
    [
      ...accepted,
      ...lorraine,
      it.vouches('Reims', 'Lorraine', { name: 'Lorraine 2' }),
      it.vouches('Reims', 'Lorraine', { number: 2 })
    ],
    { members: [...FOUNDERS, 'Lorraine'] }
  ],
  [
    'two acceptances with one number: neither counts',
    it,
    [...accepted, it.accepts('Reims', 1, 'esr-eu')],
    { members: FOUNDERS.slice(1) }
  ],
  [
    'a charter that lets two open vouches count',
    careful,
    [
      ...FOUNDERS.map((name) => careful.accepts(name)),
      ...crowd
        .slice(0, 3)
        .flatMap((name, index) => [
          careful.accepts(name),
          careful.vouches('Reims', name, { number: index + 1 }),
          careful.vouches('Toulouse', name, { number: index + 1 })
        ])
    ],
    { members: [...FOUNDERS, 'Crowd1', 'Crowd2'] }
  ],
  [
    'since when somebody is a member: by the second oldest vouch of three',
    it,
    [
      ...accepted,
      it.accepts('Lorraine', 9_000 * 86_400_000),
      it.vouches('Reims', 'Lorraine', { number: 7_000 * 86_400_000 }),
      it.vouches('Valenciennes', 'Lorraine', { number: 5_000 * 86_400_000 + 86_399_999 }),
      it.vouches('Toulouse', 'Lorraine', { number: 6_000 * 86_400_000 })
    ],
    { members: [...FOUNDERS, 'Lorraine'] }
  ],
  [
    '33 open vouches: the oldest does not count',
    it,
    [
      ...accepted,
      ...crowd.flatMap((name, index) => [
        it.vouches('Reims', name, { number: index + 1 }),
        ...(index === 0 || index === 32 ? [it.accepts(name), it.vouches('Toulouse', name)] : [])
      ])
    ],
    { members: [...FOUNDERS, 'Crowd32'] }
  ],
  [
    'an expired vouch leaves the quota',
    it,
    [
      ...accepted,
      ...crowd.flatMap((name, index) => [
        it.vouches('Reims', name, { number: index + 1, expires: index === 7 ? TODAY - 1 : TODAY }),
        ...(index === 0 ? [it.accepts(name), it.vouches('Toulouse', name)] : [])
      ])
    ],
    { members: [...FOUNDERS, 'Crowd0'] }
  ],
  ['a founder revoked by one', it, [...accepted, it.revokes('Reims', 'Toulouse')], { members: FOUNDERS }],
  [
    'a founder struck by two of three',
    it,
    [...accepted, it.revokes('Reims', 'Toulouse'), it.revokes('Valenciennes', 'Toulouse')],
    { members: FOUNDERS.slice(0, 2), struck: ['Toulouse'] }
  ],
  [
    'a revocation taken back',
    it,
    [
      ...accepted,
      it.revokes('Reims', 'Toulouse'),
      it.revokes('Valenciennes', 'Toulouse'),
      it.revokes('Reims', 'Toulouse', 2, true)
    ],
    { members: FOUNDERS }
  ],
  [
    'two of five are k, and no majority',
    five,
    [
      ...['Reims', 'Valenciennes', 'Toulouse', 'Lorraine', 'Lille'].map((name) => five.accepts(name)),
      five.revokes('Reims', 'Lille'),
      five.revokes('Lorraine', 'Lille')
    ],
    { members: ['Reims', 'Valenciennes', 'Toulouse', 'Lorraine', 'Lille'] }
  ],
  [
    'three of five are both',
    five,
    [
      ...['Reims', 'Valenciennes', 'Toulouse', 'Lorraine', 'Lille'].map((name) => five.accepts(name)),
      five.revokes('Reims', 'Lille'),
      five.revokes('Lorraine', 'Lille'),
      five.revokes('Lille', 'Reims'),
      five.revokes('Toulouse', 'Lille')
    ],
    { members: ['Reims', 'Valenciennes', 'Toulouse', 'Lorraine'], struck: ['Lille'] }
  ],
  [
    'two of four are k, and half',
    four,
    [
      ...FOUR.map((name) => four.accepts(name)),
      four.revokes('Reims', 'Lorraine'),
      four.revokes('Toulouse', 'Lorraine')
    ],
    { members: FOUR }
  ],
  [
    'founders strike each other at once',
    it,
    [
      ...accepted,
      it.revokes('Reims', 'Toulouse'),
      it.revokes('Valenciennes', 'Toulouse'),
      it.revokes('Toulouse', 'Reims'),
      it.revokes('Valenciennes', 'Reims')
    ],
    { members: ['Valenciennes'], struck: ['Reims', 'Toulouse'] }
  ],
  [
    'newcomers cannot strike a founder',
    it,
    [...accepted, ...lorraine, ...lille, it.revokes('Lorraine', 'Reims'), it.revokes('Lille', 'Reims')],
    { members: [...FOUNDERS, 'Lorraine', 'Lille'] }
  ],
  [
    'a member struck by two of an earlier rank',
    it,
    [...accepted, ...lorraine, it.revokes('Reims', 'Lorraine'), it.revokes('Toulouse', 'Lorraine')],
    { members: FOUNDERS, struck: ['Lorraine'] }
  ],
  [
    'whoever rested on the struck falls',
    it,
    [...accepted, ...lorraine, ...lille, it.revokes('Reims', 'Lorraine'), it.revokes('Toulouse', 'Lorraine')],
    { members: FOUNDERS, struck: ['Lorraine'] }
  ],
  [
    'a vouch stands beside a revocation by the same author',
    it,
    [...accepted, ...lorraine, it.revokes('Reims', 'Lorraine')],
    { members: [...FOUNDERS, 'Lorraine'] }
  ],
  ['a resignation', it, [...accepted, it.resigns('Toulouse', 2)], { members: FOUNDERS.slice(0, 2) }],
  [
    'a resignation with the number of the acceptance',
    it,
    [...accepted, it.resigns('Toulouse', 1)],
    { members: FOUNDERS.slice(0, 2) }
  ],
  [
    'a return after a resignation',
    it,
    [...accepted, it.resigns('Toulouse', 2), it.accepts('Toulouse', 3)],
    { members: FOUNDERS }
  ],
  [
    'a resignation without an acceptance',
    it,
    [...accepted.slice(0, 2), it.resigns('Toulouse')],
    { members: FOUNDERS.slice(0, 2) }
  ],
  [
    'members of one rank vouch for each other: it counts for nothing',
    it,
    [
      ...accepted,
      ...lorraine,
      it.accepts('Lille'),
      it.vouches('Reims', 'Lille'),
      it.vouches('Toulouse', 'Lille'),
      it.vouches('Lorraine', 'Lille'),
      it.vouches('Lille', 'Lorraine')
    ],
    { members: [...FOUNDERS, 'Lorraine', 'Lille'] }
  ],
  [
    'of two founders one vouch is all there can be',
    two,
    [two.accepts('Reims'), two.accepts('Toulouse'), two.vouches('Reims', 'Toulouse', { name: 'UT Capitole' })],
    { members: ['Reims', 'Toulouse'] }
  ],
  [
    'two of three vouches agree on the name, each two on a domain',
    it,
    [
      ...accepted,
      it.accepts('Lorraine'),
      it.vouches('Reims', 'Lorraine', { name: 'UL', domains: ['a.example', 'b.example'] }),
      it.vouches('Valenciennes', 'Lorraine', { name: 'UL', domains: ['c.example', 'b.example'] }),
      it.vouches('Toulouse', 'Lorraine', { name: 'Nancy', domains: ['c.example', 'a.example'] })
    ],
    { members: [...FOUNDERS, 'Lorraine'] }
  ],
  [
    'no two vouches agree on the name',
    it,
    [
      ...accepted,
      it.accepts('Lorraine'),
      it.vouches('Reims', 'Lorraine', { name: 'UL' }),
      it.vouches('Toulouse', 'Lorraine', { name: 'Nancy' })
    ],
    { members: [...FOUNDERS, 'Lorraine'] }
  ],
  [
    'a founder with one vouch of two that are needed',
    it,
    [...accepted, it.vouches('Reims', 'Toulouse')],
    { members: FOUNDERS }
  ],
  [
    'a lone founder with k = 1',
    circleOf(['Reims'], 1),
    [circleOf(['Reims'], 1).accepts('Reims')],
    { members: ['Reims'] }
  ],
  [
    'founders vouch for each other: names and domains are vouched',
    it,
    [
      ...accepted,
      it.vouches('Reims', 'Toulouse', { domains: ['a.example', 'b.example'] }),
      it.vouches('Valenciennes', 'Toulouse', { name: 'UT Capitole', domains: ['b.example', 'c.example'] })
    ],
    { members: FOUNDERS }
  ]
]

/** Every case, in a fixed order. */
export function buildRoster(): VectorFile {
  return {
    description:
      'The fold: charter and statements as signed registers, and a day, to a roster with its digest. Must come out the same in any order.',
    cases: scenes.map(([name, circle, statements, expected, day = TODAY]): Case => {
      const roster = foldHex(circle.charter, statements, day)
      sameNames(name, roster.members.keys(), expected.members ?? [])
      sameNames(name, roster.struck.keys(), expected.struck ?? [])
      return holds('roster', name, { charter: circle.charter, statements, day }, rosterJson(roster))
    })
  }
}

function sameNames(scene: string, ids: Iterable<InstitutionId>, names: readonly string[]): void {
  const found = [...ids].sort().join()
  if (found !== names.map(idOf).sort().join()) throw new Error(`${scene}: not ${names.join(', ')}`)
}
