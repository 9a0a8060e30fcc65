/** Look-ups in one process: by our reader over a running node's replica, and by a raw Level of the very same rows. */
import { homeAt, type RunningNode, startNode } from '@tocsin/node'
import { createBulletinReader, createIndicatorReader, type IndicatorReader } from '@tocsin/replica'
import { Level } from 'level'
import { pino } from 'pino'
import { serve, type Verbs } from '../child.ts'
import { createRandom, indicatorAt } from '../data.ts'
import { nowMs } from '../figures.ts'

interface Held {
  readonly node: RunningNode
  readonly reader: IndicatorReader
  readonly raw: Level<Uint8Array, Uint8Array>
  /** Keys of rows of values, spread over all there are. */
  readonly keys: readonly Uint8Array[]
}

/** Of all uses, one that every PAP permits. */
const SIGHT = { maxTlp: 'RED', use: 'hunt' } as const
const KEYS = 20_000

let opened: Held | undefined

function held(): Held {
  if (opened === undefined) throw new Error('nothing is open')
  return opened
}

/** µs of each, over all of them. */
async function timed(count: number, work: () => Promise<void>): Promise<number> {
  const started = nowMs()
  await work()
  return ((nowMs() - started) * 1000) / count
}

const verbs = {
  open: async ({ home, raw: path, indicators }: { home: string; raw: string; indicators: number }): Promise<void> => {
    const node = await startNode({ home: homeAt(home), log: pino({ level: 'silent' }) })
    const { store, streams, book, identity, world } = node.replica
    const bulletins = createBulletinReader({ store, streams, book, self: identity.institution, now: world.now })
    const reader = createIndicatorReader({ store, book, bulletins, now: world.now })
    const raw = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view' })
    await raw.open()
    const every = Math.max(1, Math.floor(indicators / KEYS))
    const keys: Uint8Array[] = []
    let row = 0
    for await (const key of raw.keys({ gte: Uint8Array.of(VALUES), lt: Uint8Array.of(VALUES + 1) })) {
      if (row % every === 0) keys.push(key)
      row += 1
    }
    opened = { node, reader, raw, keys }
  },

  /** Ours, one value after another; every one must be found. */
  ours: async ({
    seed,
    round,
    count,
    of
  }: {
    seed: number
    round: number
    count: number
    of: number
  }): Promise<number> => {
    const { reader } = held()
    const random = createRandom(round)
    const wanted = Array.from({ length: count }, () => indicatorAt(seed, Math.floor(random() * of)))
    return timed(count, async () => {
      for (const { type, value } of wanted) {
        const hits = await reader.lookup(type, value, SIGHT)
        if (hits.length !== 1) throw new Error(`${hits.length} hits of ${value}`)
      }
    })
  },

  /** The reference: an awaited `get`, or the synchronous one. */
  raw: async ({ round, count, sync }: { round: number; count: number; sync: boolean }): Promise<number> => {
    const { raw, keys } = held()
    const random = createRandom(round)
    const wanted = Array.from({ length: count }, () => keys[Math.floor(random() * keys.length)] as Uint8Array)
    return timed(count, async () => {
      for (const key of wanted) {
        const value = sync ? raw.getSync(key) : await raw.get(key)
        if (value === undefined) throw new Error('a row is gone')
      }
    })
  }
} satisfies Verbs

/** Prefix of the rows of values (packages/store/src/keyspace.ts). */
const VALUES = 'v'.charCodeAt(0)

export type LookupVerbs = typeof verbs

serve(verbs, async () => {
  await opened?.raw.close()
  await opened?.node[Symbol.asyncDispose]()
})
