/** Random histories of a few institutions in two circles, held in pieces by three nodes. Ids are real root keys. */

import { institutionId, type SigningKey, sha256, signingKey, utf8 } from '@tocsin/journal'
import { type CircleId, TLPS } from '@tocsin/model'
import fc from 'fast-check'
import type { Register, Stream } from './hop.ts'
import type { Charter, Statement } from './roster.ts'

/** Days since the epoch on which every trace begins. */
export const START = 20_000
export const CIRCLES = ['c1', 'c2'].map((byte) => byte.repeat(32) as CircleId)
const NAME = 'esr-fr'

const keys = new Map<string, SigningKey>()
function newId(name: string): string {
  const key = signingKey(sha256(utf8(`root of ${name}`)))
  const id = institutionId(key.publicKey)
  keys.set(id, key)
  return id
}

/** The root key of one of the institutions below. */
export function rootKey(id: string): SigningKey {
  const key = keys.get(id)
  if (key === undefined) throw new Error(`no institution of the traces: ${id}`)
  return key
}

export const POOL: readonly string[] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(newId)
/** Nobody in the traces but by a flood of vouches; the properties make newcomers of them. */
export const CROWD: readonly string[] = Array.from({ length: 36 }, (_, i) => newId(`crowd ${i}`))

/** Text with the letters a to h for the institutions of the traces: for people who read a difference. */
export function readable(text: string): string {
  return POOL.reduce((sofar, id, i) => sofar.replaceAll(id, 'abcdefgh'.charAt(i)), text)
}

/** What befalls the three nodes. `at` has a bit for each node that hears of it at once; the others are cut off. */
type Event =
  | { readonly is: 'say'; readonly statements: readonly Statement[]; readonly at: number }
  | { readonly is: 'flood'; readonly by: Statement; readonly at: number }
  | { readonly is: 'meet'; readonly one: number; readonly other: number }
  | { readonly is: 'again'; readonly node: number; readonly pick: number }
  | { readonly is: 'days'; readonly count: number }

/** One question to the hop rule. Nodes are asked for their own hops mostly, and for those of others by evidence. */
interface Ask<What> {
  readonly of: What
  readonly side: 'sends' | 'receives' | 'neither'
  readonly peer: string
  readonly third: string
}

/** What is said and heard. */
export interface History {
  readonly charters: readonly (Charter & { readonly at: number })[]
  readonly everybodyAccepts: boolean
  readonly events: readonly Event[]
}

export interface Trace extends History {
  readonly peers: readonly string[]
  readonly streams: readonly Ask<Stream>[]
  readonly registers: readonly Ask<Register>[]
}

const someone = fc.constantFrom(...POOL)
const circle = fc.constantFrom(...CIRCLES.flatMap((id, i) => (i === 0 ? [id, id, id, id] : [id])))
const rarely = fc.integer({ min: 0, max: 19 }).map((roll) => roll === 0)
/** ms: at the beginning of days 0, 1, 1 and 2, so that some of a day come before others. */
const number = fc.constantFrom(40_000_000, 90_000_000, 140_000_000, 190_000_000)
/** Mostly everybody hears it: rosters that differ by one statement tell more than rosters that share none. */
const at = fc.constantFrom(7, 7, 7, 7, 7, 1, 2, 4, 3, 5, 6)

const makes = (kind: Statement['kind'], author: string, subject: string, rest: Partial<Statement> = {}): Statement => ({
  circle: CIRCLES[0] ?? '',
  author,
  kind,
  subject: kind === 'vouch' || kind === 'revocation' ? subject : author,
  number: 1,
  text: NAME,
  lifted: false,
  expires: START,
  ...rest
})

export { makes as statement }

/** Several say the same, as people do who agree on somebody. */
const chorus = fc.subarray([...POOL], { minLength: 1, maxLength: 5 })
const vouch = fc.record({
  circle,
  number,
  expires: fc.constantFrom(-1, 0, 2, 5, 9, 9, 9).map((days) => START + days),
  text: rarely.map((other) => (other ? 'another name' : NAME))
})
const revocation = fc
  .record({ circle, number, lifted: fc.boolean() })
  .map(({ lifted, ...rest }) => ({ ...rest, lifted: lifted && rest.number > 90_000_000 }))

/** Mostly what makes members, with everything that must not: forks, old numbers, expiries, other names, oneself. */
const said: fc.Arbitrary<readonly Statement[]> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({ who: someone, circle, number, wrong: rarely })
      .map(({ who, wrong, ...rest }) => [makes('acceptance', who, who, { ...rest, ...(wrong && { text: 'x' }) })])
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ who: someone, circle, number, tired: rarely })
      .map(({ who, tired, ...rest }) => [makes('resignation', who, who, { ...rest, ...(tired && { text: 'tired' }) })])
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(chorus, someone, vouch)
      .map(([authors, subject, rest]) => authors.map((author) => makes('vouch', author, subject, rest)))
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(chorus, someone, revocation)
      .map(([authors, subject, rest]) => authors.map((author) => makes('revocation', author, subject, rest)))
  },
  {
    // Founders who fall out with each other: rank 0 judges all at once, so that several fall by each other's word.
    weight: 2,
    arbitrary: fc
      .tuple(fc.subarray(POOL.slice(0, 5), { minLength: 2 }), fc.constantFrom(...POOL.slice(0, 5)), revocation)
      .map(([authors, subject, rest]) =>
        authors.map((author) => makes('revocation', author, subject, { ...rest, circle: CIRCLES[0] ?? '' }))
      )
  }
)

const node = fc.integer({ min: 0, max: 2 })
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ is: fc.constant('say' as const), statements: said, at }) },
  {
    weight: 1,
    arbitrary: fc.record({ who: someone, number, at }).map(({ who, number, at }) => ({
      is: 'flood' as const,
      by: makes('vouch', who, who, { number, expires: START + 9 }),
      at
    }))
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('meet' as const), one: node, other: node }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('again' as const), node, pick: fc.nat(1000) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('days' as const), count: fc.integer({ min: 1, max: 4 }) }) }
)

/** Streams of every TLP, with the circle or recipient that it names, and now and then with what it must not. */
const stream: fc.Arbitrary<Stream> = fc
  .record({
    author: someone,
    tlp: fc.constantFrom<string | undefined>(...TLPS, ...TLPS, ...TLPS, 'WHITE', undefined),
    circle,
    recipient: someone,
    wrong: rarely,
    both: fc.boolean()
  })
  .map(({ author, tlp, circle, recipient, wrong, both }) => {
    const inCircle = (tlp === 'AMBER' || tlp === 'AMBER+STRICT') !== wrong
    const named = (tlp === 'RED') !== (wrong && both)
    return { author, tlp, ...(inCircle && { circle }), ...(named && { recipient }) }
  })

const register: fc.Arbitrary<Register> = fc
  .record({
    kind: fc.constantFrom('card', 'charter', 'acceptance', 'vouch', 'revocation', 'resignation'),
    author: someone,
    circle,
    subject: someone,
    wrong: rarely
  })
  .map(({ kind, author, circle, subject, wrong }) => ({
    kind,
    author,
    ...(kind !== 'card' && !wrong && { circle }),
    ...((kind === 'vouch' || kind === 'revocation') && { subject })
  }))

const side = fc.constantFrom('sends', 'receives', 'neither')
const charter = (circle: CircleId) =>
  fc
    .record({
      first: fc.constantFrom(0, 0, 0, 1, 3),
      count: fc.constantFrom(1, 2, 3, 4, 5, 5, 5),
      k: fc.integer({ min: 1, max: 3 }),
      openVouches: fc.constantFrom(undefined, undefined, undefined, 1, 2, 4),
      at
    })
    .map(({ first, count, k, openVouches, at }) => {
      const founders = POOL.slice(first, first + count)
      const quota = openVouches === undefined ? {} : { openVouches }
      return { circle, name: NAME, founders, k: Math.min(k, founders.length), ...quota, at }
    })

const heard = {
  charters: fc.tuple(...CIRCLES.map(charter)),
  everybodyAccepts: fc.constantFrom(true, true, false),
  events: fc.array(event, { minLength: 6, maxLength: 40, size: 'max' })
}
export const history: fc.Arbitrary<History> = fc.record(heard)

export const trace: fc.Arbitrary<Trace> = fc.record({
  ...heard,
  peers: fc.subarray([...POOL]),
  streams: fc.array(fc.record({ of: stream, side, peer: someone, third: someone }), { maxLength: 20, size: 'max' }),
  registers: fc.array(fc.record({ of: register, side, peer: someone, third: someone }), { maxLength: 20, size: 'max' })
})

/** What the three nodes hold at some moment; node `i` is that of `POOL[i]`. */
export interface Moment {
  readonly day: number
  readonly held: readonly (readonly Statement[])[]
}

/** Plays a trace; yields before days pass and at the end. */
export function* play({ everybodyAccepts, events }: History): Generator<Moment> {
  const held: Statement[][] = [[], [], []]
  const tell = (statement: Statement, at: number) => {
    for (const [i, statements] of held.entries()) if ((at >> i) & 1) statements.push(statement)
  }
  let day = START
  if (everybodyAccepts) for (const who of POOL) tell(makes('acceptance', who, who), 7)
  for (const event of events) {
    if (event.is === 'say') for (const statement of event.statements) tell(statement, event.at)
    else if (event.is === 'flood') for (const subject of CROWD) tell({ ...event.by, subject }, event.at)
    else if (event.is === 'days') {
      yield { day, held }
      day += event.count
    } else if (event.is === 'again') {
      const mine = held[event.node] ?? []
      const again = mine[event.pick % Math.max(1, mine.length)]
      if (again !== undefined) mine.push({ ...again })
    } else {
      const [one = [], other = []] = [held[event.one], held[event.other]]
      const both = [...other, ...one]
      one.push(...both.slice(0, other.length))
      if (one !== other) other.push(...both.slice(other.length))
    }
  }
  yield { day, held }
}
