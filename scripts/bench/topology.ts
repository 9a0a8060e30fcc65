import { createRandom } from './data.ts'

export type Edge = readonly [number, number]

/**
 * A random connected graph in which every node has `degree` neighbours, the same for the same seed: stubs are paired at
 * random until no loop and no double edge is among the pairs (the configuration model).
 * @throws RangeError where there is none: nodes × degree must be even and the degree less than the nodes
 */
export function regularGraph(nodes: number, degree: number, seed: number): Edge[] {
  if ((nodes * degree) % 2 !== 0 || degree >= nodes)
    throw new RangeError(`no graph of ${nodes} nodes of degree ${degree}`)
  const random = createRandom(seed)
  for (;;) {
    const edges = paired(nodes, degree, random)
    if (edges !== undefined && isConnected(nodes, edges)) return edges
  }
}

/** Picks among the pairs that are still allowed, so that few tries end without one (Steger and Wormald, 1999). */
function paired(nodes: number, degree: number, random: () => number): Edge[] | undefined {
  const stubs = Array.from({ length: nodes * degree }, (_, stub) => stub % nodes)
  const taken = new Set<string>()
  const edges: Edge[] = []
  while (stubs.length > 0) {
    const allowed = (i: number, j: number): boolean => {
      const [a = 0, b = 0] = [stubs[i], stubs[j]]
      return a !== b && !taken.has(nameOf(a, b))
    }
    let found: readonly [number, number] | undefined
    for (let tries = 0; tries < 200 && found === undefined; tries++) {
      const [i, j] = [Math.floor(random() * stubs.length), Math.floor(random() * stubs.length)]
      if (allowed(i, j)) found = [i, j]
    }
    if (found === undefined) return undefined
    const [a = 0, b = 0] = [stubs[found[0]], stubs[found[1]]]
    taken.add(nameOf(a, b))
    edges.push([a, b])
    for (const at of [...found].sort((x, y) => y - x)) stubs.splice(at, 1)
  }
  return edges
}

const nameOf = (a: number, b: number): string => `${Math.min(a, b)}-${Math.max(a, b)}`

function isConnected(nodes: number, edges: readonly Edge[]): boolean {
  const reached = new Set([0])
  for (let grown = true; grown; ) {
    grown = false
    for (const [a, b] of edges) {
      if (reached.has(a) === reached.has(b)) continue
      reached.add(a).add(b)
      grown = true
    }
  }
  return reached.size === nodes
}

/** Each node's neighbours. */
export function neighboursOf(nodes: number, edges: readonly Edge[]): number[][] {
  const neighbours: number[][] = Array.from({ length: nodes }, () => [])
  for (const [a, b] of edges) {
    neighbours[a]?.push(b)
    neighbours[b]?.push(a)
  }
  return neighbours
}
