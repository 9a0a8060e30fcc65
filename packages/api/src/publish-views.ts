/** What publishing says before and after: who is reached, what was taken and what was left out. */
import { z } from 'zod'
import { InstitutionView, Iso, PapText, ProblemView, TlpText } from './views.ts'

/** The three lists of DESIGN §5, before something is signed. */
export const AudienceView = z.object({
  tlp: TlpText,
  circle: z.object({ id: z.string(), name: z.string() }).optional(),
  /** Reached over a link of this node's own. */
  direct: z.array(InstitutionView),
  /** Eligible; another holder has to relay it. */
  relay: z.array(InstitutionView),
  /** Not reached, each with the rule (a hop code). */
  refused: z.array(InstitutionView.extend({ code: z.string(), reason: z.string() })),
  /** Whoever these circles admit before keep-until will see it too. */
  opensTo: z.array(z.string())
})
export type AudienceView = z.infer<typeof AudienceView>

/** Who says that it holds a bulletin. */
export const ReceiptsView = z.object({
  id: z.string(),
  author: InstitutionView,
  /** We are the author: what is missing and via whom it came is told to nobody else. */
  mine: z.boolean(),
  publishedAt: Iso,
  /** How many hold it, by their receipts. */
  reached: z.number().int(),
  /** How many may, as far as is known here. */
  expected: z.number().int().exactOptional(),
  /** Median of the delays; absent where nobody holds it. */
  medianMs: z.number().int().exactOptional(),
  /** In the order in which it came to them; by then at the latest, each by its own clock. */
  holders: z.array(
    InstitutionView.extend({ since: Iso, delayMs: z.number().int(), via: InstitutionView.exactOptional() })
  ),
  missing: z.array(InstitutionView.extend({ code: z.string(), reason: z.string() })),
  /** Receipts that count for nothing, each with the reason. */
  unconfirmed: z.array(InstitutionView.extend({ code: z.string(), reason: z.string() })),
  /** Who handed it to us and when, by its own clock, with its signed hop proof in base64; 90 days, and the newest of each peer. */
  hops: z.array(InstitutionView.extend({ at: Iso, proof: z.string() }))
})
export type ReceiptsView = z.infer<typeof ReceiptsView>

/** What `publish` did or, with dryRun, would do. */
export const PublishView = z.object({
  /** The bulletin's id; none for a dry run. */
  id: z.string().optional(),
  dryRun: z.boolean(),
  labels: z.object({
    tlp: TlpText,
    pap: PapText,
    confidence: z.number().int(),
    threat: z.string(),
    circle: z.string().optional(),
    keepUntil: Iso,
    /** Which of them were filled from the charter. */
    defaulted: z.array(z.string())
  }),
  title: z.string(),
  indicators: z.array(z.object({ type: z.string(), value: z.string(), defanged: z.string(), role: z.string() })),
  audience: AudienceView,
  /** Lines refused with the reason, nothing lost. */
  problems: z.array(ProblemView),
  /** `account`s in another member's domain: offered as RED to that member alone. */
  offers: z.array(z.object({ to: InstitutionView, values: z.array(z.string()) })),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  entries: z.array(z.object({ entry: z.string(), stream: z.string(), seq: z.number().int() }))
})
export type PublishView = z.infer<typeof PublishView>

export const ExtractionView = z.object({
  title: z.string().optional(),
  lang: z.enum(['fr', 'en']).optional(),
  text: z.string(),
  found: z.array(
    z.object({
      type: z.string(),
      value: z.string(),
      defanged: z.string(),
      raw: z.string(),
      start: z.number().int(),
      end: z.number().int(),
      role: z.string(),
      where: z.string()
    })
  ),
  refused: z.array(
    z.object({
      raw: z.string(),
      start: z.number().int(),
      end: z.number().int(),
      code: z.string(),
      reason: z.string(),
      where: z.string()
    })
  ),
  leftOut: z.array(
    z.object({
      type: z.string(),
      value: z.string(),
      code: z.string(),
      reason: z.string(),
      where: z.string(),
      /** The member whose domain it is, for `account-of-member`. */
      institution: z.string().optional()
    })
  ),
  attachments: z.array(
    z.object({
      name: z.string(),
      mediaType: z.string(),
      size: z.number().int(),
      sha256: z.string(),
      base64: z.string()
    })
  )
})
export type ExtractionView = z.infer<typeof ExtractionView>
