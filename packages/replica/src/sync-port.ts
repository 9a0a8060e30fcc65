/** What a sync session may read of this replica: only what the hop rule, by the rosters held here, lets both hold. */
import { parseSignedHeader, SIGNED_HEADER_BYTES, type SignedRegister, type StreamDescriptor } from '@tocsin/journal'
import type { CircleId, EntryId, InstitutionId, StreamId, Verdict } from '@tocsin/model'
import { keys, type Store } from '@tocsin/store'
import { dayOf, mayHop, mayHopRegister, sealHopProof } from '@tocsin/trust'
import type { Book } from './book.ts'
import type { WireEntry } from './hop-door.ts'
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
  hopProof(peer: InstitutionId, stream: StreamId, first: number, last: number, lastId: EntryId): Uint8Array
}

const ORDER: Readonly<Record<string, number>> = {
  card: 0,
  charter: 1,
  acceptance: 2,
  vouch: 2,
  revocation: 2,
  resignation: 2
}

export function createSyncPort(deps: {
  world: World
  identity: Identity
  store: Store
  streams: Streams
  book: Book
  instanceProof: () => Uint8Array
}): SyncPort {
  const { world, identity, store, streams, book } = deps
  const self = identity.institution

  function eitherWay(stream: HeldStream, peer: InstitutionId): boolean {
    const { descriptor } = stream
    return mayHop(descriptor, self, peer, book.view).allowed || mayHop(descriptor, peer, self, book.view).allowed
  }

  function registerEitherWay({ register }: SignedRegister, peer: InstitutionId): boolean {
    return (
      mayHopRegister(register, self, peer, book.view).allowed || mayHopRegister(register, peer, self, book.view).allowed
    )
  }

  /** In the digests: what both are to hold to the same end. */
  function live(stream: HeldStream): boolean {
    return stream.state.forkedAt === undefined && exchanged(stream)
  }

  /** A forked stream is still shown to whoever asks, or the other side could not find the split (DESIGN §4). */
  function exchanged(stream: HeldStream): boolean {
    const now = world.now()
    return frozen(stream, book, now) === undefined && !overdue(stream, now)
  }

  /** A body past its time is not offered, be it erased yet or not. */
  function offered(stream: HeldStream, bytes: Uint8Array): boolean {
    const { header, id } = parseSignedHeader(bytes)
    const erasesAt = retractionOf(store.get, id, stream.descriptor)?.erasesAt ?? header.keepUntil
    return Math.min(erasesAt, header.keepUntil) > world.now()
  }

  function inScope(signed: SignedRegister, peer: InstitutionId, scope: 'direct' | CircleId): boolean {
    const { kind, author, circle } = signed.register
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
        instanceProof: deps.instanceProof(),
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
        const { tlp, circle, kind } = stream.descriptor
        if ((tlp === 'AMBER' ? circle : 'direct') !== scope || !live(stream) || !eitherWay(stream, peer)) continue
        const { seq, id } = headOf(stream)
        rows.push({
          kind: 'stream',
          key: stream.id,
          number: seq,
          hash: id,
          order: kind === 'retraction' ? 3 : 4,
          newest: stream.state.clock
        })
      }
      return rows
    },
    descriptor: (stream) => streams.get(stream)?.bytes,
    idAt: (stream, seq) => storedHeader(store.get, stream, seq)?.id,
    head: (stream) => {
      const held = streams.get(stream)
      return held === undefined ? undefined : headOf(held)
    },
    read: (stream, firstSeq, maxBytes) => {
      const held = streams.get(stream)
      const entries: WireEntry[] = []
      let bytes = 0
      for (let seq = firstSeq; held !== undefined && seq <= held.state.seq; seq++) {
        const header = store.get(keys.header(stream, seq))
        if (header === undefined) break
        const body = offered(held, header) ? (store.get(keys.body(stream, seq)) ?? null) : null
        bytes += SIGNED_HEADER_BYTES + (body?.length ?? 0)
        if (entries.length > 0 && bytes > maxBytes) break
        entries.push({ header, body })
      }
      return entries
    },
    register: (address) => book.at(address)?.bytes,
    registerHead: (address) => {
      const held = book.at(address)
      return held === undefined ? undefined : { number: held.register.number, hash: held.hash }
    },
    maySend: (peer, stream) => {
      const held = streams.get(stream)
      if (held === undefined) return { allowed: false, code: 'not-held' }
      if (!exchanged(held)) return { allowed: false, code: 'stream-frozen' }
      return mayHop(held.descriptor, self, peer, book.view)
    },
    maySendRegister: (peer, address) => {
      const held = book.at(address)
      return held === undefined
        ? { allowed: false, code: 'not-held' }
        : mayHopRegister(held.register, self, peer, book.view)
    },
    mayAccept: (peer, descriptor) => mayHop(descriptor, peer, self, book.view),
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
