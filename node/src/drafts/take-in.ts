/** From a body to drafts: read as it comes, kept one by one, and said what became of each. */
import type { ImportedView, ImportSettings, Reader, RemarkView, TakenView } from '@tocsin/api'
import { type ImportInfo, type ImportRefusal, type ReadDraft, readImport } from '@tocsin/connectors'
import type { ExtractContext } from '@tocsin/extract'
import { mayUse, tlpAtMost } from '@tocsin/model'
import { NODE_ERRORS, NodeError } from '../errors.ts'
import { minimisationOf } from '../ports/extract.ts'
import { sightOf } from '../ports/sight.ts'
import type { ViewDeps } from '../ports/views.ts'
import { createGathering, type Gathering } from './gather.ts'
import type { DraftShelf, From, Taken } from './shelf.ts'
import { MAX_SIGHTINGS } from './sighting-plan.ts'

/** Of each list in an answer; all are counted. */
const MOST_SHOWN = 1_000

export interface TakeIn {
  readonly info: ImportInfo
  readonly from: From
  readonly settings: ImportSettings
  readonly body: AsyncIterable<Uint8Array>
  /** Whose eyes decide whether a bulletin is held, and whether a draft may be named. */
  readonly reader: Reader
  readonly dryRun: boolean
  readonly isSecret?: (given: string) => boolean
  /** Hears of each refusal, those too that the answer has no room for. */
  readonly onRefused?: (code: string) => void
  /** For sources that publish by themselves: the bulletin (of sightings an empty text), or nothing where a person has to look. */
  readonly onNew?: (head: Extract<Taken, { outcome: 'new' | 'changed' }>['head']) => Promise<string | undefined>
}

/** @throws ConnectorError for settings that make no sense; StoreError */
export async function takeIn(deps: ViewDeps, shelf: DraftShelf, work: TakeIn): Promise<ImportedView> {
  const { info, from, settings, reader, dryRun, isSecret } = work
  const { map, charset, private: isPrivate = false, ...labels } = settings
  if (isPrivate && info.yields !== 'sightings') throw new NodeError('private-not-for-format')
  const view: ImportedView = {
    import: info.name,
    ...(from.source === undefined ? {} : { source: from.source }),
    dryRun,
    counts: { new: 0, changed: 0, known: 0, published: 0, refused: 0 },
    items: [],
    refused: []
  }
  const refuse = (remark: RemarkView): void => {
    view.counts.refused += 1
    work.onRefused?.(remark.code)
    if (view.refused.length < MOST_SHOWN) view.refused.push(remark)
  }
  const context: ExtractContext = minimisationOf(deps.replica)
  const items = readImport(info, work.body, {
    source: from.source ?? info.name,
    labels,
    context,
    now: deps.replica.world.now(),
    mapping: map,
    charset,
    isSecret
  })
  const gathering = createGathering(deps, {
    name: `${info.name}:${from.source ?? info.name}`,
    reader,
    isPrivate,
    most: info.limits.indicators
  })
  for await (const item of items) {
    if (item.kind === 'sighting') {
      if ((await gathering.add(item)) === 'taken') continue
      refuse({
        code: 'too-much',
        message: `more than ${info.limits.indicators} in one import`,
        place: { ...item.place }
      })
      break
    }
    if (item.kind === 'refused') {
      refuse(remarkOf(item))
      continue
    }
    const held = await heldAlready(deps, item, reader)
    const taken: Taken =
      held === undefined
        ? await shelf.take(item, from, { isLive: (id) => isLive(deps, id), dryRun })
        : { outcome: 'known', bulletin: held }
    if (taken.outcome === 'refused') {
      refuse({ code: taken.code, message: NODE_ERRORS[taken.code], place: { ...item.place } })
      continue
    }
    const published = taken.outcome === 'known' || dryRun ? undefined : await work.onNew?.(taken.head)
    const outcome = published === undefined ? taken.outcome : 'published'
    view.counts[outcome] += 1
    if (view.items.length < MOST_SHOWN) view.items.push(takenView(item, taken, outcome, published, work, shelf))
  }
  if (info.yields === 'sightings') await takeSightings(shelf, gathering, work, view, refuse)
  return view
}

/** What was gathered, as drafts: by the labels of the bulletins, so that who may not see these sees no draft of them. */
async function takeSightings(
  shelf: DraftShelf,
  gathering: Gathering,
  { info, from, settings, reader, dryRun, onNew }: TakeIn,
  view: ImportedView,
  refuse: (remark: RemarkView) => void
): Promise<void> {
  view.counts.known += gathering.known()
  if (gathering.unlisted() > 0) view.unlisted = gathering.unlisted()
  // Without the value, which may be RED: a source's status is read by more than may read that.
  for (const code of gathering.refused().values()) refuse({ code, message: NODE_ERRORS[code] })
  for (const { tlp, pap, tallies } of gathering.groups()) {
    for (let at = 0; at < tallies.length; at += MAX_SIGHTINGS) {
      const some = tallies.slice(at, at + MAX_SIGHTINGS)
      const batch = {
        tlp,
        pap,
        isPrivate: settings.private === true,
        tallies: some,
        title: info.title.en,
        reference: info.title.en
      }
      const taken = await shelf.sight(batch, from, { dryRun })
      if (taken === undefined || taken.outcome === 'known') {
        view.counts.known += some.length
        continue
      }
      if (taken.outcome === 'refused') {
        refuse({ code: taken.code, message: NODE_ERRORS[taken.code] })
        continue
      }
      const { head } = taken
      const published = dryRun ? undefined : await onNew?.(head)
      const outcome = published === undefined ? taken.outcome : 'published'
      view.counts[outcome] += 1
      const { title, count, reference } = head
      if (!mayRead(reader, head) || view.items.length >= MOST_SHOWN) continue
      view.items.push({
        outcome,
        ...(dryRun ? {} : { id: head.id }),
        title,
        tlp,
        pap,
        indicatorCount: count,
        reference,
        warnings: []
      })
    }
  }
}

function takenView(
  { draft, reference, warnings }: ReadDraft,
  taken: Exclude<Taken, { outcome: 'refused' }>,
  outcome: TakenView['outcome'],
  published: string | undefined,
  { reader, dryRun }: TakeIn,
  shelf: DraftShelf
): TakenView {
  const head = taken.outcome === 'known' ? shelf.head(taken.draft ?? '') : taken.head
  const bulletin = published ?? (taken.outcome === 'known' ? taken.bulletin : undefined)
  return {
    outcome,
    ...(head === undefined || dryRun || !mayRead(reader, head) ? {} : { id: head.id }),
    ...(bulletin === undefined ? {} : { bulletin }),
    title: draft.title ?? '',
    tlp: draft.tlp ?? 'RED',
    pap: draft.pap ?? 'RED',
    indicatorCount: taken.outcome === 'known' ? draft.indicators.length : taken.head.count,
    reference,
    warnings: warnings.map((warning) => remarkOf(warning))
  }
}

/** What a token may see of drafts: as of bulletins. */
export function mayRead(
  reader: Reader,
  head: { readonly tlp: TakenView['tlp']; readonly pap: TakenView['pap'] }
): boolean {
  return tlpAtMost(head.tlp, reader.maxTlp) && mayUse(head.tlp, head.pap, reader.use).allowed
}

function remarkOf({
  code,
  message,
  place
}: Pick<ImportRefusal, 'message'> & { code: string; place?: object }): RemarkView {
  return { code, message, ...(place === undefined ? {} : { place: { ...place } }) }
}

/** Our own export, or that of another node of the circle, comes home: whatever state it is in, it is here. */
async function heldAlready(deps: ViewDeps, item: ReadDraft, reader: Reader): Promise<string | undefined> {
  for (const id of item.bulletins ?? []) {
    if ((await deps.bulletins.find(id, sightOf(deps, reader))).length > 0) return id
  }
  return undefined
}

async function isLive(deps: ViewDeps, id: string): Promise<boolean> {
  const self = deps.replica.identity.institution
  const held = await deps.bulletins.entriesOf(id, self)
  return held.some(({ state }) => state === 'live')
}
