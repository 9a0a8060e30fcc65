/** Words about indicators, and counts of the private ones. */
import { z } from 'zod'
import { AudienceView } from './publish-views.ts'
import { InstitutionView, Iso, TlpText } from './views.ts'

export const SightingAddedView = z.object({ entry: z.string(), bulletin: z.string(), audience: AudienceView })
export type SightingAddedView = z.infer<typeof SightingAddedView>

/** A word of somebody about an indicator, as it came here. */
export const SightingView = z.object({
  /** Position in this node's order of arrival. */
  arrival: z.number().int(),
  bulletin: z.string(),
  /** Of the bulletin. */
  author: InstitutionView,
  type: z.string(),
  value: z.string(),
  defanged: z.string(),
  kind: z.enum(['sighting', 'false-positive', 'expiration']),
  count: z.number().int(),
  /** It is a count: so many institutions told the author alone. */
  contributors: z.number().int().exactOptional(),
  firstSeen: Iso.exactOptional(),
  lastSeen: Iso.exactOptional(),
  comment: z.string().exactOptional(),
  /** Of the sighting, which may be stricter than its bulletin's. */
  tlp: TlpText,
  by: InstitutionView,
  signedAt: Iso,
  receivedAt: Iso
})
export type SightingView = z.infer<typeof SightingView>

/** A count of private sightings, published or, with dryRun, to be. */
export const CountView = z.object({
  bulletin: z.string(),
  /** Institutions; never which. */
  contributors: z.number().int(),
  /** Numbers that were published before. */
  published: z.array(z.number().int()),
  least: z.number().int(),
  dryRun: z.boolean(),
  /** Why it would be refused; of a dry run alone. */
  refused: z.string().exactOptional(),
  audience: AudienceView,
  entries: z.array(z.string())
})
export type CountView = z.infer<typeof CountView>
