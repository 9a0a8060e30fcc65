/** A failure as it is printed: its seed, the shrunk history, and how to run it again. */
import { performance } from 'node:perf_hooks'
import { type Action, planOf, type Setup } from './plan.ts'
import { type Failure, run } from './run.ts'
import { shrink } from './shrink.ts'

export interface Story {
  readonly seed: number
  readonly failure: Failure
  readonly actions: readonly Action[]
  readonly runs: number
  readonly replay: string
}

/** Real ms that shrinking may take. */
const PATIENCE = 120_000

export async function tell(setup: Setup, failure: Failure, patience: number = PATIENCE): Promise<Story> {
  const end = performance.now() + patience
  const isOver = (): boolean => performance.now() > end
  const until = planOf(setup).filter(({ id }) => id <= failure.step)
  let last = failure
  const { list, runs } = await shrink(
    until,
    async (actions) => {
      const result = await run(setup, actions)
      if (result.failure?.rule !== failure.rule) return false
      last = result.failure
      return true
    },
    isOver
  )
  return { seed: setup.seed, failure: last, actions: list, runs, replay: replayOf(setup, list) }
}

/** The command that runs these actions of this seed again. */
export function replayOf({ seed, nodes, steps, topology }: Setup, actions: readonly Action[]): string {
  const only = ranges(actions.map(({ id }) => id))
  return `npm run sim -- --seed ${seed} --nodes ${nodes} --steps ${steps} --topology ${topology} --only ${only}`
}

/** 1,2,3,7 → 1-3,7 */
export function ranges(ids: readonly number[]): string {
  const parts: [number, number][] = []
  for (const id of ids) {
    const last = parts.at(-1)
    if (last !== undefined && last[1] === id - 1) last[1] = id
    else parts.push([id, id])
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',') || 'none'
}

export function unranged(text: string): Set<number> {
  const ids = new Set<number>()
  if (text === 'none') return ids
  for (const part of text.split(',')) {
    const [from = Number.NaN, to = from] = part.split('-').map(Number)
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) throw new RangeError(`no list of actions: ${text}`)
    for (let id = from; id <= to; id++) ids.add(id)
  }
  return ids
}
