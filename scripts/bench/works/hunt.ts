/** DESIGN §10: a log searched for many indicators, beside grep and ripgrep, on one processor. */
import { execFileSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { indicatorAt } from '../data.ts'
import { spread } from '../figures.ts'
import { type Ran, runAlone } from '../hunt/contest.ts'
import { mixedLogs } from '../hunt/logs.ts'
import type { Bench, Measured, Row, Work } from '../work.ts'

const ROLE = fileURLToPath(new URL('../roles/hunt.ts', import.meta.url))
/** One line in so many holds an indicator. */
const EVERY = 500
const TIMES_FASTER = 4

/** Who takes part, in the order of each round; the first is ours. */
type Name = 'tocsin' | 'grep' | 'rg'

export const huntWork: Work = {
  name: 'hunt',
  title: 'a log searched for indicators, beside grep and ripgrep',
  run: async (bench): Promise<Measured> => {
    const bytes = bench.quick ? 1e8 : 1e9
    const rows: Row[] = []
    for (const indicators of [bench.indicators / 10, bench.indicators]) {
      const files = await prepare(bench, bytes, indicators)
      rows.push(...rowsOf(bytes, indicators, await contest(bench, files)))
      for (const file of Object.values(files)) await rm(file)
    }
    return { rows }
  }
}

interface Files {
  readonly log: string
  /** Values alone, as grep reads them. */
  readonly patterns: string
  /** With their types. */
  readonly values: string
}

async function prepare({ seed, folder, say }: Bench, bytes: number, indicators: number): Promise<Files> {
  say(`writing ${bytes / 1e6} MB of logs and ${indicators.toLocaleString('en-US')} indicators …`)
  const files = { log: join(folder, 'log'), patterns: join(folder, 'patterns'), values: join(folder, 'values') }
  await pipeline(Readable.from(mixedLogs({ seed, bytes, indicators, every: EVERY })), createWriteStream(files.log))
  function* lines(typed: boolean): Generator<string> {
    for (let start = 0; start < indicators; start += 1000) {
      const some = Array.from({ length: Math.min(1000, indicators - start) }, (_, i) => indicatorAt(seed, start + i))
      yield some.map(({ type, value }) => `${typed ? `${type} ` : ''}${value}\n`).join('')
    }
  }
  await pipeline(Readable.from(lines(false)), createWriteStream(files.patterns))
  await pipeline(Readable.from(lines(true)), createWriteStream(files.values))
  return files
}

/** Each in its turn, in rounds. Large runs take minutes each on the side of the references: one round. */
async function contest({ quick, say }: Bench, files: Files): Promise<ReadonlyMap<Name, readonly Ran[]>> {
  const commands: Readonly<Record<Name, readonly string[]>> = {
    tocsin: [process.execPath, ROLE, files.values, files.log],
    grep: ['grep', '-F', '-f', files.patterns, files.log],
    // One thread, as all have one processor; no configuration of whoever measures.
    rg: ['rg', '--no-config', '--threads', '1', '--no-line-number', '-F', '-f', files.patterns, files.log]
  }
  const names = (Object.keys(commands) as Name[]).filter((name) => name === 'tocsin' || isThere(name))
  if (!names.includes('rg')) say('ripgrep is not installed (Debian package ripgrep): only grep is measured')
  const done = new Map<Name, Ran[]>(names.map((name) => [name, []]))
  for (let round = 0; round < (quick ? 3 : 1); round += 1) {
    for (const name of names) {
      const ran = await runAlone(commands[name])
      say(`${name}: ${ran.processor.toFixed(2)} s of processor, ${ran.wall.toFixed(2)} s, ${ran.lines} lines`)
      if (ran.lines === 0) throw new Error(`${name} found nothing`)
      done.get(name)?.push(ran)
    }
  }
  return done
}

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function rowsOf(bytes: number, indicators: number, done: ReadonlyMap<Name, readonly Ran[]>): Row[] {
  const figure = (name: Name, of: 'wall' | 'processor') => spread((done.get(name) ?? []).map((ran) => ran[of]))
  const work = `hunt ${bytes / 1e9} GB of logs for ${indicators.toLocaleString('en-US')} indicators`
  const references = [...done.keys()].filter((name) => name !== 'tocsin')
  const peak = Math.max(...(done.get('tocsin') ?? []).map(({ rss }) => rss ?? 0))
  const judged = references.map((name): Row => {
    const [ours, value] = [figure('tocsin', 'processor'), figure(name, 'processor')]
    return {
      id: `hunt/${indicators}-${name}`,
      work: `${work}: processor time, index included`,
      unit: 's',
      ours,
      reference: { name: `${name} -F -f`, value, as: 'faster' },
      budget: { text: `≥ ${TIMES_FASTER} × faster`, met: value.median >= TIMES_FASTER * ours.median },
      ...(references.includes('rg') ? {} : { note: 'ripgrep was not installed.' })
    }
  })
  const timed = references.map(
    (name): Row => ({
      id: `hunt/${indicators}-${name}-wall`,
      work: `${work}: from start to end`,
      unit: 's',
      ours: figure('tocsin', 'wall'),
      reference: { name: `${name} -F -f`, value: figure(name, 'wall'), as: 'faster' }
    })
  )
  const memory = { id: `hunt/${indicators}-rss`, work: `${work}: peak RSS`, unit: 'MB', ours: spread([peak / 1e6]) }
  return [...judged, ...timed, memory]
}
