/**
 * A thread that reads bulletins, so that a body of thousands of indicators does not hold up the event loop. It starts
 * with the first one and holds up neither start nor end of the process. Whenever it cannot help (it is starting, it has
 * enough to do, it is gone) the caller is told so at once and reads for himself: slower, and the same.
 */
import { Worker } from 'node:worker_threads'
import { type EntryReader, READY, type Reading, type Unread } from './reading.ts'

export interface ThreadReaderOptions {
  /** ms for one bulletin, after which the thread counts as lost. */
  readonly patience?: number
  /** The thread's program (tests). */
  readonly program?: URL
}

/** Bodies that wait for the thread, bytes: a few seconds of its work. Beyond, the event loop helps. */
const MOST_WAITING = 32 * 1024 * 1024
/** A body of 2 MiB takes a tenth of a second. */
const PATIENCE = 10_000
/** MiB. The largest body and what it says take a tenth; a thread that wants more ends, not the process. */
const MAX_HEAP = 256

interface Waiting {
  readonly bytes: number
  readonly resolve: (reading: Reading | undefined) => void
}

type State = 'new' | 'starting' | 'ready' | 'lost'

export function createThreadReader(options: ThreadReaderOptions = {}): EntryReader {
  const { patience = PATIENCE, program = new URL('./reader-thread.ts', import.meta.url) } = options
  const waiting: Waiting[] = []
  const listeners: (() => void)[] = []
  let state: State = 'new'
  let worker: Worker | undefined
  let bytes = 0
  let watch: NodeJS.Timeout | undefined

  function start(): void {
    state = 'starting'
    worker = new Worker(program, { name: 'tocsin-reader', resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP } })
    worker.unref()
    worker.on('message', (said: Reading | typeof READY | undefined) => {
      if (said === READY) state = 'ready'
      else answered(said)
    })
    worker.on('error', lose)
    worker.on('messageerror', lose)
    worker.on('exit', lose)
  }

  function answered(reading: Reading | undefined): void {
    const first = waiting.shift()
    bytes -= first?.bytes ?? 0
    watchOver()
    first?.resolve(reading)
  }

  function lose(): void {
    if (state === 'lost') return
    state = 'lost'
    end()
    for (const tell of listeners) tell()
  }

  function end(): void {
    clearTimeout(watch)
    bytes = 0
    // Whoever waits reads for himself.
    for (const { resolve } of waiting.splice(0)) resolve(undefined)
  }

  /** The thread keeps the process alive while somebody waits for it, and no longer. */
  function watchOver(): void {
    clearTimeout(watch)
    if (waiting.length === 0) {
      worker?.unref()
      return
    }
    worker?.ref()
    watch = setTimeout(() => {
      lose()
      void worker?.terminate()
    }, patience)
  }

  return {
    read: (unread) => {
      if (state === 'new') start()
      const { nodeKey } = unread
      const { length } = unread.body
      if (state !== 'ready' || worker === undefined || bytes + length > MOST_WAITING) return undefined
      // Copies: the body may be a small view of a large frame, and what is handed over is gone from here.
      const [header, body] = [new Uint8Array(unread.header), new Uint8Array(unread.body)]
      worker.postMessage({ nodeKey, header, body } satisfies Unread, [header.buffer, body.buffer])
      bytes += length
      return new Promise((resolve) => {
        waiting.push({ bytes: length, resolve })
        if (waiting.length === 1) watchOver()
      })
    },
    onLost: (tell) => {
      listeners.push(tell)
    },
    close: async () => {
      state = 'lost'
      end()
      await worker?.terminate()
    }
  }
}
