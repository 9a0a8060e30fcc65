/** What a run leaves in docs/performance: figures as JSON, a chart, and the table in docs/performance.md. */
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { digits } from '../figures.ts'
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
const PAGE = join(DOCS, 'performance.md')
const FULL = 1_000_000
const DRAWING = `bench-${FULL}.svg`

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
  return [path, drawing, PAGE]
}

async function earlier(path: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Report
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function writeTable({ machine, works }: Report, rows: readonly Row[], curves: readonly Curve[]): Promise<void> {
  const runs = Object.entries(works).map(
    ([name, { at, commit, quick }]) =>
      `\`${name}\` ${at.slice(0, 16).replace('T', ' ')} UTC at ${commit}${quick ? ', quick' : ''}`
  )
  const notes = rows.flatMap(({ work, note }) => (note === undefined ? [] : [`- ${work}: ${note}`]))
  const growth = curves.map(({ title, unit, x, points, law }) => {
    const figures = points.map((point) => `${digits(point.y)} at ${point.x.toLocaleString('en-US')}`)
    return `| ${title}, ${unit} | ${x} | ${figures.join(', ')} | ${law.toFixed(2)} |`
  })
  const figures = [
    `![Tocsin and its references](performance/${DRAWING})`,
    `${machine.processor}, ${machine.processors} processors, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}.`,
    `Runs: ${runs.join('; ')}.`,
    tableMarkdown(rows),
    notes.join('\n'),
    growth.length === 0
      ? ''
      : ['| cost | grows with | measured | exponent |', '|---|---|---|---|', ...growth].join('\n')
  ].filter((part) => part !== '')
  await fill('figures', figures.join('\n\n'))
}

/** The tables of a profile of the full size, into the page. */
export async function keepProfile({ indicators }: Bench, markdown: string): Promise<string[]> {
  if (indicators !== FULL) return []
  await fill('profile', `At ${commit()}, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC: ${markdown}`)
  return [PAGE]
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
async function fill(name: string, content: string): Promise<void> {
  const text = await readFile(PAGE, 'utf8')
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`docs/performance.md has no place for the ${name}`)
  await writeFile(PAGE, `${text.slice(0, from)}${begin}\n\n${content}\n\n${text.slice(to)}`)
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
