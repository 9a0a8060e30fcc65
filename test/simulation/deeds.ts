/** Does what an action of the plan says, as far as it makes sense in this world at this moment. */
import { circleDeeds } from './deeds/circles.ts'
import { keyDeeds } from './deeds/keys.ts'
import { sayings } from './deeds/sayings.ts'
import { createStage, type Does } from './deeds/stage.ts'
import { retire, troubles } from './deeds/troubles.ts'
import type { Judge } from './judge.ts'
import type { Action, Deed } from './plan.ts'
import type { World } from './world.ts'

export interface Deeds {
  /** Starts it; what it sets off happens in virtual time. False where it makes no sense. */
  perform(action: Action): boolean
  /** Ends all that lasts: links stand, disks have room, clocks go right, everybody runs, nobody is hostile. */
  calm(): void
}

export function createDeeds(world: World, judge: Judge): Deeds {
  const stage = createStage(world, judge)
  const kinds: Does<Deed['kind']> = {
    ...sayings(stage),
    ...troubles(stage),
    ...circleDeeds(stage),
    ...keyDeeds(stage),
    calm: () => true
  }
  return {
    perform: (action) => (kinds[action.kind] as (action: Action) => boolean)(action),
    calm: () => {
      stage.undoAll()
      for (const node of world.nodes) {
        node.mode = undefined
        if (node.twinOf !== undefined && node.process !== undefined) retire(world, node)
        world.start(node)
      }
      world.connect(true)
    }
  }
}
