/** What links and processes of one world share. */
import type { Course } from './course.ts'
import type { Judge } from './judge.ts'
import type { Chance } from './random.ts'
import type { SimNode } from './sim-node.ts'
import type { Trace } from './trace.ts'
import type { World } from './world.ts'

export interface Scene {
  readonly seed: number
  readonly course: Course
  readonly nodes: SimNode[]
  readonly trace: Trace
  /** Of latencies, disks and dials. */
  readonly wire: Chance
  readonly world: World
  readonly judge: Judge
}
