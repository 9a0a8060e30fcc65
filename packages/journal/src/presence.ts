import { z } from 'zod'
import { hex, Institution, isUnique } from './shapes.ts'

/** How many revocations a presence names, the newest ones; its digest speaks of all. */
export const NAMED_REVOCATIONS = 32

/** One revocation register: whose, against whom, and which version of it. */
const NamedRevocationSchema = z.strictObject({ author: Institution, subject: Institution, number: z.int().min(1) })

/**
 * "I was here, and these revocations of the circle I hold" (DESIGN §7, stale rosters). The number of the register is its
 * time. Signed by the node key: a presence gives nobody a right and takes none away.
 */
export const PresenceSchema = z.strictObject({
  /** Over all revocations that the author holds and counts. */
  digest: hex(32),
  revocations: z
    .array(NamedRevocationSchema)
    .max(NAMED_REVOCATIONS)
    .refine((named) => isUnique(named.map(({ author, subject }) => `${author} ${subject}`)), 'one named twice')
})

export type NamedRevocation = z.infer<typeof NamedRevocationSchema>
export type Presence = z.infer<typeof PresenceSchema>
