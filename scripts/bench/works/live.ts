/** DESIGN §10: how soon a bulletin is seen elsewhere, and how many bytes that takes, against gossipsub. */
import { join } from 'node:path'
import { createRandom } from '../data.ts'
import { percentile, type Spread, spread, sum } from '../figures.ts'
import { type Swarm, startGossip, startNodes } from '../swarm.ts'
import { type Edge, neighboursOf, regularGraph } from '../topology.ts'
import type { Bench, Measured, Row, Work } from '../work.ts'

interface Town {
  readonly nodes: number
  readonly edges: readonly Edge[]
}

interface Side {
  /** ms from `publish` until a neighbour of the author, or anybody, has it. */
  readonly next: readonly number[]
  readonly everybody: readonly number[]
  readonly received: number
  readonly needed: number
  /** Deliveries that did not come in time. */
  readonly lost: number
}

/** `durable`: gossipsub below an application that writes each message durably before it publishes or shows it. */
const NAMES = ['ours', 'gossipsub', 'durable'] as const
type Name = (typeof NAMES)[number]

interface Said {
  readonly author: number
  readonly id: string
  readonly asked: number
  readonly bytes: number
}

/** ms after a bulletin came to its last node, and after the last bulletin: what is still said of it belongs to it. */
const PAUSE = 20
const AFTER = 1_500

export const liveWork: Work = {
  name: 'live',
  title: 'live bulletins, latency and bytes, against gossipsub',
  run: async (bench): Promise<Measured> => {
    const rows: Row[] = []
    const towns: Town[] = [
      { nodes: 2, edges: [[0, 1]] },
      { nodes: 50, edges: regularGraph(50, 8, bench.seed) }
    ]
    for (const town of towns) rows.push(...(await rowsOf(bench, town)))
    return { rows }
  }
}

async function rowsOf(bench: Bench, town: Town): Promise<Row[]> {
  bench.say(`starting ${town.nodes} nodes, and as many of gossipsub twice …`)
  await using ours = await startNodes(bench, town.nodes, town.edges)
  await using gossipsub = await startGossip(town.nodes, town.edges)
  await using durable = await startGossip(town.nodes, town.edges, join(bench.folder, `gossip-${town.nodes}`))
  const sides = { ours, gossipsub, durable }
  const rows: Row[] = []
  await round(bench, town, sides, { indicators: 1, messages: 60, first: 13_000_000 })
  for (const [index, indicators] of [1, 20, 1000].entries()) {
    const rounds: Record<Name, Side>[] = []
    const times = bench.quick ? 1 : 3
    for (let time = 1; time <= times; time++) {
      bench.say(`${town.nodes} nodes, bulletins of ${indicators}, ${time} of ${times} …`)
      const first = 14_000_000 + index * 700_000 + time * 200_000
      rounds.push(await round(bench, town, sides, { indicators, messages: bench.quick ? 60 : 150, first }))
    }
    rows.push(...figuresOf(town, indicators, rounds))
  }
  return rows
}

/** All sides by turns, each bulletin by another node. */
async function round(
  bench: Bench,
  { nodes, edges }: Town,
  sides: Readonly<Record<Name, Swarm>>,
  work: { readonly indicators: number; readonly messages: number; readonly first: number }
): Promise<Record<Name, Side>> {
  const random = createRandom(work.first)
  const before = await eachSide((name) => sides[name].received())
  const said: Record<Name, Said[]> = { ours: [], gossipsub: [], durable: [] }
  for (let message = 0; message < work.messages; message++) {
    const author = Math.floor(random() * nodes)
    const slice = { seed: bench.seed, first: work.first + message * work.indicators, count: work.indicators }
    for (const name of NAMES) {
      const one = await sides[name].publish(author, slice)
      await sides[name].everywhere(one.id)
      said[name].push({ author, ...one })
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }
  await new Promise((resolve) => setTimeout(resolve, AFTER))
  const neighbours = neighboursOf(nodes, edges)
  const side = async (name: Name): Promise<Side> => {
    const received = (await sides[name].received()) - before[name]
    const seen = await sides[name].seen()
    const delays: { readonly ms: number; readonly isNext: boolean }[] = []
    let lost = 0
    for (const { author, id, asked } of said[name]) {
      for (const [node, arrivals] of seen.entries()) {
        const at = arrivals.get(id)
        if (node === author) continue
        if (at === undefined) lost += 1
        else delays.push({ ms: at - asked, isNext: neighbours[author]?.includes(node) === true })
      }
    }
    return {
      next: delays.flatMap(({ ms, isNext }) => (isNext ? [ms] : [])),
      everybody: delays.map(({ ms }) => ms),
      received,
      needed: sum(said[name].map(({ bytes }) => bytes)) * (nodes - 1),
      lost
    }
  }
  return eachSide(side)
}

async function eachSide<T>(act: (name: Name) => Promise<T>): Promise<Record<Name, T>> {
  return { ours: await act('ours'), gossipsub: await act('gossipsub'), durable: await act('durable') }
}

function figuresOf({ nodes }: Town, indicators: number, rounds: readonly Record<Name, Side>[]): Row[] {
  const town = `${nodes} nodes${nodes > 2 ? ' of degree 8' : ''}, bulletin of ${indicators.toLocaleString('en-US')}`
  // The budget is about gossipsub alone; the other row says what its application would wait for that may lose nothing.
  const latency = (to: 'next' | 'everybody', percent: number): Row[] => {
    const of = (name: Name): Spread => spread(rounds.map((one) => percentile(one[name][to], percent)))
    const [ours, value] = [of('ours'), of('gossipsub')]
    const where = to === 'next' ? 'the next node' : 'every node'
    const id = `live/${nodes}/${indicators}/${to}-p${percent}`
    const work = `publish → visible at ${where}, p${percent}: ${town}`
    return [
      {
        id,
        work,
        unit: 'ms',
        ours,
        reference: { name: 'gossipsub', value, as: 'share' },
        ...(to === 'next' ? { budget: { text: 'no slower', met: ours.median <= value.median } } : {})
      },
      {
        id: `${id}-durable`,
        work,
        unit: 'ms',
        ours,
        reference: { name: 'gossipsub, each message on disk', value: of('durable'), as: 'share' }
      }
    ]
  }
  const next = [...latency('next', 50), ...latency('next', 99)]
  if (nodes === 2) return next
  const ratio = (name: Name): Spread => spread(rounds.map((one) => one[name].received / one[name].needed))
  const [ours, value] = [ratio('ours'), ratio('gossipsub')]
  return [
    ...next,
    ...latency('everybody', 50),
    ...latency('everybody', 99),
    {
      id: `live/${nodes}/${indicators}/bytes`,
      work: `bytes received ÷ needed: ${town}`,
      unit: '×',
      ours,
      reference: { name: 'gossipsub', value, as: 'share' },
      ...lostOf(rounds),
      budget: { text: '≤ 1.2, and ≤ ¼', met: ours.median <= 1.2 && ours.median <= value.median / 4 }
    }
  ]
}

/** Said where it happened: who loses messages needs fewer bytes. */
function lostOf(rounds: readonly Record<Name, Side>[]): Pick<Row, 'note'> {
  const lost = (name: Name): number => sum(rounds.map((one) => one[name].lost))
  const [ours, gossipsub, durable] = NAMES.map(lost) as [number, number, number]
  if (ours + gossipsub + durable === 0) return {}
  return {
    note: `deliveries that did not come within 10 s: ours ${ours}, gossipsub ${gossipsub}, with each message on disk ${durable}.`
  }
}
