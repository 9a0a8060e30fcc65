/** What the deeds of one world share. */
import type { Judge } from '../judge.ts'
import type { Action, Deed } from '../plan.ts'
import type { Process } from '../sim-node.ts'
import type { World } from '../world.ts'

/** What an action of each kind does; false where it makes no sense. */
export type Does<K extends Deed['kind']> = { readonly [P in K]: (action: Extract<Action, { kind: P }>) => boolean }

export interface Stage {
  readonly world: World
  readonly judge: Judge
  /** The running process of a node. */
  running(index: number): Process | undefined
  /** What may be refused, and is no failure then. */
  attempt(process: Process, work: Promise<unknown>): void
  /** Undone after so many ms, or when all is made well. */
  lasts(ms: number, undo: () => void): void
  /** Undoes all that lasts. */
  undoAll(): void
}

/** Refusals that a good node may well answer with, and the codes of a store that cannot write. */
const LAWFUL = new Set([
  'not-in-circle',
  'signing-suspended',
  'keep-until-out-of-bounds',
  'register-refused',
  'already-retracted',
  'not-found',
  'store-disk-full',
  'store-write-failed',
  'store-closed'
])

export function createStage(world: World, judge: Judge): Stage {
  // Undoings of what lasts, by the order of their beginning.
  const lasting = new Set<() => void>()

  function lasts(ms: number, undo: () => void): void {
    const once = (): void => {
      if (lasting.delete(once)) undo()
    }
    lasting.add(once)
    world.later(ms, once)
  }

  function running(index: number): Process | undefined {
    const process = world.nodes[index]?.process
    return process?.isAlive === true ? process : undefined
  }

  function attempt(process: Process, work: Promise<unknown>): void {
    world.does(
      work.catch((error: unknown) => {
        if (!process.isAlive) return
        const { code = '', facts } = error as { code?: string; facts?: { reason?: string } }
        // Time went by until the stream was ready, or its clock is ahead: then a day's keep-until is less than a day.
        const isLate = code === 'own-entry-refused' && facts?.reason === 'keep-until-out-of-bounds'
        if (!LAWFUL.has(code) && !isLate) throw error
        world.trace.note(`${world.now()} ${process.node.index} refused ${code}`)
      })
    )
  }

  return {
    world,
    judge,
    running,
    attempt,
    lasts,
    undoAll: () => {
      for (const undo of [...lasting]) undo()
    }
  }
}
