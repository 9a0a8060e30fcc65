/** Lets one piece of work through at a time, in the order of asking. */
export interface Turnstile {
  /** Resolves or rejects as the work does; what comes after waits for either. */
  pass<T>(work: () => Promise<T>): Promise<T>
}

/**
 * One turnstile a peer outlives its sessions: a session that replaces another must not admit beside the batch which
 * that one still has under way.
 */
export function createTurnstile(): Turnstile {
  let last: Promise<unknown> = Promise.resolve()
  return {
    pass(work) {
      const result = last.then(work)
      last = result.catch(() => {})
      return result
    }
  }
}
