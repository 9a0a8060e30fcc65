/** What comes in: a MISP event of 100,000 attributes, and each other format, beside parsing the same bytes. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../child.ts'
import { spread } from '../figures.ts'
import { DOCUMENTS, type DocumentKind } from '../imports/documents.ts'
import type { Cost, ImportVerbs, Read } from '../roles/import.ts'
import type { Bench, Measured, Row, Work } from '../work.ts'

const LEAST_RATE = 20_000
/** With ten times as much to read: what grows besides is what V8 leaves lying. */
const MOST_GROWTH = 1.5

export const importsWork: Work = {
  name: 'imports',
  title: 'what comes in, by format, beside parsing the same bytes',
  run: async (bench): Promise<Measured> => {
    const rows: Row[] = []
    for (const kind of DOCUMENTS) rows.push(...(await imported(bench, kind)))
    return { rows }
  }
}

/** As many as a bulletin of its kind has at most: the limits of bundles and messages leave no room for more. */
function countOf({ name }: DocumentKind, { indicators }: Bench): number {
  const most = { misp: 100_000, stix: 50_000, text: 100_000, csv: indicators, json: indicators }
  return Math.min(most[name], indicators)
}

async function imported(bench: Bench, kind: DocumentKind): Promise<Row[]> {
  const { name, what } = kind
  const count = countOf(kind, bench)
  bench.say(`reading ${name} …`)
  const [whole, tenth] = [join(bench.folder, `${name}`), join(bench.folder, `${name}-tenth`)]
  await written(bench, kind, whole, count)
  await written(bench, kind, tenth, count / 10)
  const ours: Read[] = []
  const parsed: Cost[] = []
  const small: Read[] = []
  for (let time = 0; time < (bench.quick ? 1 : 3); time += 1) {
    ours.push(await read(kind, whole, count))
    parsed.push(await alone((child) => child.call('parse', { name, path: whole })))
    small.push(await read(kind, tenth, count / 10))
  }
  const rate = spread(ours.map(({ processor }) => count / processor))
  const clock = spread(ours.map(({ wall }) => count / wall))
  const [peak, peakOfTenth] = [spread(ours.map((it) => it.peak)), spread(small.map((it) => it.peak))]
  const work = `import of ${what}, ${count.toLocaleString('en-US')} indicators`
  const mb = Math.round((await stat(whole)).size / 1e6)
  return [
    {
      id: `imports/${name}`,
      work: `${work}: indicators a second of processor time`,
      unit: '/s',
      ours: rate,
      reference: { name: referenceOf(kind), value: spread(parsed.map((it) => count / it.processor)), as: 'share' },
      ...(name === 'misp'
        ? { budget: { text: `≥ ${LEAST_RATE.toLocaleString('en-US')} /s`, met: rate.median >= LEAST_RATE } }
        : {}),
      note: `${mb} MB into ${ours[0]?.drafts} drafts; ${Math.round(clock.median).toLocaleString('en-US')} a second by the clock.`
    },
    {
      id: `imports/${name}-memory`,
      work: `${work}: peak RSS`,
      unit: 'MB',
      ours: peak,
      reference: { name: 'with a tenth of them', value: peakOfTenth, as: 'share' },
      ...(name === 'misp'
        ? { budget: { text: `≤ ${MOST_GROWTH} ×`, met: peak.median <= MOST_GROWTH * peakOfTenth.median } }
        : {})
    }
  ]
}

function referenceOf({ name }: DocumentKind): string {
  if (name === 'misp' || name === 'stix') return 'JSON.parse of it'
  return name === 'json' ? 'JSON.parse of each line' : 'its lines'
}

/** In a process for each, so that its peak is its own. */
async function alone<T>(work: (child: Awaited<ReturnType<typeof startChild<ImportVerbs>>>) => Promise<T>): Promise<T> {
  await using child = await startChild<ImportVerbs>('import')
  return await work(child)
}

async function written(bench: Bench, { name }: DocumentKind, path: string, count: number): Promise<void> {
  await alone((child) => child.call('write', { name, path, seed: bench.seed, count }))
}

async function read({ name }: DocumentKind, path: string, count: number): Promise<Read> {
  const done = await alone((child) => child.call('read', { name, path }))
  if (done.indicators !== count || done.refused > 0)
    throw new Error(`${name}: ${done.indicators} of ${count} indicators, ${done.refused} refused`)
  return done
}
