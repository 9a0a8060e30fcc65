import { randomUUID } from 'node:crypto'
import type { ApiPorts, DraftSummaryView, DraftView, Reader, SightedView } from '@tocsin/api'
import { IMPORTS, importNamed } from '@tocsin/connectors'
import { type BulletinId, parseDraft, TocsinError } from '@tocsin/model'
import type { Log } from '@tocsin/network'
import { ReplicaError } from '@tocsin/replica'
import { NodeError } from '../errors.ts'
import { createReach } from '../polls/reach.ts'
import { publishDraft } from '../ports/publish.ts'
import { iso, type ViewDeps } from '../ports/views.ts'
import { changedSightings } from './change.ts'
import { reportSightings, sightingView } from './report.ts'
import type { DraftHead } from './rows.ts'
import { createDraftShelf, type DraftShelf } from './shelf.ts'
import { type Accept, createSources } from './sources.ts'
import { mayRead, takeIn } from './take-in.ts'

/** ms between looks for drafts past their time. */
const SWEEP = 3_600_000

export interface Drafts {
  readonly ports: Pick<ApiPorts, 'imports' | 'drafts' | 'sources'>
  /** Ends drafts past their time, now and then, reports what sources gathered, and begins to fetch what is due; called often. */
  tick(): Promise<void>
  /** Breaks off what is being fetched. */
  stop(): Promise<void>
}

export interface DraftsDeps {
  readonly views: ViewDeps
  readonly log: Log
  readonly accessPath: string
  /** Ranges where sources may be fetched from all the same. */
  readonly allow: readonly string[]
}

/** Opens the drafts of this node. @throws StoreError; NodeError home-damaged */
export async function createDrafts({ views: deps, log, accessPath, allow }: DraftsDeps): Promise<Drafts> {
  const { store, world } = deps.replica
  const shelf = await createDraftShelf(store, world.now)
  await settle(deps, shelf)
  const accept = createAccept(deps, shelf, log)
  const reach = createReach(allow)
  const { ports: sources, rounds, report } = await createSources({ views: deps, shelf, accept, log, accessPath, reach })
  let sweptAt = world.now()

  /** Among those that the reader may see. */
  function named(id: string, reader: Reader, version?: string): DraftHead {
    const found = shelf.heads().filter((head) => head.id.startsWith(id) && mayRead(reader, head))
    const [head] = found
    if (head === undefined) throw new ReplicaError('not-found', 'no such draft', { id })
    if (found.length > 1) {
      throw new ReplicaError('ambiguous-id', `several drafts begin with ${id}`, {
        candidates: found.map((it) => it.id)
      })
    }
    if (version !== undefined && version !== head.version) throw new NodeError('draft-changed')
    return head
  }

  function draftView(head: DraftHead): DraftView {
    if (head.kind === 'sightings') {
      const sightings = head.state === 'open' ? shelf.sightings(head).map((it) => sightingView(deps, it)) : []
      return { ...summaryView(head), draft: {}, sightings, warnings: [...head.warnings] }
    }
    const draft = head.state === 'open' ? { ...shelf.body(head) } : {}
    return { ...summaryView(head), draft, warnings: [...head.warnings] }
  }

  return {
    stop: rounds.stop,
    tick: async () => {
      rounds.tick()
      // What comes after this round erases what is due: that waits for no source.
      await report().catch((error: unknown) => {
        log.warn({ code: error instanceof TocsinError ? error.code : 'internal' }, 'sightings were not reported')
      })
      if (world.now() - sweptAt < SWEEP) return
      sweptAt = world.now()
      await shelf.sweep()
    },
    ports: {
      sources,
      imports: {
        list: () =>
          IMPORTS.map(({ name, title, mediaTypes, extensions, limits, options, yields }) => ({
            name,
            ...(yields === undefined ? {} : { yields }),
            title: { ...title },
            mediaTypes: [...mediaTypes],
            extensions: [...extensions],
            limits: { ...limits },
            options: [...options]
          })),
        run: (name, body, settings, reader, { dryRun }) => {
          const info = importNamed(name)
          if (info === undefined) throw new ReplicaError('not-found', 'no such import', { name })
          return takeIn(deps, shelf, { info, from: { import: name, by: reader.token }, settings, body, reader, dryRun })
        }
      },
      drafts: {
        list: async ({ state, source, cursor, limit }, reader) => {
          const all = shelf
            .heads()
            .filter((head) => (state === 'all' || head.state === 'open') && mayRead(reader, head))
            .filter((head) => source === undefined || head.source === source)
          const from = cursor === undefined ? 0 : all.findIndex((head) => place(head) < cursor)
          const items = from < 0 ? [] : all.slice(from, from + limit)
          const last = items.at(-1)
          const more = from >= 0 && from + limit < all.length && last !== undefined
          return { items: items.map(summaryView), ...(more ? { next: place(last) } : {}) }
        },
        get: async (id, reader) => draftView(named(id, reader)),
        edit: async (id, input, reader, { version }) => {
          const head = named(id, reader, version)
          if ('sightings' in input) {
            const change = changedSightings(deps, head, shelf.sightings(head), input)
            return draftView(await shelf.editSightings(head.id, head.version, change))
          }
          const parsed = parseDraft(input)
          if (!parsed.ok) throw new NodeError('draft-invalid', undefined, { problems: parsed.problems })
          return draftView(await shelf.edit(head.id, head.version, parsed.draft))
        },
        accept: async (id, reader, { version, dryRun }) => accept(named(id, reader, version), reader, dryRun),
        discard: async (id, reader) => {
          const head = named(id, reader)
          await shelf.close(head.id, { state: 'discarded', by: reader.token })
          log.info({ draft: head.id, by: reader.token }, 'a draft was discarded')
        }
      }
    }
  }
}

/** In the place of a bulletin's id while sightings are reported: each of them says by itself whether it was. */
const SIGHTINGS = 'sightings'

/** The ordinary publish. The bulletin's id is on disk before it is signed, so that no crash publishes twice. */
function createAccept(deps: ViewDeps, shelf: DraftShelf, log: Log): Accept {
  const busy = new Set<string>()

  async function report(head: DraftHead, reader: Reader, dryRun: boolean): Promise<SightedView> {
    const sightings = shelf.sightings(head)
    if (dryRun) return reportSightings(deps, head, sightings, { dryRun })
    if (busy.has(head.id)) throw new NodeError('draft-closed', 'the draft is being reported')
    busy.add(head.id)
    try {
      // From here on nothing is added to it, so that what is signed is what it holds.
      await shelf.begin(head.id, head.version, SIGHTINGS)
      const view = await reportSightings(deps, head, sightings, { dryRun }).catch(async (error: unknown) => {
        await shelf.stop(head.id)
        throw error
      })
      await shelf.close(head.id, { state: 'accepted', by: reader.token })
      log.info({ draft: head.id, sightings: view.sightings.length, by: reader.token }, 'sightings were reported')
      return view
    } finally {
      busy.delete(head.id)
    }
  }

  return async (head, reader, dryRun) => {
    if (head.kind === 'sightings') return report(head, reader, dryRun)
    const draft = shelf.body(head)
    if (dryRun) return publishDraft(deps, draft, reader, { dryRun })
    if (busy.has(head.id)) throw new NodeError('draft-closed', 'the draft is being published')
    busy.add(head.id)
    try {
      const id = randomUUID() as BulletinId
      await shelf.begin(head.id, head.version, id)
      const view = await publishDraft(deps, draft, reader, { dryRun, id }).catch(async (error: unknown) => {
        if (!(await isOurs(deps, id))) await shelf.stop(head.id)
        throw error
      })
      await shelf.close(head.id, { state: 'accepted', by: reader.token, bulletin: id })
      log.info({ draft: head.id, bulletin: id, by: reader.token }, 'a draft was published')
      return view
    } finally {
      busy.delete(head.id)
    }
  }
}

/** After a crash between the two: what was published is no draft any more. */
async function settle(deps: ViewDeps, shelf: DraftShelf): Promise<void> {
  for (const { id, state, accepting, by } of shelf.heads()) {
    if (state !== 'open' || accepting === undefined) continue
    if (accepting !== SIGHTINGS && (await isOurs(deps, accepting)))
      await shelf.close(id, { state: 'accepted', by, bulletin: accepting })
    else await shelf.stop(id)
  }
}

async function isOurs({ bulletins, replica }: ViewDeps, bulletin: string): Promise<boolean> {
  return (await bulletins.entriesOf(bulletin, replica.identity.institution)).length > 0
}

/** Newest first as text. */
const place = ({ createdAt, id }: DraftHead): string => `${String(createdAt).padStart(16, '0')} ${id}`

function summaryView(head: DraftHead): DraftSummaryView {
  const { id, version, state, source, reference, title, tlp, pap, threat, count, by, edited } = head
  const { createdAt, expiresAt, closedAt, closedBy, bulletin } = head
  return {
    id,
    ...(head.kind === undefined ? {} : { kind: head.kind, private: head.private === true }),
    version,
    state,
    import: head.import,
    ...(source === undefined ? {} : { source }),
    reference,
    title,
    tlp,
    pap,
    ...(threat === undefined ? {} : { threat }),
    indicatorCount: count,
    createdAt: iso(createdAt),
    expiresAt: iso(expiresAt),
    by,
    edited,
    ...(closedAt === undefined ? {} : { closedAt: iso(closedAt) }),
    ...(closedBy === undefined ? {} : { closedBy }),
    ...(bulletin === undefined ? {} : { bulletin })
  }
}
