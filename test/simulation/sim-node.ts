/** One institution's node in the simulated world: its disk outlives its processes, each of which runs the real replica. */
import { createReplica, type Replica, type ReplicaEvent } from '@tocsin/replica'
import { openStore, type Store } from '@tocsin/store'
import type { Hub } from '@tocsin/sync'
import { createHub } from '@tocsin/sync'
import { createDisk, type Disk, type Image } from './disk.ts'
import type { End } from './link.ts'
import type { Party } from './parties.ts'
import type { HostileMode } from './plan.ts'
import { type Chance, createChance } from './random.ts'

/** A running node; after a crash nothing that it still does has any effect. */
export interface Process {
  readonly node: SimNode
  readonly replica: Replica
  readonly store: Store
  readonly hub: Hub
  /** Its ends of links, by the number of the other node. */
  readonly ends: Map<number, End>
  /** Instances of each peer seen so far, as the node's own wiring keeps them. */
  readonly instances: Map<string, { instance: string; proof: Uint8Array }[]>
  isAlive: boolean
}

export interface SimNode {
  readonly index: number
  readonly party: Party
  readonly disk: Disk
  readonly images: Map<number, Image>
  /** The node whose store this one was copied from. */
  readonly twinOf: number | undefined
  /** May turn against the others: what its store holds is not judged. */
  readonly isHostile: boolean
  mode: HostileMode | undefined
  process: Process | undefined
  isStarting: boolean
  /** Reasons for which it stays down. */
  down: number
  /** ms by which its clock is off. */
  skew: number
  /** When its clock was last set: what was judged before is written by another clock. */
  setAt: number
  full: number
  lives: number
}

export interface Surroundings {
  now(): number
  /** When a write of this node has reached its disk. */
  diskLater(node: SimNode, run: () => void): void
  event(process: Process, event: ReplicaEvent): void
  readonly seed: number
}

export function createSimNode(
  around: Surroundings,
  index: number,
  who: Party,
  more: { readonly twinOf?: number; readonly isHostile: boolean }
): SimNode {
  const node: SimNode = {
    index,
    party: who,
    disk: createDisk({ later: (run) => around.diskLater(node, run) }),
    images: new Map(),
    twinOf: more.twinOf,
    isHostile: more.isHostile,
    mode: undefined,
    process: undefined,
    isStarting: false,
    down: 0,
    skew: 0,
    setAt: 0,
    full: 0,
    lives: 0
  }
  return node
}

/** Starts a process over the node's disk. */
export async function startProcess(around: Surroundings, node: SimNode): Promise<Process> {
  node.lives += 1
  const chance: Chance = createChance(`${around.seed} node ${node.index} life ${node.lives}`)
  const now = (): number => around.now() + node.skew
  const world = { now, steady: around.now, random: chance.bytes }
  const database = node.disk.mount()
  const store = await openStore({
    path: '',
    database,
    freeBytes: () => (node.full > 0 ? 0 : Number.MAX_SAFE_INTEGER)
  })
  const { party } = node
  const replica = await createReplica({
    identity: {
      institution: party.id,
      key: party.node,
      nodeKey: party.nodeKey,
      instance: Buffer.from(chance.bytes(16)).toString('hex')
    },
    world,
    store
  })
  const process: Process = {
    node,
    replica,
    store,
    hub: createHub(),
    ends: new Map(),
    instances: new Map(),
    isAlive: true
  }
  replica.watch((event) => {
    if (process.isAlive) around.event(process, event)
  })
  return process
}
