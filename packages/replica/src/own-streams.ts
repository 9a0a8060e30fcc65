/**
 * Which of my streams I may sign next (DESIGN §4, never fork oneself). A stream opened since this start is mine to
 * sign at once. One of an earlier run waits until every connected peer that may hold it, and at least one, has
 * confirmed its head; with no such peer for 30 s it is left for a new incarnation. That one names as predecessor only
 * what this run may sign: whatever else this store holds, an earlier life of it may have continued already, and two
 * streams with one predecessor are a fork.
 */
import {
  type DecodedDescriptor,
  encodeDescriptor,
  quarterOf,
  registerAddress,
  type StreamDescriptor,
  type StreamKind
} from '@tocsin/journal'
import type { EntryId, InstitutionId, StreamId } from '@tocsin/model'
import { keys, readRow, type Store, type StreamState, type Tx, writeRow } from '@tocsin/store'
import { mayHop } from '@tocsin/trust'
import type { Book } from './book.ts'
import { HEAD_PATIENCE, MAX_INCARNATIONS, MAX_SKEW } from './constants.ts'
import { type HeldStream, headOf, type Streams } from './streams.ts'
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
  /** Entries came under my key that this store did not write: neither that stream nor what it continues is signed on. */
  foreign(stream: DecodedDescriptor): void
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

  /** May it be gone on with, as far as the stream itself goes? */
  function isUsable({ id, descriptor, state }: HeldStream, clock: number): boolean {
    return (
      !abandoned.has(id) &&
      state.forkedAt === undefined &&
      book.closing(id) === undefined &&
      descriptor.nodeKey === identity.nodeKey &&
      descriptor.quarter === quarterOf(clock) &&
      // The clock never falls along a stream: one that ran ahead would make everybody wait for it to come true.
      state.clock <= clock + MAX_SKEW
    )
  }

  /** Also by an earlier work of the same write. */
  function isClosed(tx: Tx, stream: StreamId): boolean {
    return tx.get(keys.register(registerAddress('closing', identity.institution, stream))) !== undefined
  }

  function stands(audience: Audience, kind: StreamKind): boolean {
    const row = store.get(slot(audience, kind))
    if (row === undefined) return true
    const held = streams.get(readRow<{ stream: StreamId }>(row).stream)
    if (held === undefined || trusted.has(held.id) || !isUsable(held, world.now())) return true
    const holders = [...connected].filter(
      (peer) => mayHop(held.descriptor, identity.institution, peer, book.view).allowed
    )
    const by = confirmations.get(held.id)
    if (holders.length > 0 && holders.every((peer) => by?.has(peer))) {
      trusted.add(held.id)
      return true
    }
    // With every incarnation of the quarter used up, waiting is all that is left.
    if (world.now() - startedAt < patience || incarnationsOf(held) >= MAX_INCARNATIONS) return false
    abandoned.add(held.id)
    return true
  }

  function incarnationsOf({ descriptor }: HeldStream): number {
    let count = 0
    for (const other of streams.by(identity.institution)) {
      const { nodeKey, quarter, kind } = other.descriptor
      const isSame = nodeKey === descriptor.nodeKey && quarter === descriptor.quarter && kind === descriptor.kind
      if (isSame && audienceKey(other.descriptor) === audienceKey(descriptor)) count += 1
    }
    return count
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
      const bytes = last === undefined ? undefined : tx.get(keys.descriptor(last))
      const held = last === undefined ? undefined : streams.get(last)
      // Not in memory yet: opened by a transaction of the same group.
      const isOpen = held === undefined || (trusted.has(held.id) && isUsable(held, clock) && !isClosed(tx, held.id))
      if (last !== undefined && bytes !== undefined && isOpen) return { bytes, stream: last }
      // Not one of another key: who stole that one could open a second stream behind it, and make it a fork.
      const continues = last !== undefined && trusted.has(last) && held?.descriptor.nodeKey === identity.nodeKey
      const state = continues ? tx.get(keys.stream(last)) : undefined
      const head = state === undefined ? undefined : readRow<StreamState>(state)
      const descriptor: StreamDescriptor = {
        author: identity.institution,
        nodeKey: identity.nodeKey,
        incarnation: Buffer.from(world.random(16)).toString('hex'),
        quarter: quarterOf(clock),
        kind,
        ...audience,
        ...(last === undefined || head === undefined
          ? {}
          : { predecessor: { stream: last, seq: head.seq, head: head.head as EntryId } })
      }
      return { bytes: encodeDescriptor(descriptor) }
    },
    opened: (tx, audience, kind, stream) => {
      tx.put(slot(audience, kind), writeRow({ stream }))
      tx.committed(() => trusted.add(stream))
    },
    confirmed: (peer, stream, seq, id) => {
      const held = streams.get(stream)
      if (held === undefined || held.descriptor.author !== identity.institution) return
      if (headOf(held).seq !== seq || headOf(held).id !== id) return
      confirmations.set(stream, (confirmations.get(stream) ?? new Set()).add(peer))
      for (const look of [...waiters]) look()
    },
    linked: (peer) => {
      connected.add(peer)
    },
    unlinked: (peer) => {
      connected.delete(peer)
    },
    foreign: ({ id, descriptor }) => {
      const before = descriptor.predecessor?.stream
      for (const stream of before === undefined ? [id] : [id, before]) {
        trusted.delete(stream)
        abandoned.add(stream)
      }
      for (const look of [...waiters]) look()
    },
    tick: () => {
      for (const look of [...waiters]) look()
    }
  }
}
