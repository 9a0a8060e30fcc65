/** Sources: who may deliver what, under which labels, and what becomes of it. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { ApiPorts, ImportedView, PublishView, Reader, SourceInput, SourceView } from '@tocsin/api'
import { type ImportInfo, importNamed, readImport } from '@tocsin/connectors'
import { sha256 } from '@tocsin/journal'
import { TocsinError } from '@tocsin/model'
import type { Log } from '@tocsin/network'
import { ReplicaError } from '@tocsin/replica'
import { keys, ranges, readRow, writeRow } from '@tocsin/store'
import { NodeError } from '../errors.ts'
import { circleFor } from '../ports/audience.ts'
import { minimisationOf } from '../ports/extract.ts'
import { iso, type ViewDeps } from '../ports/views.ts'
import type { DraftHead } from './rows.ts'
import type { DraftShelf } from './shelf.ts'
import { takeIn } from './take-in.ts'

/** Bulletins that one source publishes by itself in a day: more than that is a mistake, or a stolen token. */
const MAX_A_DAY = 500
/** Latest refusals that are kept. */
const MAX_RECENT = 20
const MAX_SOURCES = 256
const DAY = 86_400_000

interface SourceRow extends Omit<SourceInput, 'token'> {
  /** hex SHA-256 of the token. */
  readonly hash: string
  readonly createdAt: number
  readonly createdBy: string
  readonly lastAt?: number
  readonly deliveries: number
  readonly counts: ImportedView['counts']
  readonly recent: readonly { readonly at: number; readonly code: string; readonly place: string }[]
  /** Published by itself on `day` (days since the epoch). */
  readonly day?: number
  readonly today?: number
}

export type Accept = (head: DraftHead, reader: Reader, dryRun: boolean) => Promise<PublishView>

/** What a source may see and do by itself: publish, and know again what is held here. */
const readerOf = (name: string): Reader => ({ token: `source ${name}`, scope: 'publish', maxTlp: 'RED', use: 'hunt' })

/** Opens the sources of this node. @throws StoreError */
export async function createSources(
  deps: ViewDeps,
  shelf: DraftShelf,
  accept: Accept,
  log: Log
): Promise<ApiPorts['sources']> {
  const { replica } = deps
  const { store, world } = replica
  const rows = new Map<string, SourceRow>()
  for await (const [, value] of store.scan(ranges.local('source'))) {
    const row = readRow<SourceRow>(value)
    rows.set(row.name, row)
  }

  const named = (name: string): SourceRow => {
    const row = rows.get(name)
    if (row === undefined) throw new ReplicaError('not-found', 'no such source', { name })
    return row
  }

  async function keep(row: SourceRow): Promise<void> {
    rows.set(row.name, row)
    await store.transact((tx) => tx.put(keys.local('source', row.name), writeRow(row)))
  }

  const isToken = ({ hash }: SourceRow, given: string): boolean =>
    timingSafeEqual(sha256(Buffer.from(given)), Buffer.from(hash, 'hex'))

  /** Publishes a new draft of a source whose policy says so. Undefined where a person has to look; says why in `held`. */
  async function publish(row: SourceRow, head: DraftHead, held: (code: string) => void): Promise<string | undefined> {
    const code = needsPerson(row, head, world.now())
    if (code !== undefined) {
      held(code)
      return undefined
    }
    try {
      const reader = readerOf(row.name)
      // What would be offered to a member alone is somebody's account: nobody but a person sends that.
      if ((await accept(head, reader, true)).offers.length > 0) {
        held('source-needs-person')
        return undefined
      }
      const { id } = await accept(head, reader, false)
      const now = rows.get(row.name) ?? row
      const day = Math.floor(world.now() / DAY)
      rows.set(row.name, { ...now, day, today: (now.day === day ? (now.today ?? 0) : 0) + 1 })
      return id
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error
      held(error.code)
      return undefined
    }
  }

  return {
    list: async () => [...rows.values()].map(viewOf),
    get: async (name) => viewOf(named(name)),
    carriesToken: (name) => {
      const row = rows.get(name)
      return row !== undefined && importNamed(row.import)?.options.includes('secret') === true
    },
    add: async ({ token: given, ...input }, reader) => {
      if (rows.has(input.name)) throw new NodeError('source-name-taken', undefined, { name: input.name })
      if (rows.size >= MAX_SOURCES) throw new NodeError('sources-full')
      const info = importNamed(input.import)
      if (info === undefined) throw new NodeError('unknown-format', undefined, { import: input.import })
      if (input.circle !== undefined) circleFor(replica, input.circle)
      await check(info, input)
      const token = given ?? `tocsin_${randomBytes(32).toString('base64url')}`
      const row: SourceRow = {
        ...input,
        hash: Buffer.from(sha256(Buffer.from(token))).toString('hex'),
        createdAt: world.now(),
        createdBy: reader.token,
        deliveries: 0,
        counts: { new: 0, changed: 0, known: 0, published: 0, refused: 0 },
        recent: []
      }
      await keep(row)
      const { name: source, policy } = row
      log.info({ source, import: info.name, policy, by: reader.token }, 'a source was made')
      return { ...viewOf(row), token }
    },
    remove: async (name, reader) => {
      named(name)
      // First where it counts: on a full disk it is shut until the next start at least, and the answer says so.
      rows.delete(name)
      await store.transact((tx) => tx.del(keys.local('source', name)), { frees: true })
      log.info({ source: name, by: reader.token }, 'a source was ended')
    },
    deliver: async (name, token, body) => {
      const row = rows.get(name)
      const info = row === undefined ? undefined : importNamed(row.import)
      if (row === undefined || info === undefined) return undefined
      const inItem = token === undefined && info.options.includes('secret')
      if (!inItem && (token === undefined || !isToken(row, token))) return undefined
      const held: { code: string; place: string }[] = []
      const { tlp, pap, circle, threat, confidence, map } = row
      const settings = {
        ...(tlp === undefined ? {} : { tlp }),
        ...(pap === undefined ? {} : { pap }),
        ...(circle === undefined ? {} : { circle }),
        ...(threat === undefined ? {} : { threat }),
        ...(confidence === undefined ? {} : { confidence }),
        ...(map === undefined ? {} : { map })
      }
      const view = await takeIn(deps, shelf, {
        info,
        from: { import: info.name, source: name, by: `source ${name}` },
        settings,
        body,
        reader: readerOf(name),
        dryRun: false,
        ...(inItem ? { isSecret: (given: string) => isToken(row, given) } : {}),
        ...(row.policy === 'publish'
          ? {
              onNew: (head: DraftHead) =>
                publish(rows.get(name) ?? row, head, (code) => held.push({ code, place: head.id.slice(0, 8) }))
            }
          : {})
      })
      if (view.refused.some(({ code }) => code === 'secret-wrong')) return undefined
      const now = rows.get(name)
      if (now !== undefined) await keep(noted(now, view, held, world.now()))
      return view
    }
  }

  /** Options that make no sense are refused when the source is made, not when something comes. @throws ConnectorError */
  async function check(info: ImportInfo, { name, map, ...labels }: Omit<SourceInput, 'token'>): Promise<void> {
    const context = minimisationOf(replica)
    for await (const _ of readImport(info, nothing(), {
      source: name,
      labels,
      context,
      now: world.now(),
      mapping: map
    }));
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Warnings about labels that no policy overrides. */
const DOUBTS: ReadonlySet<string> = new Set(['labels-contradict', 'label-wider-than-source'])

/** The code of the rule by which a person has to look, whatever the policy says. */
function needsPerson({ day, today = 0 }: SourceRow, head: DraftHead, now: number): string | undefined {
  // RED names recipients, and no tool does that.
  if (head.tlp === 'RED') return 'source-needs-person'
  if (head.warnings.some(({ code }) => DOUBTS.has(code))) return 'source-needs-person'
  return day === Math.floor(now / DAY) && today >= MAX_A_DAY ? 'source-full-today' : undefined
}

function noted(
  row: SourceRow,
  { counts, refused }: ImportedView,
  held: readonly { readonly code: string; readonly place: string }[],
  now: number
): SourceRow {
  const fresh = [
    ...refused.map(({ code, place = {} }) => ({
      code,
      place: place.line === undefined ? (place.path ?? '').slice(0, 100) : `line ${place.line}`
    })),
    ...held
  ]
  const sum = (name: keyof typeof counts): number => row.counts[name] + counts[name]
  return {
    ...row,
    lastAt: now,
    deliveries: row.deliveries + 1,
    counts: {
      new: sum('new'),
      changed: sum('changed'),
      known: sum('known'),
      published: sum('published'),
      refused: sum('refused')
    },
    recent: [...row.recent, ...fresh.map((it) => ({ ...it, at: now }))].slice(-MAX_RECENT)
  }
}

function viewOf(row: SourceRow): SourceView {
  const { name, policy, tlp, pap, circle, threat, confidence, map, createdAt, createdBy, lastAt, deliveries } = row
  return {
    name,
    import: row.import,
    policy,
    ...(tlp === undefined ? {} : { tlp }),
    ...(pap === undefined ? {} : { pap }),
    ...(circle === undefined ? {} : { circle }),
    ...(threat === undefined ? {} : { threat }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(map === undefined ? {} : { map: { ...map } }),
    path: `/v1/sources/${name}/items`,
    createdAt: iso(createdAt),
    createdBy,
    ...(lastAt === undefined ? {} : { lastAt: iso(lastAt) }),
    deliveries,
    counts: { ...row.counts },
    recent: row.recent.map(({ at, code, place }) => ({ at: iso(at), code, place }))
  }
}
