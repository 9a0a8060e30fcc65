/** `npm run sim`: the real replica and sync on a seeded network in virtual time (docs/simulation.md). */
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { tell, unranged } from '../test/simulation/history.ts'
import { planOf, setupOf } from '../test/simulation/plan.ts'
import { plantAll } from '../test/simulation/planting.ts'
import { type Result, run } from '../test/simulation/run.ts'
import { TOPOLOGIES, type Topology } from '../test/simulation/topology.ts'

const USAGE = `npm run sim -- [options]
  --seed N           one run (1)
  --seeds A..B       a run for each seed; without --nodes of 8 to 32 nodes, without --topology each in its turn
  --nodes N          institutions
  --steps N          actions of the world (2000)
  --topology NAME    ${TOPOLOGIES.join(' | ')}
  --only LIST        these actions of the plan alone, as 3-9,17: what a failure prints
  --trace TEXT       print what happens where it holds this text: a node as 4>, a stream id
  --counts           print how often each frame, report and alarm came
  --jobs N           processes at a time (1)
  --mutations        plant each known bug and show what catches it
  --name TEXT        with --mutations: those whose name holds this
  --no-shrink        print a failure as it came
  --json             one JSON object a line`

interface Line {
  readonly seed: number
  readonly nodes: number
  readonly topology: Topology
  readonly steps: number
  readonly digest: string
  readonly frames: number
  /** CPU, all threads. */
  readonly msPerStep: number
  readonly rule?: string
  readonly message?: string
  readonly at?: number
  readonly history?: readonly object[]
  readonly replay?: string
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    nodes: { type: 'string' },
    steps: { type: 'string', default: '2000' },
    topology: { type: 'string' },
    only: { type: 'string' },
    trace: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    mutations: { type: 'boolean', default: false },
    name: { type: 'string', default: '' },
    'no-shrink': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    counts: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false }
  }
})

function number(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) fail(`--${name} takes a number, not ${text}`)
  return value
}

function fail(message: string): never {
  console.error(`${message}\n\n${USAGE}`)
  process.exit(2)
}

function seedsOf(): number[] {
  if (values.seeds === undefined) return [number('seed', values.seed ?? '1')]
  const [from, to] = values.seeds.split('..').map((text) => number('seeds', text))
  if (from === undefined || to === undefined || to < from) fail('--seeds takes A..B')
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function topologyOf(seed: number): Topology {
  const { topology } = values
  if (topology === undefined) return TOPOLOGIES[seed % TOPOLOGIES.length] ?? 'regular'
  const known = TOPOLOGIES.find((one) => one === topology)
  return known ?? fail(`no topology is called ${topology}`)
}

/** 8 to 32, each seed its own, the small ones more often: a node costs what its links cost. */
const nodesOf = (seed: number): number =>
  values.nodes === undefined ? 8 + Math.floor(25 * (((seed * 7) % 25) / 25) ** 3) : number('nodes', values.nodes)

async function one(seed: number): Promise<Line> {
  const setup = setupOf({
    seed,
    nodes: nodesOf(seed),
    steps: number('steps', values.steps),
    topology: topologyOf(seed)
  })
  const only = values.only === undefined ? undefined : unranged(values.only)
  const actions = planOf(setup).filter(({ id }) => only?.has(id) !== false)
  const began = process.cpuUsage()
  const progress = progressOf(seed, actions.length)
  const result = await run(setup, actions, { progress, ...(values.trace === undefined ? {} : { hear }) })
  const { user, system } = process.cpuUsage(began)
  const line = lineOf(seed, setup, result, (user + system) / 1000)
  if (values.counts) for (const [what, many] of result.counts) console.error(`${many} ${what}`)
  if (result.failure === undefined || values.trace !== undefined || values['no-shrink'] || only !== undefined)
    return line
  const story = await tell(setup, result.failure)
  return {
    ...line,
    rule: story.failure.rule,
    message: story.failure.message,
    history: story.actions,
    replay: story.replay
  }
}

/** A line a minute to stderr, for worlds that take many. */
function progressOf(seed: number, steps: number): (done: number, frames: number) => void {
  let saidAt = Date.now()
  return (done, frames) => {
    if (Date.now() - saidAt < 60_000) return
    saidAt = Date.now()
    console.error(`seed ${seed}: ${done} of ${steps} steps, ${frames} frames`)
  }
}

const hear = (line: string): void => {
  if (line.includes(values.trace ?? '')) console.error(line)
}

function lineOf(
  seed: number,
  { nodes, topology }: { nodes: number; topology: Topology },
  result: Result,
  ms: number
): Line {
  const { digest, steps, frames, failure } = result
  return {
    seed,
    nodes,
    topology,
    steps,
    digest,
    frames,
    msPerStep: Math.round((ms / Math.max(1, steps)) * 100) / 100,
    ...(failure === undefined
      ? {}
      : { rule: failure.rule, message: failure.stack ?? failure.message, at: failure.step })
  }
}

/** Actions of a history that could not be shrunk further. */
const SHOWN = 30

function print(line: Line): void {
  if (values.json) {
    console.log(JSON.stringify(line))
    return
  }
  const { seed, nodes, topology, steps, digest, frames, msPerStep } = line
  const verdict = line.rule === undefined ? 'holds' : `BROKEN after action ${line.at}: ${line.message}`
  console.log(
    `seed ${seed}  ${nodes} nodes  ${topology}  ${steps} steps  ${frames} frames  ${msPerStep} ms/step  ${digest.slice(0, 16)}  ${verdict}`
  )
  const history = line.history ?? []
  if (history.length > SHOWN) console.log(`    … ${history.length - SHOWN} actions before these (all with --json)`)
  for (const action of history.slice(-SHOWN)) console.log(`    ${JSON.stringify(action)}`)
  if (line.replay !== undefined) console.log(`    ${line.replay}`)
}

/** The same command in several processes, each with its share of the seeds. */
async function spread(seeds: readonly number[], jobs: number): Promise<number> {
  const size = Math.ceil(seeds.length / jobs)
  const passed = process.argv.slice(2).filter((_, index, all) => !isShare(all[index]) && !isShare(all[index - 1]))
  const runs = Array.from({ length: jobs }, (_, job) => seeds.slice(job * size, (job + 1) * size))
    .filter((share) => share.length > 0)
    .map(
      (share) =>
        new Promise<number>((resolve) => {
          const args = [...passed, '--seeds', `${share[0]}..${share.at(-1)}`]
          const child = spawn(process.execPath, [import.meta.filename, ...args], { stdio: 'inherit' })
          child.on('close', (code) => resolve(code ?? 1))
        })
    )
  return Math.max(...(await Promise.all(runs)))
}

const isShare = (text: string | undefined): boolean => text === '--seeds' || text === '--jobs' || text === '--seed'

/** Exit code 1 if a planted bug survives. */
async function mutations(jobs: number): Promise<number> {
  const seeds = values.seeds === undefined ? [1, 12] : seedsOf()
  const found = await plantAll({
    name: values.name,
    seeds: [seeds[0] ?? 1, seeds.at(-1) ?? 12],
    jobs,
    heard: (one) => {
      if (values.json) console.log(JSON.stringify(one))
      else if (one.error !== undefined) console.log(`${one.name}: FAILED TO RUN\n${one.error}`)
      else if (one.rule === undefined) console.log(`${one.name}: SURVIVED`)
      else
        console.log(
          `${one.name}: caught by ${one.rule}${one.isRight === true ? '' : ' (another rule than meant)'}, seed ${one.seed}, step ${one.step}`
        )
    }
  })
  const survived = found.filter(({ rule }) => rule === undefined)
  if (!values.json) console.log(`${found.length} planted, ${found.length - survived.length} caught`)
  return survived.length === 0 && found.length > 0 ? 0 : 1
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const jobs = Math.max(1, number('jobs', values.jobs))
  if (values.mutations) return mutations(jobs)
  const seeds = seedsOf()
  if (jobs > 1 && seeds.length > 1) return spread(seeds, jobs)
  let broken = 0
  for (const seed of seeds) {
    const line = await one(seed)
    if (line.rule !== undefined) broken += 1
    print(line)
  }
  if (seeds.length > 1 && !values.json) console.log(`${seeds.length} seeds, ${broken} broken`)
  return broken === 0 ? 0 : 1
}

process.exitCode = await main()
