/** Processes start, are told the time, tell of what happened, and die with what their disks had not written. */
import type { StreamId } from '@tocsin/model'
import type { ReplicaEvent } from '@tocsin/replica'
import { isExpected } from './expected.ts'
import type { Links } from './links.ts'
import { SECOND } from './parties.ts'
import type { Scene } from './scene.ts'
import { type Process, type SimNode, type Surroundings, startProcess } from './sim-node.ts'

export interface Processes {
  readonly around: Surroundings
  start(node: SimNode): void
  kill(node: SimNode): void
}

/** Every process and every session is told the time so often, ms. Timers of the protocol count in tens of seconds. */
const TICK = 5 * SECOND

export function createProcesses(scene: Scene, links: Links): Processes {
  const { seed, course, trace, wire } = scene
  const diskBusy = new Map<number, number>()

  const around: Surroundings = {
    seed,
    now: course.now,
    diskLater: (node, run) => {
      // A slow disk now and then; the writes of one node reach it in order.
      const due = Math.max(
        diskBusy.get(node.index) ?? 0,
        course.now() + (wire.odds(0.02) ? 20 + wire.below(200) : 1 + wire.below(3))
      )
      diskBusy.set(node.index, due)
      course.at(due, () => {
        course.busy()
        run()
      })
    },
    // A replica swallows what its listeners throw: a verdict must not be lost in it.
    event: (process, event) => {
      try {
        happened(process, event)
      } catch (error) {
        course.fail(error)
      }
    }
  }

  function happened(process: Process, event: ReplicaEvent): void {
    const { node } = process
    if (event.type === 'entries') {
      trace.note(`${course.now()} ${node.index} entries ${event.rows.map(({ row }) => row.entry).join(' ')}`)
      scene.judge.entries(process, event.rows, event.from)
    } else if (event.type === 'registers') {
      trace.note(`${course.now()} ${node.index} registers ${event.addresses.join(' ')}`)
      scene.judge.registers(process)
    } else if (event.type === 'roster-changed') {
      trace.note(`${course.now()} ${node.index} roster`)
      scene.judge.registers(process)
    } else if (event.type === 'alarm') {
      trace.note(`${course.now()} ${node.index} alarm ${event.alarm.code}`)
      scene.judge.alarm(process, event.alarm.code)
    }
    const from = 'from' in event && event.from !== undefined ? { from: event.from } : {}
    for (const end of [...process.ends.values()]) {
      if (event.type === 'entries')
        end.feed({ type: 'appended', streams: event.streams as StreamId[], registers: [], ...from })
      else if (event.type === 'registers' && (event.to === undefined || event.to.includes(end.peer)))
        end.feed({ type: 'appended', streams: [], registers: event.addresses, ...from })
      else if (event.type === 'roster-changed') end.feed({ type: 'roster-changed' })
    }
    if (event.type === 'allow-list-changed') course.at(course.now(), () => allowListChanged(process))
  }

  function allowListChanged(process: Process): void {
    if (!process.isAlive) return
    for (const end of [...process.ends.values()])
      if (!process.replica.isPeer(end.peer)) links.disconnect(links.edge(process.node.index, end.other))
    links.connectNode(process.node)
  }

  function start(node: SimNode): void {
    if (node.process !== undefined || node.isStarting || node.down > 0) return
    node.isStarting = true
    course.does(
      startProcess(around, node).then(
        (process) => {
          node.isStarting = false
          node.process = process
          if (node.down > 0) return kill(node)
          trace.note(`${course.now()} ${node.index} starts`)
          scene.judge.started(process)
          course.at(course.now() + wire.below(TICK), () => tick(process))
          links.connectNode(node)
        },
        (error: unknown) => {
          node.isStarting = false
          // It was killed while it started, or its disk is full: again later.
          trace.note(`${course.now()} ${node.index} does not start`)
          if (!isExpected(error)) throw error
          course.at(course.now() + 10 * SECOND, () => start(node))
        }
      )
    )
  }

  function kill(node: SimNode): void {
    const { process } = node
    if (process === undefined) return
    process.isAlive = false
    node.process = undefined
    for (const end of [...process.ends.values()]) links.disconnect(links.edge(node.index, end.other))
    scene.judge.stops(process)
    const { lost } = node.disk.crash(wire.below)
    diskBusy.delete(node.index)
    trace.note(`${course.now()} ${node.index} dies, ${lost} lost`)
  }

  function tick(process: Process): void {
    if (!process.isAlive) return
    course.busy()
    const began = course.now() + process.node.skew
    for (const end of [...process.ends.values()]) end.feed({ type: 'tick' })
    if (process.node.isHostile) links.tamperOf(process.node).tick(process)
    process.replica
      .tick()
      .then(() => scene.judge.ticked(process, began))
      .catch((error: unknown) => {
        if (process.isAlive && !isExpected(error)) course.fail(error)
      })
    course.at(course.now() + TICK, () => tick(process))
  }

  return { around, start, kill }
}
