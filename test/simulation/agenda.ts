/** What happens when, in virtual time: a binary heap by time, then by the order of asking. */
export interface Agenda {
  at(time: number, run: () => void): void
  /** Time of the next one, Infinity if there is none. */
  next(): number
  take(): (() => void) | undefined
  readonly size: number
}

interface Task {
  readonly time: number
  readonly order: number
  readonly run: () => void
}

export function createAgenda(): Agenda {
  const heap: Task[] = []
  let orders = 0
  const before = (a: Task, b: Task): boolean => a.time < b.time || (a.time === b.time && a.order < b.order)

  function rise(index: number, task: Task): void {
    let at = index
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above] as Task
      if (!before(task, parent)) break
      heap[at] = parent
      at = above
    }
    heap[at] = task
  }

  function sink(task: Task): void {
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && before(heap[below + 1] as Task, heap[below] as Task)) below += 1
      if (!before(heap[below] as Task, task)) break
      heap[at] = heap[below] as Task
      at = below
    }
    heap[at] = task
  }

  return {
    at: (time, run) => {
      const task = { time, order: orders++, run }
      heap.push(task)
      rise(heap.length - 1, task)
    },
    next: () => heap[0]?.time ?? Infinity,
    take: () => {
      const first = heap[0]
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) sink(last)
      return first?.run
    },
    get size() {
      return heap.length
    }
  }
}
