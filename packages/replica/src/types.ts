import type { SigningKey } from '@tocsin/journal'
import type { CircleId, InstitutionId, NodeKey, Tlp } from '@tocsin/model'
import type { ArrivalRow } from '@tocsin/store'

/** Time and chance come from outside, so that the simulation and the tests can own them. */
export interface World {
  /** ms since epoch. */
  readonly now: () => number
  /** ms, of a clock that nobody sets; without one `now` counts as such. */
  readonly steady?: () => number
  readonly random: (bytes: number) => Uint8Array
}

/** Who this node is. The root key is not here: it signs elsewhere. */
export interface Identity {
  readonly institution: InstitutionId
  readonly key: SigningKey
  readonly nodeKey: NodeKey
  /** 32 hex digits, new at every start. */
  readonly instance: string
}

/** Who may hold a stream, as its descriptor says it. */
export interface Audience {
  readonly tlp: Tlp
  readonly circle?: CircleId
  readonly recipient?: InstitutionId
}

export type Judgement = 'accept' | 'ignore' | 'reject'

/** What came of a batch or register: counted, told to the peer, never thrown. */
export interface Outcome {
  readonly verdict: Judgement
  readonly code?: string
  readonly accepted: number
  /** Last sequence number now held of the stream. */
  readonly have: number
  /** Ask again from this lower sequence number: the walk back to a fork's split. */
  readonly from?: number
  /** ms: may be tried again after so long, by time alone. */
  readonly retryAfter?: number
}

export interface Alarm {
  readonly code: string
  readonly message: string
  /** ms. */
  readonly at: number
}

export type ReplicaEvent =
  | {
      readonly type: 'entries'
      readonly streams: readonly string[]
      readonly rows: readonly Arrived[]
      readonly from?: InstitutionId
    }
  | {
      readonly type: 'registers'
      readonly addresses: readonly string[]
      readonly from?: InstitutionId
      /** Receipts: these alone hear of it at once, the others when they compare. */
      readonly to?: readonly InstitutionId[]
    }
  | { readonly type: 'roster-changed' }
  | { readonly type: 'allow-list-changed' }
  | { readonly type: 'alarm'; readonly alarm: Alarm }

export interface Arrived {
  readonly arrival: number
  readonly row: ArrivalRow
}

/** Keeps two audiences apart in keys and comparisons. */
export function audienceKey(audience: Audience): string {
  return `${audience.tlp}|${audience.circle ?? audience.recipient ?? ''}`
}

export function audienceOf(descriptor: Audience): Audience {
  const { tlp, circle, recipient } = descriptor
  return {
    tlp,
    ...(circle === undefined ? {} : { circle }),
    ...(recipient === undefined ? {} : { recipient })
  }
}
