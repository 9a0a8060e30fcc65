/** From a draft to signed entries: labels filled from the charter, minimised, previewed, and only then sealed. */
import { randomUUID } from 'node:crypto'
import type { PublishView, Reader } from '@tocsin/api'
import {
  type BulletinId,
  type CircleId,
  type Draft,
  type DraftInput,
  defang,
  domainWithin,
  emailDomain,
  type InstitutionId,
  type Pap,
  parseDraft,
  stricterPap,
  type Tlp
} from '@tocsin/model'
import {
  type Audience,
  type HeldBulletin,
  type NewBulletin,
  type OwnTarget,
  type Replica,
  ReplicaError,
  retentionOf
} from '@tocsin/replica'
import { NodeError } from '../errors.ts'
import { audiencesFor, audienceViewOf, circleFor } from './audience.ts'
import { circleRef, institutionView, memberDomains, ownCircles } from './names.ts'
import { sightOf } from './sight.ts'
import { iso, type ViewDeps } from './views.ts'

interface Labels {
  readonly tlp: Tlp
  readonly pap: Pap
  readonly audiences: readonly Audience[]
  readonly keepUntil: number
  readonly defaulted: readonly string[]
}

type Offer = PublishView['offers'][number]

/** Signs a draft, or with `dryRun` says what signing it would do. `id`: of the bulletin, else a new one. @throws NodeError, ReplicaError, StoreError */
export async function publishDraft(
  deps: ViewDeps,
  input: DraftInput,
  reader: Reader,
  options: { readonly dryRun: boolean; readonly id?: BulletinId }
): Promise<PublishView> {
  const { replica } = deps
  const parsed = parseDraft(input)
  const problems = parsed.ok ? [] : parsed.problems
  // A paste with bad lines shows each and keeps the good ones; only a dry run goes on with what is left.
  if (parsed.draft === undefined || (!parsed.ok && !options.dryRun))
    throw new NodeError('draft-invalid', undefined, { problems })
  const labels = labelsOf(replica, parsed.draft, input)
  const { draft, offers } = minimise(replica, parsed.draft, labels)
  const title = draft.title ?? firstLine(draft)
  const supersedes = draft.supersedes === undefined ? undefined : await ownTargets(deps, draft.supersedes, reader)
  for (const id of draft.about) await visibleOrMissing(deps, id, reader)
  const view: PublishView = {
    dryRun: options.dryRun,
    labels: {
      tlp: labels.tlp,
      pap: labels.pap,
      confidence: draft.confidence,
      threat: draft.threat ?? 'other',
      ...circleName(replica, labels),
      keepUntil: iso(labels.keepUntil),
      defaulted: [...labels.defaulted]
    },
    title,
    indicators: draft.indicators.map(({ type, value, role }) => ({ type, value, defanged: defang(type, value), role })),
    audience: audienceViewOf(replica, labels.audiences),
    problems: [...problems],
    offers,
    warnings: warningsOf(replica, labels),
    entries: []
  }
  if (options.dryRun) return view
  const id = options.id ?? (randomUUID() as BulletinId)
  const entries = await replica.publish.bulletin(bulletinOf(draft, id, title, labels, supersedes))
  return { ...view, id, entries: entries.map(({ entry, stream, seq }) => ({ entry, stream, seq })) }
}

function labelsOf(replica: Replica, draft: Draft, given: DraftInput): Labels {
  const defaulted: string[] = []
  const fill = <T>(name: string, given: T | undefined, otherwise: () => T): T => {
    if (given !== undefined) return given
    defaulted.push(name)
    return otherwise()
  }
  if (draft.to.length > 0 && draft.tlp !== undefined && draft.tlp !== 'RED')
    throw new NodeError('only-red-names-recipients')
  const charter = () => replica.book.charter(circleFor(replica, draft.circle))?.defaults
  const tlp = draft.to.length > 0 ? 'RED' : fill('tlp', draft.tlp, () => charter()?.tlp ?? 'AMBER')
  const audiences = audiencesFor(replica, { tlp, circle: draft.circle, to: draft.to })
  const pap = fill('pap', draft.pap, () => usualPap(replica, audiences[0]?.circle))
  const retention = retentionOf(replica.book, audiences[0]?.circle)
  const keepUntil =
    draft.keepUntil === undefined
      ? fill('keepUntil', undefined as number | undefined, () => replica.world.now() + retention.defaultMs)
      : Date.parse(draft.keepUntil)
  if (draft.threat === undefined) defaulted.push('threat')
  if (given.confidence === undefined) defaulted.push('confidence')
  return { tlp, pap, audiences, keepUntil, defaulted }
}

/** The circle's default; without a circle the strictest of ours, since it may reach all of them. */
function usualPap(replica: Replica, circle: CircleId | undefined): Pap {
  const circles = circle === undefined ? ownCircles(replica) : [circle]
  const paps = circles.flatMap((id) => replica.book.charter(id)?.defaults.pap ?? [])
  return paps.length === 0 ? 'AMBER' : paps.reduce(stricterPap)
}

/** An account in another member's domain is no business of the others: offered as RED to that member alone. */
function minimise(replica: Replica, draft: Draft, { tlp, audiences }: Labels): { draft: Draft; offers: Offer[] } {
  const domains = memberDomains(replica)
  const offers = new Map<InstitutionId, string[]>()
  const kept = draft.indicators.filter((indicator) => {
    if (indicator.type !== 'account') return true
    const host = emailDomain(indicator.value)
    const owner = host === null ? undefined : domains.find(({ domain }) => domainWithin(host, domain))?.institution
    if (owner === undefined || owner === replica.identity.institution) return true
    if (tlp === 'RED' && audiences.every(({ recipient }) => recipient === owner)) return true
    offers.set(owner, [...(offers.get(owner) ?? []), indicator.value])
    return false
  })
  if (kept.length === draft.indicators.length) return { draft, offers: [] }
  return {
    draft: { ...draft, indicators: kept },
    offers: [...offers].map(([to, values]) => ({ to: institutionView(replica, to), values }))
  }
}

function firstLine(draft: Draft): string {
  const line = (draft.text ?? '')
    .split('\n')
    .map((text) => plain(text))
    .find((text) => text !== '')
  if (line !== undefined) return line
  const [first] = draft.indicators
  if (first === undefined) throw new NodeError('nothing-to-publish')
  return plain(`${first.type} ${defang(first.type, first.value)}`)
}

/** As a title must be (model, BulletinSchema): a text may hold tabs and marks of direction, and a cut can halve a character. */
function plain(text: string): string {
  const spaced = text.replace(/[\p{Cc}\p{Z}]+/gu, ' ').replace(/[\u202A-\u202E\u2066-\u2069]/g, '')
  return spaced
    .trim()
    .slice(0, 200)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim()
}

function bulletinOf(
  draft: Draft,
  id: BulletinId,
  title: string,
  labels: Labels,
  supersedes: readonly OwnTarget[] | undefined
): NewBulletin {
  const { text, lang, threat, confidence, tags, indicators, references, rules, about } = draft
  return {
    bulletin: {
      id,
      title,
      text: text ?? '',
      ...(lang === undefined ? {} : { lang }),
      threat: threat ?? 'other',
      pap: labels.pap,
      confidence,
      tags,
      indicators,
      references,
      rules,
      about,
      ...(draft.supersedes === undefined ? {} : { supersedes: draft.supersedes })
    },
    attachments: draft.attachments.map(({ name, mediaType, base64 }) => ({
      name,
      mediaType,
      data: new Uint8Array(Buffer.from(base64, 'base64'))
    })),
    audiences: labels.audiences,
    keepUntil: labels.keepUntil,
    ...(supersedes === undefined ? {} : { supersedes })
  }
}

function circleName(replica: Replica, { audiences }: Labels): { circle?: string } {
  const circle = audiences[0]?.circle
  return circle === undefined ? {} : { circle: circleRef(replica, circle).name }
}

function warningsOf(replica: Replica, { tlp, audiences }: Labels): PublishView['warnings'] {
  const reach = audienceViewOf(replica, audiences)
  const warnings: PublishView['warnings'] = []
  if (reach.direct.length + reach.relay.length === 0)
    warnings.push({ code: 'reaches-nobody', message: 'Nobody can receive this at present.' })
  if (tlp === 'CLEAR')
    warnings.push({ code: 'clear-is-public', message: 'TLP:CLEAR may be passed on by anybody to anybody.' })
  const why = replica.notSigning()
  if (why !== undefined)
    warnings.push({ code: 'signing-suspended', message: `This node does not sign at present: ${why}.` })
  return warnings
}

async function visibleOrMissing(deps: ViewDeps, id: string, reader: Reader): Promise<readonly HeldBulletin[]> {
  const groups = await deps.bulletins.find(id, sightOf(deps, reader))
  const [group] = groups
  if (group === undefined) throw new ReplicaError('not-found', `nothing here has the id ${id}`)
  return group
}

/** One bulletin by id or unique prefix, as far as this reader sees. @throws ReplicaError not-found, ambiguous-id */
export async function findOne(deps: ViewDeps, id: string, reader: Reader): Promise<readonly HeldBulletin[]> {
  return onlyOne(id, await deps.bulletins.find(id, sightOf(deps, reader)))
}

/** One bulletin of ours: nobody can keep its author from retracting it by publishing another of the same id. */
export async function findOwn(deps: ViewDeps, id: string, reader: Reader): Promise<readonly HeldBulletin[]> {
  const groups = await deps.bulletins.find(id, sightOf(deps, reader))
  const self = deps.replica.identity.institution
  const own = groups.filter(([first]) => first?.descriptor.author === self)
  if (own.length > 0 || groups.length === 0) return onlyOne(id, own)
  throw new ReplicaError('forbidden-not-author', 'only its author can retract or disable')
}

function onlyOne(id: string, groups: readonly (readonly HeldBulletin[])[]): readonly HeldBulletin[] {
  const [group, ...more] = groups
  if (group === undefined) throw new ReplicaError('not-found', `nothing here begins with ${id}`)
  if (more.length === 0) return group
  const ids = groups.map(([first]) => first?.summary?.id ?? first?.row.entry ?? '')
  // Authors choose their ids: where two chose the same one, the entries tell them apart.
  const candidates = new Set(ids).size === ids.length ? ids : groups.map(([first]) => first?.row.entry ?? '')
  throw new ReplicaError('ambiguous-id', `several bulletins begin with ${id}`, { candidates })
}

/** What a retraction of this bulletin of ours names; `again`: even if it is retracted, since an erasure can be hastened. @throws ReplicaError not-found, forbidden-not-author, already-retracted */
export async function ownTargets(deps: ViewDeps, id: string, reader: Reader, again = false): Promise<OwnTarget[]> {
  const found = await findOwn(deps, id, reader)
  const [first] = found
  const self = deps.replica.identity.institution
  if (first === undefined) throw new ReplicaError('not-found', `nothing here begins with ${id}`)
  if (first.retraction !== undefined && !again)
    throw new ReplicaError('already-retracted', 'the bulletin is retracted already')
  const entries = first.summary === undefined ? found : await deps.bulletins.entriesOf(first.summary.id, self)
  return entries.flatMap(({ row, descriptor }, index) => {
    const { tlp, circle, recipient } = descriptor
    const audience: Audience = {
      tlp,
      ...(circle === undefined ? {} : { circle }),
      ...(recipient === undefined ? {} : { recipient })
    }
    const held = entries[index]
    const files = held === undefined ? [] : (deps.bulletins.body(held)?.attachments ?? [])
    return [row.entry, ...files.map(({ entry }) => entry)].map((entry) => ({
      entry: entry as OwnTarget['entry'],
      audience,
      keepUntil: row.keepUntil
    }))
  })
}
