/** DESIGN §10, first two rows: a full node's indicators reach an empty one, against hypercore and against the floor. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../child.ts'
import { digits, type Spread, spread } from '../figures.ts'
import { type Pair, preparePair, slicesOf } from '../prepare.ts'
import { type Replication, replicate } from '../replication.ts'
import type { Floor, FloorVerbs } from '../roles/floor.ts'
import type { HypercoreVerbs } from '../roles/hypercore.ts'
import type { Bench, Measured, Row, Work } from '../work.ts'

type Per = 'indicator' | 'bulletin'
type Batches = 'one' | 'several'

/** Of one batch where the floor writes several: LevelDB takes a million rows in one batch less kindly. */
const ROWS = 10_000

export const replicateWork: Work = {
  name: 'replicate',
  title: 'an empty node catches up, durable and indexed',
  run: async (bench): Promise<Measured> => {
    const pair = await preparePair(bench)
    const cores = { indicator: await fill(bench, 'indicator'), bulletin: await fill(bench, 'bulletin') }
    const times = bench.quick ? 3 : 5
    const ours: Replication[] = []
    const floors: Record<Batches, Floor[]> = { one: [], several: [] }
    const blocks: Record<Per, number[]> = { indicator: [], bulletin: [] }
    for (let time = 1; time <= times; time++) {
      bench.say(`replicating, ${time} of ${times} …`)
      const one = await replicate(pair)
      ours.push(one)
      floors.one.push(await floorOf(bench, one, Number.MAX_SAFE_INTEGER))
      floors.several.push(await floorOf(bench, one, ROWS))
      blocks.bulletin.push(await fetch(bench, cores.bulletin))
      // Half a minute or more a time; the ratio is far from its budget's edge or it is not met at all.
      if (time <= 3) blocks.indicator.push(await fetch(bench, cores.indicator))
      await rm(one.home, { recursive: true })
    }
    return { rows: rowsOf(pair, ours, floors, blocks) }
  }
}

async function fill(bench: Bench, per: Per): Promise<string> {
  bench.say(`appending a block for each ${per} to a hypercore …`)
  await using child = await startChild<HypercoreVerbs>('hypercore')
  const path = join(bench.folder, `core-${per}`)
  await child.call('fill', { path, slices: slicesOf(bench, bench.indicators), per })
  return path
}

async function fetch(bench: Bench, from: string): Promise<number> {
  await using offering = await startChild<HypercoreVerbs>('hypercore')
  await using fetching = await startChild<HypercoreVerbs>('hypercore')
  const offered = await offering.call('offer', { path: from })
  const path = join(bench.folder, 'core-fetched')
  const ms = await fetching.call('fetch', { ...offered, path })
  await rm(path, { recursive: true })
  return ms
}

async function floorOf(bench: Bench, { home, bytes }: Replication, rows: number): Promise<Floor> {
  await using offering = await startChild<FloorVerbs>('floor')
  await using fetching = await startChild<FloorVerbs>('floor')
  const path = join(bench.folder, 'floor')
  await fetching.call('learn', { path: join(home, 'store') })
  const address = await offering.call('offer', { bytes })
  const taken = await fetching.call('fetch', { address, bytes, path, rows })
  await rm(path, { recursive: true })
  return taken
}

function rowsOf(
  pair: Pair,
  runs: readonly Replication[],
  floors: Readonly<Record<Batches, readonly Floor[]>>,
  blocks: Readonly<Record<Per, readonly number[]>>
): Row[] {
  const ours = spread(runs.map(({ ms }) => ms / 1000))
  const hypercore = { indicator: seconds(blocks.indicator), bulletin: seconds(blocks.bulletin) }
  const work = `replicate ${pair.indicators.toLocaleString('en-US')} indicators`
  const p99 = spread(runs.map(({ delay }) => delay.p99))
  return [
    {
      id: 'replicate/hypercore-indicator',
      work: `${work}, a hypercore block an indicator`,
      unit: 's',
      ours,
      reference: { name: 'hypercore 11.30', value: hypercore.indicator, as: 'faster' },
      budget: { text: '≥ 10 × faster', met: hypercore.indicator.median / ours.median >= 10 }
    },
    {
      id: 'replicate/hypercore-bulletin',
      work: `${work}, a hypercore block a bulletin`,
      unit: 's',
      ours,
      reference: { name: 'hypercore 11.30', value: hypercore.bulletin, as: 'faster' },
      note: 'Blocks of about 70 KB: hypercore hashes and stores them, and finds no indicator in them.'
    },
    floorRow(work, ours, 'one', floors.one),
    floorRow(work, ours, 'several', floors.several),
    {
      id: 'replicate/delay',
      work: 'event-loop delay p99 at the receiver meanwhile',
      unit: 'ms',
      ours: p99,
      budget: { text: '≤ 20 ms', met: p99.median <= 20 }
    },
    {
      id: 'replicate/delay-max',
      work: 'event-loop delay, longest',
      unit: 'ms',
      ours: spread(runs.map(({ delay }) => delay.max))
    },
    {
      id: 'replicate/rss',
      work: 'peak RSS of the receiver meanwhile',
      unit: 'MB',
      ours: spread(runs.map(({ delay }) => delay.peakRss / 1e6))
    },
    {
      id: 'replicate/bytes',
      work: 'sync bytes received an indicator',
      unit: 'B',
      ours: spread(runs.map(({ bytes }) => bytes / pair.indicators))
    }
  ]
}

const seconds = (ms: readonly number[]) => spread(ms.map((one) => one / 1000))

function floorRow(work: string, ours: Spread, batches: Batches, floors: readonly Floor[]): Row {
  const value = seconds(floors.map(({ stream, batch }) => stream + batch))
  const part = (name: keyof Floor): string => digits(spread(floors.map((one) => one[name])).median)
  const name = batches === 'one' ? 'floor, one batch' : `floor, batches of ${ROWS.toLocaleString('en-US')} rows`
  return {
    id: `replicate/floor-${batches}`,
    work,
    unit: 's',
    ours,
    reference: { name, value, as: 'share' },
    budget: { text: '≤ 2 × the floor', met: ours.median <= 2 * value.median },
    note: `${name}: stream ${part('stream')} ms, rows ${part('batch')} ms.`
  }
}
