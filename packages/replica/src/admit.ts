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
  SIGNED_HEADER_BYTES,
  type SignedHeader,
  signedHeaderBytes,
  verifyHeader
} from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import { keys, readRow, type Store, StoreError, type StreamState, type Tx, writeRow } from '@tocsin/store'
import { foreignEntryEvidence } from '@tocsin/trust'
import { judgeAuthor, judgeIncarnations } from './author-door.ts'
import type { Book } from './book.ts'
import type { Closings } from './closings.ts'
import { MAX_AHEAD, MINUTE, READ_AHEAD } from './constants.ts'
import { ReplicaError } from './errors.ts'
import type { EvidenceShelf } from './evidence.ts'
import type { Foreign } from './foreign.ts'
import type { ForkBook } from './fork-book.ts'
import { createForkExcuses } from './fork-excuses.ts'
import type { Forks } from './forks.ts'
import { type IncomingBatch, judgeHop, type WireEntry } from './hop-door.ts'
import type { HopWindow } from './hop-window.ts'
import { indexEntry } from './index-entry.ts'
import { agedCost, type Draw, type Quotas } from './quotas.ts'
import type { EntryReader, Reading } from './reading.ts'
import { Refusal } from './refusal.ts'
import type { Refused } from './refused.ts'
import { erasureDelayOf, markOf, retentionOf, retractionOf } from './rules.ts'
import { type HeldStream, headOf, heldStream, type Streams, storedHeader } from './streams.ts'
import type { Alarm, Arrived, Identity, Outcome, World } from './types.ts'

export interface AdmitDeps {
  readonly world: World
  readonly identity: Identity
  readonly store: Store
  readonly streams: Streams
  readonly book: Book
  readonly shelf: EvidenceShelf
  readonly forks: Forks
  readonly forkBook: ForkBook
  readonly closings: Closings
  readonly foreignBook: Foreign
  readonly refused: Pick<Refused, 'stream'>
  readonly quotas: Quotas
  readonly hops: Pick<HopWindow, 'keep'>
  readonly reader: EntryReader | undefined
  readonly nextArrival: () => number
  readonly alarm: (alarm: Omit<Alarm, 'at'>) => void
  /** A stream under our own key holds what this store did not write: it is not signed any more. */
  readonly foreign: (stream: DecodedDescriptor) => void
  readonly appended: (stream: StreamId, rows: readonly Arrived[], from?: InstitutionId) => void
  /** The first entries of a stream that continues another one. */
  readonly opened: (stream: DecodedDescriptor) => void
}

export interface Admit {
  /** The batch is going to be admitted: what its bytes say may be read meanwhile, elsewhere. */
  foresee(batch: IncomingBatch): void
  /** A peer's batch. Resolves once it is durable; never throws for anything that a peer can send. */
  batch(batch: IncomingBatch): Promise<Outcome>
  /**
   * Our own entries of one stream, in the caller's transaction, so that several streams can share one. The hop rule and
   * the card are for what comes from others; every other rule holds for us too, or nobody would take what we sign.
   * @throws ReplicaError own-entry-refused
   */
  own(tx: Tx, descriptor: Uint8Array, entries: readonly WireEntry[]): void
}

interface Verified {
  readonly accepted: Arrived[]
  readonly state: StreamState
  /** Why the rest of the batch waits. */
  readonly stopped?: Refusal
}

export function createAdmit(deps: AdmitDeps): Admit {
  const { world, identity, store, streams, book, shelf, forks, forkBook, closings, foreignBook, quotas, reader } = deps
  const forkExcuses = createForkExcuses({ world, book, forkBook })
  const readings = new WeakMap<IncomingBatch, readonly (Promise<Reading | undefined> | undefined)[]>()

  function foresee(incoming: IncomingBatch): void {
    if (reader === undefined || incoming.entries.every(({ body }) => body === null || body.length < READ_AHEAD)) return
    try {
      const stream = decodeDescriptor(incoming.descriptor)
      // What would be refused for its author is not worth the work.
      judgeAuthor({ world, identity, book, streams }, stream)
      const held = streams.get(stream.id)?.state.seq ?? 0
      const { nodeKey } = stream.descriptor
      const read = incoming.entries.map(({ header, body }) => {
        if (body === null || body.length < READ_AHEAD) return undefined
        const { kind, seq } = parseSignedHeader(header).header
        return kind === 'bulletin' && seq > held ? reader.read({ nodeKey, header, body }) : undefined
      })
      readings.set(incoming, read)
    } catch (error) {
      // Whoever breaks a rule hears of it when the batch is judged.
      asRefusal(error)
    }
  }

  async function batch(incoming: IncomingBatch): Promise<Outcome> {
    let decoded: DecodedDescriptor | undefined
    try {
      const stream = decodeDescriptor(incoming.descriptor)
      decoded = stream
      const headers = incoming.entries.map(({ header }) => parseSignedHeader(header))
      judgeRange(stream, headers)
      const foreseen = readings.get(incoming)
      const read = foreseen === undefined ? [] : await Promise.all(foreseen)
      return await store.transact((tx) => {
        judgeHop({ world, identity, book }, incoming, stream, headers)
        judgeAuthor({ world, identity, book, streams }, stream)
        const done = append(tx, stream, headers, incoming.entries, read, incoming.from)
        if (done.accepted.length > 0) deps.hops.keep(tx, incoming.from, incoming.proof)
        return outcome(done.stopped, done.accepted.length, done.state.seq)
      })
    } catch (error) {
      return refused(asRefusal(error), decoded, incoming)
    }
  }

  async function refused(
    refusal: Refusal,
    decoded: DecodedDescriptor | undefined,
    incoming: IncomingBatch
  ): Promise<Outcome> {
    const { evidence } = refusal.facts
    if (decoded === undefined) return outcome(refusal, 0, 0)
    if (refusal.verdict === 'ignore') deps.refused.stream(decoded)
    const isOurs = decoded.descriptor.author === identity.institution
    const isForeign = refusal.code === 'foreign-entry' || (refusal.code === 'fork' && isOurs)
    if (isForeign) {
      deps.foreign(decoded)
      deps.alarm({
        code: 'foreign-entry',
        message: `entries under this node's key that it did not write (stream ${decoded.id})`
      })
    }
    try {
      if (evidence !== undefined) await store.transact((tx) => shelf.keep(tx, evidence))
      if (isForeign) await store.transact((tx) => foreignBook.saw(tx, incoming, world.now()))
      if (refusal.code === 'fork') await forks.mark(refusal.facts, incoming)
    } catch (error) {
      // A full disk keeps no evidence either; the fork shows again with the next try.
      if (!(error instanceof StoreError)) throw error
    }
    const held = streams.get(decoded.id)
    return outcome(refusal, 0, held === undefined ? 0 : headOf(held).seq)
  }

  function own(tx: Tx, descriptor: Uint8Array, entries: readonly WireEntry[]): void {
    try {
      const decoded = decodeDescriptor(descriptor)
      const headers = entries.map(({ header }) => parseSignedHeader(header))
      judgeRange(decoded, headers)
      if (tx.get(keys.stream(decoded.id)) === undefined) judgeIncarnations({ streams }, decoded)
      const done = append(tx, decoded, headers, entries, [])
      if (done.stopped !== undefined) throw done.stopped
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw new ReplicaError('own-entry-refused', `nobody would take this entry: ${error.code}`, { reason: error.code })
    }
  }

  /** Verifies and writes the entries beyond what is held: all of them, or those before the first that has to wait. */
  function append(
    tx: Tx,
    decoded: DecodedDescriptor,
    headers: readonly SignedHeader[],
    entries: readonly WireEntry[],
    read: readonly (Reading | undefined)[],
    from?: InstitutionId
  ): Verified {
    const { descriptor, id } = decoded
    const row = tx.get(keys.stream(id))
    let state = row === undefined ? undefined : readRow<StreamState>(row)
    const isNew = state === undefined
    // A proof of its fork may be here before anything of the stream.
    const contestedAt = isNew ? forkBook.splitOf(tx, decoded) : state?.forkedAt
    const end = closings.of(tx, descriptor.author, id)
    const last = end === undefined || end === 'contested' ? Number.POSITIVE_INFINITY : end.last
    // A closing settles it: all go to the entry that it names, and nothing counts before it is reached.
    const forkedAt = last === Number.POSITIVE_INFINITY ? contestedAt : undefined
    const key = streams.get(id)?.key ?? admitKey(fromHex(descriptor.nodeKey))
    const draws = drawsOf(decoded, from, isNew)
    const accepted: Arrived[] = []
    let previous = state === undefined ? null : storedHeader(tx.get, id, state.seq)
    let stopped: Refusal | undefined

    for (const [index, signed] of headers.entries()) {
      const { seq } = signed.header
      // [IGNORE] behind what its author's root key calls genuine: void, also by the owner of the key (DESIGN §7).
      if (seq > last) {
        stopped = Refusal.ignore('stream-closed')
        break
      }
      // [IGNORE] a fork: nothing is taken from the split on, but one still further back may show.
      if (forkedAt !== undefined && seq >= forkedAt) {
        stopped = Refusal.ignore('stream-frozen')
        break
      }
      const held = state?.seq ?? 0
      if (seq <= held) {
        forks.judgeHeld(tx, decoded, signed, key)
        continue
      }
      // [IGNORE] what lies between is asked for first.
      if (seq > held + 1) throw Refusal.ignore('gap')
      // [REJECT] it does not follow what is held: unless the author signed it, which then is a fork.
      const link = checkLink(previous, signed, decoded)
      if (!link.allowed) throw forks.judgeBrokenLink(signed, previous, key, link.code)
      // [REJECT] signature: late, since it costs more than all before.
      const reading = read[index]
      if (!(reading?.signed ?? verifyHeader(key, signed))) throw Refusal.reject('bad-signature')
      // [IGNORE] Under my own key, and not written here: never adopted silently (DESIGN §4).
      if (
        from !== undefined &&
        descriptor.author === identity.institution &&
        !foreignBook.isClaimed(id) &&
        end === undefined
      )
        throw Refusal.ignore('foreign-entry', { evidence: foreignEntryEvidence(decoded, signed, world.now()) })
      const body = entries[index]?.body ?? null
      stopped = waits(tx, decoded, signed, body, reading) ?? draws.take(signed, body)
      if (stopped !== undefined) break
      const stored = write(tx, decoded, signed, body, reading, from, state)
      state = stored.state
      if (body !== null) forkExcuses.cameWhole(id, seq)
      accepted.push(stored.arrived)
      previous = signed
    }
    if (state === undefined) throw stopped ?? Refusal.reject('empty-batch')
    if (accepted.length > 0) {
      const next = closings.grown(tx, id, end, contestedAt === undefined ? state : { ...state, forkedAt: contestedAt })
      tx.put(keys.descriptor(id), decoded.bytes)
      tx.put(keys.stream(id), writeRow(next))
      tx.committed(() => {
        draws.keep()
        const before = streams.get(id) ?? heldStream(decoded.bytes, next)
        streams.set({ ...before, state: next, grownAt: world.now() })
        deps.appended(id, accepted, from)
        if (isNew && descriptor.predecessor !== undefined) deps.opened(decoded)
      })
    }
    return { accepted, state, ...(stopped === undefined ? {} : { stopped }) }
  }

  /** Rules of one entry whose place and signature are right. Returns why it has to wait; throws when it is wrong. */
  function waits(
    tx: Tx,
    stream: DecodedDescriptor,
    signed: SignedHeader,
    body: Uint8Array | null,
    reading: Reading | undefined
  ): Refusal | undefined {
    const { header } = signed
    const { descriptor } = stream
    const now = world.now()
    const ahead = header.clock - now - MAX_AHEAD
    if (ahead > 0) return Refusal.ignore('too-new', { retryAfter: Math.max(ahead, MINUTE) })
    // [REJECT] retractions in retraction streams alone: they are agreed before logs, so that nothing retracted is fetched.
    if (typeof header.kind !== 'number' && (header.kind === 'retraction') !== (descriptor.kind === 'retraction'))
      throw Refusal.reject('kind-not-in-stream')
    const { minMs, maxMs } = retentionOf(book, descriptor.circle)
    const keptFor = header.keepUntil - header.clock
    if (keptFor > maxMs || keptFor < (header.kind === 'bulletin' ? minMs : 0))
      throw Refusal.reject('keep-until-out-of-bounds')
    if (body !== null && !(reading?.matches ?? bodyMatches(header, body))) throw Refusal.reject('body-mismatch')
    if (body !== null || header.keepUntil <= now) return undefined
    if (markOf(tx.get, signed.id, descriptor) !== undefined) return undefined
    if (forkExcuses.excuses(stream, header)) return undefined
    // The sender's clock may be a little ahead of ours, or the retraction on its way: then it is a matter of minutes.
    return Refusal.ignore('body-missing', { retryAfter: Math.min(header.keepUntil - now, MINUTE) })
  }

  function write(
    tx: Tx,
    decoded: DecodedDescriptor,
    signed: SignedHeader,
    body: Uint8Array | null,
    reading: Reading | undefined,
    from: InstitutionId | undefined,
    before: StreamState | undefined
  ): { state: StreamState; arrived: Arrived } {
    const { id, descriptor } = decoded
    const { header } = signed
    const now = world.now()
    const retraction = retractionOf(tx.get, signed.id, descriptor)
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
    const row = indexEntry(tx, stream, signed, kept, where, erasureDelayOf(book, descriptor.circle), reading?.bulletin)
    return { state, arrived: { arrival, row } }
  }

  /** What the entries draw from quotas: ours of retractions alone, since others would make them wait. */
  function drawsOf({ descriptor }: DecodedDescriptor, from: InstitutionId | undefined, isNew: boolean): Draws {
    const retractions = quotas.retractions(descriptor)
    const entries = from === undefined ? undefined : quotas.entries(descriptor, from)
    const streams = from === undefined || !isNew ? undefined : quotas.streams(descriptor, from)
    return {
      take: ({ header }, body) => {
        if (header.seq === 1) {
          const wait = streams?.take(1)
          if (wait !== undefined) return Refusal.ignore(wait.code, { retryAfter: wait.retryAfter })
        }
        if (header.kind === 'retraction') {
          // A target costs 66 bytes of the body, so its length bounds how many there are without opening it.
          const targets = Math.max(1, Math.floor(header.bodyLength / 66))
          const wait = retractions.take(agedCost(targets, header.clock, world.now()))
          if (wait !== undefined) return Refusal.ignore('too-many-retractions', { retryAfter: wait.retryAfter })
        }
        const wait = entries?.take(1, SIGNED_HEADER_BYTES + (body?.length ?? 0))
        return wait === undefined ? undefined : Refusal.ignore(wait.code, { retryAfter: wait.retryAfter })
      },
      keep: () => {
        retractions.keep()
        entries?.keep()
        streams?.keep()
      }
    }
  }

  return { foresee, batch, own }
}

/** Booked once the batch is on disk: what a refused one drew is not, or a relay could use up an author's day. */
interface Draws {
  take(signed: SignedHeader, body: Uint8Array | null): Refusal | undefined
  keep: Draw['keep']
}

/** [REJECT] a batch is one gapless range of one stream: all that follows rests on it. */
function judgeRange({ id }: DecodedDescriptor, headers: readonly SignedHeader[]): void {
  const first = headers[0]?.header.seq
  if (first === undefined) throw Refusal.reject('empty-batch')
  for (const [index, { header }] of headers.entries()) {
    // The same node key signs other streams too: an entry of one of them is no fork of this one.
    if (header.stream !== id) throw Refusal.reject('wrong-stream')
    if (header.seq !== first + index) throw Refusal.reject('seq-gap')
  }
}

/** What the journal cannot parse is the sender's fault, save what a later version wrote. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof JournalError) {
    return error.code.endsWith('-version') ? Refusal.ignore('unknown-version') : Refusal.reject(error.code)
  }
  // A disk that is full or gone is nobody's offence: the sender may try again, and reads go on.
  if (error instanceof StoreError) return Refusal.ignore(error.code, { retryAfter: MINUTE })
  throw error
}

function outcome(refusal: Refusal | undefined, accepted: number, have: number): Outcome {
  if (refusal === undefined) return { verdict: 'accept', accepted, have }
  const { from, retryAfter } = refusal.facts
  return {
    verdict: refusal.verdict,
    code: refusal.code,
    accepted,
    have,
    ...(from === undefined ? {} : { from }),
    ...(retryAfter === undefined ? {} : { retryAfter })
  }
}
