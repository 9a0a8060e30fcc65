/** One run of a world from its plan to its rest, judged after every step. */
import { Broken } from './broken.ts'
import { createDeeds } from './deeds.ts'
import { createJudge, type Judge } from './judge.ts'
import { rememberPacking } from './packing.ts'
import { MINUTE, SECOND } from './parties.ts'
import { type Action, planOf, type Setup } from './plan.ts'
import { takeTurns } from './turns.ts'
import { rememberVerdicts } from './verdicts.ts'
import { createWorld, type World } from './world.ts'

export interface Failure {
  readonly rule: string
  readonly message: string
  /** Number of the action after which it showed. */
  readonly step: number
  readonly stack?: string
}

export interface Result {
  /** SHA-256 over everything that happened. */
  readonly digest: string
  readonly steps: number
  readonly frames: number
  readonly bytes: number
  readonly failure?: Failure
  readonly counts: ReadonlyMap<string, number>
}

/** Virtual time within which all must agree after everything is well again: two comparisons and what they find. */
const REST = 25 * MINUTE

export interface RunOptions {
  /** Judge after so many steps; 1 if not said, 100 from 1,000 nodes on. */
  readonly checkEvery?: number
  /** Hears everything that happens, line by line. */
  readonly hear?: (line: string) => void
  /** Hears before each action how many are done, and how many frames went. */
  readonly progress?: (done: number, frames: number) => void
}

export async function run(
  setup: Setup,
  actions: readonly Action[] = planOf(setup),
  options: RunOptions = {}
): Promise<Result> {
  const checkEvery = options.checkEvery ?? (setup.nodes >= 1000 ? 100 : 1)
  const turns = takeTurns()
  const forgets = [rememberVerdicts(), rememberPacking()]
  let world: World | undefined
  let judge: Judge | undefined
  let step = -1
  let failure: Failure | undefined
  try {
    world = await createWorld(
      setup,
      turns,
      (made) => {
        judge = createJudge(made)
        return judge
      },
      options.hear
    )
    const sure = judge as unknown as Judge
    const deeds = createDeeds(world, sure)
    await world.runUntil(world.now() + 20 * SECOND)
    sure.check()
    let done = 0
    for (const action of actions) {
      step = action.id
      options.progress?.(done, world.trace.frames)
      await world.runUntil(world.now() + action.gap)
      done += 1
      if (done % checkEvery === 0) sure.check()
      if (action.kind === 'calm') await rest(world, sure, deeds.calm)
      else {
        const made = deeds.perform(action)
        world.trace.note(`${world.now()} action ${action.id} ${action.kind} ${made}`)
      }
    }
    await rest(world, sure, deeds.calm)
  } catch (error) {
    failure = failureOf(error, step)
  } finally {
    world?.end()
    await turns.rest()
    turns.end()
    for (const forget of forgets) forget()
  }
  return {
    digest: world?.trace.digest() ?? '',
    steps: step + 1,
    frames: world?.trace.frames ?? 0,
    bytes: world?.trace.bytes ?? 0,
    counts: judge?.counts ?? new Map(),
    ...(failure === undefined ? {} : { failure })
  }
}

/** Everything is made well; then all that can agree has to, within its time. */
async function rest(world: World, judge: Judge, calm: () => void): Promise<void> {
  calm()
  const until = world.now() + REST
  let why: string | undefined = 'nothing was compared'
  for (let wait = 5 * SECOND; world.now() < until && why !== undefined; wait = Math.min(wait * 2, MINUTE)) {
    await world.runUntil(world.now() + wait)
    judge.check()
    why = judge.disagreement()
  }
  world.trace.note(`${world.now()} rests`)
  if (why !== undefined) throw new Broken('2-converges', why)
  judge.atRest()
}

function failureOf(error: unknown, step: number): Failure {
  const message = error instanceof Error ? error.message : String(error)
  const rule = error instanceof Broken ? error.rule : 'exception'
  const stack = error instanceof Error && !(error instanceof Broken) ? error.stack : undefined
  return { rule, message, step, ...(stack === undefined ? {} : { stack }) }
}
