/**
 * What happens in a world, drawn beforehand from its seed: leaving an action out does not change the others, so that a
 * failing history can be shrunk. An action names others by number and is passed over where it makes no sense (any more).
 */
import type { Tlp } from '@tocsin/model'
import { DAY, HOUR, MINUTE, SECOND } from './parties.ts'
import { type Chance, createChance } from './random.ts'
import { edgesOf, shuffled, type Topology } from './topology.ts'

export interface PlanOptions {
  readonly seed: number
  readonly nodes: number
  readonly steps: number
  readonly topology: Topology
}

export interface CirclePlan {
  readonly name: string
  readonly threshold: number
  readonly founders: readonly number[]
  /** Founders and those who joined before the beginning. */
  readonly members: readonly number[]
}

export interface Setup extends PlanOptions {
  readonly edges: readonly (readonly [number, number])[]
  readonly circles: readonly CirclePlan[]
  /** Nodes that turn against the others for a while. */
  readonly hostile: readonly number[]
}

export const HOSTILE_MODES = [
  'withhold',
  'withhold-bodies',
  'reorder',
  'rewrite',
  'misforward',
  'replay',
  'flood',
  'forge',
  'overlong',
  'drop'
] as const
export type HostileMode = (typeof HOSTILE_MODES)[number]

interface Common {
  readonly id: number
  /** Virtual ms since the action before. */
  readonly gap: number
}

export type Deed =
  | {
      readonly kind: 'publish'
      readonly node: number
      readonly tlp: Tlp
      readonly circle: number
      readonly recipient: number
      readonly indicators: number
      /** Bytes of each attachment. */
      readonly attachments: readonly number[]
      readonly keepFor: number
      /** The action that published what this supersedes. */
      readonly supersedes?: number
    }
  | { readonly kind: 'retract'; readonly node: number; readonly of: number; readonly atOnce: boolean }
  | { readonly kind: 'disable'; readonly node: number; readonly of: number }
  | { readonly kind: 'sight'; readonly node: number; readonly of: number; readonly tlp: Tlp; readonly circle: number }
  | { readonly kind: 'crash'; readonly node: number; readonly lasts: number }
  | { readonly kind: 'cut'; readonly edge: number; readonly lasts: number }
  | { readonly kind: 'slow'; readonly edge: number; readonly latency: number; readonly lasts: number }
  | { readonly kind: 'partition'; readonly side: readonly number[]; readonly lasts: number }
  | { readonly kind: 'skew'; readonly node: number; readonly by: number; readonly lasts: number }
  | { readonly kind: 'full'; readonly node: number; readonly lasts: number }
  | { readonly kind: 'break-disk'; readonly node: number }
  | {
      readonly kind: 'join'
      readonly node: number
      readonly circle: number
      readonly vouchers: readonly number[]
      readonly days: number
    }
  | { readonly kind: 'resign'; readonly node: number; readonly circle: number }
  | {
      readonly kind: 'revoke'
      readonly node: number
      readonly subject: number
      readonly circle: number
      readonly lifted: boolean
    }
  /** A root key signs two different revocations under one number and shows each to others. */
  | { readonly kind: 'double'; readonly node: number; readonly subject: number; readonly circle: number }
  /** A root key ends a stream of its own, so many entries before its end. */
  | { readonly kind: 'close'; readonly node: number; readonly stream: number; readonly back: number }
  | { readonly kind: 'snapshot'; readonly node: number }
  | { readonly kind: 'rollback'; readonly node: number; readonly of: number }
  | {
      readonly kind: 'twin'
      readonly node: number
      readonly side: readonly number[]
      readonly apart: number
      readonly lasts: number
    }
  | { readonly kind: 'turn'; readonly node: number; readonly mode: HostileMode; readonly lasts: number }
  | { readonly kind: 'days'; readonly ms: number }
  | { readonly kind: 'calm' }

export type Action = Common & Deed

/** Mean virtual time between two actions in a world of one node; more nodes, more happens. */
const PACE = 8 * SECOND
/** A quiescent point after so many actions. */
const CALM_EVERY = 250

export function setupOf(options: PlanOptions): Setup {
  const chance = createChance(`${options.seed} setup`)
  const { nodes, topology } = options
  const edges = edgesOf(topology, nodes, chance)
  const near = neighbours(nodes, edges)
  const circles: CirclePlan[] = []
  const count = nodes >= 200 ? Math.ceil(nodes / 24) : 1 + chance.below(3)
  for (let index = 0; index < count; index++) {
    const most = nodes >= 200 ? 40 : nodes
    const size = Math.min(
      most,
      Math.max(3, Math.floor(nodes * (index === 0 ? 0.4 + 0.4 * chance.next() : 0.2 + 0.3 * chance.next())))
    )
    const members = around(chance.below(nodes), near, size)
    const founders = members.slice(0, Math.min(members.length, 3 + chance.below(3)))
    circles.push({ name: `circle-${index}`, threshold: 2, founders, members })
  }
  const villains = options.steps === 0 ? 0 : chance.below(Math.max(1, Math.min(4, Math.floor(nodes / 5) + 1)))
  return { ...options, edges, circles, hostile: shuffled(nodes, chance).slice(0, villains) }
}

export function planOf(setup: Setup): Action[] {
  const chance = createChance(`${setup.seed} plan`)
  const draw = createDraw(setup, chance)
  // Drawn apart, so that all else is as it is without it.
  const closes = createChance(`${setup.seed} closings`)
  const actions: Action[] = []
  for (let id = 0; id < setup.steps; id++) {
    const isCalm = (id + 1) % CALM_EVERY === 0
    const drawn: Deed = isCalm ? { kind: 'calm' } : draw(id)
    const deed = drawn.kind === 'sight' && closes.odds(0.3) ? closeOf(drawn.node, closes) : drawn
    // Mostly a busy day, now and then a pause in which timers run out.
    const mean = PACE / setup.nodes
    const gap = Math.floor(chance.odds(0.01) ? MINUTE + chance.below(2 * MINUTE) : -Math.log(1 - chance.next()) * mean)
    actions.push({ id, gap, ...deed })
  }
  return actions
}

/** Mostly at its end, as when a key is changed; else as after a theft. */
function closeOf(node: number, chance: Chance): Deed {
  return { kind: 'close', node, stream: chance.below(64), back: chance.odds(0.5) ? 0 : 1 + chance.below(4) }
}

type Maker = (id: number) => Deed

function createDraw(setup: Setup, chance: Chance): Maker {
  const { nodes, circles, edges } = setup
  const published = new Map<number, number[]>()
  const snapshots: { id: number; node: number }[] = []
  const node = (): number => chance.below(nodes)
  const circleOf = (one: number): number => {
    const mine = circles.flatMap(({ members }, index) => (members.includes(one) ? [index] : []))
    return chance.pick(mine) ?? chance.below(circles.length)
  }
  const own = (one: number): number | undefined => {
    const ids = published.get(one) ?? []
    // Mostly something recent.
    return chance.odds(0.7) ? ids.at(-1 - chance.below(Math.min(ids.length, 4) || 1)) : chance.pick(ids)
  }
  const while_ = (most: number): number => SECOND + chance.below(most)
  const someNodes = (): number[] => {
    const share = 0.2 + 0.6 * chance.next()
    return Array.from({ length: nodes }, (_, index) => index).filter(() => chance.odds(share))
  }

  // A node that runs twice has something to say at once, or its two copies would never part.
  let doubled = { node: 0, left: 0 }
  const publish: Maker = (id) => publishBy(node(), id)
  const publishBy = (one: number, id: number): Deed => {
    const before = own(one)
    published.set(one, [...(published.get(one) ?? []), id])
    return {
      kind: 'publish',
      node: one,
      tlp: weighted(chance, [
        ['AMBER', 45],
        ['GREEN', 15],
        ['AMBER+STRICT', 16],
        ['RED', 16],
        ['CLEAR', 3]
      ]),
      circle: circleOf(one),
      recipient: node(),
      indicators: chance.odds(0.03) ? 60 : 1 + chance.below(3),
      attachments: chance.odds(setup.hostile.includes(one) ? 0.2 : 0.05) ? [sizeOf(chance)] : [],
      keepFor: chance.odds(0.25) ? DAY + chance.below(3 * DAY) : DAY + chance.below(60 * DAY),
      ...(before !== undefined && chance.odds(0.08) ? { supersedes: before } : {})
    }
  }
  const about =
    (make: (one: number, of: number) => Deed): Maker =>
    (id) => {
      const one = node()
      const of = own(one)
      return of === undefined ? publish(id) : make(one, of)
    }

  const twice = (): number => {
    doubled = { node: node(), left: 24 }
    return doubled.node
  }

  const makers: [Maker, number][] = [
    [publish, 360],
    [about((one, of) => ({ kind: 'retract', node: one, of, atOnce: chance.odds(0.2) })), 80],
    [about((one, of) => ({ kind: 'disable', node: one, of })), 25],
    [
      () => {
        const one = node()
        const author = node()
        return {
          kind: 'sight',
          node: one,
          of: own(author) ?? -1,
          tlp: chance.odds(0.8) ? 'AMBER' : 'GREEN',
          circle: circleOf(one)
        }
      },
      50
    ],
    [() => ({ kind: 'crash', node: node(), lasts: chance.odds(0.8) ? while_(5 * SECOND) : while_(2 * MINUTE) }), 40],
    [() => ({ kind: 'cut', edge: chance.below(edges.length), lasts: while_(30 * SECOND) }), 50],
    [
      () => ({
        kind: 'slow',
        edge: chance.below(edges.length),
        latency: 50 + chance.below(3000),
        lasts: while_(30 * SECOND)
      }),
      40
    ],
    [() => ({ kind: 'partition', side: someNodes(), lasts: while_(MINUTE) }), 7],
    [() => ({ kind: 'skew', node: node(), by: skewOf(chance), lasts: while_(5 * MINUTE) }), 20],
    [() => ({ kind: 'full', node: node(), lasts: while_(MINUTE) }), 15],
    [() => ({ kind: 'break-disk', node: node() }), 5],
    [
      () => {
        const circle = chance.below(circles.length)
        const vouchers = shuffled(circles[circle]?.members.length ?? 0, chance)
          .slice(0, 2 + chance.below(2))
          .map((index) => circles[circle]?.members[index] ?? 0)
        return { kind: 'join', node: node(), circle, vouchers, days: 1 + chance.below(60) }
      },
      20
    ],
    [
      () => {
        const one = node()
        return { kind: 'resign', node: one, circle: circleOf(one) }
      },
      4
    ],
    [
      () => {
        const one = node()
        const circle = circleOf(one)
        // The same one again, so that there are two against him.
        const members = circles[circle]?.members ?? [0]
        const subject = members.at(-1 - chance.below(Math.min(2, members.length))) ?? 0
        return { kind: 'revoke', node: one, subject, circle, lifted: chance.odds(0.3) }
      },
      10
    ],
    [
      (id) => {
        const one = node()
        snapshots.push({ id, node: one })
        return { kind: 'snapshot', node: one }
      },
      10
    ],
    [
      (id) => {
        const held = chance.pick(snapshots)
        return held === undefined ? publish(id) : { kind: 'rollback', node: held.node, of: held.id }
      },
      6
    ],
    [
      () => ({
        kind: 'twin',
        node: twice(),
        side: someNodes(),
        apart: 10 * SECOND + chance.below(MINUTE),
        lasts: 10 * SECOND + chance.below(MINUTE / 2)
      }),
      5
    ],
    [() => ({ kind: 'days', ms: 6 * HOUR + chance.below(chance.odds(0.2) ? 45 * DAY : 2 * DAY) }), 3]
  ]
  if (setup.hostile.length > 0) {
    makers.push([
      () => {
        const one = chance.pick(setup.hostile) ?? 0
        const circle = circleOf(one)
        return { kind: 'double', node: one, circle, subject: chance.pick(circles[circle]?.members ?? [0]) ?? 0 }
      },
      6
    ])
    makers.push([
      () => ({
        kind: 'turn',
        node: chance.pick(setup.hostile) ?? 0,
        mode: chance.pick(HOSTILE_MODES) ?? 'drop',
        lasts: while_(2 * MINUTE)
      }),
      30
    ])
  }
  return (id) => {
    doubled.left -= 1
    return doubled.left > 0 && chance.odds(0.5) ? publishBy(doubled.node, id) : weighted(chance, makers)(id)
  }
}

/** Bytes: mostly small; some are announced and not pushed (64 KiB), some go in chunks (256 KiB). */
function sizeOf(chance: Chance): number {
  return weighted(chance, [
    [1 + chance.below(4000), 70],
    [70_000 + chance.below(60_000), 20],
    [270_000 + chance.below(200_000), 9],
    [1_500_000, 1]
  ])
}

function skewOf(chance: Chance): number {
  const size = weighted(chance, [
    [chance.below(MINUTE), 50],
    [4 * MINUTE + chance.below(4 * MINUTE), 30],
    [9 * MINUTE + chance.below(30 * MINUTE), 20]
  ])
  return chance.odds(0.5) ? size : -size
}

function weighted<T>(chance: Chance, list: readonly (readonly [T, number])[]): T {
  let left = chance.next() * list.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of list) {
    left -= weight
    if (left < 0) return value
  }
  return (list.at(-1) as readonly [T, number])[0]
}

function neighbours(nodes: number, edges: readonly (readonly [number, number])[]): number[][] {
  const near: number[][] = Array.from({ length: nodes }, () => [])
  for (const [a, b] of edges) {
    near[a]?.push(b)
    near[b]?.push(a)
  }
  return near
}

/** The nodes nearest to one, itself first: a circle whose members reach each other. */
function around(start: number, near: readonly (readonly number[])[], size: number): number[] {
  const found = [start]
  for (let at = 0; at < found.length && found.length < size; at++)
    for (const next of near[found[at] ?? 0] ?? []) if (!found.includes(next) && found.length < size) found.push(next)
  return found
}
