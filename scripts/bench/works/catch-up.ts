/** DESIGN §10: what a node receives that missed n entries, against the size of these entries. */
import { join } from 'node:path'
import { startChild } from '../child.ts'
import type { Slice } from '../data.ts'
import { spread, sum } from '../figures.ts'
import { circleOf, found } from '../homes.ts'
import type { NodeVerbs } from '../roles/node.ts'
import type { Bench, Measured, Row, Work } from '../work.ts'

/** Indicators of one bulletin: a campaign as officers report it. */
const PER = 20
/** Nothing more was said for so long: the exchange is over. ms. */
const QUIET = 1_500

export const catchUpWork: Work = {
  name: 'catch-up',
  title: 'a node that missed n entries',
  run: async (bench): Promise<Measured> => {
    const [author, reader] = [
      await found(join(bench.folder, 'gap'), 'author'),
      await found(join(bench.folder, 'gap'), 'reader')
    ]
    const circle = circleOf([author, reader])
    await using one = await startChild<NodeVerbs>('node')
    await one.call('start', { index: 0, home: author.home })
    await one.call('addPeer', { index: 0, card: reader.card })
    await one.call('admit', { index: 0, registers: circle.statements, from: reader.id })
    let published = 0
    const publish = async (entries: number): Promise<number> => {
      const slices = slicesFrom(bench, published, entries)
      published += entries
      return (await one.call('publishMany', { index: 0, circle: circle.id, slices })).bytes
    }
    async function gap(
      missed: number
    ): Promise<{ readonly received: number; readonly sent: number; readonly needed: number }> {
      await using other = await startChild<NodeVerbs>('node')
      const needed = missed === 0 ? 0 : await publish(missed)
      await other.call('start', { index: 1, home: reader.home })
      await other.call('addPeer', { index: 1, card: author.card })
      await other.call('admit', { index: 1, registers: circle.statements, from: author.id })
      await other.call('settled', { index: 1, links: 1, circle: circle.id, members: 2 })
      if (missed > 0) await other.call('arrived', { index: 1, from: author.id, count: missed })
      await new Promise((resolve) => setTimeout(resolve, QUIET))
      const frames = await other.call('frames', { index: 1 })
      const bytes = (way: 'in' | 'out'): number =>
        sum(frames.map((frame) => (frame.direction === way ? frame.bytes : 0)))
      return { received: bytes('in'), sent: bytes('out'), needed }
    }

    bench.say('making both hold something …')
    await gap(100)
    const idle = await gap(0)
    const rows: Row[] = []
    for (const missed of [1, 100, 1_000]) {
      bench.say(`missing ${missed} …`)
      const gaps: Awaited<ReturnType<typeof gap>>[] = []
      for (let time = 1; time <= 3; time++) gaps.push(await gap(missed))
      const ours = spread(gaps.map(({ received, needed }) => received / needed))
      const middle = Math.round(spread(gaps.map(({ needed }) => needed / missed)).median)
      rows.push({
        id: `catch-up/${missed}`,
        work: `catch up after missing ${missed.toLocaleString('en-US')}: bytes received ÷ size of the entries`,
        unit: '×',
        ours,
        budget: { text: '≤ 1.1', met: ours.median <= 1.1 },
        note: `entries of ${middle} B (bulletins of ${PER} indicators); ${idle.received} B of it are what agreeing costs when nothing is missing.`
      })
    }
    return { rows }
  }
}

function slicesFrom({ seed }: Bench, from: number, entries: number): Slice[] {
  return Array.from({ length: entries }, (_, index) => ({ seed, first: 15_000_000 + (from + index) * PER, count: PER }))
}
