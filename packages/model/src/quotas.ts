import { z } from 'zod'

const MIB = 2 ** 20

/**
 * What a charter lets one author, or one peer, hand in; whatever it leaves out is as `DEFAULT_QUOTAS` says. Quotas delay
 * and never drop (DESIGN §8.5). Half a month of a day's rate comes at once, of registers and retractions one day's.
 */
export const QuotasSchema = z.strictObject({
  /** Entries of one author in the circle, of one kind of stream. */
  entriesADay: z.int().min(1).exactOptional(),
  /** Bytes of their headers and bodies. */
  bytesADay: z.int().min(1).exactOptional(),
  /** New streams of one author in the circle. */
  streamsADay: z.int().min(1).exactOptional(),
  /** Newer versions of one author's statements in the circle. */
  statementsADay: z.int().min(1).exactOptional(),
  /** Entries that one author retracts in the circle. */
  retractionsADay: z.int().min(1).exactOptional(),
  /** Open vouches of one member that count, the newest first (DESIGN §7). */
  openVouches: z.int().min(1).max(32).exactOptional(),
  /** Bytes that one peer may send ahead of admission. */
  pendingBytes: z
    .int()
    .min(MIB)
    .max(64 * MIB)
    .exactOptional(),
  /** A member of a later rank is a newcomer for so many days. */
  newcomerDays: z.int().min(0).max(3650).exactOptional(),
  /** A newcomer has this part of what is above, open vouches and retractions aside. */
  newcomerPercent: z.int().min(1).max(100).exactOptional()
})

export type Quotas = z.infer<typeof QuotasSchema>
export type QuotaName = keyof Quotas

/** What holds where a charter says nothing, and for what belongs to no circle. */
export const DEFAULT_QUOTAS: Readonly<Required<Quotas>> = {
  entriesADay: 4096,
  bytesADay: 64 * MIB,
  streamsADay: 64,
  statementsADay: 256,
  retractionsADay: 10_000,
  openVouches: 32,
  pendingBytes: 4 * MIB,
  newcomerDays: 30,
  newcomerPercent: 25
}

/** The quotas of a charter, whole. */
export function quotasOf(charter: { readonly quotas?: Quotas | undefined } | undefined): Required<Quotas> {
  return { ...DEFAULT_QUOTAS, ...charter?.quotas }
}
