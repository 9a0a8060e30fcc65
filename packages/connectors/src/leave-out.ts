import { createMinimisation, type ExtractContext } from '@tocsin/extract'
import { defang, type IndicatorType } from '@tocsin/model'
import type { ImportPlace, ImportWarning } from './import.ts'

/** What of a log or a table is nobody else's business. */
export interface LeaveOut {
  /** True where the value, in its normal form, stays here. */
  leavesOut(type: IndicatorType, value: string, place: ImportPlace): boolean
  /** One warning a value, the first hundred. */
  warnings(): readonly ImportWarning[]
}

const MOST_LISTED = 100

/** The rule of extraction for values that stand in no text. */
export function createLeaveOut(context: ExtractContext): LeaveOut {
  const minimisation = createMinimisation(context)
  const seen = new Map<string, ImportWarning>()
  let more = 0
  return {
    leavesOut(type, value, place) {
      const omission = minimisation.judge(type, value, value)
      if (omission === undefined) return false
      const key = `${type} ${value}`
      if (seen.has(key)) return true
      if (seen.size >= MOST_LISTED) more += 1
      else
        seen.set(key, {
          code: 'left-out',
          message: `${type} ${defang(type, value)}: ${omission.code}`,
          place
        })
      return true
    },
    warnings: () => [
      ...seen.values(),
      ...(more === 0 ? [] : [{ code: 'left-out' as const, message: `and ${more} more` }])
    ]
  }
}
