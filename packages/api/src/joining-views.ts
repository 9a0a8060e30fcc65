/** What the door says of introductions, of what domains publish, and of the vouches of a circle. */
import { z } from 'zod'
import { CardView, InstitutionView, Iso } from './views.ts'

/** Our own card: with the number that we read aloud, which this door tells of nobody else's. */
export const OwnCardView = CardView.extend({
  /** 27 digits in nine groups. */
  comparison: z.string()
})
export type OwnCardView = z.infer<typeof OwnCardView>

/** An introduction under way: six groups of the number to compare, three to be typed as they are heard. */
export const IntroductionView = z.object({
  id: z.string(),
  card: CardView,
  /** The nine groups in order; null where one is asked for. */
  shown: z.array(z.string().nullable()),
  /** Places of the groups that are asked for, counted from 1. */
  asked: z.array(z.number().int()),
  triesLeft: z.number().int()
})
export type IntroductionView = z.infer<typeof IntroductionView>

const Found = z.enum(['verified', 'different', 'not-published', 'unreachable'])

/** What one domain of a card publishes about it: advice for the telephone call, never trust. */
export const DomainCheckView = z.object({
  domain: z.string(),
  /** `different` if either place is, else `verified` if either is; `unreachable` if one could not be asked. */
  verdict: Found,
  /** The TXT records of `_tocsin.DOMAIN`. */
  dns: z.object({ found: Found, reason: z.string().exactOptional() }),
  /** `https://DOMAIN/.well-known/tocsin-card`. */
  web: z.object({ found: Found, reason: z.string().exactOptional() })
})
export type DomainCheckView = z.infer<typeof DomainCheckView>

/** A vouch or revocation, weighed by the fold. */
export const WeighedView = z.object({
  by: InstitutionView,
  counts: z.boolean(),
  /** Why it does not count, and its sentence. */
  code: z.string().exactOptional(),
  explanation: z.string().exactOptional()
})

export const VouchView = WeighedView.extend({
  /** As its author checked them. */
  name: z.string(),
  domains: z.array(z.string()),
  how: z.string(),
  checkedAt: Iso,
  /** Last moment at which it counts. */
  expires: Iso
})
export type VouchView = z.infer<typeof VouchView>

/** Why an institution stands where it stands in a circle: the statements that make it so, and what is missing. */
export const WhyView = z.object({
  circle: z.object({ id: z.string(), name: z.string() }),
  threshold: z.number().int(),
  institution: InstitutionView,
  standing: z.enum(['member', 'struck', 'resigned', 'founder', 'candidate', 'outsider']),
  /** The charter names it. */
  founder: z.boolean(),
  rank: z.number().int().exactOptional(),
  /** Its own acceptances and resignations, newest first. */
  own: z.array(WeighedView.extend({ kind: z.enum(['acceptance', 'resignation']) })),
  vouches: z.array(VouchView),
  revocations: z.array(WeighedView.extend({ reason: z.string() })),
  missing: z.object({ acceptance: z.boolean(), vouches: z.number().int() })
})
export type WhyView = z.infer<typeof WhyView>

/** Who is not in yet, with what is missing; and which vouches must be renewed. */
const Claims = z.object({ name: z.string(), domains: z.array(z.string()) })

export const PendingView = z.object({
  circle: z.object({ id: z.string(), name: z.string() }),
  threshold: z.number().int(),
  newcomers: z.array(
    InstitutionView.extend({
      founder: z.boolean(),
      vouches: z.array(VouchView),
      missing: z.object({ acceptance: z.boolean(), vouches: z.number().int() })
    })
  ),
  /** Vouches that end within 30 days, or ended in the last 30 and were not renewed; the soonest first. */
  expiring: z.array(
    z.object({
      subject: InstitutionView,
      by: InstitutionView,
      how: z.string(),
      expires: Iso,
      /** Whole days until then; negative once over. */
      daysLeft: z.number().int(),
      /** Ours: we alone can renew it. */
      ours: z.boolean(),
      /** The subject is a member now and would be none without it. */
      needed: z.boolean()
    })
  ),
  /** Vouches that count, and name something else than the card of their subject says now. */
  changed: z.array(
    z.object({
      subject: InstitutionView,
      by: InstitutionView,
      how: z.string(),
      /** What was vouched for, and what the card says. */
      vouched: Claims,
      card: Claims,
      /** Ours: to be renewed once the institution was called, or left as it is. */
      ours: z.boolean()
    })
  )
})
export type PendingView = z.infer<typeof PendingView>
