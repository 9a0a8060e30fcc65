import { type DecodedDescriptor, SIGNED_HEADER_BYTES, type StreamDescriptor } from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import { type ReadEntry, readHeader, unpackEntries } from './batch-bytes.ts'
import { decompress } from './compression.ts'
import { DATA_FRAME_COST, MAX_REWINDS } from './constants.ts'
import { type Credit, costOf } from './credit.ts'
import type { Declines } from './declines.ts'
import type { Descriptors } from './descriptors.ts'
import type { Desk } from './desk.ts'
import { SyncError } from './errors.ts'
import type { BatchFrame, Frame, LargeFrame, PushFrame } from './frames.ts'
import type { Seat } from './hub.ts'
import type { Knowledge } from './knowledge.ts'
import { type Assembled, createLargeIn } from './large-in.ts'
import type { Missing } from './missing.ts'
import type { Outcome, PortVerdict, WireEntry } from './ports.ts'
import { createRestorer } from './push.ts'
import type { Retractions } from './retractions.ts'
import type { Standing } from './standing.ts'
import type { Tree } from './tree.ts'

/** What comes from the peer on its way to the replica, which alone judges it. `length`: of the frame, in bytes. */
export interface Inbound {
  batch(frame: BatchFrame, length: number): void
  push(frame: PushFrame, stream: StreamId, length: number): void
  large(frame: LargeFrame, length: number): void
  chunk(frame: Extract<Frame, { type: 'chunk' }>, length: number): void
  registers(frame: Extract<Frame, { type: 'registers' }>, length: number): void
  unavailable(frame: Extract<Frame, { type: 'unavailable' }>): void
  /** Answers the code of a rejection, which ends the session. */
  admitted(token: number, outcome: Outcome): string | undefined
  /** Batches and registers that the world has not answered yet. */
  pending(): number
  pendingRegisters(): boolean
  largeSize(): number
}

interface Deps {
  readonly desk: Desk
  readonly credit: Credit
  readonly knowledge: Knowledge
  readonly declines: Declines
  readonly descriptors: Descriptors
  readonly retractions: Retractions
  readonly standing: Standing
  readonly missing: Missing
  readonly seat: Pick<Seat, 'handOver' | 'settle' | 'isElsewhere'>
  readonly tree: Pick<Tree, 'duplicate' | 'received'>
  /** Tell the author soon how far we hold its stream. */
  readonly owe: (stream: StreamId) => void
}

interface PendingBatch {
  readonly kind: 'batch'
  readonly cost: number
  readonly stream: StreamId
  readonly first: number
  readonly last: number
  readonly lastId: EntryId
  readonly order: number
  readonly newest: number
  /** The peer is the author of the stream. */
  readonly isAuthor: boolean
  readonly large?: number
}
type Pending =
  | PendingBatch
  | { readonly kind: 'registers'; readonly cost: number; readonly addresses: readonly string[] }

/** A range of a stream that arrived, read but not judged. */
interface Arrival {
  readonly stream: DecodedDescriptor
  readonly first: number
  readonly last: number
  readonly lastId: EntryId
  readonly newest: number
  readonly cost: number
}

export function createInbound(deps: Deps): Inbound {
  const { desk, credit, knowledge, declines, descriptors, retractions, standing, missing, seat, tree, owe } = deps
  const { replica, peer } = desk
  const pending = new Map<number, Pending>()
  // One report of evidence per stream is enough; bounded by what one session can be made to read under credit.
  const accused = new Set<StreamId>()
  const large = createLargeIn()
  const restore = createRestorer(peer, () => replica.self().institution)
  let tokens = 0
  let pendingRegisters = 0
  let rewinds = 0

  const descriptorOf = (frame: BatchFrame | LargeFrame, first: number): DecodedDescriptor | undefined => {
    if (frame.descriptor !== null) {
      if (!isLater(frame.descriptor)) return descriptors.learn(frame.descriptor, frame.stream)
      // Written by a later version: nothing here can read it, and the peer that brings it is not to blame.
      missing.dropStream(frame.stream)
      declines.decline('stream', frame.stream, first, 'unknown-version')
      return undefined
    }
    const known = descriptors.of(frame.stream)
    // Forgotten since it came, or never shown: asked for again with it.
    if (known === undefined && !declines.isOurs(frame.stream)) {
      missing.askAgain({ stream: frame.stream, target: first, order: 4, newest: desk.now() })
    }
    return known
  }

  /** What is to become of an arrival; 'evidence': its hop is refused, so the replica sees it, but nothing more of it. */
  const sort = (arrival: Arrival): 'forward' | 'evidence' | 'drop' => {
    const { descriptor, id } = arrival.stream
    const hop: PortVerdict = replica.mayAccept(peer, descriptor)
    if (!hop.allowed) retractions.refused(id, descriptor)
    if (!hop.allowed && !accused.has(id)) return 'evidence'
    if (!hop.allowed || declines.isOurs(id)) return 'drop'
    if (lacksRetractions(descriptor)) {
      missing.dropStream(id)
      declines.decline('stream', id, arrival.last, 'retractions-first')
      return 'drop'
    }
    const stand = standing.of(id)
    if (arrival.first > stand + 1) {
      const target = arrival.last
      missing.askAgain({ stream: id, target, order: orderOf(arrival.stream), newest: arrival.newest })
      return 'drop'
    }
    const isWanted = missing.isWanted(id)
    const have = replica.head(id)?.seq ?? 0
    const isHere = have >= arrival.last && replica.idAt(id, arrival.last) === arrival.lastId
    if (isHere || seat.isElsewhere(id, arrival.last, arrival.lastId)) {
      knowledge.raise(id, arrival.last)
      if (isHere) missing.reached(id, have)
      // Should its admission fail, this peer is asked.
      else missing.putBack({ stream: id, target: arrival.last, order: orderOf(arrival.stream), newest: arrival.newest })
      if (!isWanted) tree.duplicate(id)
      else if (descriptor.author === peer) owe(id)
      return 'drop'
    }
    tree.received(id, isWanted)
    return 'forward'
  }

  /**
   * The roster has grown since the retractions of this author were declined: with the next comparison they come before his
   * logs, so that nothing retracted is in use for a moment (DESIGN §8.2).
   */
  const lacksRetractions = (descriptor: StreamDescriptor): boolean => {
    const refused = retractions.before(descriptor)
    return refused !== undefined && declines.isOurs(refused)
  }

  const handOver = (arrival: Arrival, entries: readonly WireEntry[], proof: Uint8Array, largeId?: number): void => {
    const { id: stream, bytes: descriptor } = arrival.stream
    const { first, last, lastId, cost, newest } = arrival
    const order = orderOf(arrival.stream)
    const token = ++tokens
    const isAuthor = arrival.stream.descriptor.author === peer
    const batch: Pending = { kind: 'batch', cost, stream, first, last, lastId, order, newest, isAuthor }
    pending.set(token, largeId === undefined ? batch : { ...batch, large: largeId })
    standing.handOver(stream, last, lastId)
    seat.handOver(stream, last, lastId, desk.now())
    desk.act({
      type: 'append',
      token,
      batch: { from: peer, descriptor, entries: entries.map(({ header, body }) => ({ header, body })), proof }
    })
  }

  const accuse = (arrival: Arrival): void => {
    if (accused.size >= 1024) accused.clear()
    accused.add(arrival.stream.id)
  }

  const settleLarge = (id: number): void => {
    large.settle(id)
    desk.send({ type: 'large-done', id })
  }

  const handOverLarge = ({ frame, stream, signed, body }: Assembled): void => {
    const { seq, clock } = signed.header
    // The credit of its frames went back as they came: one body per peer is the bound.
    const arrival = { stream, first: seq, last: seq, lastId: signed.id, newest: clock, cost: 0 }
    handOver(arrival, [{ header: frame.header, body }], frame.proof, frame.id)
  }

  const settleRegisters = (addresses: readonly string[], outcome: Outcome): void => {
    pendingRegisters--
    for (const address of addresses) {
      const due = missing.dropRegister(address, true) ?? 1
      const held = replica.registerHead(address)?.number ?? 0
      if (held >= due) knowledge.raiseRegister(address, held)
      else declines.decline('register', address, due, outcome.code ?? 'not-admitted', outcome.retryAfter)
    }
  }

  const settleBatch = (batch: PendingBatch, outcome: Outcome): void => {
    const { stream, first, last, order, newest } = batch
    standing.settle(stream)
    seat.settle(stream, outcome.accepted, desk.now())
    if (batch.large !== undefined) settleLarge(batch.large)
    const isHere = outcome.have >= last
    if (isHere) {
      knowledge.raise(stream, last)
      missing.reached(stream, outcome.have)
      if (batch.isAuthor) owe(stream)
    }
    const head = replica.head(stream)
    const isFork = head !== undefined && head.seq === last && head.id !== batch.lastId
    // Where the replica walks back to a split, it does so also when it holds more than came.
    const isSettled = isHere && !isFork && outcome.from === undefined
    if (outcome.verdict === 'reject' || declines.isOurs(stream) || isSettled) return
    const again = outcome.from ?? Math.min(outcome.have + 1, first)
    if (again < first && rewinds < MAX_REWINDS) {
      rewinds++
      missing.askAgain({ stream, target: last, order, newest, from: again })
    } else {
      missing.dropStream(stream)
      declines.decline('stream', stream, last, outcome.code ?? 'not-admitted', outcome.retryAfter)
    }
  }

  const arrive = (stream: DecodedDescriptor, entries: readonly ReadEntry[], proof: Uint8Array, cost: number): void => {
    const [begin, end] = [entries[0]?.signed, entries.at(-1)?.signed]
    if (begin === undefined || end === undefined) throw new SyncError('bad-batch', 'A batch is empty.')
    const [first, last] = [begin.header.seq, end.header.seq]
    const arrival = { stream, first, last, lastId: end.id, newest: end.header.clock, cost }
    const fate = sort(arrival)
    if (fate === 'drop') {
      credit.release(cost)
      return
    }
    if (fate === 'evidence') accuse(arrival)
    handOver(arrival, entries, proof)
  }

  /** What was pushed cannot be read without what lies before it, or follows another entry than ours: asked for whole. */
  const askWhole = ({ seq, clock }: PushFrame, stream: StreamId): void => {
    if (declines.isOurs(stream)) return
    const known = descriptors.of(stream)
    const item = { stream, target: seq, order: known === undefined ? 4 : orderOf(known), newest: clock }
    missing.askAgain(standing.of(stream) < seq ? item : { ...item, from: seq })
  }

  return {
    push(frame, stream, length) {
      const raw = SIGNED_HEADER_BYTES + frame.bodyLength
      if (length > costOf(raw)) throw new SyncError('bad-batch', 'A push is longer than what it holds.')
      const cost = costOf(raw)
      credit.take(cost)
      const known = descriptors.of(stream)
      const restored = restore(frame, stream, standing.idAt(stream, frame.seq - 1))
      if (known !== undefined && restored !== undefined) return arrive(known, [restored.entry], restored.proof, cost)
      credit.release(cost)
      askWhole(frame, stream)
    },
    batch(frame, length) {
      if (length > costOf(frame.rawLength)) throw new SyncError('bad-batch', 'A batch is longer than what it holds.')
      const cost = costOf(frame.rawLength)
      credit.take(cost)
      const stream = descriptorOf(frame, frame.first)
      if (stream === undefined) return credit.release(cost)
      const raw = decompress(frame.packed, frame.rawLength)
      arrive(stream, unpackEntries(raw, frame.stream, frame.first, frame.count), frame.proof, cost)
    },
    large(frame, length) {
      const cost = costOf(length)
      credit.take(cost)
      credit.release(cost)
      const signed = readHeader(frame.header)
      if (signed.header.stream !== frame.stream) throw new SyncError('bad-batch', 'A header is of another stream.')
      large.announce(frame, signed)
      const { seq, clock } = signed.header
      const stream = descriptorOf(frame, seq)
      if (stream === undefined) return settleLarge(frame.id)
      const arrival = { stream, first: seq, last: seq, lastId: signed.id, newest: clock, cost: 0 }
      const fate = sort(arrival)
      if (fate === 'forward') return large.begin(frame, stream, signed)
      if (fate === 'drop') return settleLarge(frame.id)
      accuse(arrival)
      // Header and proof are evidence enough: the body need not come for it.
      handOver(arrival, [{ header: frame.header, body: null }], frame.proof, frame.id)
    },
    chunk({ id, index, bytes }, length) {
      const cost = DATA_FRAME_COST + length
      credit.take(cost)
      credit.release(cost)
      const assembled = large.chunk(id, index, bytes)
      if (assembled !== undefined) handOverLarge(assembled)
    },
    registers({ registers }, length) {
      const cost = costOf(length)
      credit.take(cost)
      if (registers.length === 0) return credit.release(cost)
      const token = ++tokens
      pendingRegisters++
      pending.set(token, { kind: 'registers', cost, addresses: registers.map(({ address }) => address) })
      desk.act({ type: 'registers', token, registers: registers.map(({ bytes }) => bytes) })
    },
    unavailable({ streams, registers }) {
      for (const stream of streams) {
        missing.dropStream(stream)
        const taking = large.taking(stream)
        if (taking !== undefined) settleLarge(taking)
      }
      for (const address of registers) missing.dropRegister(address, false)
    },
    admitted(token, outcome) {
      const entry = pending.get(token)
      if (entry === undefined) return undefined
      pending.delete(token)
      credit.release(entry.cost)
      if (entry.kind === 'registers') settleRegisters(entry.addresses, outcome)
      else settleBatch(entry, outcome)
      if (outcome.verdict !== 'reject') return undefined
      const code = outcome.code ?? 'rejected'
      const stream = entry.kind === 'batch' ? { stream: entry.stream } : {}
      desk.report({ type: 'rejected', peer, code, ...stream })
      return code
    },
    pending: () => pending.size,
    pendingRegisters: () => pendingRegisters > 0,
    largeSize: () => large.size()
  }
}

/** The version stands in the first byte (journal/stream.ts). */
function isLater(descriptor: Uint8Array): boolean {
  return (descriptor[0] ?? 0) > 1
}

/** Row.order of a stream (ports.ts). */
function orderOf({ descriptor }: DecodedDescriptor): number {
  return descriptor.kind === 'retraction' ? 3 : 4
}
