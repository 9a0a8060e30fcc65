/** What a node lets in: 5 genuine, whole and in its place; 1 by a way that the law knows; 4 out of use at once; 6 no side taken. */
import {
  bodyHashOf,
  HEADER_BYTES,
  parseSignedHeader,
  quarterStart,
  type StreamDescriptor,
  toHex
} from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import { type Arrived, createBulletinReader } from '@tocsin/replica'
import { keys, readU64 } from '@tocsin/store'
import { broken } from '../broken.ts'
import { mayGo } from '../law.ts'
import type { Stream } from '../ledger.ts'
import { DAY, MINUTE } from '../parties.ts'
import type { Process, SimNode } from '../sim-node.ts'
import type { Court } from './court.ts'
import { retractedAt } from './records.ts'

export interface Intake {
  /** What a process tells of: its own where `from` is undefined. */
  entries(process: Process, rows: readonly Arrived[], from: InstitutionId | undefined): void
  /** What stands on the disk and was told to nobody before the process died. */
  took(process: Process, stream: string, seq: number): void
  /** This publish was acknowledged. */
  acknowledged(node: SimNode, stream: string, seq: number, entry: string): void
}

/** Within so many ms what was let in, or signed, is on the disk. */
const WRITTEN = 5_000
/** Within so many ms after the greeting the two have compared what they hold. */
const TOLD = 30_000

export function createIntake({ world, ledger, count, recordOf, knowsOf, knewOf, isGone, numberOf }: Court): Intake {
  function entries(process: Process, rows: readonly Arrived[], from: InstitutionId | undefined): void {
    const { node, replica, store } = process
    const record = recordOf(node)
    for (const { row } of rows) {
      if (from === undefined) sign(process, row.stream, row.seq)
      const signed = ledger.entries.get(row.entry)
      if (signed === undefined || signed.stream !== row.stream || signed.seq !== row.seq || signed.kind !== row.kind) {
        if (!node.isHostile)
          broken('5-genuine', node, `${row.kind} ${row.entry} at ${row.stream} ${row.seq} was never signed`)
        continue
      }
      const stream = ledger.stream(row.stream) as Stream
      // What was dropped as past its time may come once more from a peer whose clock is behind.
      if (row.seq === 1 && isGone(process, row.stream)) record.heads.delete(row.stream)
      const head = record.heads.get(row.stream)
      if (node.isHostile) {
        record.heads.set(row.stream, { seq: row.seq, id: row.entry })
        continue
      }
      const header = store.get(keys.header(row.stream, row.seq))
      if (header === undefined || toHex(header.subarray(HEADER_BYTES)) !== signed.signature)
        broken('5-signature', node, `${row.entry} is held with another signature than its author made`)
      const isVouched = replica.book.closing(row.stream as StreamId) !== undefined
      if (from !== undefined && stream.descriptor.author === node.party.id && !isVouched)
        broken('6-adopts', node, `took ${row.entry} under its own key from ${numberOf(from)}`)
      // 5: whoever knows where a stream ends takes nothing behind it, from whomever it comes.
      const end = replica.book.closing(row.stream as StreamId)
      if (typeof end === 'object' && row.seq > end.last)
        broken('5-closed', node, `took ${row.entry} at ${row.seq} of ${row.stream}, which ends at ${end.last}`)
      const frozenAt = replica.streams.get(row.stream as StreamId)?.state.forkedAt
      if (frozenAt !== undefined && row.seq >= frozenAt)
        broken('6-chooses', node, `took ${row.entry} at ${row.seq} of ${row.stream}, forked at ${frozenAt}`)
      if ((head?.seq ?? 0) + 1 !== row.seq || (head?.id ?? null) !== signed.previous)
        broken('5-chain', node, `${row.entry} at ${row.seq} does not follow ${head?.seq ?? 0} of ${row.stream}`)
      record.heads.set(row.stream, { seq: row.seq, id: row.entry })
      const clock = replica.world.now()
      // It was judged by the clock of a moment ago, which may have been set back while it was written.
      if (signed.clock > clock + 10 * MINUTE && world.now() > node.setAt + WRITTEN)
        broken('5-clock', node, `${row.entry} is ${signed.clock - clock} ms ahead`)
      if (from !== undefined && !mayCome(process, stream.descriptor, from))
        broken(
          '1-holds',
          node,
          `${stream.descriptor.tlp} of ${numberOf(stream.descriptor.author)} came from ${numberOf(from)}`
        )
      const body = store.get(keys.body(row.stream, row.seq))
      const isRetracted = retractedAt(record, row.entry) !== undefined
      if (body !== undefined && bodyHashOf(body) !== signed.bodyHash)
        broken('5-body', node, `another body under ${row.entry}`)
      if (
        body === undefined &&
        !record.excused.has(row.entry) &&
        !mayBeNamedBehindSplit(replica, stream.descriptor, signed.clock) &&
        signed.keepUntil > clock
      )
        broken('5-body-missing', node, `${row.entry} has no body, and neither a retraction nor the time excuses it`)
      if (signed.kind === 'retraction') retracts(process, signed.targets, stream, row.seq)
      if (signed.kind === 'bulletin' && isRetracted) outOfUse(process, row.entry)
      count(from === undefined ? 'signed' : 'admitted')
    }
  }

  /** By the roster of now, or by the one of before this write: what came together was judged together. */
  function mayCome(process: Process, stream: StreamDescriptor, from: InstitutionId): boolean {
    const views = [knowsOf(process), knewOf(process)]
    return views.some((knows) => knows !== undefined && mayGo(stream, from, process.node.party.id, knows))
  }

  function sign(process: Process, id: string, seq: number): void {
    // 3: nobody is told of what is not written.
    if (process.store.get(keys.header(id, seq)) === undefined || process.store.get(keys.descriptor(id)) === undefined)
      broken('3-told-early', process.node, `${id} ${seq} was told before it was written`)
    const { conflict } = ledger.sign(process, id, seq)
    if (conflict === undefined) return
    count('forks')
    const { node } = process
    const record = recordOf(node)
    // DESIGN §4: whoever lives in one copy only never forks himself.
    if (node.isHostile || record.isTwinned) return
    if (!record.wasSetBack || isToldOf(process, id, seq)) broken('6-forks-itself', node, conflict)
  }

  /** A peer that holds the other entry has been linked for a while: it said so before this one was signed. */
  function isToldOf(process: Process, id: string, seq: number): boolean {
    return [...process.ends.values()].some(({ linkedAt, other }) => {
      const peer = world.nodes[other]
      if (peer === undefined || peer.isHostile || linkedAt === undefined) return false
      return world.now() - linkedAt > TOLD && (recordOf(peer).heads.get(id)?.seq ?? 0) >= seq
    })
  }

  /** Only the author, in the retraction stream of the same audience, takes something out of use. */
  function retracts(process: Process, targets: readonly string[], stream: Stream, seq: number): void {
    const { node, replica } = process
    const record = recordOf(node)
    for (const target of targets) {
      const of = ledger.entries.get(target)
      const about = of === undefined ? undefined : ledger.stream(of.stream)?.descriptor
      if (about === undefined || about.author !== stream.descriptor.author) continue
      const { tlp, circle, recipient } = stream.descriptor
      if (about.tlp !== tlp || about.circle !== circle || about.recipient !== recipient) continue
      record.excused.add(target)
      if (stream.forkedAt !== undefined && seq >= stream.forkedAt) continue
      if (seq > (stream.closedAt ?? seq)) continue
      if (retractedAt(record, target) === undefined)
        record.retracted.set(target, { at: replica.world.now(), stream, seq })
      outOfUse(process, target)
    }
  }

  /** 4: at once. */
  function outOfUse(process: Process, entry: string): void {
    const { store, replica, node } = process
    const place = store.get(keys.entry(entry))
    if (place === undefined) return
    const reader = createBulletinReader({
      store,
      streams: replica.streams,
      book: replica.book,
      self: node.party.id,
      now: replica.world.now
    })
    const held = reader.at(readU64(place, 40))
    if (held?.state === 'live') broken('4-in-use', node, `${entry} is live although a retraction of it is held`)
  }

  function took(process: Process, id: string, seq: number): void {
    const { node, store, replica } = process
    const header = store.get(keys.header(id, seq))
    if (header === undefined) broken('3-half-written', node, `${id} has no entry ${seq} below its head`)
    const entry = parseSignedHeader(header).id
    const isOwn = replica.streams.get(id as StreamId)?.descriptor.author === node.party.id
    if (isOwn) sign(process, id, seq)
    const signed = ledger.entries.get(entry)
    if (signed === undefined) {
      if (!node.isHostile) broken('5-genuine', node, `${entry} was never signed`)
      return
    }
    const record = recordOf(node)
    record.heads.set(id, { seq, id: entry })
    const stream = ledger.stream(id)
    if (signed.kind === 'retraction' && stream !== undefined && !node.isHostile)
      retracts(process, signed.targets, stream, seq)
  }

  function acknowledged(node: SimNode, stream: string, seq: number, entry: string): void {
    count('acknowledged')
    const head = recordOf(node).heads.get(stream)
    const truth = ledger
      .stream(stream)
      ?.at.get(seq)
      ?.some(({ id }) => id === entry)
    if (head === undefined || head.seq < seq || truth !== true)
      broken('3-acknowledged', node, `${entry} at ${stream} ${seq} was acknowledged before it was there`)
  }

  return { entries, took, acknowledged }
}

/**
 * A retraction behind the split of its stream is shown to nobody any more; whoever erased for it did no wrong. Nobody did
 * before the charter's delay was over: a day, in this world.
 */
function mayBeNamedBehindSplit({ forks, world }: Process['replica'], of: StreamDescriptor, clock: number): boolean {
  if (clock + DAY > world.now() + 20 * MINUTE) return false
  return [...forks.all()].some(({ sides }) =>
    sides.some(
      ({ descriptor: { author, kind, tlp, circle, recipient, quarter } }) =>
        kind === 'retraction' &&
        author === of.author &&
        tlp === of.tlp &&
        circle === of.circle &&
        recipient === of.recipient &&
        clock < quarterStart(quarter + 1)
    )
  )
}
