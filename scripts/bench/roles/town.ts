/** Institutions of one circle in the simulated world: real replicas, real sync, virtual time; frames are counted. */
import { createJudge } from '../../../test/simulation/judge.ts'
import { SECOND } from '../../../test/simulation/parties.ts'
import { takeTurns } from '../../../test/simulation/turns.ts'
import { createWorld } from '../../../test/simulation/world.ts'
import { serve, type Verbs } from '../child.ts'
import { bulletinOf } from '../data.ts'
import { nowMs } from '../figures.ts'
import { regularGraph } from '../topology.ts'

export interface TownCosts {
  /** Frames and their bytes that one bulletin makes in the whole town, once its trees stand. */
  readonly frames: number
  readonly bytes: number
  /** ms of this processor for one bulletin at one institution. */
  readonly processorMs: number
}

const DAY = 86_400 * SECOND
/** Bulletins before the counting, so that links which bring duplicates are pruned. */
const WARM_UP = 20
const COUNTED = 20
/** Virtual ms between bulletins. */
const GAP = 5 * SECOND

const verbs = {
  measure: async ({ nodes, degree, seed }: { nodes: number; degree: number; seed: number }): Promise<TownCosts> => {
    const turns = takeTurns()
    const members = Array.from({ length: nodes }, (_, index) => index)
    const circles = [{ name: 'esr-fr', threshold: 2, founders: members.slice(0, 64), members }]
    const edges = regularGraph(nodes, degree, seed)
    const setup = { seed, nodes, steps: 0, topology: 'regular', edges, circles, hostile: [] } as const
    const world = await createWorld(setup, turns, createJudge)
    let published = 0
    const spend = async (bulletins: number): Promise<{ frames: number; bytes: number; ms: number }> => {
      const before = { frames: world.trace.frames, bytes: world.trace.bytes, ms: nowMs() }
      const [circle] = world.circles
      for (let count = 0; count < Math.abs(bulletins); count++) {
        const author = world.nodes[(published * 7) % nodes]?.process?.replica
        if (author === undefined || circle === undefined) throw new Error('an institution is down')
        if (bulletins > 0) {
          const bulletin = bulletinOf({ seed, first: 1_000 * published, count: 20 })
          const keepUntil = world.now() + 30 * DAY
          const audiences = [{ tlp: 'AMBER', circle: circle.id }] as const
          world.does(author.publish.bulletin({ bulletin, attachments: [], audiences, keepUntil }))
          published += 1
        }
        await world.runUntil(world.now() + GAP)
      }
      const { frames, bytes } = world.trace
      return { frames: frames - before.frames, bytes: bytes - before.bytes, ms: nowMs() - before.ms }
    }
    await world.runUntil(world.now() + 60 * SECOND)
    await spend(WARM_UP)
    // What links say anyway in as much time is taken off.
    const idle = await spend(-COUNTED)
    const busy = await spend(COUNTED)
    for (const { process } of world.nodes) {
      const streams = [...(process?.replica.streams.all() ?? [])]
      const held = streams.reduce((total, { state }) => total + state.seq, 0)
      if (held !== published) throw new Error(`an institution holds ${held} of ${published}`)
    }
    world.end()
    await turns.rest()
    turns.end()
    return {
      frames: (busy.frames - idle.frames) / COUNTED,
      bytes: (busy.bytes - idle.bytes) / COUNTED,
      processorMs: (busy.ms - idle.ms) / COUNTED / nodes
    }
  }
} satisfies Verbs

export type TownVerbs = typeof verbs

serve(verbs)
