import { z } from 'zod'
import { parseIndicator } from './indicator.ts'
import { INDICATOR_ROLES, INDICATOR_TYPE_NAMES, type IndicatorType } from './indicator-type.ts'
import { fault, lines, TimeSchema } from './shape.ts'

const typed = {
  type: z.enum(INDICATOR_TYPE_NAMES),
  // The longest normal form of any type; each type's own bound is part of its parser.
  value: z.string().min(1).max(4096)
}

/** Refuses a value that is not exactly in normal form: two spellings of one thing in signed bodies would never meet. */
function normal(ctx: z.RefinementCtx, { type, value }: { type: IndicatorType; value: string }): void {
  const parsed = parseIndicator(type, value)
  if (!parsed.ok) ctx.addIssue({ ...fault(parsed.code, parsed.reason), path: ['value'] })
  else if (parsed.value !== value) {
    ctx.addIssue({ ...fault('not-normal'), path: ['value'] })
  }
}

/** `{type, value}` in normal form: how sightings and disablings name an indicator. */
export const TypedValueSchema = z.strictObject(typed).superRefine((it, ctx) => normal(ctx, it))

/** One indicator of a signed bulletin. */
export const IndicatorSchema = z
  .strictObject({
    ...typed,
    role: z.enum(INDICATOR_ROLES),
    comment: lines(500).exactOptional(),
    firstSeen: TimeSchema.exactOptional(),
    lastSeen: TimeSchema.exactOptional(),
    validUntil: TimeSchema.exactOptional()
  })
  .superRefine((it, ctx) => {
    normal(ctx, it)
    // One spelling of a time means that text order is time order.
    if (it.firstSeen !== undefined && it.lastSeen !== undefined && it.firstSeen > it.lastSeen) {
      ctx.addIssue({ ...fault('time-order'), path: ['lastSeen'] })
    }
  })

export type Indicator = z.infer<typeof IndicatorSchema>

/** Refuses a list that names one type and value twice. */
export function distinct(items: readonly { type: string; value: string }[], ctx: z.RefinementCtx): void {
  const seen = new Set<string>()
  for (const [index, { type, value }] of items.entries()) {
    const key = `${type} ${value}`
    if (seen.has(key)) ctx.addIssue({ ...fault('duplicate'), path: [index] })
    seen.add(key)
  }
}
