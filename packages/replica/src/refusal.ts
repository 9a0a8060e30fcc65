import type { StreamId } from '@tocsin/model'
import type { Evidence, ForkProof } from '@tocsin/trust'

export interface RefusalFacts {
  /** To be kept, whatever becomes of the batch. */
  readonly evidence?: Evidence
  /** Ask again from here: the walk back to a fork's split. */
  readonly from?: number
  /** The author signed two entries for one place. */
  readonly fork?: ForkProof
  /** ms: worth another try after so long, by time alone. */
  readonly retryAfter?: number
  /** Another held stream that continues the same predecessor. */
  readonly twin?: StreamId
}

/** A rule's *no*, thrown inside `admit` alone and turned into an Outcome at its door. */
export class Refusal extends Error {
  readonly verdict: 'ignore' | 'reject'
  readonly code: string
  readonly facts: RefusalFacts

  get retryAfter(): number | undefined {
    return this.facts.retryAfter
  }

  constructor(verdict: 'ignore' | 'reject', code: string, facts: RefusalFacts = {}) {
    // Peers decide how often: walking the stack would cost more than most of the rules.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(code)
    Error.stackTraceLimit = stackTraceLimit
    this.verdict = verdict
    this.code = code
    this.facts = facts
  }

  /** Harmless: seen, too new, not yet known. */
  static ignore(code: string, facts: RefusalFacts = {}): Refusal {
    return new Refusal('ignore', code, facts)
  }

  /** The sender broke a rule. */
  static reject(code: string, facts: RefusalFacts = {}): Refusal {
    return new Refusal('reject', code, facts)
  }
}

/**
 * Of several records of one message a single answer is given, which speaks for all that were not let in: that which time
 * lifts the soonest, so that they are asked for again; else the last.
 */
export function soonest<T extends { readonly retryAfter?: number | undefined }>(held: T | undefined, next: T): T {
  return (next.retryAfter ?? Infinity) <= (held?.retryAfter ?? Infinity) ? next : (held ?? next)
}
