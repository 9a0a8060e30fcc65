/** Bulletins in an array, cut to their reader by the real rules of the model: the content half of the test's ports. */
import { createHash, randomUUID } from 'node:crypto'
import {
  type DraftInput,
  defang,
  guessTypes,
  type IndicatorType,
  mayUse,
  type Pap,
  parseIndicator,
  parsePap,
  parseTlp,
  THREAT_INFO,
  type Threat,
  type Tlp,
  TocsinError,
  tlpAtMost
} from '@tocsin/model'
import type { ApiPorts, BulletinQuery, LiveEvent } from '../ports.ts'
import type { AudienceView } from '../publish-views.ts'
import type { Page, Reader } from '../reader.ts'
import type { BulletinSummaryView, BulletinView, IndicatorHitView, InstitutionView } from '../views.ts'
import { CIRCLE, INSTITUTIONS } from './institutions.ts'
import { extract } from './memory-extract.ts'
import { createMemorySightings, type MemorySightings } from './memory-sightings.ts'

const DAY = 86_400_000
const { reims: REIMS, valenciennes: VALENCIENNES, lorraine: LORRAINE } = INSTITUTIONS
const TOULOUSE: InstitutionView = { id: `did:key:z6Mk${'T'.repeat(44)}`, name: 'Toulouse', claimed: false }

interface Kept {
  view: BulletinView
  readonly files: ReadonlyMap<string, { readonly name: string; readonly data: Uint8Array }>
}

/** What the test holds and can do besides the ports. */
export interface MemoryContent extends Pick<MemorySightings, 'hear' | 'say'> {
  readonly ports: Pick<ApiPorts, 'bulletins' | 'indicators' | 'sightings' | 'events' | 'extract' | 'audience'>
  /** A bulletin of somebody else arrives. */
  arrive(draft: DraftInput, author?: InstitutionView): BulletinView
  /** Everything a reader may see, in order of arrival. */
  visible(reader: Reader): readonly BulletinView[]
}

const hex = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const sees = (reader: Reader, { tlp, pap }: { tlp: Tlp; pap: Pap }): boolean =>
  tlpAtMost(tlp, reader.maxTlp) && mayUse(tlp, pap, reader.use).allowed

function summaryOf(view: BulletinView): BulletinSummaryView {
  const { text, tags, indicators, references, rules, attachments, about, supersedes, retraction, entries, ...head } =
    view
  return head
}

/** Creates the content of an empty node. */
export function createMemoryContent(): MemoryContent {
  const kept: Kept[] = []
  const events: { event: LiveEvent; tlp: Tlp; pap: Pap }[] = []
  let wake = Promise.withResolvers<void>()
  let last = 0

  /** By time and not by count: a gap must not tell how many things a reader may not see. */
  const arrival = (): number => {
    last = Math.max(last + 1, Date.now() * 1_000)
    return last
  }
  const visible = (reader: Reader) => kept.map(({ view }) => view).filter((view) => sees(reader, view))
  const emit = (type: LiveEvent['type'], view: BulletinView, id: number) => {
    events.push({ event: { id, type, data: summaryOf(view) }, tlp: view.tlp, pap: view.pap })
    wake.resolve()
    wake = Promise.withResolvers<void>()
  }

  function labelsOf(draft: DraftInput) {
    const to = draft.to ?? []
    const given = draft.tlp === undefined ? undefined : parseTlp(draft.tlp)
    if (to.length > 0 && given !== undefined && given !== 'RED') {
      throw new TocsinError('recipients-need-red', 'recipients are named for TLP:RED only')
    }
    const tlp: Tlp = given ?? (to.length > 0 ? 'RED' : 'AMBER')
    const pap: Pap = (draft.pap === undefined ? undefined : parsePap(draft.pap)) ?? 'GREEN'
    const circle = tlp === 'AMBER' || tlp === 'AMBER+STRICT' ? CIRCLE : undefined
    return { tlp, pap, circle, to }
  }

  function viewOf(draft: DraftInput, author: InstitutionView): Kept {
    const { tlp, pap, circle, to } = labelsOf(draft)
    const at = arrival()
    const now = new Date().toISOString()
    const threat = (draft.threat ?? 'other') as Threat
    const files = new Map(
      (draft.attachments ?? []).map((file) => {
        const data = Buffer.from(file.base64, 'base64')
        return [hex(data), { name: file.name, data }] as const
      })
    )
    const entry = hex(`entry ${at}`)
    const view: BulletinView = {
      id: randomUUID(),
      arrival: at,
      title: draft.title ?? 'untitled',
      threat,
      rsit: THREAT_INFO[threat].rsit,
      tlp,
      pap,
      confidence: draft.confidence ?? 50,
      author,
      ...(circle === undefined ? {} : { circle: { ...circle } }),
      recipients: to.map(institution),
      publishedAt: now,
      receivedAt: now,
      keepUntil: draft.keepUntil ?? new Date(Date.now() + 365 * DAY).toISOString(),
      state: 'live',
      indicatorCount: draft.indicators?.length ?? 0,
      text: draft.text ?? '',
      tags: [...(draft.tags ?? [])],
      indicators: (draft.indicators ?? []).map((given) => {
        const type = given.type as IndicatorType
        const parsed = parseIndicator(type, given.value)
        if (!parsed.ok) throw new TocsinError(parsed.code, parsed.reason, { value: given.value })
        return {
          type,
          value: parsed.value,
          defanged: defang(type, parsed.value),
          role: given.role ?? 'malicious',
          ...(given.comment === undefined ? {} : { comment: given.comment }),
          state: 'live',
          sightings: { sighting: 0, falsePositive: 0, expiration: 0, private: 0 }
        }
      }),
      references: [...(draft.references ?? [])],
      rules: [...(draft.rules ?? [])],
      attachments: [...files].map(([sha256, { name, data }]) => ({
        name,
        mediaType: 'application/octet-stream',
        size: data.byteLength,
        sha256
      })),
      about: [...(draft.about ?? [])],
      ...(draft.supersedes === undefined ? {} : { supersedes: draft.supersedes }),
      entries: [{ entry, stream: hex(`stream ${tlp}`), seq: kept.length + 1, receivedAt: now }]
    }
    return { view, files }
  }

  function find(id: string, reader: Reader): Kept {
    const found = kept.filter(
      ({ view }) => sees(reader, view) && (view.id.startsWith(id) || view.entries.some((it) => it.entry.startsWith(id)))
    )
    if (found.length > 1) throw new TocsinError('ambiguous-id', 'several bulletins begin so')
    if (found[0] === undefined) throw new TocsinError('not-found', 'no such bulletin')
    return found[0]
  }

  function matching(query: BulletinQuery, reader: Reader): BulletinView[] {
    const values = query.value === undefined ? undefined : guessTypes(query.value).map((it) => it.value)
    const words = (query.text ?? '').toLowerCase().split(/\s+/).filter(Boolean)
    return visible(reader).filter((view) => {
      const all = `${view.title} ${view.text} ${view.tags.join(' ')} ${view.indicators.map((it) => it.value).join(' ')}`
      return (
        words.every((word) => all.toLowerCase().includes(word)) &&
        (values === undefined || view.indicators.some((it) => values.includes(it.value))) &&
        (query.type === undefined || view.indicators.some((it) => it.type === query.type)) &&
        (query.threat === undefined || view.threat === query.threat) &&
        (query.author === undefined || [view.author.id, view.author.name].includes(query.author)) &&
        (query.tlp === undefined || view.tlp === query.tlp) &&
        (query.since === undefined || Date.parse(view.receivedAt) >= query.since) &&
        (query.state === 'all' || view.state === 'live')
      )
    })
  }

  function paged(query: BulletinQuery, reader: Reader): { items: BulletinView[]; next?: string } {
    const arriving = query.order === 'arrival'
    const all = matching(query, reader)
    const ordered = arriving ? all : all.toReversed()
    const from = query.cursor === undefined ? undefined : Number(query.cursor)
    if (Number.isNaN(from)) throw new TocsinError('bad-cursor', 'this cursor is not from here')
    const rest = ordered.filter((it) => from === undefined || (arriving ? it.arrival > from : it.arrival < from))
    const items = rest.slice(0, query.limit)
    const end = items.at(-1)
    return { items, ...(end === undefined || rest.length <= items.length ? {} : { next: String(end.arrival) }) }
  }

  const hitsOf = (values: readonly string[], views: readonly BulletinView[]): IndicatorHitView[] =>
    views.flatMap((view) =>
      view.indicators
        .filter((it) => values.includes(it.value))
        .map((indicator) => ({ indicator, bulletin: summaryOf(view) }))
    )

  const audience = (tlp: Tlp, to: readonly string[]): AudienceView => ({
    tlp,
    ...(tlp === 'AMBER' || tlp === 'AMBER+STRICT' ? { circle: { ...CIRCLE } } : {}),
    direct: tlp === 'RED' ? to.map(institution) : [VALENCIENNES],
    relay: tlp === 'RED' || tlp === 'AMBER+STRICT' ? [] : [LORRAINE],
    refused:
      tlp === 'AMBER+STRICT'
        ? [{ ...LORRAINE, code: 'strict-relayed', reason: 'never relayed, and no link of ours' }]
        : [],
    opensTo: tlp === 'RED' ? [] : [CIRCLE.name]
  })

  const sightings = createMemorySightings({ visible, audience, arrival })

  const ports: MemoryContent['ports'] = {
    bulletins: {
      async publish(draft, reader, { dryRun }) {
        const made = viewOf(draft, REIMS)
        const { view } = made
        if (!sees(reader, view)) throw new TocsinError('forbidden-tlp', 'above the TLP or use of this token')
        if (draft.supersedes !== undefined) find(draft.supersedes, reader)
        if (!dryRun) {
          kept.push(made)
          emit('bulletin', view, view.arrival)
        }
        const members = view.indicators.filter((it) => it.type === 'account' && it.value.endsWith('@uphf.fr'))
        const defaulted = (['tlp', 'pap', 'confidence', 'threat'] as const).filter(
          (label) => draft[label] === undefined
        )
        return {
          ...(dryRun ? {} : { id: view.id }),
          dryRun,
          labels: {
            tlp: view.tlp,
            pap: view.pap,
            confidence: view.confidence,
            threat: view.threat,
            ...(view.circle === undefined ? {} : { circle: view.circle.name }),
            keepUntil: view.keepUntil,
            defaulted: [...defaulted]
          },
          title: view.title,
          indicators: view.indicators.map(({ type, value, defanged, role }) => ({ type, value, defanged, role })),
          audience: audience(view.tlp, draft.to ?? []),
          problems: [],
          offers: members.length === 0 ? [] : [{ to: VALENCIENNES, values: members.map((it) => it.value) }],
          warnings: [],
          entries: dryRun ? [] : view.entries.map(({ entry, stream, seq }) => ({ entry, stream, seq }))
        }
      },
      async list(query, reader) {
        const page = paged(query, reader)
        return { ...page, items: page.items.map(summaryOf) }
      },
      get: async (id, reader) => find(id, reader).view,
      async receipts(id, reader) {
        const { author, publishedAt } = find(id, reader).view
        const at = Date.parse(publishedAt)
        const mine = author.id === REIMS.id
        const holder = (one: InstitutionView, delayMs: number, via: InstitutionView) => ({
          ...one,
          since: new Date(at + delayMs).toISOString(),
          delayMs,
          ...(mine ? { via } : {})
        })
        return {
          id: find(id, reader).view.id,
          author,
          mine,
          publishedAt,
          reached: 2,
          ...(mine ? { expected: 3 } : {}),
          medianMs: 1200,
          holders: [holder(VALENCIENNES, 400, REIMS), holder(LORRAINE, 2000, VALENCIENNES)],
          missing: mine ? [{ ...TOULOUSE, code: 'no-receipt', reason: 'No receipt says so.' }] : [],
          unconfirmed: [{ ...TOULOUSE, code: 'beyond-head', reason: 'It says more than was written.' }],
          hops: mine ? [] : [{ ...VALENCIENNES, at: publishedAt, proof: 'AAAA' }]
        }
      },
      async attachment(id, sha256, reader) {
        const file = find(id, reader).files.get(sha256)
        if (file === undefined) throw new TocsinError('not-found', 'no such attachment')
        return file
      },
      async retract(id, { reason, eraseNow }, reader) {
        const found = find(id, reader)
        const at = new Date().toISOString()
        const erasesAt = eraseNow === undefined ? new Date(Date.now() + DAY).toISOString() : at
        found.view = { ...found.view, state: 'retracted', retractedAt: at, retraction: { reason, at, erasesAt } }
        emit('retraction', found.view, arrival())
        return summaryOf(found.view)
      },
      prepareErasure: async (id, reader) => ({
        message: Buffer.from(`erase ${find(id, reader).view.id}`).toString('base64')
      }),
      async disable(id, { values }, reader) {
        const found = find(id, reader)
        const named = values.flatMap((value) => guessTypes(value).map((it) => it.value))
        const indicators = found.view.indicators.map((it) =>
          named.includes(it.value) ? { ...it, state: 'disabled' as const } : it
        )
        found.view = { ...found.view, indicators }
        emit('disabling', found.view, arrival())
        return summaryOf(found.view)
      }
    },
    sightings: sightings.ports,
    extract,
    indicators: {
      async search(query, reader) {
        const page = paged(query, reader)
        const values = query.value === undefined ? undefined : guessTypes(query.value).map((it) => it.value)
        const items = page.items.flatMap((view) => hitsOf(values ?? view.indicators.map((it) => it.value), [view]))
        return { ...page, items } satisfies Page<IndicatorHitView>
      },
      lookup: async (values, reader) =>
        values.map((value) => {
          const guesses = guessTypes(value)
          const named = guesses.map((it) => it.value)
          return { value, types: guesses.map((it) => it.type), hits: hitsOf(named, visible(reader)) }
        }),
      async trace(value, reader) {
        const guesses = guessTypes(value)
        const hits = hitsOf(
          guesses.map((it) => it.value),
          visible(reader)
        )
        return {
          value,
          types: guesses.map((it) => it.type),
          hits: hits.map(({ indicator, bulletin }) => ({
            bulletin,
            role: indicator.role,
            state: indicator.state,
            entry: find(bulletin.id, reader).view.entries[0]?.entry ?? '',
            receivedAt: bulletin.receivedAt,
            uses: [{ use: 'block' as const, allowed: mayUse(bulletin.tlp, bulletin.pap, 'block').allowed }]
          }))
        }
      }
    },
    async *events(reader, { after = last, signal }) {
      let seen = after
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      while (!signal.aborted) {
        const next = events.find((it) => it.event.id > seen)
        if (next === undefined) await Promise.race([wake.promise, stopped])
        else {
          seen = next.event.id
          if (sees(reader, next)) yield next.event
        }
      }
    },
    audience: async ({ tlp, to = [] }) => audience(tlp, to)
  }

  return {
    ports,
    visible,
    hear: sightings.hear,
    say: sightings.say,
    arrive(draft, author = VALENCIENNES) {
      const made = viewOf(draft, author)
      kept.push(made)
      emit('bulletin', made.view, made.view.arrival)
      return made.view
    }
  }
}

function institution(name: string): InstitutionView {
  const found = Object.values(INSTITUTIONS).find((it) => it.name.toLowerCase() === name.toLowerCase() || it.id === name)
  if (found === undefined) throw new TocsinError('unknown-institution', `nobody here is called so: ${name}`)
  return found
}
