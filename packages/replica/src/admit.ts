/**
 * The only door into the replicated keyspaces, for our own entries and for a peer's (DESIGN §3). Checks run cheapest
 * first, each a named rule; what a rule refuses is *ignored* (harmless: seen, too new, not yet known) or *rejected*
 * (the sender broke a rule). A bug of ours is never a reject: what is thrown and is no Refusal leaves as an error.
 */
import {
  admitKey,
  bodyMatches,
  checkLink,
  type DecodedDescriptor,
  decodeDescriptor,
  fromHex,
  JournalError,
  parseSignedHeader,
  type SignedHeader,
  signedHeaderBytes,
  verifyHeader
} from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import { keys, readRow, type Store, StoreError, type StreamState, type Tx, writeRow } from '@tocsin/store'
import { type Evidence, foreignEntryEvidence, forkEntryEvidence, forkStreamEvidence } from '@tocsin/trust'
import type { Book } from './book.ts'
import { DAY, MAX_AHEAD, MAX_INCARNATIONS, MAX_RETRACTIONS_A_DAY } from './constants.ts'
import type { EvidenceShelf } from './evidence.ts'
import { type IncomingBatch, judgeHop, type WireEntry } from './hop-door.ts'
import { indexEntry } from './index-entry.ts'
import { Refusal } from './refusal.ts'
import { erasureDelayOf, retentionOf, retractionOf } from './rules.ts'
import { type HeldStream, headOf, heldStream, type Streams } from './streams.ts'
import { type Alarm, type Arrived, audienceKey, type Identity, type Outcome, type World } from './types.ts'

export interface AdmitDeps {
  readonly world: World
  readonly identity: Identity
  readonly store: Store
  readonly streams: Streams
  readonly book: Book
  readonly shelf: EvidenceShelf
  readonly nextArrival: () => number
  readonly alarm: (alarm: Omit<Alarm, 'at'>) => void
  /** A stream under our own key holds what this store did not write: it is not signed any more. */
  readonly foreign: (stream: StreamId) => void
  readonly appended: (stream: StreamId, rows: readonly Arrived[], from?: InstitutionId) => void
}

export interface Admit {
  /** A peer's batch. Resolves once it is durable; never throws for anything that a peer can send. */
  batch(batch: IncomingBatch): Promise<Outcome>
  /** Our own entries of one stream, in the caller's transaction, so that several streams can share one. */
  own(tx: Tx, descriptor: Uint8Array, entries: readonly WireEntry[]): void
}

interface Verified {
  readonly accepted: Arrived[]
  readonly state: StreamState
  /** Why the rest of the batch waits. */
  readonly stopped?: Refusal
}

export function createAdmit(deps: AdmitDeps): Admit {
  const { world, identity, store, streams, book, shelf } = deps
  const retractionsToday = new Map<string, number>()

  async function batch(incoming: IncomingBatch): Promise<Outcome> {
    let stream: StreamId | undefined
    try {
      const decoded = decodeDescriptor(incoming.descriptor)
      stream = decoded.id
      const headers = incoming.entries.map(({ header }) => parseSignedHeader(header))
      return await store.transact((tx) => {
        judgeHop({ world, identity, book }, incoming, decoded, headers)
        judgeAuthor(decoded)
        const done = append(tx, decoded, headers, incoming.entries, incoming.from)
        return outcome(done.stopped, done.accepted.length, done.state.seq)
      })
    } catch (error) {
      const refusal = asRefusal(error)
      if (refusal.facts.evidence !== undefined) await keep(refusal.facts.evidence)
      if (refusal.code === 'foreign-entry' && stream !== undefined) deps.foreign(stream)
      if (refusal.code === 'foreign-entry')
        deps.alarm({
          code: 'foreign-entry',
          message: `entries under this node's key that it did not write (stream ${stream ?? '?'})`
        })
      if (refusal.code === 'fork' && stream !== undefined) await markFork(stream, refusal, incoming)
      const held = stream === undefined ? undefined : streams.get(stream)
      return outcome(refusal, 0, held === undefined ? 0 : headOf(held).seq)
    }
  }

  function own(tx: Tx, descriptor: Uint8Array, entries: readonly WireEntry[]): void {
    const decoded = decodeDescriptor(descriptor)
    const headers = entries.map(({ header }) => parseSignedHeader(header))
    const done = append(tx, decoded, headers, entries)
    if (done.stopped !== undefined) throw done.stopped
  }

  // [IGNORE] the author's card is not here yet, or its key is frozen: nothing the sender did wrong.
  function judgeAuthor(decoded: DecodedDescriptor): void {
    const { descriptor, id } = decoded
    if (descriptor.author === identity.institution) return
    const card = book.card(descriptor.author)
    if (card === undefined) throw Refusal.ignore('author-card-unknown')
    if (book.ownerOf(descriptor.nodeKey) === 'contested') throw Refusal.ignore('node-key-contested')
    const period = card.nodeKeys.find(({ key }) => key === descriptor.nodeKey)
    if (period === undefined) throw Refusal.ignore('node-key-not-certified')
    if (period.until !== undefined && period.until <= world.now()) throw Refusal.ignore('stream-frozen')
    if (streams.get(id) !== undefined) return
    judgePredecessor(decoded)
    let incarnations = 0
    for (const held of streams.by(descriptor.author)) {
      const same = held.descriptor.nodeKey === descriptor.nodeKey && held.descriptor.quarter === descriptor.quarter
      if (same && held.descriptor.kind === descriptor.kind && audienceKey(held.descriptor) === audienceKey(descriptor))
        incarnations += 1
    }
    if (incarnations >= MAX_INCARNATIONS) throw Refusal.ignore('too-many-incarnations')
  }

  // Two streams that continue one are a fork as well: both are kept, neither counts until the root key settles it.
  function judgePredecessor({ descriptor }: DecodedDescriptor): void {
    const { predecessor, author } = descriptor
    if (predecessor === undefined) return
    for (const held of streams.by(author)) {
      if (held.descriptor.predecessor?.stream !== predecessor.stream || held.state.forkedAt !== undefined) continue
      throw Refusal.ignore('fork', { twin: held.id })
    }
  }

  /** Verifies and writes the entries beyond what is held: all of them, or those before the first that has to wait. */
  function append(
    tx: Tx,
    decoded: DecodedDescriptor,
    headers: readonly SignedHeader[],
    entries: readonly WireEntry[],
    from?: InstitutionId
  ): Verified {
    const { descriptor, id } = decoded
    const mine = from === undefined
    const row = tx.get(keys.stream(id))
    let state = row === undefined ? undefined : readRow<StreamState>(row)
    if (state?.forkedAt !== undefined) throw Refusal.ignore('stream-frozen')
    const key = streams.get(id)?.key ?? admitKey(fromHex(descriptor.nodeKey))
    let previous = state === undefined ? null : storedHeader(tx, id, state.seq)
    const accepted: Arrived[] = []
    let stopped: Refusal | undefined

    for (const [index, signed] of headers.entries()) {
      const { seq } = signed.header
      const held = state?.seq ?? 0
      if (seq <= held) {
        judgeHeld(tx, decoded, signed, key)
        continue
      }
      if (seq > held + 1) throw Refusal.ignore('gap')
      // [REJECT] it does not follow what is held: unless the author signed it, which then is a fork.
      const link = checkLink(previous, signed, decoded)
      if (!link.allowed) throw judgeBrokenLink(signed, previous, key, link.code)
      // [IGNORE] Under my own key, and not written here: never adopted silently (DESIGN §4).
      if (!mine && descriptor.author === identity.institution) {
        if (verifyHeader(key, signed))
          throw Refusal.ignore('foreign-entry', { evidence: foreignEntryEvidence(decoded, signed, world.now()) })
        throw Refusal.reject('bad-signature')
      }
      // [REJECT] signature: late, since it costs more than all before.
      if (!verifyHeader(key, signed)) throw Refusal.reject('bad-signature')
      stopped = waits(tx, decoded, signed, entries[index]?.body ?? null)
      if (stopped !== undefined) break
      const stored = write(tx, decoded, signed, entries[index]?.body ?? null, from, state)
      state = stored.state
      accepted.push(stored.arrived)
      previous = signed
    }
    if (state === undefined) throw stopped ?? Refusal.reject('empty-batch')
    if (accepted.length > 0) {
      const next = state
      tx.put(keys.descriptor(id), decoded.bytes)
      tx.put(keys.stream(id), writeRow(next))
      tx.committed(() => {
        streams.set(heldStream(decoded.bytes, next))
        deps.appended(id, accepted, from)
      })
    }
    return { accepted, state, ...(stopped === undefined ? {} : { stopped }) }
  }

  /** Rules of one entry whose place and signature are right. Returns why it has to wait; throws when it is wrong. */
  function waits(
    tx: Tx,
    { descriptor }: DecodedDescriptor,
    signed: SignedHeader,
    body: Uint8Array | null
  ): Refusal | undefined {
    const { header } = signed
    const now = world.now()
    if (header.clock > now + MAX_AHEAD) return Refusal.ignore('too-new')
    // [REJECT] retractions in retraction streams alone: they are agreed before logs, so that nothing retracted is fetched.
    if (typeof header.kind !== 'number' && (header.kind === 'retraction') !== (descriptor.kind === 'retraction'))
      throw Refusal.reject('kind-not-in-stream')
    const { minMs, maxMs } = retentionOf(book, descriptor.circle)
    const keptFor = header.keepUntil - header.clock
    if (keptFor > maxMs || keptFor < (header.kind === 'bulletin' ? minMs : 0))
      throw Refusal.reject('keep-until-out-of-bounds')
    if (header.kind === 'retraction' && !withinDailyRetractions(descriptor.author, header.clock, header.bodyLength))
      return Refusal.ignore('too-many-retractions')
    if (body !== null) {
      if (!bodyMatches(header, body)) throw Refusal.reject('body-mismatch')
      return undefined
    }
    if (header.keepUntil <= now) return undefined
    return retractionOf(tx.get, streams, signed.id, descriptor) === undefined
      ? Refusal.ignore('body-missing')
      : undefined
  }

  function write(
    tx: Tx,
    decoded: DecodedDescriptor,
    signed: SignedHeader,
    body: Uint8Array | null,
    from: InstitutionId | undefined,
    before: StreamState | undefined
  ): { state: StreamState; arrived: Arrived } {
    const { id, descriptor } = decoded
    const { header } = signed
    const now = world.now()
    const retraction = retractionOf(tx.get, streams, signed.id, descriptor)
    // Past its keep-until, or retracted and due: the chain goes on, the body is not taken.
    const kept = header.keepUntil <= now || (retraction !== undefined && retraction.erasesAt <= now) ? null : body
    const state: StreamState = {
      seq: header.seq,
      head: signed.id,
      clock: header.clock,
      mine: from === undefined,
      lastKeepUntil: Math.max(before?.lastKeepUntil ?? 0, header.keepUntil)
    }
    tx.put(keys.header(id, header.seq), signedHeaderBytes(signed))
    if (kept !== null) tx.put(keys.body(id, header.seq), kept)
    if (kept !== null && retraction !== undefined)
      tx.put(keys.due(retraction.erasesAt, id, header.seq), new Uint8Array(0))
    const arrival = deps.nextArrival()
    const where = { arrival, at: now, ...(from === undefined ? {} : { via: from }) }
    const stream: HeldStream = { ...decoded, key: admitKey(fromHex(descriptor.nodeKey)), state }
    const row = indexEntry(tx, stream, signed, kept, where, erasureDelayOf(book, descriptor.circle))
    return { state, arrived: { arrival, row } }
  }

  /** An entry at a place that is held: the same one is old news, another is a fork. */
  function judgeHeld(tx: Tx, decoded: DecodedDescriptor, signed: SignedHeader, key: HeldStream['key']): void {
    const held = storedHeader(tx, decoded.id, signed.header.seq)
    if (held === null || held.id === signed.id) return
    if (!verifyHeader(key, signed)) throw Refusal.reject('bad-signature')
    throw fork(tx, decoded, held, signed)
  }

  function judgeBrokenLink(
    signed: SignedHeader,
    previous: SignedHeader | null,
    key: HeldStream['key'],
    code: string
  ): Refusal {
    if (code !== 'previous-mismatch' || previous === null) return Refusal.reject(code)
    if (!verifyHeader(key, signed)) return Refusal.reject('bad-signature')
    // The author signed a successor of an entry that is not the one held: walk back to where the two part.
    return Refusal.ignore('fork', { from: previous.header.seq })
  }

  function fork(tx: Tx, decoded: DecodedDescriptor, held: SignedHeader, other: SignedHeader): Refusal {
    const { seq } = other.header
    const before = seq > 1 ? storedHeader(tx, decoded.id, seq - 1) : null
    const split = before === null || other.header.previous === before.id
    const evidence = forkEntryEvidence(decoded, held, other, world.now())
    if (split) return Refusal.ignore('fork', { evidence, forkedAt: seq })
    return Refusal.ignore('fork', { from: Math.max(1, seq - 64), evidence, forkedAt: seq })
  }

  async function markFork(stream: StreamId, { facts }: Refusal, incoming: IncomingBatch): Promise<void> {
    const id = facts.twin ?? stream
    const at = facts.twin === undefined ? facts.forkedAt : 1
    if (at === undefined) return
    if (facts.twin !== undefined && !(await keepTwin(facts.twin, incoming))) return
    await store.transact((tx) => {
      const row = tx.get(keys.stream(id))
      if (row === undefined) return
      const state = readRow<StreamState>(row)
      // While the walk back to the split goes on the stream stays open for it; the split is what freezes it.
      if (facts.from !== undefined || (state.forkedAt !== undefined && state.forkedAt <= at)) return
      const next = { ...state, forkedAt: at }
      tx.put(keys.stream(id), writeRow(next))
      tx.committed(() => {
        const held = streams.get(id)
        if (held !== undefined) streams.set({ ...held, state: next })
        deps.alarm({ code: 'fork', message: `an author signed two entries for one place (stream ${id}, seq ${at})` })
      })
    })
  }

  /** Evidence of two successors of one stream; false when the newcomer's first entry is not even signed. */
  async function keepTwin(twin: StreamId, incoming: IncomingBatch): Promise<boolean> {
    const decoded = decodeDescriptor(incoming.descriptor)
    const first = incoming.entries[0]
    const held = streams.get(twin)
    const mine = held === undefined ? undefined : store.get(keys.header(twin, held.state.seq))
    if (first === undefined || held === undefined || mine === undefined) return false
    const other = parseSignedHeader(first.header)
    if (other.header.stream !== decoded.id || !verifyHeader(admitKey(fromHex(decoded.descriptor.nodeKey)), other))
      return false
    const one = { stream: held, entry: parseSignedHeader(mine) }
    await keep(forkStreamEvidence(one, { stream: decoded, entry: other }, world.now()))
    return true
  }

  async function keep(evidence: Evidence): Promise<void> {
    await store.transact((tx) => shelf.keep(tx, evidence)).catch(() => undefined)
  }

  function withinDailyRetractions(author: InstitutionId, clock: number, bodyLength: number): boolean {
    const day = `${author}/${Math.floor(clock / DAY)}`
    // A target costs at least 64 bytes of the body, so its length bounds how many there are without opening it.
    const count = (retractionsToday.get(day) ?? 0) + Math.max(1, Math.floor(bodyLength / 66))
    if (count > MAX_RETRACTIONS_A_DAY) return false
    retractionsToday.set(day, count)
    if (retractionsToday.size > 4096) retractionsToday.delete(retractionsToday.keys().next().value ?? '')
    return true
  }

  return { batch, own }
}

function storedHeader(tx: Tx, stream: StreamId, seq: number): SignedHeader | null {
  const bytes = tx.get(keys.header(stream, seq))
  return bytes === undefined ? null : parseSignedHeader(bytes)
}

/** What the journal cannot parse is the sender's fault, save what a later version wrote. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof JournalError) {
    return error.code.endsWith('-version') ? Refusal.ignore('unknown-version') : Refusal.reject(error.code)
  }
  // A disk that is full or gone is nobody's offence: the sender may try again, and reads go on.
  if (error instanceof StoreError) return Refusal.ignore(error.code)
  throw error
}

function outcome(refusal: Refusal | undefined, accepted: number, have: number): Outcome {
  if (refusal === undefined) return { verdict: 'accept', accepted, have }
  const { from } = refusal.facts
  return { verdict: refusal.verdict, code: refusal.code, accepted, have, ...(from === undefined ? {} : { from }) }
}
