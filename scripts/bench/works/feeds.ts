/** Each format over as many indicators as the large works, beside writing the same bytes. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FEED_NAMES, FEEDS } from '@tocsin/connectors'
import { startChild } from '../child.ts'
import { spread } from '../figures.ts'
import type { FeedVerbs } from '../roles/feed.ts'
import type { Bench, Measured, Row, Work } from '../work.ts'

export const feedsWork: Work = {
  name: 'feeds',
  title: 'each format, beside writing the same bytes',
  run: async (bench): Promise<Measured> => {
    const rows: Row[] = []
    // What carries rules carries no indicator.
    const names = FEED_NAMES.filter((name) => FEEDS[name].rules === undefined)
    for (const name of names) rows.push(await exported(bench, name))
    return { rows }
  }
}

async function exported(bench: Bench, name: (typeof FEED_NAMES)[number]): Promise<Row> {
  bench.say(`writing ${name} …`)
  const [path, to] = [join(bench.folder, 'feed'), join(bench.folder, 'copy')]
  const ours: number[] = []
  const reference: number[] = []
  const processor: [number, number][] = []
  let peak = 0
  let bytes = 0
  for (let time = 0; time < (bench.quick ? 1 : 3); time += 1) {
    // A process for each, so that its peak is its own.
    await using child = await startChild<FeedVerbs>('feed')
    const made = await child.call('export', { name, count: bench.indicators, path })
    ours.push(made.ms / 1000)
    const copied = await child.call('copy', { path, to })
    reference.push(copied.ms / 1000)
    processor.push([made.processor / 1000, copied.processor / 1000])
    peak = Math.max(peak, made.peak)
    bytes = made.bytes
    await Promise.all([rm(path), rm(to)])
  }
  let tenth = 0
  {
    await using child = await startChild<FeedVerbs>('feed')
    tenth = (await child.call('export', { name, count: bench.indicators / 10, path })).peak
    await rm(path)
  }
  const [own, copied] = [spread(ours), spread(reference)]
  const [spent, spentCopying] = [0, 1].map((side) => spread(processor.map((pair) => pair[side] ?? 0)).median.toFixed(1))
  const { limit } = FEEDS[name]
  const most = limit === undefined ? '' : `, the best ${limit.toLocaleString('en-US')} of them`
  return {
    id: `feeds/${name}`,
    work: `export ${bench.indicators.toLocaleString('en-US')} as \`${name}\`${most}`,
    unit: 's',
    ours: own,
    reference: { name: 'writing the same bytes', value: copied, as: 'share' },
    // Of what a limit leaves next to nothing is written: no ratio means anything there.
    ...(limit === undefined ? { budget: { text: '≤ 3 ×', met: own.median <= 3 * copied.median } } : {}),
    note: `${Math.round(bytes / 1e6)} MB; processor ${spent} s, the copy ${spentCopying} s; at the peak ${Math.round(peak)} MB of memory, ${Math.round(tenth)} MB with a tenth of them.`
  }
}
