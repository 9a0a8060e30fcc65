/**
 * The borders of the sync room: what a session reads from the replica, what it is told, what it asks for.
 * A session has no socket, clock, timer or store of its own: it is a pure state machine over these types.
 * Times are integers of milliseconds since the epoch; ids are lower-case hex except InstitutionId (did:key).
 */

import type { StreamDescriptor } from '@tocsin/journal'
import type { CircleId, EntryId, InstitutionId, NodeKey, StreamId } from '@tocsin/model'
import type { Hub } from './hub.ts'

/** One comparison set of two replicas: a shared circle, or 'direct' for RED, AMBER+STRICT, GREEN and CLEAR (DESIGN §8). */
export type Scope = 'direct' | CircleId

/** How far a replica holds one stream or register. Agreement is over (kind, key, number, hash) alone. */
export interface Row {
  readonly kind: 'register' | 'stream'
  /** Register address or stream id, 64 hex. */
  readonly key: string
  /** Register number, or last seq held (from 1). */
  readonly number: number
  /** Register hash, or id of the head entry, 64 hex. */
  readonly hash: string
  /** Order of catching up: 0 cards, 1 charters, 2 statements, 3 retraction streams, 4 logs. */
  readonly order: number
  /** Clock of the newest entry in ms: logs are caught up newest first. 0 for registers. */
  readonly newest: number
}

/** An entry as it travels: 190 bytes of signed header, and the body, null where it was erased. */
export interface WireEntry {
  readonly header: Uint8Array
  readonly body: Uint8Array | null
}

/** A verdict as trust gives it; only `allowed` and `code` matter here. */
export type PortVerdict = { readonly allowed: true } | { readonly allowed: false; readonly code: string }

/** A refusal that stands, of a stream with its descriptor. */
export interface PortRefusal {
  readonly code: string
  readonly descriptor?: StreamDescriptor
}

/** What a session reads from the replica: synchronous, consistent at the moment of the call, and nothing here writes. */
export interface SyncReplica {
  self(): {
    readonly institution: InstitutionId
    readonly nodeKey: NodeKey
    /** 32 hex, new at each start of the process. */
    readonly instance: string
    /** The node key's word for the instance, at most 256 bytes; opaque here. */
    readonly instanceProof: Uint8Array
    readonly card: { readonly number: number; readonly hash: string }
  }
  /** Circles in whose roster, as this replica holds it, peer AND self are member, founder or candidate. */
  sharedCircles(peer: InstitutionId): readonly CircleId[]
  /**
   * What both may hold in that scope by my roster, one row a key, any order: the live streams I hold and `maySend` allows
   * (so both sides list the same), and likewise registers.
   * A charter (and the founders' cards) that the peer may not know yet belongs into the scope of its circle: a circle named by
   * one side only is introduced by its registers.
   */
  rows(peer: InstitutionId, scope: Scope): readonly Row[]
  /** The exact 190 bytes of a held stream's descriptor. */
  descriptor(stream: StreamId): Uint8Array | undefined
  /** The last durable entry of a held stream. */
  head(stream: StreamId): { readonly seq: number; readonly id: EntryId } | undefined
  /** The entry held at this place of a stream, undefined beyond its head. */
  idAt(stream: StreamId, seq: number): EntryId | undefined
  /**
   * Contiguous entries from firstSeq on, together at most maxBytes of header and body, but always at least one when
   * firstSeq is held, however large it is. Empty when firstSeq is not held.
   */
  read(stream: StreamId, firstSeq: number, maxBytes: number): readonly WireEntry[]
  /** Header ‖ value ‖ signature of a held register. */
  register(address: string): Uint8Array | undefined
  /** Number and hash of a held register, whether or not the peer may see it. */
  registerHead(address: string): { readonly number: number; readonly hash: string } | undefined
  maySend(peer: InstitutionId, stream: StreamId): PortVerdict
  maySendRegister(peer: InstitutionId, address: string): PortVerdict
  mayAccept(peer: InstitutionId, descriptor: StreamDescriptor): PortVerdict
  /**
   * How `admit` would refuse this stream or register, up to this number, once more if this peer brought it, as far as
   * that can be told without it; undefined: it has to come. Whatever lifts it is told as `roster-changed`.
   */
  refuses(peer: InstitutionId, key: string, number: number): PortRefusal | undefined
  /** My signed word for sending this range of this stream to the peer (DESIGN §5), fixed binary of trust, at most 512 bytes. */
  hopProof(peer: InstitutionId, stream: StreamId, first: number, last: number, lastId: EntryId): Uint8Array
}

/** A contiguous range of one stream as it came; well-formed, not yet judged: the replica's admit is the judge. */
export interface IncomingBatch {
  readonly from: InstitutionId
  /** 190 bytes, decodable. */
  readonly descriptor: Uint8Array
  /** One or more, contiguous seq, all of that stream. A large entry whose hop is refused comes without its body (null). */
  readonly entries: readonly WireEntry[]
  /** The sender's hop proof, unopened. */
  readonly proof: Uint8Array
}

/** The replica's answer to one `append` or `registers`. */
export interface Outcome {
  /** How many entries or registers were new and are durable. */
  readonly accepted: number
  readonly verdict: 'accept' | 'ignore' | 'reject'
  /** Stable code, given with ignore and reject. */
  readonly code?: string | undefined
  /** The last seq of that stream held now (0: none). 0 for registers. */
  readonly have: number
  /** Ask again from this seq, lower than the batch began: the walk back to a fork's split. */
  readonly from?: number | undefined
  /** With ignore: ask again after so many ms, roster change or not. `too-new` has a default. */
  readonly retryAfter?: number | undefined
}

/** What a session tells the operator's side. Codes and ids only; nothing here is text of the peer's making. */
export type SyncReport =
  /** The peer accepted and was accepted. skew: peer's clock minus ours, ms. */
  | {
      readonly type: 'linked'
      readonly peer: InstitutionId
      readonly minor: number
      readonly card: { readonly number: number; readonly hash: string }
      readonly skew: number
    }
  | { readonly type: 'instance'; readonly peer: InstitutionId; readonly instance: string; readonly proof: Uint8Array }
  /** The peer saw another live instance of OUR key, and shows its proof. */
  | { readonly type: 'twin'; readonly peer: InstitutionId; readonly instance: string; readonly proof: Uint8Array }
  /** Digests of this scope are equal: both hold the same, declined things aside. */
  | { readonly type: 'agreed'; readonly peer: InstitutionId; readonly scope: Scope }
  /** The peer says it holds more, or other, of our own stream than we do; a claim until its entries arrive (they are asked for). */
  | {
      readonly type: 'foreign-head'
      readonly peer: InstitutionId
      readonly stream: StreamId
      readonly seq: number
      /** As much of it as the peer said: 32 or 64 hex. */
      readonly id: string
    }
  /** Same stream and seq, other head; the peer's entry is asked for, so that admit can keep both. */
  | {
      readonly type: 'fork'
      readonly peer: InstitutionId
      readonly stream: StreamId
      readonly seq: number
      /** As much of it as the peer said: 32 or 64 hex. */
      readonly id: string
    }
  | {
      readonly type: 'declined'
      readonly peer: InstitutionId
      readonly by: 'us' | 'peer'
      readonly kind: Row['kind']
      readonly key: string
      readonly code: string
    }
  /** The replica judged that the peer broke a rule; the session closes with the same code. */
  | { readonly type: 'rejected'; readonly peer: InstitutionId; readonly code: string; readonly stream?: StreamId }
  /** The peer ended the session with this code. */
  | { readonly type: 'refused'; readonly peer: InstitutionId; readonly code: string }
  /** The peer broke the protocol (code from SYNC_ERRORS); the session closes. `internal` is our own bug, never the peer's offence. */
  | { readonly type: 'violation'; readonly peer: InstitutionId; readonly code: string; readonly detail: string }

/** What the session asks the world to do, in this order. */
export type Action =
  | { readonly type: 'send'; readonly frame: Uint8Array }
  /** Admit it; then tell `admitted` with the same token, in the order of the tokens. */
  | { readonly type: 'append'; readonly token: number; readonly batch: IncomingBatch }
  /** Admit them in this order; then tell `admitted`. */
  | { readonly type: 'registers'; readonly token: number; readonly registers: readonly Uint8Array[] }
  /** Send what was asked before, then close the stream. The session is dead. */
  | { readonly type: 'close'; readonly code: string }
  | { readonly type: 'report'; readonly event: SyncReport }
  /** The peer confirmed that the head of my own stream, as I hold it, is what it holds too (DESIGN §4, never fork oneself). */
  | { readonly type: 'confirmed'; readonly stream: StreamId; readonly seq: number; readonly id: EntryId }

/** What happens to a session. */
export type SyncEvent =
  /** The byte stream stands (either side dialled): first event of all. */
  | { readonly type: 'opened'; readonly now: number }
  | { readonly type: 'received'; readonly frame: Uint8Array; readonly now: number }
  /** Something became durable here, our own or relayed; tell every session, that of `from` as well. */
  | {
      readonly type: 'appended'
      readonly streams: readonly StreamId[]
      readonly registers: readonly string[]
      readonly from?: InstitutionId | undefined
      readonly now: number
    }
  | { readonly type: 'admitted'; readonly token: number; readonly outcome: Outcome; readonly now: number }
  /** A roster, the allow-list or a decline's reason changed: compare again, declines are forgotten. */
  | { readonly type: 'roster-changed'; readonly now: number }
  /** Tell the peer that another instance of its key is alive. */
  | { readonly type: 'twin'; readonly instance: string; readonly proof: Uint8Array; readonly now: number }
  /** About once a second. */
  | { readonly type: 'tick'; readonly now: number }
  /** The byte stream ended by itself. */
  | { readonly type: 'closed'; readonly now: number }

/** A look inside, for status pages and for tests of the bounds. Sizes in bytes, counts otherwise. */
export interface SessionState {
  readonly phase: 'new' | 'greeting' | 'linked' | 'closed'
  readonly closeCode?: string
  /** Scopes that both sides named. */
  readonly scopes: readonly Scope[]
  /** Scopes compared right now. */
  readonly comparing: number
  /** Credit the peer granted us, still unused. */
  readonly credit: number
  /** Cost of what the peer sent and the world has not admitted yet. */
  readonly pendingCost: number
  readonly pendingAdmissions: number
  /** Known to be missing here and not asked for yet; asked for and not yet here. */
  readonly missing: number
  readonly wanted: number
  /** Streams and registers that wait to be sent. */
  readonly outgoing: number
  readonly declinedByUs: number
  readonly declinedByPeer: number
  /** Bytes held of a large body that is being received, and of one being sent. */
  readonly largeIn: number
  readonly largeOut: number
  /** Broadcast trees in which this link announces instead of pushing. */
  readonly lazyTrees: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** One session with one peer over one reliable ordered stream of byte frames. */
export interface SyncSession {
  readonly peer: InstitutionId
  /** Never throws. After `close` it answers nothing. */
  handle(event: SyncEvent): Action[]
  state(): SessionState
}

/** What one session may cost; defaults in constants.ts. Bytes. */
export interface SyncLimits {
  /** Cost of data the peer may send ahead of admission: bounds the memory per peer. Between 1 MiB and 64 MiB. */
  readonly window: number
  /** Raw size that a batch aims at. */
  readonly batchBytes: number
}

/** `createSession(options): SyncSession` */
export interface SessionOptions {
  readonly peer: InstitutionId
  readonly replica: SyncReplica
  /** Uniform in [0, 1); spreads the times of comparison and salts sketches, so nobody else may foresee it. */
  readonly random: () => number
  readonly limits?: Partial<SyncLimits>
  /** Shared by all sessions of one node; without it the session fetches as if it were the only one. */
  readonly hub?: Hub
}
