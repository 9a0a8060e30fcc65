import type { CircleId } from '@tocsin/model'
import type { MemoryReplica } from './memory-replica.ts'
import { createWorld, type Link, type World, type WorldOptions } from './world.ts'

/** A circle of the tests. */
export const CIRCLE = '11'.repeat(32) as CircleId

/** Nodes of one world that are all members of CIRCLE. */
export function createCommunity(options: WorldOptions, size: number): { world: World; nodes: MemoryReplica[] } {
  const world = createWorld(options)
  const nodes = Array.from({ length: size }, () => world.node())
  enrol(CIRCLE, nodes)
  return { world, nodes }
}

/** Makes all of them members of the circle, in everybody's eyes. */
export function enrol(circle: CircleId, nodes: readonly MemoryReplica[]): void {
  for (const node of nodes) node.circles.set(circle, new Set(nodes.map(({ institution }) => institution)))
}

/** Two members and the link between them. */
export function createPair(options: WorldOptions): {
  world: World
  a: MemoryReplica
  b: MemoryReplica
  link: () => Link
} {
  const { world, nodes } = createCommunity(options, 2)
  const [a, b] = nodes as [MemoryReplica, MemoryReplica]
  return { world, a, b, link: () => world.link(a, b) }
}

/** Bytes of frames sent over the link, in all or of these types. */
export function bytesOf(link: Link, ...types: string[]): number {
  return link.sent
    .filter(({ frame }) => types.length === 0 || types.includes(frame.type))
    .reduce((sum, { bytes }) => sum + bytes, 0)
}

/** How many frames of these types were sent. */
export function countOf(link: Link, ...types: string[]): number {
  return link.sent.filter(({ frame }) => types.includes(frame.type)).length
}
