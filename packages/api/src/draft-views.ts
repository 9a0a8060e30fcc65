/** What the HTTP API shows of imports, drafts and sources; part of the description in views.ts. */
import { z } from 'zod'

const Iso = z.iso.datetime()
const TlpText = z.enum(['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'])
const PapText = z.enum(['CLEAR', 'GREEN', 'AMBER', 'RED'])

/** One import that this node knows: the table of connectors. */
export const ImportView = z.object({
  name: z.string(),
  title: z.object({ en: z.string(), fr: z.string() }),
  mediaTypes: z.array(z.string()),
  extensions: z.array(z.string()),
  limits: z.object({ bytes: z.number().int(), drafts: z.number().int(), indicators: z.number().int() }),
  options: z.array(z.string()),
  /** What its items end as; bulletins unless it says sightings. */
  yields: z.literal('sightings').exactOptional()
})
export type ImportView = z.infer<typeof ImportView>

/** A line from 1, a byte from 0, a path such as `Event.Attribute[3].value`, as far as the format has them. */
const PlaceView = z.object({
  line: z.number().int().exactOptional(),
  offset: z.number().int().exactOptional(),
  path: z.string().exactOptional()
})

/** A refusal or a warning with its place. */
export const RemarkView = z.object({ code: z.string(), message: z.string(), place: PlaceView.exactOptional() })
export type RemarkView = z.infer<typeof RemarkView>

/** What became of one item: a new draft, one that it changed, nothing since it was known, or a bulletin at once. */
const TakenView = z.object({
  outcome: z.enum(['new', 'changed', 'known', 'published']),
  /** Of the draft; absent where nothing was kept, or where its draft is above the token's TLP. */
  id: z.string().exactOptional(),
  /** Of the bulletin that the item is known as, or that it was published as. */
  bulletin: z.string().exactOptional(),
  title: z.string(),
  tlp: TlpText,
  pap: PapText,
  indicatorCount: z.number().int(),
  reference: z.string(),
  warnings: z.array(RemarkView)
})
export type TakenView = z.infer<typeof TakenView>

/** What an import did or, with dryRun, would do. */
export const ImportedView = z.object({
  import: z.string(),
  source: z.string().exactOptional(),
  dryRun: z.boolean(),
  counts: z.object({
    new: z.number().int(),
    changed: z.number().int(),
    known: z.number().int(),
    published: z.number().int(),
    refused: z.number().int()
  }),
  /** Of detections: values that no live bulletin here names, each once; absent where there are none. */
  unlisted: z.number().int().exactOptional(),
  /** The first 1,000. */
  items: z.array(TakenView),
  /** The first 1,000, each with its rule and its place; nothing else is lost with it. */
  refused: z.array(RemarkView)
})
export type ImportedView = z.infer<typeof ImportedView>

/** The head of a draft, as listed. Of a closed one the content is gone. */
export const DraftSummaryView = z.object({
  id: z.string(),
  /** What it ends as: sightings, else a bulletin. */
  kind: z.literal('sightings').exactOptional(),
  /** Of sightings: to the authors of the bulletins alone. */
  private: z.boolean().exactOptional(),
  /** Moves with the content: who accepts names what he saw. */
  version: z.string(),
  state: z.enum(['open', 'accepted', 'discarded', 'expired']),
  import: z.string(),
  source: z.string().exactOptional(),
  reference: z.string(),
  title: z.string(),
  tlp: TlpText,
  pap: PapText,
  threat: z.string().exactOptional(),
  indicatorCount: z.number().int(),
  createdAt: Iso,
  expiresAt: Iso,
  /** The token or source that brought it. */
  by: z.string(),
  /** A person changed it here. */
  edited: z.boolean(),
  closedAt: Iso.exactOptional(),
  closedBy: z.string().exactOptional(),
  bulletin: z.string().exactOptional()
})
export type DraftSummaryView = z.infer<typeof DraftSummaryView>

/** One sighting that would be reported: an indicator of the bulletin that knows it best. */
export const SightingDraftView = z.object({
  kind: z.enum(['sighting', 'false-positive', 'expiration']),
  type: z.string(),
  value: z.string(),
  bulletin: z.string(),
  author: z.string(),
  authorName: z.string(),
  count: z.number().int(),
  firstSeen: Iso,
  lastSeen: Iso,
  comment: z.string().exactOptional()
})
export type SightingDraftView = z.infer<typeof SightingDraftView>

/** What accepting a draft of sightings did or, with dryRun, would do. */
export const SightedView = z.object({
  kind: z.literal('sightings'),
  dryRun: z.boolean(),
  private: z.boolean(),
  title: z.string(),
  /** Reported, each to whoever may hold its bulletin or to the author alone. */
  sightings: z.array(SightingDraftView.extend({ entry: z.string().exactOptional() })),
  /** Not reported any more, each with its rule: its bulletin has gone meanwhile. */
  refused: z.array(SightingDraftView.extend({ code: z.string() }))
})
export type SightedView = z.infer<typeof SightedView>

/** One draft whole; `draft` is as `POST /v1/bulletins` takes it. */
export const DraftView = DraftSummaryView.extend({
  /** Empty of a draft of sightings. */
  draft: z.record(z.string(), z.unknown()),
  sightings: z.array(SightingDraftView).exactOptional(),
  warnings: z.array(RemarkView)
})
export type DraftView = z.infer<typeof DraftView>

/** What a node fetches, when, and how that went. */
const PollView = z.object({
  kind: z.enum(['taxii', 'misp-feed', 'url']),
  /** Without its query, which may hold a key. */
  url: z.string(),
  /** s between two rounds that went well; each failure doubles it, up to a day. */
  every: z.number().int(),
  auth: z.enum(['none', 'bearer', 'basic']),
  /** Being fetched right now. */
  busy: z.boolean(),
  nextAt: Iso,
  /** Rounds that failed since the last that did not. */
  failures: z.number().int(),
  /** Code of the latest failure; absent where the latest round went well. */
  error: z.string().exactOptional(),
  lastAt: Iso.exactOptional(),
  okAt: Iso.exactOptional()
})

/** Where items come from by themselves, and what becomes of them. Its token opens this one door. */
export const SourceView = z.object({
  name: z.string(),
  import: z.string(),
  /** `publish`: at once, without a person, save what only a person may decide. */
  policy: z.enum(['review', 'publish']),
  tlp: TlpText.exactOptional(),
  pap: PapText.exactOptional(),
  circle: z.string().exactOptional(),
  threat: z.string().exactOptional(),
  confidence: z.number().int().exactOptional(),
  map: z.record(z.string(), z.string()).exactOptional(),
  charset: z.string().exactOptional(),
  /** Sightings go to the authors of the bulletins alone. */
  private: z.boolean().exactOptional(),
  /** Where to deliver, below the address of this door; absent where the node fetches. */
  path: z.string().exactOptional(),
  /** Where the node fetches from by itself. */
  poll: PollView.exactOptional(),
  createdAt: Iso,
  createdBy: z.string(),
  lastAt: Iso.exactOptional(),
  deliveries: z.number().int(),
  counts: ImportedView.shape.counts,
  /** The latest refusals, newest last, by rule and place alone. */
  recent: z.array(z.object({ at: Iso, code: z.string(), place: z.string() }))
})
export type SourceView = z.infer<typeof SourceView>

/** The only time that a source's token is shown: the node keeps its hash. None where the node fetches. */
export const SourceCreatedView = SourceView.extend({ token: z.string().exactOptional() })
export type SourceCreatedView = z.infer<typeof SourceCreatedView>

/** What a sender is told: numbers, and nothing that a chat would post to its channel. */
export const DeliveredView = z.object({ counts: ImportedView.shape.counts })
export type DeliveredView = z.infer<typeof DeliveredView>
