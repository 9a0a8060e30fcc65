/**
 * The frames of the sync protocol v1. Byte 0 is the type (table FRAME_CODES), the rest one CBOR array of the journal's
 * subset whose items are the fields below in their order. Ids and hashes travel as 32 bytes, a scope as 32 bytes or null
 * ('direct'), the kind of a row as its order (0–2 registers, 3–4 streams).
 */
import type { CircleId, StreamId } from '@tocsin/model'
import type { Row, Scope } from './ports.ts'

export interface ScopeDigest {
  readonly scope: Scope
  /** 32 bytes, see `digestOf`. */
  readonly digest: Uint8Array
}

/** First frame of each side, sent without waiting for the other's. */
export interface HelloFrame {
  readonly type: 'hello'
  readonly major: number
  readonly minor: number
  readonly card: { readonly number: number; readonly hash: string }
  /** 16 bytes as 32 hex, and the node key's word for it, at most 256 bytes. */
  readonly instance: string
  readonly proof: Uint8Array
  /** Cost of data the sender of this hello takes ahead of admission: the other side's first credit. */
  readonly window: number
  /** ms since the epoch. */
  readonly clock: number
  /** 'direct' and every circle that this side shares with the other. */
  readonly digests: readonly ScopeDigest[]
}

/** Compare again. `reset`: this side forgot all declines, the other shall too. */
export interface DigestsFrame {
  readonly type: 'digests'
  readonly reset: boolean
  readonly digests: readonly ScopeDigest[]
}

/** What of a scope that differs is ours, in short (sketch.ts); answered by `differences`, `rows` or `buckets`. */
export interface SketchFrame {
  readonly type: 'sketch'
  readonly scope: Scope
  readonly salt: Uint8Array
  readonly marks: Uint8Array
}

/**
 * What the sketch gave away. `answer`: these are the rows the sketch did not have, and those of the marks are awaited;
 * else these are the rows of the marks, or nothing differs.
 */
export interface DifferencesFrame {
  readonly type: 'differences'
  readonly scope: Scope
  readonly answer: boolean
  readonly marks: Uint8Array
  readonly rows: readonly Row[]
}

/** Bucket digests, where a sketch does not tell what differs; answered by `rows`. */
export interface BucketsFrame {
  readonly type: 'buckets'
  readonly scope: Scope
  readonly buckets: Uint8Array
}

/** The rows in the differing buckets; `answer`: the other side's rows of the same buckets are awaited. */
export interface RowsFrame {
  readonly type: 'rows'
  readonly scope: Scope
  readonly mask: Uint8Array
  readonly answer: boolean
  readonly last: boolean
  readonly rows: readonly Row[]
}

/** Registers of a circle that the other side did not name: its charter may be news to it. */
export interface IntroduceFrame {
  readonly type: 'introduce'
  readonly circle: CircleId
  readonly rows: readonly Row[]
}

/** `from`: the next seq this side needs. `describe`: it does not hold the descriptor. */
export interface Want {
  readonly stream: StreamId
  readonly from: number
  readonly describe: boolean
}

/** A contiguous range of one stream; `packed` inflates to `rawLength` bytes, see batch-bytes.ts. */
export interface BatchFrame {
  readonly type: 'batch'
  readonly stream: StreamId
  readonly first: number
  readonly count: number
  readonly rawLength: number
  readonly descriptor: Uint8Array | null
  readonly proof: Uint8Array
  readonly packed: Uint8Array
}

/** A stream by its id, or by the number that it was given when its id was said (names.ts). */
export type StreamName = StreamId | number

/** One new entry of a stream that the receiver holds up to the one before, without what it can tell itself (push.ts). */
export interface PushFrame {
  readonly type: 'push'
  readonly stream: StreamName
  /** At least 2. */
  readonly seq: number
  readonly clock: number
  /** As the header has it, 1 to 255. */
  readonly kind: number
  readonly keepUntil: number
  /** Of the author, over the header. */
  readonly signature: Uint8Array
  /** The first HEAD_ID_BYTES of the entry's id. */
  readonly check: Uint8Array
  /** Roster digest ‖ day of the hop proof, 36 bytes; null: those of the push before. */
  readonly roster: Uint8Array | null
  /** Time and signature of the hop proof. */
  readonly time: number
  readonly proof: Uint8Array
  /** Of the body; `packed` inflates to so many bytes. */
  readonly bodyLength: number
  readonly packed: Uint8Array
}

/** How far a stream is held: its last seq, and the first HEAD_ID_BYTES of that entry's id in hex. */
export interface Head {
  readonly stream: StreamName
  readonly seq: number
  readonly id: string
}

/** One entry whose body follows in `chunk` frames with the same id (counted from 1 by the sender). */
export interface LargeFrame {
  readonly type: 'large'
  readonly id: number
  readonly stream: StreamId
  readonly header: Uint8Array
  readonly descriptor: Uint8Array | null
  readonly proof: Uint8Array
  /** The SHA-256 of each chunk, one after another. */
  readonly chunks: Uint8Array
}

export type Frame =
  | HelloFrame
  /** The hello was taken. */
  | { readonly type: 'accept' }
  /** This side ends the session. */
  | { readonly type: 'refuse'; readonly code: string }
  | DigestsFrame
  | SketchFrame
  | DifferencesFrame
  | BucketsFrame
  | RowsFrame
  | IntroduceFrame
  | { readonly type: 'want'; readonly wants: readonly Want[] }
  | { readonly type: 'want-registers'; readonly addresses: readonly string[] }
  /** Asked for, and not to be had from this side (now). */
  | { readonly type: 'unavailable'; readonly streams: readonly StreamId[]; readonly registers: readonly string[] }
  | BatchFrame
  | {
      readonly type: 'registers'
      readonly registers: readonly { readonly address: string; readonly bytes: Uint8Array }[]
    }
  | LargeFrame
  | { readonly type: 'chunk'; readonly id: number; readonly index: number; readonly bytes: Uint8Array }
  /** The large body was admitted, ignored or is not needed: send no more of it, the next may start. */
  | { readonly type: 'large-done'; readonly id: number }
  | PushFrame
  /**
   * "I hold these streams up to here": acknowledgement and announcement in one. `lazy`: the entries are expected to come
   * over another link; else the announcement stands for a push (a large body, or a stream far behind) and is asked for at
   * once.
   */
  | { readonly type: 'have'; readonly lazy: boolean; readonly heads: readonly Head[] }
  /** The sender had what was just pushed: announce entries of this stream's tree from now on. */
  | { readonly type: 'prune'; readonly stream: StreamId }
  /** An announced entry of this stream did not come otherwise: push the tree's entries again. */
  | { readonly type: 'graft'; readonly stream: StreamId }
  /** Do not offer this until a roster changes or I ask. `resets`: how many resets of the other side the sender has seen. */
  | {
      readonly type: 'decline'
      readonly kind: Row['kind']
      readonly key: string
      readonly code: string
      readonly resets: number
    }
  /** So much more may be sent. */
  | { readonly type: 'credit'; readonly amount: number }
  /** Proof of another live instance of the receiver's own key. */
  | { readonly type: 'twin'; readonly instance: string; readonly proof: Uint8Array }
  | { readonly type: 'heartbeat' }

export type FrameType = Frame['type']

/** First byte of each frame; never reused. */
export const FRAME_CODES: Readonly<Record<FrameType, number>> = {
  hello: 1,
  accept: 2,
  refuse: 3,
  digests: 4,
  buckets: 5,
  rows: 6,
  introduce: 7,
  want: 8,
  'want-registers': 9,
  unavailable: 10,
  batch: 11,
  registers: 12,
  large: 13,
  chunk: 14,
  'large-done': 15,
  have: 16,
  decline: 17,
  credit: 18,
  twin: 19,
  heartbeat: 20,
  prune: 21,
  graft: 22,
  sketch: 23,
  differences: 24,
  push: 25
}
