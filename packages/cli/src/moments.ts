import { InvalidArgumentError } from 'commander'

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `90m`, `12h`, `7d` or `2w` in ms; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text.trim()) ?? []
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0)
}

/** An ISO 8601 date or time, without a zone taken as UTC, in ms since epoch; undefined for anything else. */
export function parseMoment(text: string): number | undefined {
  const match = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text.trim())
  if (match === null) return undefined
  const zoned = match[0].includes('T') && match[1] === undefined ? `${match[0]}Z` : match[0]
  const at = Date.parse(zoned)
  return Number.isNaN(at) ? undefined : at
}

/** An option's moment as ISO 8601 UTC: a date, or a span before (`direction` -1) or after (1) now. */
export function momentOption(direction: -1 | 1, now: () => number, refusal: string): (text: string) => string {
  return (text) => {
    const span = parseSpan(text)
    const at = span === undefined ? parseMoment(text) : now() + direction * span
    if (at === undefined) throw new InvalidArgumentError(refusal)
    return new Date(at).toISOString()
  }
}

/** An option's span in ms. */
export function spanOption(refusal: string): (text: string) => number {
  return (text) => {
    const span = parseSpan(text)
    if (span === undefined) throw new InvalidArgumentError(refusal)
    return span
  }
}
