/** How costs grow: with the indicators of one store, and with the institutions of one circle. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../child.ts'
import { slope, spread } from '../figures.ts'
import { bytesUnder, preparePair } from '../prepare.ts'
import { replicate } from '../replication.ts'
import type { LookupVerbs } from '../roles/lookup.ts'
import type { TownVerbs } from '../roles/town.ts'
import type { Bench, Curve, Measured, Work } from '../work.ts'
import { start } from './start.ts'

type Costs = Readonly<Record<keyof typeof OF_INDICATORS, number>>

const OF_INDICATORS = {
  publish: { title: 'publish all', unit: 's' },
  replicate: { title: 'replicate all', unit: 's' },
  lookup: { title: 'look up one', unit: 'µs' },
  start: { title: 'start to ready', unit: 's' },
  rss: { title: 'RSS once started', unit: 'MB' },
  disk: { title: 'disk', unit: 'MB' }
} as const

const OF_INSTITUTIONS = {
  frames: { title: 'frames of one bulletin at each institution', unit: 'frames' },
  bytes: { title: 'bytes of one bulletin at each institution', unit: 'B' },
  processorMs: { title: 'processor of one bulletin at each institution', unit: 'ms' }
} as const

const DEGREE = 8

export const growthWork: Work = {
  name: 'growth',
  title: 'how costs grow with indicators and institutions',
  run: async (bench): Promise<Measured> => {
    const sizes = [bench.indicators / 100, bench.indicators / 10, bench.indicators].filter((size) => size >= 1_000)
    if (bench.long) sizes.push(10 * bench.indicators)
    const costs: (Costs & { readonly x: number })[] = []
    for (const size of sizes) costs.push({ x: size, ...(await costsOf(bench, size)) })
    const towns: {
      readonly x: number
      readonly frames: number
      readonly bytes: number
      readonly processorMs: number
    }[] = []
    for (const nodes of bench.long ? [10, 100, 1_000] : [10, 30, 100]) {
      bench.say(`a town of ${nodes} …`)
      await using child = await startChild<TownVerbs>('town')
      const { frames, bytes, processorMs } = await child.call('measure', { nodes, degree: DEGREE, seed: bench.seed })
      towns.push({ x: nodes, frames: frames / (nodes - 1), bytes: bytes / (nodes - 1), processorMs })
    }
    return {
      rows: [],
      curves: [
        ...curvesOf<keyof typeof OF_INDICATORS>(OF_INDICATORS, 'indicators', costs),
        ...curvesOf<keyof typeof OF_INSTITUTIONS>(OF_INSTITUTIONS, 'institutions', towns)
      ]
    }
  }
}

function curvesOf<K extends string>(
  names: Readonly<Record<K, { readonly title: string; readonly unit: string }>>,
  x: string,
  costs: readonly (Readonly<Record<K, number>> & { readonly x: number })[]
): Curve[] {
  return (Object.keys(names) as K[]).map((name) => {
    const points = costs.map((cost) => ({ x: cost.x, y: cost[name] }))
    return { id: `growth/${x}/${name}`, ...names[name], x, points, law: slope(points) }
  })
}

async function costsOf(bench: Bench, indicators: number): Promise<Costs> {
  const pair = await preparePair(bench, indicators)
  const store = join(pair.sender.home, 'store')
  bench.say(`${indicators.toLocaleString('en-US')} indicators: replicate, look up, start …`)
  const runs: number[] = []
  for (let time = 0; time < 3; time++) {
    const { ms, home } = await replicate(pair)
    runs.push(ms)
    await rm(home, { recursive: true })
  }
  const starts = [await start(pair.sender.home), await start(pair.sender.home), await start(pair.sender.home)]
  const disk = await bytesUnder(store)
  await using child = await startChild<LookupVerbs>('lookup')
  await child.call('open', { home: pair.sender.home, raw: join(bench.folder, `none-${indicators}`), indicators })
  const round = (number: number): Promise<number> =>
    child.call('ours', { seed: bench.seed, round: number, count: 3_000, of: indicators })
  await round(0)
  return {
    publish: pair.publishing.ms / 1000,
    replicate: spread(runs).median / 1000,
    lookup: spread([await round(1), await round(2), await round(3)]).median,
    start: spread(starts.map(({ ms }) => ms)).median / 1000,
    rss: spread(starts.map(({ rss }) => rss)).median / 1e6,
    disk: disk / 1e6
  }
}
