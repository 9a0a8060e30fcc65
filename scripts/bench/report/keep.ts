/** What a run leaves in docs/performance: figures as JSON, a chart, and the table in docs/performance.md. */
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench, Curve, Measured, Row } from '../work.ts'
import { WORKS } from '../works.ts'
import { chart } from './svg.ts'
import { tableMarkdown } from './table.ts'

interface Kept extends Measured {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly commit: string
  readonly seed: number
  readonly quick: boolean
}

interface Report {
  readonly indicators: number
  readonly machine: Machine
  /** By name of the work: each is one run of its own, ours and reference alternating. */
  readonly works: Readonly<Record<string, Kept>>
}

interface Machine {
  readonly processor: string
  readonly processors: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
}

const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url))
const FULL = 1_000_000

/** Joins the new figures with those kept of other works, and tells which files it wrote. */
export async function keepReport(bench: Bench, done: ReadonlyMap<string, Measured>): Promise<string[]> {
  const { indicators, seed, quick } = bench
  const folder = join(DOCS, 'performance')
  await mkdir(folder, { recursive: true })
  const path = join(folder, `bench-${indicators}.json`)
  const before = await earlier(path)
  const run = { at: new Date().toISOString(), commit: commit(), seed, quick }
  const works = { ...before?.works }
  for (const [name, measured] of done) works[name] = { ...run, ...measured }
  const report: Report = { indicators, machine: machine(), works }
  await writeFile(path, `${JSON.stringify(report, undefined, 2)}\n`)
  const ordered = WORKS.flatMap(({ name }) => works[name] ?? [])
  const rows = ordered.flatMap((work) => work.rows)
  const curves = ordered.flatMap((work) => work.curves ?? [])
  const drawing = path.replace('.json', '.svg')
  await writeFile(drawing, chart(rows, curves))
  if (indicators !== FULL) return [path, drawing]
  await writeTable(report, rows, curves)
  return [path, drawing, join(DOCS, 'performance.md')]
}

async function earlier(path: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Report
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const [BEGIN, END] = ['<!-- figures: written by npm run bench -->', '<!-- /figures -->']

async function writeTable({ machine, works }: Report, rows: readonly Row[], curves: readonly Curve[]): Promise<void> {
  const path = join(DOCS, 'performance.md')
  const text = await readFile(path, 'utf8')
  const [head, rest = ''] = text.split(BEGIN)
  const [, tail = ''] = rest.split(END)
  const runs = Object.entries(works).map(
    ([name, { at, commit, quick }]) =>
      `\`${name}\` ${at.slice(0, 16).replace('T', ' ')} UTC at ${commit}${quick ? ', quick' : ''}`
  )
  const notes = rows.flatMap(({ work, note }) => (note === undefined ? [] : [`- ${work}: ${note}`]))
  const laws = curves.map(({ title, x, law }) => `| ${title} | ${x} | ${law.toFixed(2)} |`)
  const figures = [
    `${machine.processor}, ${machine.processors} processors, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}.`,
    `Runs: ${runs.join('; ')}.`,
    tableMarkdown(rows),
    notes.join('\n'),
    laws.length === 0 ? '' : ['| growth | with | exponent |', '|---|---|---|', ...laws].join('\n')
  ].filter((part) => part !== '')
  await writeFile(path, `${head}${BEGIN}\n\n${figures.join('\n\n')}\n\n${END}${tail}`)
}

function machine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    processors: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release().split('-')[0]}`,
    node: process.versions.node
  }
}

function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: DOCS, encoding: 'utf8' }).trim()
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '-uno') === '' ? '' : ' with changes'}`
}
