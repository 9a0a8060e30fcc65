/** Virtual time: what is due happens in its order, and every promise that can go on has gone on before time does. */
import { createAgenda } from './agenda.ts'
import { Broken } from './broken.ts'
import { START } from './parties.ts'
import type { Turns } from './turns.ts'

export interface Course {
  now(): number
  /** Not before now. */
  at(when: number, run: () => void): void
  /** Something asynchronous began: time does not go on before it rests. */
  busy(): void
  /** Starts what is asynchronous: the world waits for it before time goes on; what it throws ends the run. */
  does(work: Promise<unknown>): void
  /** Ends the run with the first of what went wrong out of turn. */
  fail(error: unknown): void
  rest(): Promise<void>
  /** Delivers all that is due until then. */
  runUntil(time: number): Promise<void>
  /** Lets so much time pass at once: what is under way arrives late. */
  leap(ms: number): void
}

/** @param size asked how many nodes there are: so much may happen until a time comes */
export function createCourse(turns: Turns, size: () => number): Course {
  const agenda = createAgenda()
  let time = START
  let isBusy = false
  let fault: unknown

  const fail = (error: unknown): void => {
    fault ??= error
  }

  async function rest(): Promise<void> {
    isBusy = false
    await turns.rest()
    if (fault !== undefined) throw fault
  }

  return {
    now: () => time,
    at: (when, run) => agenda.at(Math.max(when, time), run),
    busy: () => {
      isBusy = true
    },
    does: (work) => {
      isBusy = true
      work.catch(fail)
    },
    fail,
    rest,
    runUntil: async (until) => {
      if (isBusy) await rest()
      for (let events = 0; agenda.next() <= until; events++) {
        // Time stands while nodes talk each other into a storm.
        if (events > 400 * size() + 100_000) throw new Broken('storm', `the world does not come to ${until}`)
        time = Math.max(time, agenda.next())
        agenda.take()?.()
        if (fault !== undefined) throw fault
        if (isBusy) await rest()
      }
      time = Math.max(time, until)
    },
    leap: (ms) => {
      time += ms
    }
  }
}
