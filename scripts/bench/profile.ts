/** Where the receiver's main thread spends its time while it catches up: a V8 profile, summed by room. */
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Table from 'cli-table3'
import { digits, sum } from './figures.ts'
import { preparePair } from './prepare.ts'
import { replicate } from './replication.ts'
import type { Bench } from './work.ts'

interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  /** µs. */
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

/** µs of each indicator, by room and by function; the profiler itself costs some of it. */
export async function profileReplication(bench: Bench): Promise<string> {
  const pair = await preparePair(bench)
  const folder = await mkdtemp(join(bench.folder, 'profile-'))
  bench.say('replicating with the profiler on …')
  const { ms } = await replicate(pair, ['--cpu-prof', `--cpu-prof-dir=${folder}`])
  const files = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'))
  const profiles = await Promise.all(
    files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile)
  )
  const main = profiles.toSorted((a, b) => busy(b) - busy(a))[0]
  if (main === undefined) throw new Error('the receiver left no profile')
  const perIndicator = (micros: number): string => digits(micros / pair.indicators)
  const selves = selfTimes(main)
  const rooms = grouped(selves, ({ callFrame }) => roomOf(callFrame))
  const owners = ownerTimes(main)
  const functions = grouped(
    selves,
    ({ callFrame }) => `${callFrame.functionName || '(anonymous)'} ${placeOf(callFrame)}`
  )
  const table = (title: string, groups: readonly (readonly [string, number])[]): string => {
    const shown = new Table({ head: [title, 'µs an indicator', '%'], style: { head: [], border: [] } })
    const total = sum(groups.map(([, micros]) => micros))
    for (const [name, micros] of groups.slice(0, 25))
      shown.push([name, perIndicator(micros), ((100 * micros) / total).toFixed(1)])
    return shown.toString()
  }
  return [
    `${pair.indicators.toLocaleString('en-US')} indicators in ${digits(ms / 1000)} s: ${digits((ms * 1000) / pair.indicators)} µs each, profiler included; ${profiles.length - 1} further threads`,
    table('where it runs (self time)', rooms),
    table('which room of ours asked for it (libraries and Node counted to their caller)', owners),
    table('functions (self time)', functions)
  ].join('\n')
}

const IDLE = new Set(['(idle)', '(root)'])

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): Map<ProfileNode, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const times = new Map<ProfileNode, number>()
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id)
    if (node !== undefined) times.set(node, (times.get(node) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return times
}

function busy(profile: CpuProfile): number {
  return sum([...selfTimes(profile)].flatMap(([node, time]) => (IDLE.has(node.callFrame.functionName) ? [] : [time])))
}

function grouped(times: ReadonlyMap<ProfileNode, number>, name: (node: ProfileNode) => string): [string, number][] {
  const groups = new Map<string, number>()
  for (const [node, time] of times) groups.set(name(node), (groups.get(name(node)) ?? 0) + time)
  return [...groups].toSorted(([, a], [, b]) => b - a)
}

/** Self time of every frame, counted to the nearest room of ours above it. */
function ownerTimes(profile: CpuProfile): [string, number][] {
  const parent = new Map<number, ProfileNode>()
  for (const node of profile.nodes) for (const child of node.children ?? []) parent.set(child, node)
  const owner = (node: ProfileNode): string => {
    const own = roomOf(node.callFrame)
    if (own.startsWith('(') || /^(packages|node)\//.test(own)) return own
    const above = parent.get(node.id)
    return above === undefined || above.callFrame.functionName === '(root)'
      ? `${own}, asked for by nobody`
      : owner(above)
  }
  return grouped(selfTimes(profile), owner)
}

/** `packages/store`, a library's name, `node:fs`, or V8's own `(garbage collector)`, `(idle)`, `(program)`. */
function roomOf({ functionName, url }: ProfileNode['callFrame']): string {
  const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
  if (library !== undefined) return library
  const room = /\/(packages\/[^/]+|node\/src|scripts\/bench)\//.exec(url)?.[1]
  if (room !== undefined) return room
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/')
  return functionName.startsWith('(') ? functionName : `native ${functionName}`
}

function placeOf({ url, lineNumber }: ProfileNode['callFrame']): string {
  return url === '' ? '' : `${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`
}
