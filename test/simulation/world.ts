/**
 * Institutions on a seeded network in virtual time. The world moves bytes and clocks, starts and kills processes; what
 * they say to each other is said by the real replica and the real sync. The judge watches from outside.
 */
import type { SignedRegister } from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import type { ReplicaEvent } from '@tocsin/replica'
import { keys, writeRow } from '@tocsin/store'
import { type Agenda, createAgenda } from './agenda.ts'
import { Broken } from './broken.ts'
import type { Judge } from './judge.ts'
import { createEnd, type End } from './link.ts'
import { type CircleMade, circleMade, DAY, party, SECOND, START, statement } from './parties.ts'
import type { CirclePlan, Setup } from './plan.ts'
import { type Chance, createChance } from './random.ts'
import { createSimNode, type Process, type SimNode, type Surroundings, startProcess } from './sim-node.ts'
import { type Tamper, tampered } from './tamper.ts'
import { createTrace, type Trace } from './trace.ts'
import type { Turns } from './turns.ts'

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

export interface World {
  readonly setup: Setup
  readonly nodes: SimNode[]
  readonly edges: Map<string, Edge>
  readonly circles: readonly CircleMade[]
  readonly trace: Trace
  now(): number
  later(ms: number, run: () => void): void
  /** Starts what is asynchronous: the world waits for it before time goes on; what it throws ends the run. */
  does(work: Promise<unknown>): void
  /** Delivers all that is due until then. */
  runUntil(time: number): Promise<void>
  /** Lets so much time pass at once: what is under way arrives late. */
  leap(ms: number): void
  start(node: SimNode): void
  kill(node: SimNode): void
  edge(a: number, b: number): Edge
  /** Two nodes from now on know each other. */
  introduce(a: number, b: number): void
  /** Another node of the same institution, over a copy of its store. */
  copy(node: SimNode): SimNode
  /** Bytes onto the wire beside what a session sends. */
  inject(from: number, to: number, frame: Uint8Array): void
  /** A hostile author shows another entry for this place of its own stream. */
  equivocates(stream: string, seq: number): void
  disconnect(edge: Edge): void
  /** Dials wherever a link can stand and does not; `afresh`: at once, whatever went before. */
  connect(afresh?: boolean): void
  /** Nodes on one side; the links between the sides are down as long as it is there. */
  readonly partitions: Set<ReadonlySet<number>>
  /** Ends with what went wrong out of turn. */
  end(): void
}

/** Every process and every session is told the time so often, ms. Timers of the protocol count in tens of seconds. */
const TICK = 5 * SECOND
/** ms until a node tries again to reach a peer. */
const RETRY = 2 * SECOND
/** ms: a link that lived so long was worth its while. */
const LONG_LIVED = 30 * SECOND

export const edgeKey = (a: number, b: number): string => (a < b ? `${a}-${b}` : `${b}-${a}`)

export async function createWorld(
  setup: Setup,
  turns: Turns,
  makeJudge: (world: World) => Judge,
  hear?: (line: string) => void
): Promise<World> {
  const agenda: Agenda = createAgenda()
  const trace = createTrace(hear)
  const wire: Chance = createChance(`${setup.seed} wire`)
  const nodes: SimNode[] = []
  const edges = new Map<string, Edge>()
  const partitions = new Set<ReadonlySet<number>>()
  const tampers = new Map<number, Tamper>()
  let time = START
  let isBusy = false
  let fault: unknown

  const fail = (error: unknown): void => {
    fault ??= error
  }
  const at = (when: number, run: () => void): void => agenda.at(Math.max(when, time), run)

  const around: Surroundings = {
    seed: setup.seed,
    now: () => time,
    diskLater: (node, run) => {
      // A slow disk now and then; the writes of one node reach it in order.
      const due = Math.max(
        diskBusy.get(node.index) ?? 0,
        time + (wire.odds(0.02) ? 20 + wire.below(200) : 1 + wire.below(3))
      )
      diskBusy.set(node.index, due)
      at(due, () => {
        isBusy = true
        run()
      })
    },
    // A replica swallows what its listeners throw: a verdict must not be lost in it.
    event: (process, event) => {
      try {
        happened(process, event)
      } catch (error) {
        fail(error)
      }
    }
  }
  const diskBusy = new Map<number, number>()

  function happened(process: Process, event: ReplicaEvent): void {
    const { node } = process
    if (event.type === 'entries') {
      trace.note(`${time} ${node.index} entries ${event.rows.map(({ row }) => row.entry).join(' ')}`)
      judge.entries(process, event.rows, event.from)
    } else if (event.type === 'registers') {
      trace.note(`${time} ${node.index} registers ${event.addresses.join(' ')}`)
      judge.registers(process)
    } else if (event.type === 'roster-changed') {
      trace.note(`${time} ${node.index} roster`)
      judge.registers(process)
    } else if (event.type === 'alarm') {
      trace.note(`${time} ${node.index} alarm ${event.alarm.code}`)
      judge.alarm(process, event.alarm.code)
    }
    const from = 'from' in event && event.from !== undefined ? { from: event.from } : {}
    for (const end of [...process.ends.values()]) {
      if (event.type === 'entries')
        end.feed({ type: 'appended', streams: event.streams as StreamId[], registers: [], ...from })
      else if (event.type === 'registers')
        end.feed({ type: 'appended', streams: [], registers: event.addresses, ...from })
      else if (event.type === 'roster-changed') end.feed({ type: 'roster-changed' })
    }
    if (event.type === 'allow-list-changed') at(time, () => allowListChanged(process))
  }

  function allowListChanged(process: Process): void {
    if (!process.isAlive) return
    for (const end of [...process.ends.values()])
      if (!process.replica.isPeer(end.peer)) disconnect(world.edge(process.node.index, end.other))
    connectNode(process.node)
  }

  // ---- links

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
    at(Math.max(time + after, edge.notBefore), () => {
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
        if (end.peer === peer.party.id) disconnect(world.edge(self.index, end.other))
    const arrivals = [time, time]
    const make = (side: 0 | 1): End => {
      const [self, peer] = side === 0 ? [a, b] : [b, a]
      const process = self.process as Process
      const dice = createChance(`${setup.seed} session ${self.index} ${peer.index} ${self.lives} ${time}`)
      const send = (frame: Uint8Array): void => {
        const took = edge.latency * (1 + wire.next() / 2) + frame.length / 2000
        const due = Math.max(arrivals[side] ?? 0, Math.ceil(time + took))
        arrivals[side] = due
        trace.frame(time, self.index, peer.index, frame)
        judge.sends(process, peer, frame)
        at(due, () => {
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
        now: () => time + self.skew,
        send: tamper === undefined ? send : (frame) => tamper.send(peer.index, frame, send),
        closed: (code) => {
          trace.note(`${time} ${self.index}>${peer.index} closes ${code}`)
          judge.closes(code)
          // What was sent before still arrives; then the other end sees the wire break.
          at((arrivals[side] ?? time) + 1, () => {
            if (edge.ends === pair) disconnect(edge)
          })
        },
        report: (event) => {
          trace.note(`${time} ${self.index}>${peer.index} ${event.type} ${'code' in event ? event.code : ''}`)
          judge.reports(process, peer, event)
          if (event.type === 'linked') {
            const mine = pair[side]
            if (mine !== undefined) mine.linkedAt = time
            process.replica.linked(peer.party.id, event.skew)
          } else if (event.type === 'instance') sawInstance(process, peer.party.id, event)
          else if (event.type === 'twin') process.replica.twin(event.instance, event.proof)
        },
        busy: () => {
          isBusy = true
        },
        fault: fail
      })
    }
    const pair = [make(0), make(1)] as const
    edge.ends = pair
    edge.openedAt = time
    for (const end of pair) {
      end.process.ends.set(end.other, end)
      at(time, () => end.feed({ type: 'opened' }))
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
    at(time, () => end.feed({ type: 'twin', ...twin }))
  }

  function tamperOf(node: SimNode): Tamper {
    const known = tampers.get(node.index) ?? tampered(node, world, createChance(`${setup.seed} tamper ${node.index}`))
    tampers.set(node.index, known)
    return known
  }

  function disconnect(edge: Edge): void {
    const { ends } = edge
    if (ends === undefined) return
    edge.ends = undefined
    for (const end of ends) end.drop()
    edge.fails = time - edge.openedAt > LONG_LIVED ? 0 : Math.min(edge.fails + 1, 6)
    edge.notBefore = time + RETRY * 2 ** edge.fails
    dial(edge, RETRY + wire.below(RETRY))
  }

  function connectNode(node: SimNode): void {
    for (const edge of edges.values()) if (edge.a === node.index || edge.b === node.index) dial(edge, wire.below(500))
  }

  // ---- processes

  function start(node: SimNode): void {
    if (node.process !== undefined || node.isStarting || node.down > 0) return
    node.isStarting = true
    does(
      startProcess(around, node).then(
        (process) => {
          node.isStarting = false
          node.process = process
          if (node.down > 0) return kill(node)
          trace.note(`${time} ${node.index} starts`)
          judge.started(process)
          at(time + wire.below(TICK), () => tick(process))
          connectNode(node)
        },
        (error: unknown) => {
          node.isStarting = false
          // It was killed while it started, or its disk is full: again later.
          trace.note(`${time} ${node.index} does not start`)
          if (!isExpected(error)) throw error
          at(time + 10 * SECOND, () => start(node))
        }
      )
    )
  }

  function kill(node: SimNode): void {
    const { process } = node
    if (process === undefined) return
    process.isAlive = false
    node.process = undefined
    for (const end of [...process.ends.values()]) disconnect(world.edge(node.index, end.other))
    judge.stops(process)
    const { lost } = node.disk.crash(wire.below)
    diskBusy.delete(node.index)
    trace.note(`${time} ${node.index} dies, ${lost} lost`)
  }

  function tick(process: Process): void {
    if (!process.isAlive) return
    isBusy = true
    const began = time + process.node.skew
    for (const end of [...process.ends.values()]) end.feed({ type: 'tick' })
    if (process.node.isHostile) tamperOf(process.node).tick(process)
    process.replica
      .tick()
      .then(() => judge.ticked(process, began))
      .catch((error: unknown) => {
        if (process.isAlive && !isExpected(error)) fail(error)
      })
    at(time + TICK, () => tick(process))
  }

  function does(work: Promise<unknown>): void {
    isBusy = true
    work.catch(fail)
  }

  async function rest(): Promise<void> {
    isBusy = false
    await turns.rest()
    if (fault !== undefined) throw fault
  }

  const circles = setup.circles.map(({ name, founders, threshold }, index) =>
    circleMade(name, `${setup.seed} ${index}`, founders.map(party), threshold)
  )

  const world: World = {
    setup,
    nodes,
    edges,
    circles,
    trace,
    partitions,
    now: () => time,
    later: (ms, run) => at(time + ms, run),
    does,
    runUntil: async (until) => {
      if (isBusy) await rest()
      for (let events = 0; agenda.next() <= until; events++) {
        // Time stands while nodes talk each other into a storm.
        if (events > 400 * nodes.length + 100_000) throw new Broken('storm', `the world does not come to ${until}`)
        time = Math.max(time, agenda.next())
        agenda.take()?.()
        if (fault !== undefined) throw fault
        if (isBusy) await rest()
      }
      time = Math.max(time, until)
    },
    leap: (ms) => {
      time += ms
    },
    start,
    kill,
    edge: (a, b) => {
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
    },
    introduce: (a, b) => {
      const [one, other] = [nodes[a], nodes[b]]
      if (one?.process === undefined || other?.process === undefined || one.party === other.party) return
      const edge = world.edge(a, b)
      for (const [self, peer] of [
        [one.process, other.process],
        [other.process, one.process]
      ] as const) {
        if (self.replica.isPeer(peer.node.party.id)) continue
        const card = peer.replica.book.cardRegister(peer.node.party.id)
        if (card !== undefined) does(self.replica.addPeer(card.bytes).catch(ignoreExpected))
      }
      dial(edge, 100)
    },
    copy: (node) => {
      const twin = createSimNode(around, nodes.length, node.party, { twinOf: node.index, isHostile: node.isHostile })
      nodes.push(twin)
      twin.disk.restore(node.disk.image())
      judge.copied(twin, node)
      return twin
    },
    inject: (from, to, frame) => {
      const edge = world.edge(from, to)
      const ends = edge.ends
      trace.frame(time, from, to, frame)
      at(time + edge.latency, () => {
        const end = ends?.find(({ process }) => process.node.index === to)
        if (end !== undefined && edge.ends === ends && end.isOpen) end.feed({ type: 'received', frame })
      })
    },
    equivocates: (stream, seq) => judge.ledger.equivocated(stream, seq),
    disconnect,
    connect: (afresh = false) => {
      for (const edge of edges.values()) {
        if (afresh) {
          edge.fails = 0
          edge.notBefore = time
        }
        if (edge.ends === undefined) dial(edge, wire.below(500))
      }
    },
    end: () => {
      for (const node of nodes) if (node.process !== undefined) node.process.isAlive = false
    }
  }
  const judge = makeJudge(world)
  for (let index = 0; index < setup.nodes; index++) judge.signs(party(index).card)

  for (let index = 0; index < setup.nodes; index++)
    nodes.push(createSimNode(around, index, party(index), { isHostile: setup.hostile.includes(index) }))
  for (const [a, b] of setup.edges) world.edge(a, b)
  for (const [index, plan] of setup.circles.entries())
    for (const signed of membership(world, index, plan)) judge.signs(signed)
  for (const node of nodes) furnish(world, node)
  for (const node of nodes) start(node)
  await rest()
  return world
}

/** What a node has when the world begins: its card, its peers, and the circles that it belongs to. */
function furnish(world: World, node: SimNode): void {
  const rows: { type: 'put'; key: Uint8Array; value: Uint8Array }[] = []
  const put = (key: Uint8Array, value: Uint8Array): void => {
    rows.push({ type: 'put', key, value })
  }
  const cards = new Set([node.index])
  for (const { a, b } of world.edges.values()) {
    if (a !== node.index && b !== node.index) continue
    const peer = a === node.index ? b : a
    cards.add(peer)
    const { id } = party(peer)
    put(keys.local('peer', id), writeRow({ institution: id, addedAt: START - DAY }))
  }
  for (const [index, plan] of world.setup.circles.entries()) {
    if (!plan.members.includes(node.index)) continue
    for (const { address, bytes } of membership(world, index, plan)) put(keys.register(address), bytes)
    for (const member of plan.members) cards.add(member)
  }
  for (const index of cards) {
    const { card } = party(index)
    put(keys.register(card.address), card.bytes)
  }
  const database = node.disk.mount()
  void database.open()
  void database.batch(rows)
  void database.close()
}

const memberships = new WeakMap<CircleMade, readonly SignedRegister[]>()

/** Charter, acceptances and vouches with which a circle begins. */
function membership(world: World, index: number, plan: CirclePlan): readonly SignedRegister[] {
  const circle = world.circles[index]
  if (circle === undefined) return []
  const known = memberships.get(circle)
  if (known !== undefined) return known
  const { members, founders, threshold } = plan
  const chance = createChance(`${world.setup.seed} membership ${index}`)
  const day = Math.floor(START / DAY)
  const made = [circle.register, ...members.map((one) => statement.acceptance(party(one), circle, START - DAY))]
  for (const one of members) {
    if (founders.includes(one)) continue
    const count = threshold + (chance.odds(0.5) ? 1 : 0)
    // Of one member 32 open vouches count: in a large circle the founders share the newcomers among them.
    const turned = members.length - founders.length > 32 ? one % founders.length : 0
    const vouchers = [...founders.slice(turned), ...founders.slice(0, turned)].slice(0, count)
    for (const voucher of vouchers)
      made.push(statement.vouch(party(voucher), party(one), circle, START - DAY, day + 3 + chance.below(120)))
  }
  memberships.set(circle, made)
  return made
}

/** A disk that is full or broken, a store that was closed: no bug of anybody's. */
export function isExpected(error: unknown): boolean {
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith('store-')
}

function ignoreExpected(error: unknown): void {
  if (!isExpected(error)) throw error
}
