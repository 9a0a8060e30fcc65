/** What a sync session may read of this replica: only what the hop rule, by the rosters held here, lets both hold. */
import {
  closedStream,
  parseSignedHeader,
  SIGNED_HEADER_BYTES,
  type SignedRegister,
  type StreamDescriptor
} from '@tocsin/journal'
import type { CircleId, EntryId, InstitutionId, StreamId, Verdict } from '@tocsin/model'
import { keys, type Store } from '@tocsin/store'
import { dayOf, mayHop, mayHopFork, sealHopProof } from '@tocsin/trust'
import { isPast, keyFault } from './author-door.ts'
import type { Book } from './book.ts'
import { type ForkBook, forkNumber, type HeldFork } from './fork-book.ts'
import type { WireEntry } from './hop-door.ts'
import type { Presences } from './presences.ts'
import type { Refused } from './refused.ts'
import { mayHopAny } from './register-hop.ts'
import { frozen, retractionOf } from './rules.ts'
import { type HeldStream, headOf, type Streams, storedHeader } from './streams.ts'
import { overdue } from './sweep.ts'
import type { Identity, World } from './types.ts'

/** How far this replica holds one stream or register. */
export interface PortRow {
  readonly kind: 'register' | 'stream'
  readonly key: string
  readonly number: number
  readonly hash: string
  readonly order: number
  readonly newest: number
}

export interface SyncPort {
  self(): {
    readonly institution: InstitutionId
    readonly nodeKey: Identity['nodeKey']
    readonly instance: string
    readonly instanceProof: Uint8Array
    readonly card: { readonly number: number; readonly hash: string }
  }
  sharedCircles(peer: InstitutionId): readonly CircleId[]
  rows(peer: InstitutionId, scope: 'direct' | CircleId): readonly PortRow[]
  descriptor(stream: StreamId): Uint8Array | undefined
  head(stream: StreamId): { readonly seq: number; readonly id: EntryId } | undefined
  idAt(stream: StreamId, seq: number): EntryId | undefined
  read(stream: StreamId, firstSeq: number, maxBytes: number): readonly WireEntry[]
  register(address: string): Uint8Array | undefined
  registerHead(address: string): { readonly number: number; readonly hash: string } | undefined
  maySend(peer: InstitutionId, stream: StreamId): Verdict
  maySendRegister(peer: InstitutionId, address: string): Verdict
  mayAccept(peer: InstitutionId, descriptor: StreamDescriptor): Verdict
  refuses: Refused['again']
  hopProof(peer: InstitutionId, stream: StreamId, first: number, last: number, lastId: EntryId): Uint8Array
}

const ORDER: Readonly<Record<string, number>> = {
  card: 0,
  charter: 1,
  acceptance: 2,
  vouch: 2,
  revocation: 2,
  resignation: 2,
  receipt: 2,
  presence: 2
}
/** With the statements: on the wire the order tells the kind of a row, and up to 2 it is a register's. */
const FORK_ORDER = 2

export function createSyncPort(deps: {
  world: World
  identity: Identity
  store: Store
  streams: Streams
  book: Book
  forkBook: ForkBook
  presences: Pick<Presences, 'stale'>
  refused: Pick<Refused, 'again'>
  instanceProof: () => Uint8Array
}): SyncPort {
  const { world, identity, store, streams, book, forkBook, presences } = deps
  const self = identity.institution

  /** That anybody may bring a stream back to its author makes nobody a holder of ours. */
  function eitherWay({ descriptor }: HeldStream, peer: InstitutionId): boolean {
    if (mayHop(descriptor, self, peer, book.view).allowed) return true
    return descriptor.author !== self && mayHop(descriptor, peer, self, book.view).allowed
  }

  function registerEitherWay({ register }: SignedRegister, peer: InstitutionId): boolean {
    if (mayHopAny(register, self, peer, book.view, self).allowed) return true
    // As with streams: that one's own come back from anybody makes nobody a holder of them.
    if (register.kind === 'closing' && register.author === self) return false
    return mayHopAny(register, peer, self, book.view).allowed
  }

  /** Where it ends, if its author's root key said so. */
  function lastOf(stream: HeldStream): number {
    const closing = book.closing(stream.id)
    if (closing === undefined || closing === 'contested') return Number.POSITIVE_INFINITY
    return closing.last
  }

  /**
   * In the digests: what both are to hold to the same end. Of a forked stream that is what lies before the split, so
   * that it reaches everybody, and whoever parts from us still earlier shows it.
   */
  function agreed(stream: HeldStream, peer: InstitutionId): { seq: number; id: EntryId } | undefined {
    if (!exchanged(stream, peer)) return undefined
    const end = shownTo(stream)
    const last = end === Number.POSITIVE_INFINITY ? (stream.state.forkedAt ?? end) - 1 : end
    return upTo(stream, last)
  }

  /**
   * Of a contested stream that is closed, what leads to the entry that the closing names, once it does. Two who hold other
   * branches, and neither of them the one that was named, would hand them to each other for ever.
   */
  function shownTo(stream: HeldStream): number {
    const { closedAt, forkedAt } = stream.state
    const end = lastOf(stream)
    if (end === Number.POSITIVE_INFINITY || closedAt !== undefined || forkedAt === undefined) return end
    return Math.min(end, forkedAt - 1)
  }

  function upTo(stream: HeldStream, last: number): { seq: number; id: EntryId } | undefined {
    const head = headOf(stream)
    if (head.seq <= last) return head
    const before = last === 0 ? null : storedHeader(store.get, stream.id, last)
    return before === null ? undefined : { seq: last, id: before.id }
  }

  function forkEitherWay({ descriptor }: HeldFork, peer: InstitutionId): boolean {
    if (mayHopFork(descriptor, self, peer, book.view).allowed) return true
    return descriptor.author !== self && mayHopFork(descriptor, peer, self, book.view).allowed
  }

  /** What the peer's door would take of it, as far as this replica can tell. */
  function told({ sides }: HeldFork): boolean {
    const now = world.now()
    return sides.every(
      ({ descriptor, id }) =>
        keyFault({ world, identity, book }, descriptor, id) === undefined && !isPast(book, descriptor, now)
    )
  }

  /** A forked stream is still shown to whoever asks, or the other side could not find the split (DESIGN §4). */
  function exchanged(stream: HeldStream, peer: InstitutionId): boolean {
    const now = world.now()
    if (overdue(stream, now)) return false
    const why = frozen(stream, book, now)
    // To close it, its author has to know how far it went: it may have lost its store, and the key with it.
    return why === undefined || (why === 'retired-key' && [self, peer].includes(stream.descriptor.author))
  }

  /** A body past its time is not offered, be it erased yet or not. */
  function offered(stream: HeldStream, bytes: Uint8Array): boolean {
    const { header, id } = parseSignedHeader(bytes)
    const erasesAt = retractionOf(store.get, id, stream.descriptor)?.erasesAt ?? header.keepUntil
    return Math.min(erasesAt, header.keepUntil) > world.now()
  }

  function inScope(signed: SignedRegister, peer: InstitutionId, scope: 'direct' | CircleId): boolean {
    const { kind, author, circle } = signed.register
    if (signed.register.kind === 'closing') {
      const { descriptor } = closedStream(signed.register.value)
      return scopeOf(descriptor) === scope && !isPast(book, descriptor, world.now())
    }
    if (kind !== 'card') return circle === scope
    if (scope === 'direct') return author === self || author === peer
    return book.standing(scope, author) !== undefined
  }

  return {
    self: () => {
      const card = book.cardRegister(self)
      return {
        institution: self,
        nodeKey: identity.nodeKey,
        instance: identity.instance,
        // Signed for who reads it: `self` is asked for the institution at every row.
        get instanceProof() {
          return deps.instanceProof()
        },
        card: { number: card?.register.number ?? 0, hash: card?.hash ?? '0'.repeat(64) }
      }
    },
    sharedCircles: (peer) => book.named(self, peer),
    rows: (peer, scope) => {
      const rows: PortRow[] = []
      for (const [key, signed] of book.rows()) {
        if (!inScope(signed, peer, scope) || !registerEitherWay(signed, peer)) continue
        const { kind, number } = signed.register
        rows.push({
          kind: 'register',
          key,
          number,
          hash: signed.hash,
          order: ORDER[kind] ?? 2,
          newest: 0
        })
      }
      for (const stream of streams.all()) {
        if (scopeOf(stream.descriptor) !== scope || !eitherWay(stream, peer)) continue
        const end = agreed(stream, peer)
        if (end === undefined) continue
        const { kind } = stream.descriptor
        const { seq, id } = end
        rows.push({
          kind: 'stream',
          key: stream.id,
          number: seq,
          hash: id,
          order: kind === 'retraction' ? 3 : 4,
          newest: stream.state.clock
        })
      }
      for (const fork of forkBook.all()) {
        if (scopeOf(fork.descriptor) !== scope || !told(fork) || !forkEitherWay(fork, peer)) continue
        // Whichever two records show it here: it is the same fork.
        const { key } = fork
        rows.push({ kind: 'register', key, number: forkNumber(fork.seq), hash: key, order: FORK_ORDER, newest: 0 })
      }
      return rows
    },
    descriptor: (stream) => streams.get(stream)?.bytes,
    idAt: (stream, seq) => storedHeader(store.get, stream, seq)?.id,
    head: (stream) => {
      const held = streams.get(stream)
      return held === undefined ? undefined : upTo(held, lastOf(held))
    },
    read: (stream, firstSeq, maxBytes) => {
      const held = streams.get(stream)
      const entries: WireEntry[] = []
      let bytes = 0
      const last = held === undefined ? 0 : Math.min(held.state.seq, shownTo(held))
      for (let seq = firstSeq; held !== undefined && seq <= last; seq++) {
        const header = store.get(keys.header(stream, seq))
        if (header === undefined) break
        const body = offered(held, header) ? (store.get(keys.body(stream, seq)) ?? null) : null
        bytes += SIGNED_HEADER_BYTES + (body?.length ?? 0)
        if (entries.length > 0 && bytes > maxBytes) break
        entries.push({ header, body })
      }
      return entries
    },
    register: (address) => book.at(address)?.bytes ?? forkBook.bytes(address),
    registerHead: (address) => {
      const fork = forkBook.get(address)
      if (fork !== undefined) return { number: forkNumber(fork.seq), hash: address }
      const held = book.at(address)
      return held === undefined ? undefined : { number: held.register.number, hash: held.hash }
    },
    maySend: (peer, stream) => {
      const held = streams.get(stream)
      if (held === undefined) return { allowed: false, code: 'not-held' }
      if (!exchanged(held, peer) || lastOf(held) === 0) return { allowed: false, code: 'stream-frozen' }
      const { author, circle } = held.descriptor
      const verdict = mayHop(held.descriptor, self, peer, book.view)
      if (!verdict.allowed || circle === undefined || peer === author) return verdict
      // Rows are compared all the same: what stops is what would tell somebody whose expulsion may not be known here.
      const code = presences.stale(circle)
      return code === undefined ? verdict : { allowed: false, code }
    },
    maySendRegister: (peer, address) => {
      const fork = forkBook.get(address)
      if (fork !== undefined)
        return told(fork) ? mayHopFork(fork.descriptor, self, peer, book.view) : { allowed: false, code: 'not-shared' }
      const held = book.at(address)
      return held === undefined
        ? { allowed: false, code: 'not-held' }
        : mayHopAny(held.register, self, peer, book.view, self)
    },
    mayAccept: (peer, descriptor) => mayHop(descriptor, peer, self, book.view),
    refuses: deps.refused.again,
    hopProof: (peer, stream, first, last, lastId) => {
      const circle = streams.get(stream)?.descriptor.circle
      const roster = circle === undefined ? undefined : book.roster(circle)
      const now = world.now()
      return sealHopProof(identity.key, {
        from: self,
        to: peer,
        stream,
        first,
        last,
        lastId,
        ...(roster === undefined ? {} : { rosterDigest: roster.digest }),
        day: roster?.day ?? dayOf(now),
        time: now
      })
    }
  }
}

/** The comparison to which a stream belongs: its circle's, or the pair's own. */
function scopeOf({ tlp, circle }: StreamDescriptor): 'direct' | CircleId {
  return tlp === 'AMBER' && circle !== undefined ? circle : 'direct'
}
