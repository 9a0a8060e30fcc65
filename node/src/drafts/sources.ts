/** Sources: who may deliver what, under which labels, and what becomes of it. */

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { dirname } from 'node:path'
import type { ApiPorts, ImportedView, PublishView, Reader, SightedView, SourceInput } from '@tocsin/api'
import { type ImportInfo, importNamed, readImport } from '@tocsin/connectors'
import { sha256 } from '@tocsin/journal'
import { TocsinError } from '@tocsin/model'
import type { Log } from '@tocsin/network'
import { ReplicaError } from '@tocsin/replica'
import { keys, ranges, readRow, writeRow } from '@tocsin/store'
import { NodeError } from '../errors.ts'
import { openAccessFile } from '../polls/access.ts'
import { type Reach, readPollUrl } from '../polls/reach.ts'
import { createRounds, EVERY_USUAL, IMPORT_OF, type PollRow, type Rounds } from '../polls/rounds.ts'
import { circleFor } from '../ports/audience.ts'
import { minimisationOf } from '../ports/extract.ts'
import type { ViewDeps } from '../ports/views.ts'
import type { DraftHead } from './rows.ts'
import { createSeen, forgetSeen } from './seen.ts'
import type { DraftShelf } from './shelf.ts'
import { noted, type SourceRow, sourceView, withRecent } from './source-rows.ts'
import { type TakeIn, takeIn } from './take-in.ts'

/** Bulletins that one source publishes by itself in a day: more than that is a mistake, or a stolen token. */
const MAX_A_DAY = 500
/** Sightings, likewise. */
const MAX_SIGHTINGS_A_DAY = 5_000
/** ms from a report of sightings to the source's next one: what comes between gathers. */
const REPORT_EVERY = 3_600_000
/** ms */
const RETRY = 60_000
const MAX_SOURCES = 256
const DAY = 86_400_000

export type Accept = (head: DraftHead, reader: Reader, dryRun: boolean) => Promise<PublishView | SightedView>

/** What a source may see and do by itself: publish, and know again what is held here. */
const readerOf = (name: string): Reader => ({ token: `source ${name}`, scope: 'publish', maxTlp: 'RED', use: 'hunt' })

export interface SourcesDeps {
  readonly views: ViewDeps
  readonly shelf: DraftShelf
  readonly accept: Accept
  readonly log: Log
  /** File of addresses and secrets of what is fetched. */
  readonly accessPath: string
  readonly reach: Reach
}

export interface Sources {
  readonly ports: ApiPorts['sources']
  readonly rounds: Rounds
  /** Reports the sightings that sources gathered, where their hour is over; called often. */
  report(): Promise<void>
}

/** Opens the sources of this node. @throws StoreError; NodeError home-damaged */
export async function createSources(setup: SourcesDeps): Promise<Sources> {
  const { views: deps, shelf, accept, log, reach } = setup
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

  const access = await openAccessFile(setup.accessPath)
  const rounds = createRounds(
    { world, log, reach, access, folder: dirname(setup.accessPath) },
    {
      polled: () => [...rows.values()].flatMap(({ name, poll }) => (poll === undefined ? [] : [{ name, poll }])),
      remember: async (name, change) => {
        const row = rows.get(name)
        if (row?.poll !== undefined) await keep({ ...row, poll: { ...row.poll, ...change } })
      },
      ...createSeen(store),
      // On disk with whatever the round remembers next.
      note: (name, code, place) => {
        const row = rows.get(name)
        if (row !== undefined) rows.set(name, withRecent(row, [{ code, place }], world.now()))
      },
      take: async (name, body) => {
        const row = rows.get(name)
        const info = row === undefined ? undefined : importNamed(row.import)
        if (row === undefined || info === undefined) return
        let isFull = false
        await taken(row, info, body, {
          onRefused: (code) => {
            isFull ||= code === 'drafts-full'
          }
        })
        // It has to come again once there is room.
        if (isFull) throw new NodeError('drafts-full')
      }
    }
  )
  const viewOf = (row: SourceRow) => sourceView(row, rounds.isBusy(row.name))

  const isToken = ({ hash }: SourceRow, given: string): boolean =>
    hash !== undefined && timingSafeEqual(sha256(Buffer.from(given)), Buffer.from(hash, 'hex'))

  /** What came, as drafts or as bulletins, counted with its source. @throws StoreError; what the body throws */
  async function taken(
    row: SourceRow,
    info: ImportInfo,
    body: AsyncIterable<Uint8Array>,
    more: Pick<TakeIn, 'isSecret' | 'onRefused'> = {}
  ): Promise<ImportedView> {
    const { name, tlp, pap, circle, threat, confidence, map, charset, private: isPrivate } = row
    const mayReport = isDue(row)
    const held: { code: string; place: string }[] = []
    const settings = {
      ...(tlp === undefined ? {} : { tlp }),
      ...(pap === undefined ? {} : { pap }),
      ...(circle === undefined ? {} : { circle }),
      ...(threat === undefined ? {} : { threat }),
      ...(confidence === undefined ? {} : { confidence }),
      ...(map === undefined ? {} : { map }),
      ...(charset === undefined ? {} : { charset }),
      ...(isPrivate === undefined ? {} : { private: isPrivate })
    }
    const view = await takeIn(deps, shelf, {
      info,
      from: { import: info.name, source: name, by: `source ${name}` },
      settings,
      body,
      reader: readerOf(name),
      dryRun: false,
      ...more,
      ...(row.policy === 'publish'
        ? {
            onNew: async (head: DraftHead) => {
              if (head.kind === 'sightings' && !mayReport) return undefined
              return publish(rows.get(name) ?? row, head, (code) => held.push({ code, place: head.id.slice(0, 8) }))
            }
          }
        : {})
    })
    const now = rows.get(name)
    const isStranger = view.refused.some(({ code }) => code === 'secret-wrong')
    if (now !== undefined && !isStranger) await keep(noted(now, view, held, world.now()))
    return view
  }

  /** @throws NodeError poll-url-invalid, poll-address-forbidden, poll-unfit */
  function pollRow(info: ImportInfo, { poll, token }: SourceInput): PollRow | undefined {
    if (poll === undefined) return undefined
    const { kind, every = EVERY_USUAL, user, secret } = poll
    const url = readPollUrl(poll.url, reach)
    const wanted = IMPORT_OF[kind]
    if (token !== undefined) throw new NodeError('poll-unfit', 'a source that is fetched has no token')
    if (user !== undefined && secret === undefined) throw new NodeError('poll-unfit', 'a user without a password')
    if (info.options.includes('secret') || (wanted !== undefined && wanted !== info.name))
      throw new NodeError('poll-unfit', undefined, { import: info.name, kind })
    const auth = secret === undefined ? 'none' : user === undefined ? 'bearer' : 'basic'
    const shown = `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`
    return { kind, shown, every, auth, nextAt: world.now(), failures: 0, cursor: {} }
  }

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
      const preview = await accept(head, reader, true)
      if ('offers' in preview && preview.offers.length > 0) {
        held('source-needs-person')
        return undefined
      }
      const done = await accept(head, reader, false)
      const now = rows.get(row.name) ?? row
      const day = Math.floor(world.now() / DAY)
      const today = now.day === day ? (now.today ?? 0) : 0
      if ('offers' in done) {
        rows.set(row.name, { ...now, day, today: today + 1 })
        return done.id
      }
      rows.set(row.name, { ...now, day, today: today + head.count, reportedAt: world.now() })
      return SIGHTED
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error
      held(error.code)
      return undefined
    }
  }

  const isDue = ({ reportedAt = 0 }: SourceRow): boolean => world.now() - reportedAt >= REPORT_EVERY

  const tried = new Map<string, number>()

  async function report(): Promise<void> {
    const gathered = shelf.heads().filter(({ kind, state }) => kind === 'sightings' && state === 'open')
    for (const name of new Set(gathered.flatMap(({ source }) => source ?? []))) {
      const row = rows.get(name)
      if (row?.policy !== 'publish' || !isDue(row)) continue
      // What could not be reported, on a full disk for one, is not tried every second.
      if (world.now() - (tried.get(name) ?? 0) < RETRY) continue
      tried.set(name, world.now())
      for (const head of gathered) {
        if (head.source === name) await publish(rows.get(name) ?? row, head, () => undefined)
      }
      const now = rows.get(name)
      if (now !== undefined && now !== row) await keep(now)
    }
  }

  const ports: ApiPorts['sources'] = {
    list: async () => [...rows.values()].map(viewOf),
    get: async (name) => viewOf(named(name)),
    carriesToken: (name) => {
      const row = rows.get(name)
      return row !== undefined && importNamed(row.import)?.options.includes('secret') === true
    },
    add: async (input, reader) => {
      const { token: given, poll: wanted, ...rest } = input
      if (rows.has(input.name)) throw new NodeError('source-name-taken', undefined, { name: input.name })
      if (rows.size >= MAX_SOURCES) throw new NodeError('sources-full')
      const info = importNamed(input.import)
      if (info === undefined) throw new NodeError('unknown-format', undefined, { import: input.import })
      if (input.private === true && info.yields !== 'sightings') throw new NodeError('private-not-for-format')
      if (input.circle !== undefined) circleFor(replica, input.circle)
      await check(info, rest)
      const poll = pollRow(info, input)
      const token = wanted !== undefined ? undefined : (given ?? `tocsin_${randomBytes(32).toString('base64url')}`)
      const row: SourceRow = {
        ...rest,
        ...(token === undefined ? {} : { hash: Buffer.from(sha256(Buffer.from(token))).toString('hex') }),
        ...(poll === undefined ? {} : { poll }),
        createdAt: world.now(),
        createdBy: reader.token,
        deliveries: 0,
        counts: { new: 0, changed: 0, known: 0, published: 0, refused: 0 },
        recent: []
      }
      if (wanted !== undefined) {
        const { url, user, secret } = wanted
        await access.set(input.name, {
          url,
          ...(user === undefined ? {} : { user }),
          ...(secret === undefined ? {} : { secret })
        })
      }
      try {
        await keep(row)
      } catch (error) {
        rows.delete(input.name)
        await access.drop(input.name).catch(() => undefined)
        throw error
      }
      const { name: source, policy } = row
      log.info({ source, import: info.name, policy, by: reader.token, poll: poll?.kind }, 'a source was made')
      return { ...viewOf(row), ...(token === undefined ? {} : { token }) }
    },
    remove: async (name, reader) => {
      named(name)
      // First where it counts: on a full disk it is shut until the next start at least, and the answer says so.
      rows.delete(name)
      await rounds.end(name)
      await store.transact((tx) => tx.del(keys.local('source', name)), { frees: true })
      await access.drop(name)
      await forgetSeen(store, name)
      log.info({ source: name, by: reader.token }, 'a source was ended')
    },
    poll: async (name) => {
      const row = named(name)
      if (row.poll === undefined) throw new NodeError('source-not-polled', undefined, { name })
      // What waits for its interval or its back-off waits no longer; what runs already is asked for nothing more.
      if (!rounds.isBusy(name)) await keep({ ...row, poll: { ...row.poll, nextAt: world.now() } })
      rounds.tick()
      return viewOf(named(name))
    },
    deliver: async (name, token, body) => {
      const row = rows.get(name)
      const info = row === undefined ? undefined : importNamed(row.import)
      if (row === undefined || info === undefined) return undefined
      const inItem = token === undefined && info.options.includes('secret')
      if (!inItem && (token === undefined || !isToken(row, token))) return undefined
      const view = await taken(row, info, body, inItem ? { isSecret: (given: string) => isToken(row, given) } : {})
      return view.refused.some(({ code }) => code === 'secret-wrong') ? undefined : view
    }
  }
  return { ports, rounds, report }

  /** Options that make no sense are refused when the source is made, not when something comes. @throws ConnectorError */
  async function check(
    info: ImportInfo,
    { name, map, charset, private: _private, ...labels }: Omit<SourceInput, 'token' | 'poll'>
  ): Promise<void> {
    const context = minimisationOf(replica)
    for await (const _ of readImport(info, nothing(), {
      source: name,
      labels,
      context,
      now: world.now(),
      mapping: map,
      charset
    }));
  }
}

/** In the place of a bulletin's id, which sightings have none of. */
export const SIGHTED = ''

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Warnings about labels that no policy overrides. */
const DOUBTS: ReadonlySet<string> = new Set(['labels-contradict', 'label-wider-than-source'])

/** The code of the rule by which a person has to look, whatever the policy says. */
function needsPerson({ day, today = 0 }: SourceRow, head: DraftHead, now: number): string | undefined {
  // RED names recipients, and no tool does that.
  if (head.tlp === 'RED') return 'source-needs-person'
  if (head.warnings.some(({ code }) => DOUBTS.has(code))) return 'source-needs-person'
  const before = day === Math.floor(now / DAY) ? today : 0
  const isFull = head.kind === 'sightings' ? before + head.count > MAX_SIGHTINGS_A_DAY : before >= MAX_A_DAY
  return isFull ? 'source-full-today' : undefined
}
