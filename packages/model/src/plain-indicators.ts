/**
 * The usual list of indicators read without zod: three times as fast, and a thousand of them stand in one body. It says
 * yes or nothing: whatever is not plainly right is left to the schemas, which alone refuse and say why. A property test
 * holds both to the same verdict and value.
 */
import { INDICATOR_TYPES } from './indicator.ts'
import type { Indicator } from './indicator-schema.ts'
import { type IndicatorRole, type IndicatorType, isIndicatorType } from './indicator-type.ts'
import { isTime } from './shape.ts'
import { isPlainText } from './text.ts'

/** The same bounds as in IndicatorSchema. */
const MAX_VALUE = 4096
const MAX_COMMENT = 500

/** The indicators in the shape that the schema gives; undefined where the schema has to look. */
export function plainIndicators(list: unknown, most: number): Indicator[] | undefined {
  if (!Array.isArray(list) || list.length > most) return undefined
  const seen = new Map<string, Set<string>>()
  const found: Indicator[] = []
  for (let index = 0; index < list.length; index++) {
    const indicator = plainIndicator(list[index])
    if (indicator === undefined) return undefined
    const { type, value } = indicator
    const values = seen.get(type) ?? new Set()
    if (values.has(value)) return undefined
    seen.set(type, values.add(value))
    found.push(indicator)
  }
  return found
}

/** All of an indicator's fields, in the order in which the schema gives them. */
interface Fields {
  type?: IndicatorType
  value?: string
  role?: IndicatorRole
  comment?: string
  firstSeen?: string
  lastSeen?: string
  validUntil?: string
}

function plainIndicator(item: unknown): Indicator | undefined {
  if (typeof item !== 'object' || item === null || Object.getPrototypeOf(item) !== Object.prototype) return undefined
  const { type, value, role, comment, firstSeen, lastSeen, validUntil } = item as Record<string, unknown>
  if (typeof type !== 'string' || typeof value !== 'string' || !isIndicatorType(type)) return undefined
  if (role !== 'malicious' && role !== 'context') return undefined
  if (value.length > MAX_VALUE || !isNormal(type, value)) return undefined
  const fields: Fields = { type, value, role }
  let count = 3
  if (comment !== undefined) {
    if (typeof comment !== 'string' || comment.length > MAX_COMMENT || !isPlainText(comment)) return undefined
    fields.comment = comment
    count += 1
  }
  if (firstSeen !== undefined) {
    if (typeof firstSeen !== 'string' || !isTime(firstSeen)) return undefined
    fields.firstSeen = firstSeen
    count += 1
  }
  if (lastSeen !== undefined) {
    if (typeof lastSeen !== 'string' || !isTime(lastSeen)) return undefined
    if (fields.firstSeen !== undefined && fields.firstSeen > lastSeen) return undefined
    fields.lastSeen = lastSeen
    count += 1
  }
  if (validUntil !== undefined) {
    if (typeof validUntil !== 'string' || !isTime(validUntil)) return undefined
    fields.validUntil = validUntil
    count += 1
  }
  // One more is an unknown field, or one that is there and undefined.
  for (const _ in item) count -= 1
  return count === 0 ? (fields as Indicator) : undefined
}

function isNormal(type: IndicatorType, value: string): boolean {
  const parsed = INDICATOR_TYPES[type].parse(value)
  return parsed.ok && parsed.value === value
}
