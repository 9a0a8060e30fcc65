import { z } from 'zod'
import { Domain, isUnique, line, Millis } from './shapes.ts'

/** I take part in this circle, whose charter bears this name. */
export const AcceptanceSchema = z.strictObject({ name: line(1, 64) })

/** I know the subject by this name and these domains, and checked it so. */
export const VouchSchema = z.strictObject({
  name: line(1, 100),
  domains: z.array(Domain).max(64).refine(isUnique, 'the same domain twice'),
  how: z.enum(['phone', 'in-person', 'domain']),
  checkedAt: Millis,
  /** Days since 1970-01-01 UTC: the last day on which the vouch counts. */
  expires: z.int().min(0).max(1_000_000)
})

/** The subject shall leave the circle; `lifted` takes this revocation back. */
export const RevocationSchema = z.strictObject({ reason: line(1, 1000), lifted: z.boolean().exactOptional() })

/** I leave the circle. */
export const ResignationSchema = z.strictObject({ reason: line(0, 1000).exactOptional() })

export type Acceptance = z.infer<typeof AcceptanceSchema>
export type Vouch = z.infer<typeof VouchSchema>
export type Revocation = z.infer<typeof RevocationSchema>
export type Resignation = z.infer<typeof ResignationSchema>
