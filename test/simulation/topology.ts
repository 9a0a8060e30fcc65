/** Who knows whom: the allow-lists with which a world begins, as pairs of node numbers. */
import type { Chance } from './random.ts'

export const TOPOLOGIES = ['line', 'ring', 'regular', 'small-world', 'clusters'] as const
export type Topology = (typeof TOPOLOGIES)[number]

/** Degree of `regular` and `small-world`. */
const DEGREE = 4
/** Nodes of one regional cluster. */
const CLUSTER = 8

export function edgesOf(topology: Topology, nodes: number, chance: Chance): [number, number][] {
  const edges = new Set<string>()
  const add = (a: number, b: number): void => {
    if (a !== b && a < nodes && b < nodes) edges.add(`${Math.min(a, b)}-${Math.max(a, b)}`)
  }
  const line = (from: number, to: number): void => {
    for (let index = from; index + 1 < to; index++) add(index, index + 1)
  }
  if (topology === 'line') line(0, nodes)
  else if (topology === 'ring') {
    line(0, nodes)
    add(nodes - 1, 0)
  } else if (topology === 'regular') regular(nodes, chance, add)
  else if (topology === 'small-world') smallWorld(nodes, chance, add)
  else clusters(nodes, chance, add)
  return [...edges].map((edge) => edge.split('-').map(Number) as [number, number])
}

/** Rings through shuffled nodes, one for each two of the degree: connected, and random. */
function regular(nodes: number, chance: Chance, add: (a: number, b: number) => void): void {
  for (let ring = 0; ring < DEGREE / 2; ring++) {
    const order = shuffled(nodes, chance)
    for (let index = 0; index < nodes; index++) add(order[index] ?? 0, order[(index + 1) % nodes] ?? 0)
  }
}

/** Watts and Strogatz: a ring of near neighbours, a tenth of whose links go anywhere. */
function smallWorld(nodes: number, chance: Chance, add: (a: number, b: number) => void): void {
  for (let index = 0; index < nodes; index++) {
    add(index, (index + 1) % nodes)
    const far = chance.odds(0.2)
    add(index, far ? chance.below(nodes) : (index + 2) % nodes)
  }
}

/** Dense regions, two links from each to the next. */
function clusters(nodes: number, chance: Chance, add: (a: number, b: number) => void): void {
  for (let start = 0; start < nodes; start += CLUSTER) {
    const size = Math.min(CLUSTER, nodes - start)
    for (let index = 0; index < size; index++) {
      add(start + index, start + ((index + 1) % size))
      if (chance.odds(0.6)) add(start + index, start + ((index + 3) % size))
    }
    const next = start + size < nodes ? start + size : 0
    const width = Math.min(CLUSTER, nodes - next)
    for (let link = 0; link < 2; link++) add(start + chance.below(size), next + chance.below(width))
  }
}

export function shuffled(count: number, chance: Chance): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let index = count - 1; index > 0; index--) {
    const other = chance.below(index + 1)
    const held = order[index] as number
    order[index] = order[other] as number
    order[other] = held
  }
  return order
}
