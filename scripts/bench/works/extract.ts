/** Free text read for indicators, beside `ioc-extractor`: how right, how fast, and how slow on hostile input. */
import { extractText } from '@tocsin/extract'
import { INDICATOR_TYPE_NAMES } from '@tocsin/model'
import {
  LABELLED_CONTEXT,
  precisionOf,
  readLabelled,
  recallOf,
  type Tally,
  tally
} from '../../../packages/extract/src/labelled.fixture.ts'
import { startChild } from '../child.ts'
import { forReference, REFERENCE_TYPES, readWithReference } from '../extract/reference.ts'
import { HOSTILE } from '../extract/texts.ts'
import { slope, spread } from '../figures.ts'
import type { ExtractVerbs, Reader, Took } from '../roles/extract.ts'
import type { Bench, Curve, Measured, Row, Work } from '../work.ts'

const MB_PER_SECOND = 30
const PRECISION = 98
const RECALL = 97
/** Exponent of the power law; 1 is linear. */
const MOST_GROWTH = 1.15
const NAME = 'ioc-extractor 8.2'

export const extractWork: Work = {
  name: 'extract',
  title: 'indicators in free text, beside ioc-extractor',
  run: async (bench): Promise<Measured> => {
    const curves = await hostileCurves(bench)
    return { rows: [...rightRows(), ...(await fastRows(bench)), ...curves.map(growthRow)], curves }
  }
}

const NONE: Tally = { right: 0, wrong: 0, missing: 0 }

/** Of our types the worst, and of those that the reference has each beside it. */
function rightRows(): Row[] {
  const set = readLabelled()
  const ours = tally(set, ({ text }) => extractText(text, LABELLED_CONTEXT).found)
  const theirs = tally(forReference(set), readWithReference)
  const measures = [
    { name: 'precision', of: precisionOf, budget: PRECISION },
    { name: 'recall', of: recallOf, budget: RECALL }
  ]
  return measures.flatMap(({ name, of, budget }): Row[] => {
    const percent = (tallies: typeof ours, type: (typeof INDICATOR_TYPE_NAMES)[number]): number =>
      100 * of(tallies.get(type) ?? NONE)
    const worst = Math.min(...INDICATOR_TYPE_NAMES.map((type) => percent(ours, type)))
    const work = `${set.length} labelled texts: ${name}`
    const all: Row = {
      id: `extract/${name}`,
      work: `${work}, the worst of ${INDICATOR_TYPE_NAMES.length} types`,
      unit: '%',
      ours: spread([worst]),
      budget: { text: `≥ ${budget} %`, met: worst >= budget }
    }
    const beside = REFERENCE_TYPES.map((type): Row => {
      const value = spread([percent(theirs, type)])
      return {
        id: `extract/${name}-${type}`,
        work: `${work} of \`${type}\``,
        unit: '%',
        ours: spread([percent(ours, type)]),
        reference: { name: NAME, value, as: 'share' }
      }
    })
    return [all, ...beside]
  })
}

async function fastRows(bench: Bench): Promise<Row[]> {
  const bytes = bench.quick ? 1e7 : 1e8
  const times = bench.quick ? 20 : 100
  const took: Record<'mixed' | 'set', Record<Reader, Took[]>> = {
    mixed: { ours: [], reference: [] },
    set: { ours: [], reference: [] }
  }
  for (let round = 0; round < (bench.quick ? 3 : 1); round += 1) {
    for (const reader of ['ours', 'reference'] as const) {
      bench.say(`${reader}: ${bytes / 1e6} MB of messages, and the labelled set ${times} times …`)
      await using child = await startChild<ExtractVerbs>('extract')
      await child.call('mixed', { reader, seed: bench.seed + 1, bytes: 2e6 })
      took.mixed[reader].push(await child.call('mixed', { reader, seed: bench.seed, bytes }))
      took.set[reader].push(await child.call('set', { reader, times }))
    }
  }
  return [
    fastRow('mixed', `extract ${bytes / 1e6} MB of messages of 4 kB: processor time`, took.mixed, true),
    fastRow('set', `extract the labelled set ${times} times: processor time`, took.set, false)
  ]
}

function fastRow(id: string, work: string, took: Record<Reader, readonly Took[]>, judged: boolean): Row {
  const seconds = (reader: Reader) => spread(took[reader].map((one) => one.seconds))
  const megabytes = (took.ours[0]?.bytes ?? 0) / 1e6
  const rate = megabytes / seconds('ours').median
  const theirs = megabytes / seconds('reference').median
  return {
    id: `extract/${id}`,
    work,
    unit: 's',
    ours: seconds('ours'),
    reference: { name: NAME, value: seconds('reference'), as: 'faster' },
    ...(judged ? { budget: { text: `≥ ${MB_PER_SECOND} MB/s`, met: rate >= MB_PER_SECOND } } : {}),
    note: `${rate.toFixed(1)} MB/s, ioc-extractor ${theirs.toFixed(1)} MB/s.`
  }
}

async function hostileCurves({ say, quick }: Bench): Promise<Curve[]> {
  const sizes = (quick ? [17, 18, 19] : [18, 19, 20, 21]).map((power) => 2 ** power)
  const curves: Curve[] = []
  for (const name of Object.keys(HOSTILE)) {
    say(`${name}, up to ${sizes.at(-1)?.toLocaleString('en-US')} characters …`)
    await using child = await startChild<ExtractVerbs>('extract')
    await child.call('hostile', { name, size: sizes[0] ?? 0 })
    const points: { x: number; y: number }[] = []
    for (const x of sizes) points.push({ x, y: await child.call('hostile', { name, size: x }) })
    curves.push({
      id: `extract/hostile/${name}`,
      title: `extract ${name}`,
      x: 'characters',
      unit: 's',
      points,
      law: slope(points)
    })
  }
  return curves
}

function growthRow({ id, title, points, law }: Curve): Row {
  const last = points.at(-1)
  return {
    id,
    work: `${title}, over and over: exponent of the growth`,
    unit: '',
    ours: spread([law]),
    budget: { text: `≤ ${MOST_GROWTH}`, met: law <= MOST_GROWTH },
    note: `${last?.x.toLocaleString('en-US')} characters took ${last?.y.toFixed(2)} s of processor.`
  }
}
