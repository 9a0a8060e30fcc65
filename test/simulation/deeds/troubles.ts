/** What happens to nodes, links, clocks and disks; and who turns against the others. */
import type { Image } from '../disk.ts'
import type { Memory } from '../judge/records.ts'
import type { Edge } from '../links.ts'
import { SECOND } from '../parties.ts'
import type { SimNode } from '../sim-node.ts'
import type { World } from '../world.ts'
import type { Does, Stage } from './stage.ts'

type Trouble =
  | 'crash'
  | 'cut'
  | 'slow'
  | 'partition'
  | 'skew'
  | 'full'
  | 'break-disk'
  | 'snapshot'
  | 'rollback'
  | 'twin'
  | 'turn'
  | 'days'

export function troubles({ world, judge, lasts }: Stage): Does<Trouble> {
  const { nodes, setup } = world
  const snapshots = new Map<number, { node: number; image: Image; memory: Memory }>()

  function part(side: ReadonlySet<number>, ms: number): void {
    world.partitions.add(side)
    for (const edge of world.edges.values()) if (side.has(edge.a) !== side.has(edge.b)) world.disconnect(edge)
    lasts(ms, () => {
      world.partitions.delete(side)
      world.connect()
    })
  }

  function edgeAt(index: number): Edge | undefined {
    const pair = setup.edges[index % setup.edges.length]
    return pair === undefined ? undefined : world.edge(pair[0], pair[1])
  }

  return {
    crash({ node, lasts: ms }) {
      const one = nodes[node]
      if (one?.process === undefined) return false
      one.down += 1
      world.kill(one)
      lasts(ms, () => {
        one.down -= 1
        world.start(one)
      })
      return true
    },
    cut({ edge: index, lasts: ms }) {
      const edge = edgeAt(index)
      if (edge === undefined) return false
      edge.cut += 1
      world.disconnect(edge)
      lasts(ms, () => {
        edge.cut -= 1
        world.connect()
      })
      return true
    },
    slow({ edge: index, latency, lasts: ms }) {
      const edge = edgeAt(index)
      if (edge === undefined) return false
      edge.latency += latency
      lasts(ms, () => {
        edge.latency -= latency
      })
      return true
    },
    partition({ side, lasts: ms }) {
      part(new Set(side), ms)
      return true
    },
    skew({ node, by, lasts: ms }) {
      const one = nodes[node]
      if (one === undefined) return false
      const set = (ms: number): void => {
        one.skew += ms
        one.setAt = world.now()
      }
      set(by)
      lasts(ms, () => set(-by))
      return true
    },
    full({ node, lasts: ms }) {
      const one = nodes[node]
      if (one === undefined) return false
      one.full += 1
      lasts(ms, () => {
        one.full -= 1
      })
      return true
    },
    'break-disk'({ node }) {
      const one = nodes[node]
      if (one?.process === undefined) return false
      one.disk.breakDown()
      lasts(20 * SECOND, () => {
        world.kill(one)
        world.start(one)
      })
      return true
    },
    snapshot({ id, node }) {
      const one = nodes[node]
      if (one?.process === undefined) return false
      snapshots.set(id, { node, image: one.disk.image(), memory: judge.memory(one) })
      return true
    },
    rollback({ node, of }) {
      const one = nodes[node]
      const held = snapshots.get(of)
      if (one?.process === undefined || held === undefined) return false
      world.kill(one)
      one.disk.restore(held.image)
      judge.setBack(one, held.memory)
      world.start(one)
      return true
    },
    twin({ node, side, apart, lasts: ms }) {
      const one = nodes[node]
      if (one?.process === undefined || nodes.some(({ twinOf, down }) => twinOf === node && down === 0)) return false
      const twin = world.copy(one)
      const near = [...world.edges.values()].flatMap(({ a, b }) => (a === node ? [b] : b === node ? [a] : []))
      const others = near.filter((other) => nodes[other]?.party !== one.party)
      // One copy on each side: no neighbour sees both before the partition heals.
      part(new Set([...side.filter((index) => index !== node), twin.index]), apart)
      for (const other of others) world.edge(twin.index, other)
      world.start(twin)
      lasts(apart + ms, () => retire(world, twin))
      return true
    },
    turn({ node, mode, lasts: ms }) {
      const one = nodes[node]
      if (one === undefined || !one.isHostile) return false
      one.mode = mode
      lasts(ms, () => {
        one.mode = undefined
      })
      return true
    },
    days({ ms }) {
      // Nobody is linked over the holidays: a heartbeat of each link for weeks would tell nothing.
      for (const edge of world.edges.values()) world.disconnect(edge)
      world.leap(ms)
      return true
    }
  }
}

/** The copy ends for good. */
export function retire(world: World, twin: SimNode): void {
  twin.down += 1
  world.kill(twin)
}
