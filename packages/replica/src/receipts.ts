/**
 * Receipts, said and heard (DESIGN §5): how far this node holds what members of a circle say, and who holds what we said.
 * A receipt goes back the way that its bulletin came and to nobody else at once: to the author where it is linked, else to
 * whoever brought it here. The rest of the circle hears of it when it compares.
 */
import {
  createViaSealer,
  nextRegisterNumber,
  openVia,
  prepareRegister,
  RECEIPT_STREAMS,
  type Receipt,
  registerAddress,
  type SignedRegister,
  type StreamDescriptor,
  signRegister,
  streamMark,
  toHex
} from '@tocsin/journal'
import type { CircleId, InstitutionId, StreamId } from '@tocsin/model'
import { type ArrivalRow, keys, ranges, readRow, type Store, startingWith, type Tx, writeRow } from '@tocsin/store'
import { keyFault } from './author-door.ts'
import type { Book } from './book.ts'
import { DAY, SECOND } from './constants.ts'
import { readEntryRow } from './index-entry.ts'
import { type HeldStream, markOf, type Streams } from './streams.ts'
import type { Identity, Outcome, World } from './types.ts'

/** Somebody who holds an entry, by its own word. */
export interface Holder {
  readonly institution: InstitutionId
  /** ms, by the holder's clock: it held the entry by then at the latest. */
  readonly since: number
  /** Who brought it there; known of streams of ours alone. */
  readonly via?: InstitutionId
}

/** Why a receipt counts for nothing: it holds more than is known to exist, or what its circle may not hold. */
export type UnconfirmedCode = 'beyond-head' | 'outside-audience'

export interface Unconfirmed {
  readonly institution: InstitutionId
  readonly code: UnconfirmedCode
}

export interface Holders {
  readonly holders: readonly Holder[]
  readonly unconfirmed: readonly Unconfirmed[]
}

export interface Receipts {
  /** Keeps what a receipt says newly of streams of ours, in the write that admits it. */
  note(tx: Tx, signed: SignedRegister): void
  /** Peers that are to hear of an admitted receipt at once. */
  towards(signed: SignedRegister): readonly InstitutionId[]
  /** This stream grew here. */
  grown(stream: StreamId): void
  rosterChanged(): void
  linked(peer: InstitutionId): void
  unlinked(peer: InstitutionId): void
  /** A linked peer says how far it holds a stream of ours: what no circle hears of is known by this alone. */
  confirmed(peer: InstitutionId, stream: StreamId, seq: number): Promise<void>
  /** Signs what is due. To be called about once a second. */
  tick(): Promise<void>
  /** Who holds this entry, as far as is known here. */
  holders(stream: StreamId, seq: number): Promise<Holders>
}

/** What grew so long ago is not spoken of any more. */
const RECENT = 7 * DAY
/**
 * Least time between two receipts in one circle: so much, or a member's share of ten a second, for each stream that the
 * next one holds further. Who publishes now and then hears at once; a circle that is busy does not carry receipts instead
 * of bulletins.
 */
const LEAST_MS = 2 * SECOND
const MEMBER_MS = 100
/** A receipt that holds more streams further would go everywhere: its author tells linked authors, and nobody goes on. */
const WAYS_BACK = 4
const AREA = 'held'

interface Place {
  readonly seq: number
  readonly at: number
  readonly via?: InstitutionId
}

interface Held {
  readonly stream: HeldStream
  readonly place: Place
  readonly via: InstitutionId
}

/** What a holder said of a stream of ours. */
interface Step {
  readonly since: number
  readonly via?: string
}

export function createReceipts(deps: {
  world: World
  identity: Identity
  store: Store
  streams: Streams
  book: Book
  mayNotSign: () => unknown
  admit: (registers: readonly Uint8Array[]) => Promise<Outcome>
}): Receipts {
  const { world, identity, store, streams, book } = deps
  const self = identity.institution
  const sealer = createViaSealer(world.random(32))
  const places = new Map<StreamId, Place>()
  const linked = new Set<InstitutionId>()
  const saidAt = new Map<CircleId, number>()
  const ways = new Map<string, Set<InstitutionId>>()
  let dirty = new Set<CircleId>(book.circles())
  /** Where the newest entry came from and when; undefined where its row is gone. */
  function placeOf({ id, state }: HeldStream): Place | undefined {
    const known = places.get(id)
    if (known?.seq === state.seq) return known
    const entry = store.get(keys.entry(state.head))
    const bytes = entry === undefined ? undefined : store.get(keys.arrival(readEntryRow(entry).arrival))
    if (bytes === undefined) return undefined
    const { at, via } = readRow<ArrivalRow>(bytes)
    const place = { seq: state.seq, at, ...(via === undefined ? {} : { via: via as InstitutionId }) }
    places.set(id, place)
    return place
  }

  /** May a receipt in this circle speak of this stream? */
  function isOf(circle: CircleId, descriptor: StreamDescriptor): boolean {
    if (descriptor.tlp === 'RED' || !book.view.isMember(circle, descriptor.author)) return false
    return descriptor.circle === undefined || descriptor.circle === circle
  }

  /** What there is to say, those first that grew last. */
  function heldIn(circle: CircleId, now: number): Held[] {
    const held: Held[] = []
    for (const stream of streams.all()) {
      const { descriptor, state } = stream
      // Of a contested stream nobody can say which of its entries he means.
      const isWhole = state.forkedAt === undefined && (state.closedAt ?? state.seq) >= state.seq && state.seq > 0
      if (descriptor.author === self || !isWhole || !isOf(circle, descriptor)) continue
      const place = placeOf(stream)
      if (place?.via === undefined || place.at <= now - RECENT) continue
      held.push({ stream, place, via: place.via })
    }
    held.sort((a, b) => b.place.at - a.place.at || (a.stream.id < b.stream.id ? -1 : 1))
    return held.slice(0, RECEIPT_STREAMS)
  }

  function receiptOf(held: readonly Held[]): Receipt {
    return {
      key: sealer.key,
      held: held.map(({ stream: { id, descriptor }, place: { seq, at }, via }) => {
        const sealed = sealer.seal({ nodeKey: descriptor.nodeKey, stream: id, seq, via })
        return [streamMark(id), seq, at, sealed]
      })
    }
  }

  /** Undefined where the last one says as much; 'later' where it is too early to say more. */
  function due(circle: CircleId, now: number): Uint8Array | 'later' | undefined {
    if (!book.view.isMember(circle, self)) return undefined
    if (!isTime(circle, now, 1)) return 'later'
    const last = book.get(registerAddress('receipt', self, circle))?.register
    const held = heldIn(circle, now)
    const before = last?.signer === identity.nodeKey ? seqsOf(last) : new Map<string, number>()
    const further = held.filter(({ stream: { id }, place: { seq } }) => before.get(markOf(id)) !== seq).length
    if (further === 0) return undefined
    if (!isTime(circle, now, further)) return 'later'
    const number = nextRegisterNumber(last?.number, now)
    const fields = {
      kind: 'receipt',
      author: self,
      signer: identity.nodeKey,
      circle,
      number,
      value: receiptOf(held)
    } as const
    return signRegister(prepareRegister(fields), identity.key).bytes
  }

  /** By the node's clock, which may be set back: nobody waits until it has caught up. */
  function isTime(circle: CircleId, now: number, further: number): boolean {
    const before = saidAt.get(circle)
    const members = book.roster(circle)?.members.size ?? 0
    return before === undefined || Math.abs(now - before) >= Math.max(LEAST_MS, MEMBER_MS * members) * further
  }

  /** Streams held here by the marks that a receipt names them with. */
  function named({ held }: Receipt): { stream: HeldStream; seq: number; since: number; via: Uint8Array }[] {
    return held.flatMap(([mark, seq, since, via]) =>
      streams.marked(toHex(mark)).map((stream) => ({ stream, seq, since, via }))
    )
  }

  /** Whoever may have brought something to somebody: members of the circles that are held, and peers. */
  function* bringers(): Iterable<InstitutionId> {
    yield self
    for (const circle of book.circles()) yield* book.roster(circle)?.members.keys() ?? []
    yield* linked
  }

  function note(tx: Tx, signed: SignedRegister): void {
    const { register, hash } = signed
    if (register.kind !== 'receipt' || register.circle === undefined) return
    const { author, circle, value: receipt } = register
    const before = seqsOf(book.get(signed.address)?.register)
    const targets = new Set<InstitutionId>()
    const back = new Set<InstitutionId>()
    let further = 0
    for (const { stream, seq, since, via } of named(receipt)) {
      const { id, descriptor, state } = stream
      if ((before.get(markOf(id)) ?? 0) >= seq || descriptor.author === author || !isOf(circle, descriptor)) continue
      further += 1
      if (descriptor.author !== self) {
        const way = placeOf(stream)?.via
        if (linked.has(descriptor.author)) targets.add(descriptor.author)
        else if (way !== undefined && way !== author) back.add(way)
      } else if (seq <= state.seq && descriptor.nodeKey === identity.nodeKey) {
        const bringer = openVia(identity.key, receipt.key, { stream: id, seq, via }, bringers())
        keep(tx, id, seq, author, { since, ...(bringer === undefined ? {} : { via: bringer }) })
      } else if (seq <= state.seq) keep(tx, id, seq, author, { since })
    }
    if (further <= WAYS_BACK) for (const way of back) targets.add(way)
    else if (author !== self) targets.clear()
    tx.committed(() => ways.set(hash, targets))
  }

  async function holdersOfOurs(stream: StreamId, seq: number): Promise<Map<InstitutionId, Holder>> {
    const found = new Map<InstitutionId, Holder>()
    const gte = keys.local(AREA, `${stream}|${place(seq)}`)
    for await (const [key, row] of store.scan({ gte, lt: startingWith(keys.local(AREA, `${stream}|`)).lt })) {
      const institution = stepOf(key).holder
      const { since, via } = readRow<Step>(row)
      if (!found.has(institution))
        found.set(institution, { institution, since, ...(via === undefined ? {} : { via: via as InstitutionId }) })
    }
    return found
  }

  return {
    note,
    towards: ({ hash }) => {
      const way = ways.get(hash)
      ways.delete(hash)
      return [...(way ?? [])]
    },
    grown: (stream) => {
      const descriptor = streams.get(stream)?.descriptor
      if (descriptor === undefined || descriptor.author === self || descriptor.tlp === 'RED') return
      for (const circle of descriptor.circle === undefined ? book.circles() : [descriptor.circle]) dirty.add(circle)
    },
    rosterChanged: () => {
      dirty = new Set(book.circles())
    },
    linked: (peer) => void linked.add(peer),
    unlinked: (peer) => void linked.delete(peer),
    confirmed: async (peer, id, seq) => {
      const stream = streams.get(id)
      if (stream === undefined || stream.descriptor.author !== self || seq < 1 || seq > stream.state.seq) return
      const isHeard = book.circles().some((one) => book.view.isMember(one, peer) && isOf(one, stream.descriptor))
      if (isHeard || store.get(stepKey(id, seq, peer)) !== undefined) return
      await store.transact((tx) => keep(tx, id, seq, peer, { since: world.now(), via: self }))
    },
    tick: async () => {
      if (dirty.size === 0) return
      const fault = keyFault(deps, { author: self, nodeKey: identity.nodeKey })
      if (deps.mayNotSign() !== undefined || fault !== undefined) return
      const now = world.now()
      const registers = [...dirty].flatMap((circle) => {
        const bytes = due(circle, now)
        if (bytes === 'later') return []
        dirty.delete(circle)
        if (bytes === undefined) return []
        saidAt.set(circle, now)
        return [bytes]
      })
      if (registers.length === 0) return
      const { accepted } = await deps.admit(registers)
      // A full disk: said again when there is room.
      if (accepted < registers.length) dirty = new Set(book.circles())
    },
    holders: async (id, seq) => {
      const stream = streams.get(id)
      if (stream === undefined) return { holders: [], unconfirmed: [] }
      const { author } = stream.descriptor
      const found = author === self ? await holdersOfOurs(id, seq) : new Map<InstitutionId, Holder>()
      const unconfirmed = new Map<InstitutionId, UnconfirmedCode>()
      for (const circle of book.circles()) {
        for (const { register } of book.saidIn(circle, 'receipt')) {
          const { kind, author: institution, signer } = register
          if (kind !== 'receipt' || institution === author || found.has(institution)) continue
          const held = named(register.value).find((one) => one.stream.id === id)
          if (held === undefined || held.seq < seq || !book.view.isMember(circle, institution)) continue
          if (keyFault(deps, { author: institution, nodeKey: signer }) !== undefined) continue
          if (!isOf(circle, stream.descriptor)) unconfirmed.set(institution, 'outside-audience')
          else if (held.seq > stream.state.seq) unconfirmed.set(institution, 'beyond-head')
          else if (author !== self) found.set(institution, { institution, since: held.since })
        }
      }
      return {
        holders: [...found.values()].sort((a, b) => a.since - b.since),
        unconfirmed: [...unconfirmed]
          .filter(([institution]) => !found.has(institution))
          .map(([institution, code]) => ({ institution, code }))
      }
    }
  }
}

/** How far a receipt holds each stream, by mark (hex). */
function seqsOf(register: SignedRegister['register'] | undefined): Map<string, number> {
  return new Map(register?.kind === 'receipt' ? register.value.held.map(([mark, seq]) => [toHex(mark), seq]) : [])
}

/** In the order of sequence numbers. */
const place = (seq: number): string => seq.toString(16).padStart(14, '0')

function stepKey(stream: StreamId, seq: number, holder: InstitutionId): Uint8Array {
  return keys.local(AREA, `${stream}|${place(seq)}|${holder}`)
}

function stepOf(key: Uint8Array): { stream: StreamId; holder: InstitutionId } {
  const [stream = '', , holder = ''] = (Buffer.from(key).toString('utf8').split('\0')[1] ?? '').split('|')
  return { stream: stream as StreamId, holder: holder as InstitutionId }
}

/** The first word stands: a holder that says it again later does not hold it since then. */
function keep(tx: Tx, stream: StreamId, seq: number, holder: InstitutionId, step: Step): void {
  const key = stepKey(stream, seq, holder)
  if (tx.get(key) === undefined) tx.put(key, writeRow(step))
}

/** Drops what was said of streams of ours of which nothing is kept any more. */
export async function sweepHeld(store: Store, streams: Streams): Promise<void> {
  const past: Uint8Array[] = []
  for await (const [key] of store.scan(ranges.local(AREA)))
    if (streams.get(stepOf(key).stream) === undefined) past.push(key)
  if (past.length > 0)
    await store.transact(
      (tx) => {
        for (const key of past) tx.del(key)
      },
      { frees: true }
    )
}
