/** Which nodes are linked: dials, sessions over a wire that takes its time, and what breaks them. */
import type { InstitutionId } from '@tocsin/model'
import { createEnd, type End } from './link.ts'
import { SECOND } from './parties.ts'
import { createChance } from './random.ts'
import type { Scene } from './scene.ts'
import type { Process, SimNode } from './sim-node.ts'
import { type Tamper, tampered } from './tamper.ts'

/** A connection of two nodes that know each other. */
export interface Edge {
  readonly a: number
  readonly b: number
  /** Reasons for which it is down. */
  cut: number
  /** Least ms one way; each frame takes up to half as much more. */
  latency: number
  ends: readonly [End, End] | undefined
  /** Nobody dials before: ever longer while links are short-lived, as the network's own backoff. */
  notBefore: number
  openedAt: number
  /** Short-lived links in a row. */
  fails: number
  isDialling: boolean
}

export interface Links {
  readonly edges: Map<string, Edge>
  /** Nodes on one side; the links between the sides are down as long as it is there. */
  readonly partitions: Set<ReadonlySet<number>>
  edge(a: number, b: number): Edge
  dial(edge: Edge, after: number): void
  disconnect(edge: Edge): void
  /** Dials wherever a link can stand and does not; `afresh`: at once, whatever went before. */
  connect(afresh?: boolean): void
  connectNode(node: SimNode): void
  /** Bytes onto the wire beside what a session sends. */
  inject(from: number, to: number, frame: Uint8Array): void
  tamperOf(node: SimNode): Tamper
}

/** ms until a node tries again to reach a peer. */
const RETRY = 2 * SECOND
/** ms: a link that lived so long was worth its while. */
const LONG_LIVED = 30 * SECOND

export const edgeKey = (a: number, b: number): string => (a < b ? `${a}-${b}` : `${b}-${a}`)

export function createLinks(scene: Scene): Links {
  const { seed, course, nodes, trace, wire } = scene
  const edges = new Map<string, Edge>()
  const partitions = new Set<ReadonlySet<number>>()
  const tampers = new Map<number, Tamper>()

  function edgeOf(a: number, b: number): Edge {
    const key = edgeKey(a, b)
    const known = edges.get(key)
    if (known !== undefined) return known
    const edge: Edge = {
      a: Math.min(a, b),
      b: Math.max(a, b),
      cut: 0,
      latency: 5 + wire.below(60),
      ends: undefined,
      notBefore: 0,
      openedAt: 0,
      fails: 0,
      isDialling: false
    }
    edges.set(key, edge)
    return edge
  }

  function canStand(edge: Edge): boolean {
    if (edge.cut > 0) return false
    const [a, b] = [nodes[edge.a], nodes[edge.b]]
    if (a?.process === undefined || b?.process === undefined) return false
    for (const side of partitions) if (side.has(edge.a) !== side.has(edge.b)) return false
    return a.process.replica.isPeer(b.party.id) && b.process.replica.isPeer(a.party.id)
  }

  function dial(edge: Edge, after: number): void {
    if (edge.isDialling || edge.ends !== undefined) return
    edge.isDialling = true
    course.at(Math.max(course.now() + after, edge.notBefore), () => {
      edge.isDialling = false
      if (edge.ends === undefined && canStand(edge)) open(edge)
    })
  }

  function open(edge: Edge): void {
    const [a, b] = [nodes[edge.a], nodes[edge.b]] as [SimNode, SimNode]
    // One link with an institution: a newer one takes the place of an older one.
    for (const [self, peer] of [
      [a, b],
      [b, a]
    ] as const)
      for (const end of [...(self.process?.ends.values() ?? [])])
        if (end.peer === peer.party.id) disconnect(edgeOf(self.index, end.other))
    const arrivals = [course.now(), course.now()]
    const make = (side: 0 | 1): End => {
      const [self, peer] = side === 0 ? [a, b] : [b, a]
      const process = self.process as Process
      const dice = createChance(`${seed} session ${self.index} ${peer.index} ${self.lives} ${course.now()}`)
      const send = (frame: Uint8Array): void => {
        const took = edge.latency * (1 + wire.next() / 2) + frame.length / 2000
        const due = Math.max(arrivals[side] ?? 0, Math.ceil(course.now() + took))
        arrivals[side] = due
        trace.frame(course.now(), self.index, peer.index, frame)
        scene.judge.sends(process, peer, frame)
        course.at(due, () => {
          const other = pair[1 - side] as End
          if (edge.ends === pair && other.isOpen) other.feed({ type: 'received', frame })
        })
      }
      const tamper = self.isHostile ? tamperOf(self) : undefined
      return createEnd({
        process,
        other: peer.index,
        peer: peer.party.id,
        replica: tamper === undefined ? process.replica.sync : tamper.port(process, peer.party.id),
        random: dice.next,
        now: () => course.now() + self.skew,
        send: tamper === undefined ? send : (frame) => tamper.send(peer.index, frame, send),
        closed: (code) => {
          trace.note(`${course.now()} ${self.index}>${peer.index} closes ${code}`)
          scene.judge.closes(code)
          // What was sent before still arrives; then the other end sees the wire break.
          course.at((arrivals[side] ?? course.now()) + 1, () => {
            if (edge.ends === pair) disconnect(edge)
          })
        },
        report: (event) => {
          trace.note(`${course.now()} ${self.index}>${peer.index} ${event.type} ${'code' in event ? event.code : ''}`)
          scene.judge.reports(process, peer, event)
          if (event.type === 'linked') {
            const mine = pair[side]
            if (mine !== undefined) mine.linkedAt = course.now()
            process.replica.linked(peer.party.id, event.skew)
          } else if (event.type === 'instance') sawInstance(process, peer.party.id, event)
          else if (event.type === 'twin') process.replica.twin(event.instance, event.proof)
        },
        busy: course.busy,
        fault: course.fail
      })
    }
    const pair = [make(0), make(1)] as const
    edge.ends = pair
    edge.openedAt = course.now()
    for (const end of pair) {
      end.process.ends.set(end.other, end)
      course.at(course.now(), () => end.feed({ type: 'opened' }))
    }
  }

  /** As the node's own wiring does: an instance that comes back after another one shows two processes with one key. */
  function sawInstance(process: Process, peer: InstitutionId, seen: { instance: string; proof: Uint8Array }): void {
    const known = process.instances.get(peer) ?? []
    const last = known.at(-1)
    const isBack =
      last !== undefined && last.instance !== seen.instance && known.some(({ instance }) => instance === seen.instance)
    if (isBack) for (const end of process.ends.values()) if (end.peer === peer) tellTwin(end, last)
    const others = known.filter(({ instance }) => instance !== seen.instance)
    process.instances.set(peer, [...others, { instance: seen.instance, proof: seen.proof }].slice(-4))
  }

  function tellTwin(end: End, twin: { instance: string; proof: Uint8Array }): void {
    course.at(course.now(), () => end.feed({ type: 'twin', ...twin }))
  }

  function tamperOf(node: SimNode): Tamper {
    const known = tampers.get(node.index) ?? tampered(node, scene.world, createChance(`${seed} tamper ${node.index}`))
    tampers.set(node.index, known)
    return known
  }

  function disconnect(edge: Edge): void {
    const { ends } = edge
    if (ends === undefined) return
    edge.ends = undefined
    for (const end of ends) end.drop()
    edge.fails = course.now() - edge.openedAt > LONG_LIVED ? 0 : Math.min(edge.fails + 1, 6)
    edge.notBefore = course.now() + RETRY * 2 ** edge.fails
    dial(edge, RETRY + wire.below(RETRY))
  }

  function connectNode(node: SimNode): void {
    for (const edge of edges.values()) if (edge.a === node.index || edge.b === node.index) dial(edge, wire.below(500))
  }

  function connect(afresh = false): void {
    for (const edge of edges.values()) {
      if (afresh) {
        edge.fails = 0
        edge.notBefore = course.now()
      }
      if (edge.ends === undefined) dial(edge, wire.below(500))
    }
  }

  function inject(from: number, to: number, frame: Uint8Array): void {
    const edge = edgeOf(from, to)
    const ends = edge.ends
    trace.frame(course.now(), from, to, frame)
    course.at(course.now() + edge.latency, () => {
      const end = ends?.find(({ process }) => process.node.index === to)
      if (end !== undefined && edge.ends === ends && end.isOpen) end.feed({ type: 'received', frame })
    })
  }

  return { edges, partitions, edge: edgeOf, dial, disconnect, connect, connectNode, inject, tamperOf }
}
