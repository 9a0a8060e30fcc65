import type { CircleId, StreamId } from '@tocsin/model'
import type { Claims } from './claims.ts'
import {
  BUCKETS,
  COMPARE_LEAST_MS,
  COMPARE_MS,
  COMPARE_PATIENCE_MS,
  MAX_ROWS,
  MAX_ROWS_PER_FRAME,
  MAX_SCOPES,
  ROWS_AT_ONCE,
  SALT_BYTES
} from './constants.ts'
import { type Declines, NOT_SHARED } from './declines.ts'
import type { Desk } from './desk.ts'
import { bucketDigests, differingBuckets, digestOf, inBuckets } from './digest.ts'
import { SyncError } from './errors.ts'
import type {
  BucketsFrame,
  DifferencesFrame,
  DigestsFrame,
  IntroduceFrame,
  RowsFrame,
  ScopeDigest,
  SketchFrame
} from './frames.ts'
import type { Knowledge } from './knowledge.ts'
import type { Row, Scope } from './ports.ts'
import { differenceOf, type Marked, markRows, readMarks, sketchOf, writeMarks } from './sketch.ts'

const NO_MARKS = new Uint8Array()
const ALL_BUCKETS = new Uint8Array(BUCKETS / 8).fill(0xff)

/** How two replicas find what differs: digests, a sketch, and where that does not tell, buckets (DESIGN §8, steps 1 and 2). */
export interface Compare {
  /** The digests for our hello. */
  opening(): ScopeDigest[]
  /** The digests of the peer's hello. */
  hello(digests: readonly ScopeDigest[]): void
  digests(frame: DigestsFrame): void
  sketch(frame: SketchFrame): void
  differences(frame: DifferencesFrame): void
  buckets(frame: BucketsFrame): void
  rows(frame: RowsFrame): void
  introduce(frame: IntroduceFrame): void
  /** Compare soon; `changed`: our rosters did, and what we declined may pass by now. */
  request(changed: boolean): void
  /** Sends digests if a comparison is due. `idle`: nothing is being caught up. */
  turn(idle: boolean): void
  /** Scopes whose rows the peer owes us. */
  open(): number
  scopes(): readonly Scope[]
}

interface Deps {
  readonly desk: Desk
  readonly claims: Claims
  readonly knowledge: Knowledge
  readonly declines: Declines
  readonly random: () => number
  /** We and not the peer start on what differs after the hellos, and win where both start at once. */
  readonly leads: () => boolean
}

/** A comparison in which the peer's rows are due. */
interface Open {
  /** What of ours the peer owes an answer to. */
  readonly due: 'after-sketch' | 'after-differences' | 'after-buckets' | 'after-rows'
  /** Our rows as our sketch or buckets spoke of them. */
  readonly sent: readonly Row[]
  /** After a sketch: its rows by their marks. */
  readonly marked: Marked
  /** After differences: how many rows we asked for, and which keys of ours the peer does not hold so. */
  readonly asked: number
  readonly differs: ReadonlySet<string>
  mask: Uint8Array | undefined
  /** Keys of ours that the peer's rows named, and how many rows came. */
  readonly named: Set<string>
  count: number
}

export function createCompare({ desk, claims, knowledge, declines, random, leads }: Deps): Compare {
  const open = new Map<Scope, Open>()
  const introduced = new Map<CircleId, string>()
  // Rows as the replica gave them for the event being handled: one frame asks for those of a scope up to three times.
  const read = new Map<Scope, readonly Row[]>()
  let readAt = 0
  let peerScopes = new Set<Scope>()
  let opening: Map<Scope, { rows: readonly Row[]; digest: Uint8Array }> | undefined
  let requested = false
  let changed = false
  let lookAgain = false
  let lastAt = 0
  let nextAt = Infinity

  const ownScopes = (): Scope[] =>
    ['direct', ...[...desk.replica.sharedCircles(desk.peer)].sort()].slice(0, MAX_SCOPES) as Scope[]

  /** What our roster lets both hold, declined or not. */
  const sharedRows = (scope: Scope): readonly Row[] => {
    if (readAt !== desk.event()) read.clear()
    readAt = desk.event()
    const rows = read.get(scope) ?? desk.replica.rows(desk.peer, scope)
    read.set(scope, rows)
    return rows
  }

  const rowsOf = (scope: Scope): readonly Row[] => {
    if (!ownScopes().includes(scope)) return []
    const rows = sharedRows(scope).filter(({ key }) => !declines.has(key))
    if (rows.length <= MAX_ROWS) return rows
    return rows.sort((a, b) => a.order - b.order || b.newest - a.newest).slice(0, MAX_ROWS)
  }

  /** Which keys are among these rows, of all scopes: made once, and only where somebody asks. */
  const isAmong = (rows: (scope: Scope) => readonly Row[]): ((key: string) => boolean) => {
    let all: Set<string> | undefined
    return (key) => {
      all ??= new Set(ownScopes().flatMap((one) => rows(one).map((row) => row.key)))
      return all.has(key)
    }
  }

  const schedule = (): void => {
    lastAt = desk.now()
    nextAt = lastAt + COMPARE_MS * (0.9 + 0.2 * random())
  }

  const agree = (scope: Scope, rows: readonly Row[]): void => {
    for (const row of rows) knowledge.equal(row)
    desk.report({ type: 'agreed', peer: desk.peer, scope })
  }

  const expect = (scope: Scope, due: Open['due'], more: Partial<Open>): void => {
    const nothing = { sent: [], marked: new Map(), asked: 0, differs: new Set<string>(), mask: undefined }
    open.set(scope, { due, ...nothing, ...more, named: new Set(), count: 0 })
  }

  const sendSketch = (scope: Scope): void => {
    if (open.has(scope)) {
      // The peer's digests are newer than the comparison under way: once more when that is done.
      requested = true
      return
    }
    const sent = rowsOf(scope)
    const salt = Uint8Array.from({ length: SALT_BYTES }, () => Math.floor(random() * 256))
    const marked = markRows(sent, salt)
    expect(scope, 'after-sketch', { sent, marked })
    desk.send({ type: 'sketch', scope, salt, marks: sketchOf(marked) })
  }

  /** More differs than a sketch can tell. */
  const sendBuckets = (scope: Scope, rows: readonly Row[]): void => {
    if (rows.length <= ROWS_AT_ONCE) {
      expect(scope, 'after-rows', { mask: ALL_BUCKETS })
      sendRows(scope, ALL_BUCKETS, rows, true)
      return
    }
    expect(scope, 'after-buckets', { sent: rows })
    desk.send({ type: 'buckets', scope, buckets: bucketDigests(rows) })
  }

  const sendRows = (scope: Scope, mask: Uint8Array, rows: readonly Row[], answer: boolean): void => {
    const chosen = rows.filter(({ key }) => inBuckets(mask, key))
    let start = 0
    do {
      const part = chosen.slice(start, start + MAX_ROWS_PER_FRAME)
      start += MAX_ROWS_PER_FRAME
      desk.send({ type: 'rows', scope, mask, answer, last: start >= chosen.length, rows: part })
    } while (start < chosen.length)
  }

  /** The charter of a circle may be news to a founder or candidate: its registers are offered in rows, not sent. */
  const introduceCircles = (): void => {
    for (const scope of ownScopes()) {
      if (scope === 'direct' || peerScopes.has(scope)) continue
      const rows = rowsOf(scope)
        .filter(({ kind, key }) => kind === 'register' && desk.replica.maySendRegister(desk.peer, key).allowed)
        .sort((a, b) => a.order - b.order)
        .slice(0, MAX_ROWS_PER_FRAME)
      const digest = Buffer.from(digestOf(rows)).toString('hex')
      if (rows.length === 0 || introduced.get(scope) === digest) continue
      introduced.set(scope, digest)
      desk.send({ type: 'introduce', circle: scope, rows })
    }
  }

  /** We hold it and the peer may as well, says the peer; our roster does not (yet): say so, or it differs for ever. */
  const declineUnshared = (row: Row, isCompared: (key: string) => boolean): void => {
    if (declines.has(row.key)) return
    const held =
      row.kind === 'stream' ? desk.replica.head(row.key as StreamId)?.seq : desk.replica.registerHead(row.key)?.number
    if (held === undefined || held < row.number || isCompared(row.key)) return
    declines.decline(row.kind, row.key, row.number, NOT_SHARED)
  }

  /** Rows that the peer named as differing; answers which of the keys are ours. */
  const takeRows = (scope: Scope, rows: readonly Row[], named: Set<string>): void => {
    const ours = new Set(rowsOf(scope).map(({ key }) => key))
    // Of all scopes, and made once a frame: a peer can name thousands of rows that are none of this scope.
    const isCompared = isAmong(rowsOf)
    for (const row of rows) {
      const isOurs = ours.has(row.key)
      if (isOurs) named.add(row.key)
      const isAsked = claims.take(row, 'row')
      if (!isOurs && !isAsked) declineUnshared(row, isCompared)
    }
  }

  /** Streams of ours among what differs that the peer did not name: it holds nothing of them. */
  const noteUnnamed = (rows: readonly Row[], { named }: Open, differs: (key: string) => boolean): void => {
    for (const { kind, key } of rows) {
      if (kind !== 'stream' || named.has(key) || !differs(key)) continue
      if (knowledge.stream(key as StreamId) === undefined) knowledge.set(key as StreamId, 0)
    }
  }

  const finish = (scope: Scope, done: Open, mask: Uint8Array, answer: boolean): void => {
    open.delete(scope)
    for (const row of done.sent) if (!inBuckets(mask, row.key)) knowledge.equal(row)
    const rows = rowsOf(scope)
    noteUnnamed(rows, done, (key) => inBuckets(mask, key))
    if (answer) sendRows(scope, mask, rows, false)
    else if (mask.every((byte) => byte === 0)) agree(scope, done.sent)
  }

  /** Our sketch was read: the peer's rows that we do not hold so, and the marks of ours that it does not. */
  const answered = (scope: Scope, done: Open, { answer, marks, rows }: DifferencesFrame): void => {
    const differs = new Set<string>()
    for (const mark of readMarks(marks)) {
      const row = done.marked.get(mark)
      if (row === undefined) throw unexpected('marks that no sketch had')
      differs.add(row.key)
    }
    if (!answer && (differs.size > 0 || rows.length > 0)) throw unexpected('differences that await no answer')
    takeRows(scope, rows, done.named)
    open.delete(scope)
    for (const row of done.sent) if (!differs.has(row.key) && !done.named.has(row.key)) knowledge.equal(row)
    if (!answer) {
      agree(scope, [])
      return
    }
    const ours = rowsOf(scope).filter(({ key }) => differs.has(key))
    noteUnnamed(ours, done, () => true)
    desk.send({ type: 'differences', scope, answer: false, marks: NO_MARKS, rows: ours })
  }

  const compareIfDue = (idle: boolean): void => {
    const now = desk.now()
    if (now >= nextAt) requested = true
    if (idle && lookAgain) {
      lookAgain = false
      if (declines.mayLift(isAmong(sharedRows))) requested = changed = true
    }
    const waited = now - lastAt
    if (!requested || open.size > 0 || waited < COMPARE_LEAST_MS || !(idle || waited >= COMPARE_PATIENCE_MS)) return
    const reset = changed && declines.mayLift(isAmong(sharedRows))
    if (changed) introduced.clear()
    if (reset) declines.reset()
    // What is under way may have been judged by the roster before: looked at again when nothing is any more.
    lookAgain = changed && !idle
    changed = false
    const digests = ownScopes().map((scope) => ({ scope, digest: digestOf(rowsOf(scope)) }))
    desk.send({ type: 'digests', reset, digests })
    introduceCircles()
    requested = false
    schedule()
  }

  return {
    opening() {
      schedule()
      opening = new Map(
        ownScopes().map((scope) => {
          const rows = rowsOf(scope)
          return [scope, { rows, digest: digestOf(rows) }]
        })
      )
      return [...opening].map(([scope, { digest }]) => ({ scope, digest }))
    },
    hello(digests) {
      peerScopes = new Set(digests.map(({ scope }) => scope))
      for (const { scope, digest } of digests) {
        const ours = opening?.get(scope)
        if (ours === undefined) continue
        // Both compare what was sent with what came, so both see the same difference and one of them starts.
        if (Buffer.compare(ours.digest, digest) === 0) agree(scope, ours.rows)
        else if (leads()) sendSketch(scope)
      }
      opening = undefined
      introduceCircles()
    },
    digests(frame) {
      if (frame.reset) {
        declines.peerReset()
        // What it could not judge then it may judge now.
        introduced.clear()
      }
      peerScopes = new Set(frame.digests.map(({ scope }) => scope))
      const ours = new Set(ownScopes())
      for (const { scope, digest } of frame.digests) {
        if (!ours.has(scope)) continue
        const rows = rowsOf(scope)
        if (Buffer.compare(digestOf(rows), digest) === 0) agree(scope, rows)
        else sendSketch(scope)
      }
      introduceCircles()
    },
    sketch({ scope, salt, marks }) {
      const under = open.get(scope)
      // Both sent a sketch at the same time: that of the leading side is answered, the other counts as not sent.
      if (under?.due === 'after-sketch' && leads()) return
      if (under !== undefined && under.due !== 'after-sketch') throw unexpected('a sketch while rows are due')
      open.delete(scope)
      if (!ownScopes().includes(scope)) {
        // Not shared (any more): nothing equal, nothing offered, nothing asked.
        desk.send({ type: 'rows', scope, mask: ALL_BUCKETS, answer: false, last: true, rows: [] })
        return
      }
      const rows = rowsOf(scope)
      const found = differenceOf(markRows(rows, salt), marks)
      if (found === undefined || found.ours.length > MAX_ROWS_PER_FRAME) return sendBuckets(scope, rows)
      const differs = new Set(found.ours.map(({ key }) => key))
      for (const row of rows) if (!differs.has(row.key)) knowledge.equal(row)
      const answer = found.ours.length + found.theirs.length > 0
      if (answer) expect(scope, 'after-differences', { asked: found.theirs.length, differs })
      desk.send({ type: 'differences', scope, answer, marks: writeMarks(found.theirs), rows: found.ours })
      if (!answer) agree(scope, [])
    },
    differences(frame) {
      const under = open.get(frame.scope)
      if (under?.due === 'after-sketch') return answered(frame.scope, under, frame)
      if (under?.due !== 'after-differences') throw unexpected('differences that nobody asked for')
      if (frame.answer || frame.marks.length > 0 || frame.rows.length > under.asked)
        throw unexpected('more than the rows that were asked for')
      takeRows(frame.scope, frame.rows, under.named)
      open.delete(frame.scope)
      noteUnnamed(rowsOf(frame.scope), under, (key) => under.differs.has(key))
    },
    buckets({ scope, buckets }) {
      if (open.get(scope)?.due !== 'after-sketch') throw unexpected('buckets that answer no sketch')
      const rows = rowsOf(scope)
      const mask = differingBuckets(bucketDigests(rows), buckets)
      for (const row of rows) if (!inBuckets(mask, row.key)) knowledge.equal(row)
      const differs = mask.some((byte) => byte !== 0)
      if (differs) expect(scope, 'after-rows', { mask })
      else open.delete(scope)
      sendRows(scope, mask, rows, differs)
      if (!differs) agree(scope, [])
    },
    rows({ scope, mask, answer, last, rows }) {
      const under = open.get(scope)
      if (under === undefined || under.due === 'after-differences') throw unexpected('rows that nobody asked for')
      if (answer && under.due === 'after-rows') throw unexpected('rows out of order')
      under.mask ??= mask
      under.count += rows.length
      if (Buffer.compare(under.mask, mask) !== 0 || under.count > MAX_ROWS)
        throw unexpected('rows beyond their buckets')
      if (rows.some(({ key }) => !inBuckets(mask, key))) throw unexpected('a row outside its buckets')
      takeRows(scope, rows, under.named)
      if (last) finish(scope, under, mask, answer)
    },
    introduce({ rows }) {
      for (const row of rows) {
        if (row.kind !== 'register') throw unexpected('a stream in an introduction')
        claims.take(row, 'row')
      }
    },
    request(isChange) {
      requested = true
      changed ||= isChange
    },
    turn(idle) {
      compareIfDue(idle)
      read.clear()
    },
    open: () => open.size,
    scopes: () => ownScopes().filter((scope) => peerScopes.has(scope))
  }
}

function unexpected(what: string): SyncError {
  return new SyncError('unexpected-frame', `The state of the comparison does not allow ${what}.`)
}
