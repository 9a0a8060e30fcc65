/** Where the receiver's main thread spends its time while it catches up: samples summed by room. */
import type { Profiler } from 'node:inspector/promises'
import Table from 'cli-table3'
import { digits, sum } from './figures.ts'
import { preparePair } from './prepare.ts'
import { replicate } from './replication.ts'
import type { Bench } from './work.ts'

type Node = Profiler.ProfileNode
type Times = ReadonlyMap<Node, number>

interface Told {
  /** For the terminal: also single functions. */
  readonly text: string
  /** For the page. */
  readonly markdown: string
}

type Groups = readonly (readonly [string, number])[]

/** µs of each indicator, by place, by room that asked, and by function; the profiler itself costs some of it. */
export async function profileReplication(bench: Bench): Promise<Told> {
  const pair = await preparePair(bench)
  bench.say('replicating with the profiler on …')
  const { ms, profile } = await replicate(pair, { profile: true })
  if (profile === undefined) throw new Error('the receiver left no profile')
  const { cpu, processorMs } = profile
  const times = selfTimes(cpu)
  const parents = parentsOf(cpu)
  const per = (micros: number): string => digits(micros / pair.indicators)
  const linesOf = (groups: Groups, most: number): [string, string, string][] => {
    const total = sum(groups.map(([, micros]) => micros))
    return groups.slice(0, most).map(([name, micros]) => [name, per(micros), ((100 * micros) / total).toFixed(1)])
  }
  const table = (title: string, groups: Groups): string => {
    const shown = new Table({ head: [title, 'µs an indicator', '%'], style: { head: [], border: [] } })
    for (const line of linesOf(groups, 25)) shown.push(line)
    return shown.toString()
  }
  const rooms = grouped(times, (node) => ownerOf(node, parents))
  const places = grouped(times, ({ callFrame }) => roomOf(callFrame))
  const functions = grouped(
    times,
    ({ callFrame }) => `${callFrame.functionName || '(anonymous)'} ${placeOf(callFrame)}`
  )
  const head =
    `${pair.indicators.toLocaleString('en-US')} indicators in ${digits(ms / 1000)} s, ${per(ms * 1000)} µs each with the ` +
    `profiler on; ${per(processorMs * 1000)} µs of processor time each over all threads of the receiver.`
  const asked = 'main thread, with what each room asked of libraries and of Node'
  return {
    text: [head, table(asked, rooms), table('self time', places), table('self time of functions', functions)].join(
      '\n'
    ),
    markdown: [
      `${head}\n`,
      `| ${asked} | µs an indicator | % |`,
      '|---|---|---|',
      ...linesOf(rooms, 14).map(([name, micros, percent]) => `| ${name} | ${micros} | ${percent} |`)
    ].join('\n')
  }
}

function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Times {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const times = new Map<Node, number>()
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id)
    // The profiler's own start and end.
    if (node !== undefined && node.callFrame.url !== 'node:inspector')
      times.set(node, (times.get(node) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return times
}

function grouped(times: Times, name: (node: Node) => string): [string, number][] {
  const groups = new Map<string, number>()
  for (const [node, time] of times) groups.set(name(node), (groups.get(name(node)) ?? 0) + time)
  return [...groups].toSorted(([, a], [, b]) => b - a)
}

function parentsOf({ nodes }: Profiler.Profile): ReadonlyMap<number, Node> {
  const parents = new Map<number, Node>()
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node)
  return parents
}

/** The nearest room of ours at or above the frame; else the library or part of Node that nobody of us called. */
function ownerOf(node: Node, parents: ReadonlyMap<number, Node>): string {
  const own = roomOf(node.callFrame)
  if (own.startsWith('(') || isOurs(own)) return own
  let last = own
  for (let above = parents.get(node.id); above !== undefined; above = parents.get(above.id)) {
    const room = roomOf(above.callFrame)
    if (isOurs(room)) return room
    if (!room.startsWith('(')) last = room
  }
  return `${last}, from the event loop`
}

const isOurs = (room: string): boolean => /^(packages|node|scripts)\//.test(room)

/** `packages/store`, a library's name, `node:fs`, or V8's own `(garbage collector)`, `(idle)`, `(program)`. */
function roomOf({ functionName, url }: Node['callFrame']): string {
  const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
  if (library !== undefined) return library
  const room = /\/(packages\/[^/]+|node\/src|scripts\/bench)\//.exec(url)?.[1]
  if (room !== undefined) return room
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/')
  return functionName.startsWith('(') ? functionName : `native ${functionName}`.trim()
}

function placeOf({ url, lineNumber }: Node['callFrame']): string {
  return url === '' ? '' : `${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`
}
