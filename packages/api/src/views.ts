/**
 * What the HTTP API shows and takes, as zod schemas: the one description that serves validation, OpenAPI, the ports
 * of this room and the types of its clients. Times are ISO 8601 UTC; ids as DESIGN §2 spells them.
 */
import { z } from 'zod'

const Iso = z.iso.datetime()
const TlpText = z.enum(['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'])
const PapText = z.enum(['CLEAR', 'GREEN', 'AMBER', 'RED'])
const UseText = z.enum(['hunt', 'detect', 'enrich', 'block', 'release'])

/** An institution as shown: `name` is what k vouches cover or, where `claimed` is true, what its own card says. */
export const InstitutionView = z.object({ id: z.string(), name: z.string(), claimed: z.boolean() })
export type InstitutionView = z.infer<typeof InstitutionView>

export const IndicatorView = z.object({
  type: z.string(),
  value: z.string(),
  defanged: z.string(),
  role: z.enum(['malicious', 'context']),
  comment: z.string().optional(),
  firstSeen: Iso.optional(),
  lastSeen: Iso.optional(),
  validUntil: Iso.optional(),
  /** live, or why it is out of use. */
  state: z.enum(['live', 'disabled', 'retracted', 'expired', 'contested']),
  sightings: z.object({
    sighting: z.number().int(),
    falsePositive: z.number().int(),
    expiration: z.number().int(),
    /** Institutions that told the author alone, as it last counted them; 0 without a count. */
    private: z.number().int()
  })
})
export type IndicatorView = z.infer<typeof IndicatorView>

/** The head of a bulletin, as listed. */
export const BulletinSummaryView = z.object({
  id: z.string(),
  /** Position in this node's order of arrival: the cursor of pages and of live events. */
  arrival: z.number().int(),
  title: z.string(),
  threat: z.string(),
  rsit: z.string(),
  tlp: TlpText,
  pap: PapText,
  confidence: z.number().int(),
  author: InstitutionView,
  circle: z.object({ id: z.string(), name: z.string() }).optional(),
  recipients: z.array(InstitutionView),
  publishedAt: Iso,
  receivedAt: Iso,
  keepUntil: Iso,
  state: z.enum(['live', 'retracted', 'overdue', 'opaque', 'void']),
  /** When the retraction came here; by its author's clock it may be long before. */
  retractedAt: Iso.exactOptional(),
  indicatorCount: z.number().int()
})
export type BulletinSummaryView = z.infer<typeof BulletinSummaryView>

export const BulletinView = BulletinSummaryView.extend({
  text: z.string(),
  tags: z.array(z.string()),
  indicators: z.array(IndicatorView),
  references: z.array(
    z.object({
      site: z.string().optional(),
      url: z.string(),
      verdict: z.string().optional(),
      score: z.number().int().optional(),
      at: Iso.optional()
    })
  ),
  rules: z.array(z.object({ kind: z.string(), name: z.string(), text: z.string() })),
  attachments: z.array(
    z.object({ name: z.string(), mediaType: z.string(), size: z.number().int(), sha256: z.string() })
  ),
  about: z.array(z.string()),
  supersedes: z.string().optional(),
  retraction: z.object({ reason: z.string(), at: Iso, erasesAt: Iso }).optional(),
  /** The entries that carry it (one, or one a recipient for RED). */
  entries: z.array(
    z.object({
      entry: z.string(),
      stream: z.string(),
      seq: z.number().int(),
      via: InstitutionView.optional(),
      receivedAt: Iso
    })
  )
})
export type BulletinView = z.infer<typeof BulletinView>

/** One hit of a search or look-up: an indicator and the bulletin that says it. */
export const IndicatorHitView = z.object({ indicator: IndicatorView, bulletin: BulletinSummaryView })
export type IndicatorHitView = z.infer<typeof IndicatorHitView>

export const CardView = z.object({
  id: z.string(),
  name: z.string(),
  domains: z.array(z.string()),
  contact: z.string(),
  addresses: z.array(z.string()),
  number: z.number().int(),
  nodeKeys: z.array(z.string()),
  /** The block to mail. */
  text: z.string(),
  /** SHA-256 of the id, hex: what its domains may publish. The same for every card of the institution. */
  digest: z.string()
})
export type CardView = z.infer<typeof CardView>

export const PeerView = InstitutionView.extend({
  domains: z.array(z.string()),
  addresses: z.array(z.string()),
  addedAt: Iso,
  connected: z.boolean(),
  since: Iso.optional(),
  lastError: z.string().optional(),
  circles: z.array(z.string())
})
export type PeerView = z.infer<typeof PeerView>

export const CircleView = z.object({
  id: z.string(),
  name: z.string(),
  threshold: z.number().int(),
  defaults: z.object({ tlp: TlpText, pap: PapText }),
  erasureDelayMs: z.number().int(),
  /** Whole: what the charter leaves out is as everywhere. */
  quotas: z.object({
    entriesADay: z.number().int(),
    bytesADay: z.number().int(),
    streamsADay: z.number().int(),
    statementsADay: z.number().int(),
    retractionsADay: z.number().int(),
    openVouches: z.number().int(),
    pendingBytes: z.number().int(),
    newcomerDays: z.number().int(),
    newcomerPercent: z.number().int()
  }),
  me: z.enum(['member', 'founder', 'candidate', 'none']),
  members: z.array(
    InstitutionView.extend({
      rank: z.number().int(),
      vouchedBy: z.array(z.string()),
      domains: z.array(z.string()),
      /** Until then its quotas are tighter; absent for founders and whoever has been a member for long enough. */
      newcomerUntil: z.iso.date().exactOptional()
    })
  ),
  candidates: z.array(
    InstitutionView.extend({ accepted: z.boolean(), vouchedBy: z.array(z.string()), missing: z.number().int() })
  ),
  struck: z.array(InstitutionView.extend({ revokedBy: z.array(z.string()) })),
  /** Do AMBER and AMBER+STRICT flow from here? By name: who was heard of within seven days, and who was not. */
  presences: z.object({
    flows: z.boolean(),
    /** Why not: `presences-missing` or `revocation-missing`. */
    code: z.string().exactOptional(),
    needed: z.number().int(),
    heard: z.array(z.string()),
    silent: z.array(z.string())
  }),
  warnings: z.array(z.string())
})
export type CircleView = z.infer<typeof CircleView>

/** Bytes for the root key to sign, away from the node, with what signing them would do. */
export const PreparedView = z.object({
  /** base64 of the unsigned register (header ‖ value). */
  register: z.string(),
  summary: z.string(),
  /** For a revocation: who would fall and who would return. */
  falls: z.array(InstitutionView),
  returns: z.array(InstitutionView),
  warnings: z.array(z.string())
})
export type PreparedView = z.infer<typeof PreparedView>

/** Where a value is and how it came: every bulletin that says it and its hop. */
export const TraceView = z.object({
  value: z.string(),
  types: z.array(z.string()),
  hits: z.array(
    z.object({
      bulletin: BulletinSummaryView,
      role: z.string(),
      state: z.string(),
      entry: z.string(),
      via: InstitutionView.optional(),
      receivedAt: Iso,
      /** Each use with the rule that allows or refuses it. */
      uses: z.array(z.object({ use: UseText, allowed: z.boolean(), code: z.string().optional() }))
    })
  )
})
export type TraceView = z.infer<typeof TraceView>

export { Iso, PapText, TlpText, UseText }

/** A page of a list; `next` is the opaque cursor of the following page and missing at the end. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item).readonly(), next: z.string().exactOptional() })
}

/** A list that is never long enough to be paged. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item).readonly() })
}

/** One value of a look-up, in the order asked; a value that is of no type has no types and no hits. */
export const LookupView = z.object({
  value: z.string(),
  types: z.array(z.string()).readonly(),
  hits: z.array(IndicatorHitView).readonly()
})
export type LookupView = z.infer<typeof LookupView>

/** A signed register that was taken in. */
export const SubmittedView = z.object({
  kind: z.string(),
  circle: z.string().exactOptional(),
  subject: InstitutionView.exactOptional()
})
export type SubmittedView = z.infer<typeof SubmittedView>

/** base64 of the bytes that the root key signs for an erasure without delay. */
export const ErasureView = z.object({ message: z.string() })
export type ErasureView = z.infer<typeof ErasureView>

export const ProblemView = z.object({ path: z.string(), code: z.string(), message: z.string() })
export type ProblemView = z.infer<typeof ProblemView>

/** RFC 9457 problem details, with the stable code and whatever facts belong to it. */
export const ProblemDocument = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  problems: z.array(ProblemView).exactOptional()
})
export type ProblemDocument = z.infer<typeof ProblemDocument>
