/** Real nodes, wired as `tocsin run` wires them, one or many in this process; told what to do, and watched. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { CircleId, InstitutionId, StreamId } from '@tocsin/model'
import { homeAt, type RunningNode, startNode } from '@tocsin/node'
import { pino } from 'pino'
import { serve, type Verbs } from '../child.ts'
import { bulletinOf, type Slice } from '../data.ts'
import { nowMs } from '../figures.ts'
import { until } from '../hearing.ts'
import { type Profile, startProfiler } from '../profiler.ts'
import { countSockets } from '../sockets.ts'
import { createTap, type FrameSeen, type Tap } from '../tap.ts'

interface Held {
  readonly node: RunningNode
  readonly tap: Tap
  /** Bulletin → when it was durable and indexed here, and who brought it. */
  readonly seen: Map<string, Seen>
  waiting: (() => void) | undefined
}

export interface Seen {
  readonly at: number
  readonly via: InstitutionId | undefined
}

export interface Which {
  readonly index: number
}

export interface Published {
  readonly id: string
  /** When `publish` was called, and when it was durable. */
  readonly asked: number
  readonly durable: number
  /** Header and body as signed: what a peer needs of it. */
  readonly bytes: number
}

const DAY = 86_400_000
const held = new Map<number, Held>()
const sockets = countSockets()
let stopProfiler: (() => Promise<Profile>) | undefined
let delay: ReturnType<typeof monitorEventLoopDelay> | undefined

function at({ index }: Which): Held {
  const one = held.get(index)
  if (one === undefined) throw new RangeError(`no node ${index} here`)
  return one
}

const verbs = {
  start: async ({ index, home }: Which & { readonly home: string }): Promise<{ readonly ready: number }> => {
    const tap = createTap()
    const node = await startNode({ home: homeAt(home), log: pino({ level: 'silent' }), tap: tap.through })
    const one: Held = { node, tap, seen: new Map(), waiting: undefined }
    node.replica.watch((event) => {
      if (event.type !== 'entries') return
      const seen = { at: nowMs(), via: event.from }
      for (const { row } of event.rows) if (row.bulletin !== undefined) one.seen.set(row.bulletin.id, seen)
      one.waiting?.()
    })
    held.set(index, one)
    return { ready: nowMs() }
  },

  /** Statements and cards, as if that peer had brought them. */
  admit: async ({
    index,
    registers,
    from
  }: Which & { readonly registers: readonly Uint8Array[]; readonly from: InstitutionId }): Promise<void> => {
    const outcome = await at({ index }).node.replica.admitRegisters(registers, from)
    if (outcome.verdict !== 'accept') throw new Error(`a statement was refused: ${outcome.code}`)
  },

  /** Mutual when both sides do it; resolves with the moment before. */
  addPeer: async ({ index, card }: Which & { readonly card: Uint8Array }): Promise<number> => {
    const asked = nowMs()
    await at({ index }).node.replica.addPeer(card)
    return asked
  },

  removePeer: ({ index, id }: Which & { readonly id: InstitutionId }): Promise<void> =>
    at({ index }).node.replica.removePeer(id),

  /** Resolves once so many of its peers are linked and so many members stand in the circle. */
  settled: async ({
    index,
    links,
    circle,
    members
  }: Which & { readonly links: number; readonly circle: CircleId; readonly members: number }): Promise<void> => {
    const { node } = at({ index })
    const stands = (): boolean =>
      node.network.status().filter(({ connected }) => connected).length >= links &&
      (node.replica.book.roster(circle)?.members.size ?? 0) >= members
    while (!stands()) await new Promise((resolve) => setTimeout(resolve, 20))
  },

  publish: async ({
    index,
    circle,
    slice
  }: Which & { readonly circle: CircleId; readonly slice: Slice }): Promise<Published> => {
    const { replica } = at({ index }).node
    const bulletin = bulletinOf(slice)
    const asked = nowMs()
    const [entry] = await replica.publish.bulletin({
      bulletin,
      attachments: [],
      audiences: [{ tlp: 'AMBER', circle }],
      keepUntil: Date.now() + 90 * DAY
    })
    const durable = nowMs()
    if (entry === undefined) throw new Error('nothing was published')
    const [wire] = replica.sync.read(entry.stream as StreamId, entry.seq, 1)
    const bytes = (wire?.header.length ?? 0) + (wire?.body?.length ?? 0)
    return { id: bulletin.id, asked, durable, bytes }
  },

  /** Bulletins one after another; resolves with ms spent and bytes signed. */
  publishMany: async ({
    index,
    circle,
    slices
  }: Which & { readonly circle: CircleId; readonly slices: readonly Slice[] }): Promise<{
    ms: number
    bytes: number
  }> => {
    let bytes = 0
    const started = nowMs()
    for (const slice of slices) bytes += (await verbs.publish({ index, circle, slice })).bytes
    return { ms: nowMs() - started, bytes }
  },

  /** Resolves with the moment at which so many bulletins had come from that peer since the start (or `forget`). */
  arrived: async ({
    index,
    from,
    count
  }: Which & { readonly from: InstitutionId; readonly count: number }): Promise<number> => {
    const one = at({ index })
    for (;;) {
      const times = [...one.seen.values()].flatMap((seen) => (seen.via === from ? [seen.at] : []))
      if (times.length >= count) return Math.max(...times)
      await new Promise<void>((resolve) => {
        one.waiting = resolve
      })
    }
  },

  /** True once every node of this process has the bulletin; false when `within` ms are over. */
  everywhere: ({ id, within }: { readonly id: string; readonly within: number }): Promise<boolean> =>
    until([...held.values()], within, ({ seen }) => seen.has(id)),

  seen: ({ index }: Which): ReadonlyMap<string, Seen> => at({ index }).seen,

  forget: ({ index }: Which): void => {
    const { seen, tap } = at({ index })
    seen.clear()
    tap.forget()
  },

  frames: ({ index }: Which): readonly FrameSeen[] => at({ index }).tap.frames(),

  /** Bytes on every TCP connection of this process since its start. */
  sockets: () => sockets(),

  watchDelay: (): void => {
    delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
  },

  /** ms since `watchDelay`; and memory of the process, bytes. */
  delay: (): { readonly p50: number; readonly p99: number; readonly max: number; readonly peakRss: number } => {
    if (delay === undefined) throw new Error('nobody watched the delay')
    delay.disable()
    const ms = (ns: number): number => ns / 1e6
    const peakRss = process.resourceUsage().maxRSS * 1024
    return { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max), peakRss }
  },

  profile: async (): Promise<void> => {
    stopProfiler = await startProfiler()
  },

  profiled: async (): Promise<Profile> => {
    if (stopProfiler === undefined) throw new Error('nobody profiles')
    return stopProfiler()
  },

  stop: async ({ index }: Which): Promise<void> => {
    await at({ index }).node[Symbol.asyncDispose]()
    held.delete(index)
  }
} satisfies Verbs

export type NodeVerbs = typeof verbs

serve(verbs, async () => {
  await Promise.all([...held.values()].map(({ node }) => node[Symbol.asyncDispose]()))
})
