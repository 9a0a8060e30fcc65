/** `tocsin doctor`: what an operator should look at, each with what to do. Reads the home, and asks the node if it runs. */
import { readFile, statfs } from 'node:fs/promises'
import type { CircleView, PeerView, PendingView, StatusView } from '@tocsin/api'
import { currentNodeKeys, openRegister, parseCardText } from '@tocsin/journal'
import { TocsinError } from '@tocsin/model'
import { readConfig } from './config.ts'
import { explain } from './explain.ts'
import { type Home, openToOthers } from './home.ts'
import { isEncryptedAtRest } from './keys-at-rest.ts'
import { VERSION } from './version.ts'

export const CHECKS = [
  'config',
  'permissions',
  'root-key',
  'card',
  'disk',
  'node',
  'version',
  'signing',
  'clock',
  'alarms',
  'evidence',
  'peers',
  'vouches',
  'presences',
  'reachability'
] as const
export type Check = (typeof CHECKS)[number]

export interface Finding {
  readonly check: Check
  readonly state: 'good' | 'warning' | 'problem'
  /** Which of the outcomes of this check: a key of the texts, stable for scripts. */
  readonly outcome: Outcome
  /** Paths, numbers and codes that the text names. */
  readonly facts: Readonly<Record<string, string | number>>
}

export type Outcome =
  | 'fine'
  | 'unreadable'
  | 'open-to-others'
  | 'plain'
  | 'elsewhere'
  | 'key-retired'
  | 'key-ends'
  | 'nearly-full'
  | 'full'
  | 'not-running'
  | 'differs'
  | 'not-signing'
  | 'raised'
  | 'none'
  | 'unlinked'
  | 'off'
  | 'unknown'
  | 'ours-ends'
  | 'needed-ends'
  | 'card-changed'
  | 'no-address'
  | 'loopback-only'
  | 'stale'

/** What the doctor asks of a running node. */
export interface Asked {
  get<T>(path: string): Promise<T>
}

/** Below the first nothing is accepted (store), below the second an operator has days, not weeks. */
const DISK_FULL = 64 * 1024 ** 2
const DISK_LOW = 1024 ** 3
const SOON = 30 * 86_400_000

/** @param ask connects to the node of this home; a refusal means that it does not run */
export async function examine(home: Home, ask: () => Promise<Asked>, now: number): Promise<readonly Finding[]> {
  const own = await Promise.all([config(home), permissions(home), rootKey(home), card(home, now), disk(home)])
  return [...own.flat(), ...(await running(ask))]
}

const good = (check: Check, facts: Finding['facts'] = {}): Finding => ({ check, state: 'good', outcome: 'fine', facts })
const found = (
  state: 'warning' | 'problem',
  check: Check,
  outcome: Outcome,
  facts: Finding['facts'] = {}
): Finding => ({ check, state, outcome, facts })

async function config(home: Home): Promise<Finding> {
  try {
    await readConfig(home)
    return good('config', { path: home.config })
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error
    return found('problem', 'config', 'unreadable', { path: home.config, reason: error.message })
  }
}

async function permissions(home: Home): Promise<Finding[]> {
  // The store holds every TLP: its folder is closed at each start, and whoever copied a home may have opened it.
  const open = await openToOthers(home, [home.store])
  return open.length === 0
    ? [good('permissions', { path: home.dir })]
    : open.map((path) => found('problem', 'permissions', 'open-to-others', { path }))
}

async function rootKey(home: Home): Promise<Finding> {
  const state = await isEncryptedAtRest(home)
  if (state === undefined) return { ...good('root-key'), outcome: 'elsewhere' }
  return state
    ? good('root-key', { path: home.rootKey })
    : found('warning', 'root-key', 'plain', { path: home.rootKey })
}

async function card(home: Home, now: number): Promise<Finding[]> {
  try {
    const { register } = openRegister(parseCardText(await readFile(home.card, 'utf8')))
    if (register.kind !== 'card') throw new TypeError('not a card')
    const { addresses, nodeKeys } = register.value
    const current = currentNodeKeys(register.value, now)
    const ends = nodeKeys
      .filter(({ key }) => current.includes(key))
      .map(({ until }) => until ?? Number.POSITIVE_INFINITY)
    const last = Math.max(Number.NEGATIVE_INFINITY, ...ends)
    const keys: Finding =
      current.length === 0
        ? found('problem', 'card', 'key-retired')
        : last - now < SOON
          ? found('warning', 'card', 'key-ends', { until: new Date(last).toISOString().slice(0, 10) })
          : good('card')
    return [keys, reachability(addresses)]
  } catch (error) {
    const reason = error instanceof TocsinError ? error.message : String((error as Error).message)
    return [found('problem', 'card', 'unreadable', { path: home.card, reason })]
  }
}

/** Peers dial what the card says. */
function reachability(addresses: readonly string[]): Finding {
  if (addresses.length === 0) return found('warning', 'reachability', 'no-address')
  const outside = addresses.filter(
    (text) => !/^\/(ip4\/(127\.|0\.0\.0\.0)|ip6\/::1?\/|dns[46]?\/localhost\/)/.test(text)
  )
  return outside.length === 0
    ? found('warning', 'reachability', 'loopback-only', { addresses: addresses.join(', ') })
    : good('reachability', { addresses: outside.join(', ') })
}

async function disk(home: Home): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(home.dir)
    const free = bavail * bsize
    const facts = { path: home.dir, mib: Math.floor(free / 1024 ** 2) }
    if (free < DISK_FULL) return found('problem', 'disk', 'full', facts)
    return free < DISK_LOW ? found('warning', 'disk', 'nearly-full', facts) : good('disk', facts)
  } catch (error) {
    return found('problem', 'disk', 'unreadable', { path: home.dir, reason: String((error as Error).message) })
  }
}

async function running(ask: () => Promise<Asked>): Promise<Finding[]> {
  let status: StatusView
  let peers: readonly PeerView[]
  const pending: PendingView[] = []
  let circles: readonly Asking[]
  try {
    const node = await ask()
    status = await node.get<StatusView>('/v1/status')
    peers = (await node.get<{ items: PeerView[] }>('/v1/peers')).items
    circles = (await node.get<{ items: Asking[] }>('/v1/circles')).items
    for (const { id } of circles) pending.push(await node.get<PendingView>(`/v1/circles/${id}/pending`))
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error
    return [found('problem', 'node', 'not-running', { reason: `${error.message} (${error.code})` })]
  }
  const { signing, alarms, evidence, version } = status
  const unlinked = peers.filter(({ connected }) => !connected)
  return [
    good('node', { since: status.startedAt.slice(0, 16).replace('T', ' ') }),
    version === VERSION
      ? good('version', { version })
      : found('warning', 'version', 'differs', { version, own: VERSION }),
    signing.ready
      ? good('signing')
      : found('problem', 'signing', 'not-signing', { code: signing.reason ?? '', reason: said(signing.reason) }),
    clock(status),
    ...(alarms.length === 0
      ? [good('alarms')]
      : alarms.map(({ code, message }) => found('problem', 'alarms', 'raised', { code, reason: message }))),
    evidence === 0 ? good('evidence') : found('warning', 'evidence', 'raised', { count: evidence }),
    ...(peers.length === 0
      ? [found('warning', 'peers', 'none')]
      : unlinked.length === 0
        ? [good('peers', { count: peers.length })]
        : unlinked.map(({ name, lastError }) =>
            found('warning', 'peers', 'unlinked', { name, code: lastError ?? '', reason: said(lastError) })
          )),
    ...vouches(pending, status.institution.id),
    ...presences(circles)
  ]
}

/** What is asked of a circle. */
type Asking = Pick<CircleView, 'id' | 'name' | 'me' | 'presences'>

/** Where AMBER does not flow, with whom to link. */
function presences(circles: readonly Asking[]): Finding[] {
  const stopped = circles.filter((circle) => circle.me === 'member' && !circle.presences.flows)
  if (stopped.length === 0) return [good('presences')]
  return stopped.map(({ name, presences: { code = '', heard, needed, silent } }) =>
    found('problem', 'presences', 'stale', {
      circle: name,
      code,
      reason: said(code),
      heard: heard.length,
      needed,
      silent: silent.join(', ')
    })
  )
}

/** Against the clocks of the peers that are linked: there is no other to compare with. */
function clock({ signing, alarms, peers }: StatusView): Finding {
  if (signing.reason === 'clock-off') {
    const told = alarms.findLast(({ code }) => code === 'clock-off')?.message
    return found('problem', 'clock', 'off', { reason: told ?? said(signing.reason) })
  }
  return peers.connected === 0 ? found('warning', 'clock', 'unknown') : good('clock', { count: peers.connected })
}

/** Those that we alone can renew, and those without which we are no member any more. */
function vouches(pending: readonly PendingView[], self: string): Finding[] {
  const ending = pending.flatMap(({ circle, expiring }) =>
    expiring.flatMap(({ subject, by, ours, needed, daysLeft, expires }) => {
      const facts = {
        circle: circle.name,
        name: subject.name,
        id: subject.id,
        by: by.name,
        days: daysLeft,
        until: expires.slice(0, 10)
      }
      // One that ended and takes nobody out is for `circle pending`.
      if (ours && (needed || daysLeft >= 0)) return [found('warning', 'vouches', 'ours-ends', facts)]
      if (subject.id === self && needed) return [found('warning', 'vouches', 'needed-ends', facts)]
      return []
    })
  )
  const renamed = pending.flatMap(({ circle, changed }) =>
    changed
      .filter(({ ours }) => ours)
      .map(({ subject, vouched, card }) =>
        found('warning', 'vouches', 'card-changed', {
          circle: circle.name,
          id: subject.id,
          name: `${vouched.name} (${vouched.domains.join(', ')})`,
          card: `${card.name} (${card.domains.join(', ')})`
        })
      )
  )
  const all = [...ending, ...renamed]
  return all.length === 0 ? [good('vouches')] : all
}

function said(code: string | undefined): string {
  return (code === undefined ? undefined : explain(code)) ?? code ?? ''
}
