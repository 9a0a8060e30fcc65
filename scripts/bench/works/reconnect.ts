/** DESIGN §10: two nodes that hold the same connect again; what agreeing on it costs. */
import { rm } from 'node:fs/promises'
import { startChild } from '../child.ts'
import { nowMs, spread, sum } from '../figures.ts'
import { type Pair, preparePair } from '../prepare.ts'
import { replicate } from '../replication.ts'
import type { NodeVerbs } from '../roles/node.ts'
import { roundTrips } from '../rounds.ts'
import type { FrameSeen } from '../tap.ts'
import type { Measured, Work } from '../work.ts'

/** Nothing more was said for so long after the greeting: the exchange is over. ms. */
const QUIET = 2_000

export const reconnectWork: Work = {
  name: 'reconnect',
  title: 'two synced nodes connect again',
  run: async (bench): Promise<Measured> => {
    const pair = await preparePair(bench)
    const { home } = await replicate(pair)
    const runs: (readonly [readonly FrameSeen[], readonly FrameSeen[]])[] = []
    const times = bench.quick ? 3 : 5
    for (let time = 1; time <= times; time++) {
      bench.say(`connecting again, ${time} of ${times} …`)
      runs.push(await reconnect(pair, home))
    }
    await rm(home, { recursive: true })
    const standing = runs.map(([a, b]) => [a.filter(({ stands }) => stands), b.filter(({ stands }) => stands)] as const)
    const trips = spread(standing.map(([a, b]) => roundTrips(a, b)))
    // Each side's frames, of the side that said more; there is one shared circle.
    const bytes = spread(standing.map((sides) => Math.max(...sides.map(bytesSent))))
    const twice = runs.filter((sides) => sides.flat().some(({ stands }) => !stands)).length
    const time = spread(runs.map((sides) => spanOf(sides.flat())))
    const held = `${pair.indicators.toLocaleString('en-US')} indicators held`
    return {
      rows: [
        {
          id: 'reconnect/trips',
          work: `reconnect, ${held}: round trips`,
          unit: '',
          ours: trips,
          budget: { text: '1', met: trips.most <= 1 }
        },
        {
          id: 'reconnect/bytes',
          work: `reconnect, ${held}: sync bytes a circle and side`,
          unit: 'B',
          ours: bytes,
          budget: { text: '≤ 512 B', met: bytes.most <= 512 },
          note: `in ${twice} of ${times} runs both dialled at once and greeted twice; one link was given up and is not counted.`
        },
        { id: 'reconnect/time', work: `reconnect, ${held}: first to last frame`, unit: 'ms', ours: time }
      ]
    }
  }
}

async function reconnect(pair: Pair, home: string): Promise<[readonly FrameSeen[], readonly FrameSeen[]]> {
  await using one = await startChild<NodeVerbs>('node')
  await using other = await startChild<NodeVerbs>('node')
  await one.call('start', { index: 0, home: pair.sender.home })
  await other.call('start', { index: 1, home })
  await other.call('settled', { index: 1, links: 1, circle: pair.circle.id, members: 2 })
  const linked = nowMs()
  for (;;) {
    const seen = await Promise.all([one.call('frames', { index: 0 }), other.call('frames', { index: 1 })])
    const last = Math.max(linked, ...seen.flat().map(({ at }) => at))
    if (nowMs() - last > QUIET) return seen
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const bytesSent = (frames: readonly FrameSeen[]): number =>
  sum(frames.map(({ direction, bytes }) => (direction === 'out' ? bytes : 0)))

function spanOf(frames: readonly FrameSeen[]): number {
  const times = frames.map(({ at }) => at)
  return Math.max(...times) - Math.min(...times)
}
