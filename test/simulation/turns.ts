/**
 * The event loop under the simulation: what the store puts off with `setImmediate` runs when the world says so, in the
 * order of the calls, and every promise that can go on has gone on before virtual time does.
 */
export interface Turns {
  /** Resolves when nothing can go on without a further event of the world. */
  rest(): Promise<void>
  end(): void
}

export function takeTurns(): Turns {
  const real = globalThis.setImmediate
  let queue: (() => void)[] = []
  const put = (run: (...args: unknown[]) => void, ...args: unknown[]): object => {
    queue.push(() => run(...args))
    return {}
  }
  globalThis.setImmediate = put as unknown as typeof setImmediate
  // One turn of the real loop drains all microtasks and ticks, however deep they are.
  const turn = (): Promise<void> => new Promise((resolve) => real(resolve))
  return {
    rest: async () => {
      await turn()
      while (queue.length > 0) {
        const now = queue
        queue = []
        for (const run of now) run()
        await turn()
      }
    },
    end: () => {
      globalThis.setImmediate = real
    }
  }
}
