const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d:?\d\d))?$/i

/**
 * Reads a time as people and tools write it: `2026-11-24` (its first moment in UTC) or ISO 8601 with an offset. A time
 * without an offset is refused: whose clock? Gives the spelling that bodies use; undefined if it is no time.
 */
export function readTime(text: string): string | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    TIME.exec(text.trim()) ?? []
  if (year === undefined) return undefined
  const date = `${year}-${month}-${day}`
  // Date.parse reads 30 February as 2 March.
  const midnight = Date.parse(`${date}T00:00:00.000Z`)
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return undefined
  const offset = /^z$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`
  const ms = Date.parse(`${date}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`)
  return Number.isNaN(ms) || ms < 0 || ms > 253402300799999 ? undefined : new Date(ms).toISOString()
}
