/**
 * Which of my streams I may sign next (DESIGN §4, never fork oneself). A stream opened since this start is mine to
 * sign at once. One of an earlier run waits until every connected peer that may hold it, and at least one, has
 * confirmed its head; with no such peer for 30 s it is left for a new incarnation that names it as predecessor.
 */
import { encodeDescriptor, quarterOf, type StreamDescriptor, type StreamKind } from '@tocsin/journal'
import type { EntryId, InstitutionId, StreamId } from '@tocsin/model'
import { keys, readRow, type Store, type Tx, writeRow } from '@tocsin/store'
import { mayHop } from '@tocsin/trust'
import type { Book } from './book.ts'
import { HEAD_PATIENCE } from './constants.ts'
import { headOf, type Streams } from './streams.ts'
import { type Audience, audienceKey, type Identity, type World } from './types.ts'

export interface OwnStreams {
  /** Resolves when the audience's stream may be signed; `waiting` hears once when it must wait. */
  ready(audience: Audience, kind: StreamKind, waiting?: () => void): Promise<void>
  /** The descriptor to sign next, in the caller's transaction: of the live stream, or of a new one. */
  current(
    tx: Tx,
    audience: Audience,
    kind: StreamKind,
    clock: number
  ): { readonly bytes: Uint8Array; readonly stream?: StreamId }
  /** To be called after `current` made a new one, in the same transaction. */
  opened(tx: Tx, audience: Audience, kind: StreamKind, stream: StreamId): void
  confirmed(peer: InstitutionId, stream: StreamId, seq: number, id: EntryId): void
  linked(peer: InstitutionId): void
  unlinked(peer: InstitutionId): void
  /** A stream of mine that must not be signed any more (a foreign entry came under my key). */
  abandon(stream: StreamId): void
  /** To be called about once a second. */
  tick(): void
}

export function createOwnStreams(deps: {
  world: World
  identity: Identity
  store: Store
  streams: Streams
  book: Book
  patience?: number
}): OwnStreams {
  const { world, identity, store, streams, book } = deps
  const patience = deps.patience ?? HEAD_PATIENCE
  const startedAt = world.now()
  const trusted = new Set<StreamId>()
  const abandoned = new Set<StreamId>()
  const confirmations = new Map<StreamId, Set<InstitutionId>>()
  const connected = new Set<InstitutionId>()
  const waiters = new Set<() => void>()

  const slot = (audience: Audience, kind: StreamKind): Uint8Array =>
    keys.local('own', `${kind}|${audienceKey(audience)}`)

  function stands(audience: Audience, kind: StreamKind): boolean {
    const row = store.get(slot(audience, kind))
    if (row === undefined) return true
    const { stream } = readRow<{ stream: StreamId }>(row)
    if (trusted.has(stream) || abandoned.has(stream)) return true
    const held = streams.get(stream)
    if (
      held === undefined ||
      held.descriptor.quarter !== quarterOf(world.now()) ||
      held.descriptor.nodeKey !== identity.nodeKey
    )
      return true
    const holders = [...connected].filter(
      (peer) => mayHop(held.descriptor, identity.institution, peer, book.view).allowed
    )
    const by = confirmations.get(stream)
    if (holders.length > 0 && holders.every((peer) => by?.has(peer))) {
      trusted.add(stream)
      return true
    }
    if (world.now() - startedAt < patience) return false
    abandoned.add(stream)
    return true
  }

  return {
    ready: (audience, kind, waiting) => {
      if (stands(audience, kind)) return Promise.resolve()
      waiting?.()
      return new Promise((resolve) => {
        const look = (): void => {
          if (!stands(audience, kind)) return
          waiters.delete(look)
          resolve()
        }
        waiters.add(look)
      })
    },
    current: (tx, audience, kind, clock) => {
      const row = tx.get(slot(audience, kind))
      const last = row === undefined ? undefined : readRow<{ stream: StreamId }>(row).stream
      const quarter = quarterOf(clock)
      const bytes = last === undefined ? undefined : tx.get(keys.descriptor(last))
      const held = last === undefined ? undefined : streams.get(last)
      const usable =
        last !== undefined && bytes !== undefined && !abandoned.has(last) && held?.state.forkedAt === undefined
      const sameKey =
        held === undefined || (held.descriptor.nodeKey === identity.nodeKey && held.descriptor.quarter === quarter)
      if (usable && sameKey && (held === undefined || trusted.has(last))) return { bytes, stream: last }
      const state = last === undefined ? undefined : tx.get(keys.stream(last))
      const head = state === undefined ? undefined : readRow<{ seq: number; head: EntryId }>(state)
      const descriptor: StreamDescriptor = {
        author: identity.institution,
        nodeKey: identity.nodeKey,
        incarnation: Buffer.from(world.random(16)).toString('hex'),
        quarter,
        kind,
        ...audience,
        ...(last === undefined || head === undefined
          ? {}
          : { predecessor: { stream: last, seq: head.seq, head: head.head } })
      }
      return { bytes: encodeDescriptor(descriptor) }
    },
    opened: (tx, audience, kind, stream) => {
      tx.put(slot(audience, kind), writeRow({ stream }))
      tx.committed(() => trusted.add(stream))
    },
    confirmed: (peer, stream, seq, id) => {
      const held = streams.get(stream)
      if (held === undefined || headOf(held).seq !== seq || headOf(held).id !== id) return
      confirmations.set(stream, (confirmations.get(stream) ?? new Set()).add(peer))
      for (const look of [...waiters]) look()
    },
    linked: (peer) => {
      connected.add(peer)
    },
    unlinked: (peer) => {
      connected.delete(peer)
    },
    abandon: (stream) => {
      trusted.delete(stream)
      abandoned.add(stream)
    },
    tick: () => {
      for (const look of [...waiters]) look()
    }
  }
}
