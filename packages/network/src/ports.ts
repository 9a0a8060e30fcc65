import type { CircleId, InstitutionId, NodeKey } from '@tocsin/model'
import type { Action, IncomingBatch, Outcome, SessionState, SyncEvent, SyncReport, SyncSession } from '@tocsin/sync'
import type { Backoff } from './backoff.ts'
import type { Clock } from './clock.ts'

/** Who may connect, as the replica holds it now. Read again and again: both functions must be cheap. */
export interface AllowList {
  /** The institution that a node key (current or next, of its card) stands for, if it is on the list. */
  institutionOf(nodeKey: NodeKey): InstitutionId | undefined
  peers(): readonly AllowedPeer[]
}

export interface AllowedPeer {
  readonly institution: InstitutionId
  /** Tried in this order: the current key first, then the next. */
  readonly nodeKeys: readonly NodeKey[]
  /** Multiaddr texts of the card. */
  readonly addresses: readonly string[]
}

/** The rosters, as the replica holds them now. Read again and again: both functions must be cheap. */
export interface Circles {
  /** Circles of which this institution is a member. */
  own(): readonly CircleId[]
  /** Circles of which both this institution and the other are members. */
  sharedWith(institution: InstitutionId): readonly CircleId[]
}

/** Where signed peer records wait for the next start. They are verified again when they come back. */
export interface RecordShelf {
  load(): Promise<readonly Uint8Array[]>
  /** In place of an earlier record of this key. */
  keep(nodeKey: NodeKey, record: Uint8Array): Promise<void>
  forget(nodeKey: NodeKey): Promise<void>
}

/** pino's shape, as narrowly as it is used. Peer-supplied text goes to debug only. */
export interface Log {
  debug(facts: Record<string, unknown>, message: string): void
  info(facts: Record<string, unknown>, message: string): void
  warn(facts: Record<string, unknown>, message: string): void
}

/** What the world behind a session offers: the replica, mostly. */
export interface World {
  /** Called for one peer one at a time, in order. A rejection means a fault of ours and closes the session. */
  admit(batch: IncomingBatch): Promise<Outcome>
  admitRegisters(from: InstitutionId, registers: readonly Uint8Array[]): Promise<Outcome>
  onReport(peer: InstitutionId, report: SyncReport): void
  /** The peer confirmed the head of one of our own streams. */
  onConfirmed(peer: InstitutionId, confirmed: Confirmed): void
}

export type Confirmed = Omit<Extract<Action, { type: 'confirmed' }>, 'type'>

export interface NetworkOptions {
  /** 32-byte Ed25519 seed of the node key. */
  readonly nodeKeySeed: Uint8Array
  /** Multiaddrs to listen at: `/ip4/0.0.0.0/tcp/4001`. */
  readonly listen: readonly string[]
  /** Multiaddrs to tell peers instead. */
  readonly announce?: readonly string[]
  readonly backoff?: Backoff
  /** Text of a libp2p pre-shared key (`/key/swarm/psk/1.0.0/`): hosts without it are shut out before noise. */
  readonly networkKey?: string
  /** Pass connections on between peers. */
  readonly servesRelay?: boolean
  /** Peers through which this node is reached, beside its own addresses. */
  readonly relays?: readonly InstitutionId[]
}

export interface NetworkDeps extends World {
  readonly allow: AllowList
  readonly circles: Circles
  /** Without one, addresses that peers moved to are forgotten at each stop. */
  readonly shelf?: RecordShelf
  /** A fresh session for a peer, `createSession` of sync. */
  session(peer: InstitutionId): SyncSession
  readonly clock: Clock
  /** Uniform in [0, 1): jitter only. */
  random(): number
  readonly log: Log
}

/** One allow-listed peer as the status page shows it. */
export interface PeerStatus {
  readonly institution: InstitutionId
  /** The session is linked: both sides greeted. An open connection alone says nothing (a refused dial looks open). */
  readonly connected: boolean
  /** Since when linked, ms since 1970. */
  readonly since?: number
  /** Remote multiaddr of the present stream. */
  readonly address?: string
  /** Who opened the present stream. */
  readonly direction?: 'inbound' | 'outbound'
  readonly nodeKey?: NodeKey
  readonly session?: SessionState
  /** Why the last dial or session ended: a code of NETWORK_ERRORS, SYNC_ERRORS or the replica's. */
  readonly lastError?: { readonly code: string; readonly at: number }
  /** Dials that failed in a row. */
  readonly failures: number
}

/** Something became durable here; told to every session, that of `from` too. */
export type Appended = Omit<Extract<SyncEvent, { type: 'appended' }>, 'type' | 'now'> & {
  /** These alone hear of it, where it is not for all. */
  readonly to?: readonly InstitutionId[]
}

/** A live second instance of a peer's own key, with its proof. */
export type Twin = Omit<Extract<SyncEvent, { type: 'twin' }>, 'type' | 'now'>

export interface Network {
  /** Listens and begins to dial. Rejects with NetworkError `listen-failed`, `network-key-invalid`. */
  start(): Promise<void>
  /** Ends every session, dial and listener; resolves when no handle is open and no admission under way. */
  stop(): Promise<void>
  /** Multiaddrs with PeerId at which the node can be dialled; empty when stopped. */
  addresses(): string[]
  notifyAppended(appended: Appended): void
  /** Tells the peer that another instance of its key is alive. */
  notifyTwin(peer: InstitutionId, twin: Twin): void
  /** Tells the sessions, and lets members in and out of the lookups of their circles at once. */
  rosterChanged(): void
  /** Applies the list at once: removed peers lose connection and streams, new or moved ones are dialled now. */
  allowListChanged(): void
  status(): PeerStatus[]
  /** How many sessions ended, and hand-overs of peer records were refused, with each code since the start. */
  counts(): ReadonlyMap<string, number>
}
