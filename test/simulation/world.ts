/**
 * Institutions on a seeded network in virtual time. The world moves bytes and clocks, starts and kills processes; what
 * they say to each other is said by the real replica and the real sync. The judge watches from outside.
 */
import { type Course, createCourse } from './course.ts'
import { ignoreExpected } from './expected.ts'
import { furnish, membership } from './furnish.ts'
import type { Judge } from './judge.ts'
import { createLinks, type Links } from './links.ts'
import { type CircleMade, circleMade, party } from './parties.ts'
import type { Setup } from './plan.ts'
import { createProcesses, type Processes } from './processes.ts'
import { createChance } from './random.ts'
import type { Scene } from './scene.ts'
import { createSimNode, type SimNode } from './sim-node.ts'
import { createTrace, type Trace } from './trace.ts'
import type { Turns } from './turns.ts'

export interface World
  extends Pick<Course, 'now' | 'does' | 'runUntil' | 'leap'>,
    Pick<Links, 'edges' | 'partitions' | 'edge' | 'inject' | 'disconnect' | 'connect'>,
    Pick<Processes, 'start' | 'kill'> {
  readonly setup: Setup
  readonly nodes: SimNode[]
  readonly circles: readonly CircleMade[]
  readonly trace: Trace
  later(ms: number, run: () => void): void
  /** Two nodes from now on know each other. */
  introduce(a: number, b: number): void
  /** Another node of the same institution, over a copy of its store. */
  copy(node: SimNode): SimNode
  /** A hostile author shows another entry for this place of its own stream. */
  equivocates(stream: string, seq: number): void
  /** Nothing that still happens counts. */
  end(): void
}

export async function createWorld(
  setup: Setup,
  turns: Turns,
  makeJudge: (world: World) => Judge,
  hear?: (line: string) => void
): Promise<World> {
  const nodes: SimNode[] = []
  const course: Course = createCourse(turns, () => nodes.length)
  const trace = createTrace(hear)
  const circles = setup.circles.map(({ name, founders, threshold }, index) =>
    circleMade(name, `${setup.seed} ${index}`, founders.map(party), threshold)
  )
  const scene: Scene = {
    seed: setup.seed,
    course,
    nodes,
    trace,
    wire: createChance(`${setup.seed} wire`),
    get world() {
      return world
    },
    get judge() {
      return judge
    }
  }
  const links = createLinks(scene)
  const processes = createProcesses(scene, links)

  const world: World = {
    setup,
    nodes,
    circles,
    trace,
    edges: links.edges,
    partitions: links.partitions,
    now: course.now,
    later: (ms, run) => course.at(course.now() + ms, run),
    does: course.does,
    runUntil: course.runUntil,
    leap: course.leap,
    start: processes.start,
    kill: processes.kill,
    edge: links.edge,
    introduce: (a, b) => {
      const [one, other] = [nodes[a], nodes[b]]
      if (one?.process === undefined || other?.process === undefined || one.party === other.party) return
      const edge = links.edge(a, b)
      for (const [self, peer] of [
        [one.process, other.process],
        [other.process, one.process]
      ] as const) {
        if (self.replica.isPeer(peer.node.party.id)) continue
        const card = peer.replica.book.cardRegister(peer.node.party.id)
        if (card !== undefined) course.does(self.replica.addPeer(card.bytes).catch(ignoreExpected))
      }
      links.dial(edge, 100)
    },
    copy: (node) => {
      const twin = createSimNode(processes.around, nodes.length, node.party, {
        twinOf: node.index,
        isHostile: node.isHostile
      })
      nodes.push(twin)
      twin.disk.restore(node.disk.image())
      judge.copied(twin, node)
      return twin
    },
    inject: links.inject,
    equivocates: (stream, seq) => judge.ledger.equivocated(stream, seq),
    disconnect: links.disconnect,
    connect: links.connect,
    end: () => {
      for (const node of nodes) if (node.process !== undefined) node.process.isAlive = false
    }
  }

  const judge = makeJudge(world)
  for (let index = 0; index < setup.nodes; index++) judge.signs(party(index).card)

  for (let index = 0; index < setup.nodes; index++)
    nodes.push(createSimNode(processes.around, index, party(index), { isHostile: setup.hostile.includes(index) }))
  for (const [a, b] of setup.edges) world.edge(a, b)
  for (const [index, plan] of setup.circles.entries())
    for (const signed of membership(world, index, plan)) judge.signs(signed)
  for (const node of nodes) furnish(world, node)
  for (const node of nodes) processes.start(node)
  await course.rest()
  return world
}
