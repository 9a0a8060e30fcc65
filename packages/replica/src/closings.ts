/**
 * Where streams end by their author's root key (DESIGN §7): behind the last genuine entry nothing counts. The chain that
 * is held either leads to that entry, or parts from it and gives way to the one that does.
 */
import {
  type Closing,
  decodeDescriptor,
  openBody,
  openRegister,
  parseSignedHeader,
  registerAddress,
  type SignedRegister
} from '@tocsin/journal'
import type { EntryId, InstitutionId, Retraction, StreamId } from '@tocsin/model'
import { type ArrivalRow, keys, readRow, type StreamState, type Tx, writeRow } from '@tocsin/store'
import { disownedEvidence } from '@tocsin/trust'
import type { Book } from './book.ts'
import type { EvidenceShelf } from './evidence.ts'
import { indexRetraction, readEntryRow } from './index-entry.ts'
import { erasureDelayOf } from './rules.ts'
import { type HeldStream, type Streams, storedHeader } from './streams.ts'
import { dropEntry, eraseBody, UNMERGED } from './sweep.ts'
import { type Alarm, audienceKey, type World } from './types.ts'

/** The end of a stream as the caller's transaction sees it. */
export type End = { readonly last: number; readonly head?: string | undefined } | 'contested' | undefined

export interface Closings {
  /** Also what an earlier work of the same write admitted. */
  of(tx: Pick<Tx, 'get'>, author: InstitutionId, stream: StreamId): End
  /** A closing that was written in this transaction takes effect. */
  apply(tx: Tx, closing: Closing): void
  /** Two closings of one stream: nothing behind the lower one counts, and the stream goes to nobody any more. */
  contest(tx: Tx, one: Closing, other: Closing): void
  /** The chain grew: it may have reached the last genuine entry. Returns its state from now on. */
  grown(tx: Tx, id: StreamId, end: End, state: StreamState): StreamState
  /** Another entry than the one held claims this place of a stream that is closed behind it: the held one gives way. */
  giveWay(tx: Tx, id: StreamId, at: number): void
}

export function createClosings(deps: {
  world: World
  streams: Streams
  book: Book
  shelf: EvidenceShelf
  alarm: (alarm: Omit<Alarm, 'at'>) => void
}): Closings {
  const { world, streams, book, shelf } = deps

  function of(tx: Pick<Tx, 'get'>, author: InstitutionId, stream: StreamId): End {
    const address = registerAddress('closing', author, stream)
    const bytes = tx.get(keys.register(address))
    if (bytes === undefined) return undefined
    if (tx.get(keys.local('twin', address)) !== undefined) return 'contested'
    return closingIn(book.get(address), bytes)
  }

  function stateOf(tx: Tx, id: StreamId): StreamState | undefined {
    const row = tx.get(keys.stream(id))
    return row === undefined ? undefined : readRow<StreamState>(row)
  }

  function put(tx: Tx, id: StreamId, state: StreamState): void {
    tx.put(keys.stream(id), writeRow(state))
    tx.committed(() => {
      const held = streams.get(id)
      if (held !== undefined) streams.set({ ...held, state })
    })
  }

  function apply(tx: Tx, closing: Closing): void {
    const id = decodeDescriptor(Buffer.from(closing.stream, 'hex')).id
    const state = stateOf(tx, id)
    if (state === undefined) return
    const { last, head } = closing
    if (leadsTo(tx, id, state, last, head)) put(tx, id, closed(tx, id, state, closing))
    // What is held lies on another branch, or may: nobody can tell before it has come to its end.
    else if (state.seq >= last) cut(tx, id, state, Math.min(state.forkedAt ?? last, last))
    else if (state.forkedAt !== undefined) cut(tx, id, state, state.forkedAt)
  }

  function leadsTo(tx: Tx, id: StreamId, state: StreamState, last: number, head: string | undefined): boolean {
    return state.seq >= last && (last === 0 || storedHeader(tx.get, id, last)?.id === head)
  }

  /** What lies behind is void; its headers stay as evidence, its bodies go with the next sweep. */
  function closed(tx: Tx, id: StreamId, { forkedAt, ...state }: StreamState, { last }: { last: number }): StreamState {
    const bytes = tx.get(keys.descriptor(id))
    for (let seq = last + 1; seq <= state.seq; seq++)
      if (tx.get(keys.body(id, seq)) !== undefined) tx.put(keys.due(AT_ONCE, id, seq), EMPTY)
    if (state.seq > last && bytes !== undefined) disown(tx, id, bytes, last + 1, state.seq - last)
    // Void entries keep no stream alive: where they were never taken it is forgotten sooner, and would be fetched again and again.
    const next = { ...state, closedAt: last, ...(state.seq > last && { lastKeepUntil: keptUntil(tx, id, last) }) }
    if (bytes !== undefined && state.seq > last && decodeDescriptor(bytes).descriptor.kind === 'retraction') {
      // Whatever they took out of use is judged by the ones that are left.
      tx.put(keys.stream(id), writeRow(next))
      restore(tx, id, bytes, last + 1, state.seq)
    }
    return next
  }

  function keptUntil(tx: Tx, id: StreamId, last: number): number {
    let until = 0
    for (let seq = 1; seq <= last; seq++) until = Math.max(until, storedHeader(tx.get, id, seq)?.header.keepUntil ?? 0)
    return until
  }

  function disown(tx: Tx, id: StreamId, bytes: Uint8Array, seq: number, count: number): void {
    const stream = decodeDescriptor(bytes)
    const entry = storedHeader(tx.get, id, seq)
    const register = tx.get(keys.register(registerAddress('closing', stream.descriptor.author, id)))
    if (entry === null || register === undefined) return
    shelf.keep(tx, disownedEvidence(stream, entry, register, world.now()))
    const { author } = stream.descriptor
    tx.committed(() =>
      deps.alarm({ code: 'disowned', message: `${author} disowned ${count} entries (stream ${id}, from seq ${seq})` })
    )
  }

  /** Targets of void retractions that another retraction, which stands, names too. */
  function restore(tx: Tx, id: StreamId, bytes: Uint8Array, first: number, last: number): void {
    const { descriptor } = decodeDescriptor(bytes)
    const targets = new Set<string>()
    for (let seq = first; seq <= last; seq++)
      for (const target of retractionAt(tx, id, seq)?.targets ?? []) targets.add(target)
    for (const stream of streams.by(descriptor.author)) {
      const { kind } = stream.descriptor
      if (kind !== 'retraction' || audienceKey(stream.descriptor) !== audienceKey(descriptor)) continue
      const end = stream.id === id ? first - 1 : (stream.state.closedAt ?? stream.state.seq)
      for (let seq = 1; seq <= end; seq++) reindex(tx, stream, seq, targets)
    }
  }

  function retractionAt(tx: Tx, id: StreamId, seq: number): Retraction | undefined {
    const body = tx.get(keys.body(id, seq))
    const opened = body === undefined ? undefined : openBody('retraction', body)
    return opened?.ok === true ? (opened.value as Retraction) : undefined
  }

  function reindex(tx: Tx, stream: HeldStream, seq: number, targets: ReadonlySet<string>): void {
    const retraction = retractionAt(tx, stream.id, seq)
    if (retraction === undefined || !retraction.targets.some((target) => targets.has(target))) return
    const signed = storedHeader(tx.get, stream.id, seq)
    const place = signed === null ? undefined : tx.get(keys.entry(signed.id))
    if (signed === null || place === undefined) return
    const { arrival } = readEntryRow(place)
    const row = tx.get(keys.arrival(arrival))
    if (row === undefined) return
    const where = { arrival, at: readRow<ArrivalRow>(row).at }
    indexRetraction(tx, retraction, stream, signed, where, erasureDelayOf(book, stream.descriptor.circle))
  }

  /** Takes back the chain from there on: what was held is evidence of a fork already. */
  function cut(tx: Tx, id: StreamId, state: StreamState, from: number): void {
    const bytes = tx.get(keys.descriptor(id))
    if (bytes === undefined) return
    const { descriptor } = decodeDescriptor(bytes)
    const stream = streams.get(id)
    tx.put(UNMERGED, EMPTY)
    for (let seq = from; seq <= state.seq; seq++) {
      const header = tx.get(keys.header(id, seq))
      if (header === undefined) continue
      const signed = parseSignedHeader(header)
      const body = tx.get(keys.body(id, seq))
      if (body !== undefined && stream !== undefined) eraseBody(tx, stream, seq, signed.id, body)
      dropEntry(tx, { descriptor }, signed.id)
      tx.del(keys.header(id, seq))
      tx.del(keys.body(id, seq))
    }
    const before = from <= 1 ? null : storedHeader(tx.get, id, from - 1)
    if (before === null) {
      tx.del(keys.stream(id))
      tx.del(keys.descriptor(id))
      tx.committed(() => streams.delete(id))
      return
    }
    const { seq, clock } = before.header
    put(tx, id, {
      ...state,
      seq,
      head: before.id as EntryId,
      clock,
      lastKeepUntil: keptUntil(tx, id, from - 1),
      forkedAt: Math.min(state.forkedAt ?? from, from)
    })
  }

  return {
    of,
    apply,
    contest: (tx, one, other) => {
      const id = decodeDescriptor(Buffer.from(one.stream, 'hex')).id
      const state = stateOf(tx, id)
      const last = Math.min(one.last, other.last)
      if (state !== undefined) put(tx, id, { ...state, closedAt: Math.min(state.closedAt ?? last, last) })
    },
    grown: (tx, id, end, state) => {
      if (end === undefined || end === 'contested' || state.closedAt !== undefined || state.seq < end.last) return state
      return leadsTo(tx, id, state, end.last, end.head) ? closed(tx, id, state, end) : state
    },
    giveWay: (tx, id, at) => {
      const state = stateOf(tx, id)
      if (state !== undefined && at <= state.seq) cut(tx, id, state, at)
    }
  }
}

function closingIn(held: SignedRegister | undefined, bytes: Uint8Array): Closing | undefined {
  const signed = held !== undefined && Buffer.compare(held.bytes, bytes) === 0 ? held : openRegister(bytes)
  return signed.register.kind === 'closing' ? signed.register.value : undefined
}

const EMPTY = new Uint8Array(0)
/** ms: due whatever the clock says, which may be set back. */
const AT_ONCE = 0
