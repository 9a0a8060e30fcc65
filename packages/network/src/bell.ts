/** Something for loops to wait on: "something changed, look again". */
export interface Bell {
  ring(): void
  /** Resolves at the next ring. */
  next(): Promise<void>
}

export function createBell(): Bell {
  let waiting = Promise.withResolvers<void>()
  return {
    ring() {
      const { resolve } = waiting
      waiting = Promise.withResolvers<void>()
      resolve()
    },
    next: () => waiting.promise
  }
}
