import { type IndicatorRole, type IndicatorType, readIndicator } from '@tocsin/model'
import { type Claim, overlaps } from './claims.ts'
import { REFUSALS, type RefusalCode } from './errors.ts'
import type { Found, LeftOut, Place, Refused } from './extraction.ts'
import type { Minimisation, Omission } from './minimise.ts'
import type { Part } from './part.ts'

/** Rows of one kind that a paste may yield; a bulletin holds 4,096 indicators, so this is no limit to honest work. */
const MAX_ROWS = 100_000

export interface OfferOptions {
  readonly role?: IndicatorRole
  /** A value that the model refuses is simply not there, instead of being reported. */
  readonly quiet?: boolean
}

/** Gathers what the readers find; all positions it is given are in the view of the part. */
export interface Collector {
  /** Takes a value for an indicator of this type. Returns whether the model accepted it. */
  offer(part: Part, type: IndicatorType, value: string, start: number, end: number, options?: OfferOptions): boolean
  omit(part: Part, type: IndicatorType, value: string, start: number, end: number, omission: Omission): void
  refuse(part: Part, code: RefusalCode, start: number, end: number): void
  /** A password lies in `[start, end)`; `label` is the range to show in its place. */
  secret(part: Part, start: number, end: number, label: readonly [number, number]): void
  /** True when something was reported whose place begins in `[start, end)` of the part's source. */
  touches(part: Part, start: number, end: number): boolean
  finish(parts: readonly Part[]): Gathered
}

export interface Gathered {
  readonly found: Found[]
  readonly refused: Refused[]
  readonly leftOut: LeftOut[]
  readonly parts: Record<string, string>
  /** As `parts`, with the people taken out: every place of an address or account that was left out is '[…]'. */
  readonly minimised: Record<string, string>
}

interface Row {
  readonly part: Part
  readonly start: number
  readonly end: number
}
type FoundRow = Row & { readonly type: IndicatorType; readonly value: string; role: IndicatorRole }
type LeftOutRow = Row & { readonly type: IndicatorType; readonly value: string; readonly omission: Omission }
type RefusedRow = Row & { readonly code: string; readonly reason: string }

/** Starts an empty collection under the given rules of minimisation. */
export function createCollector(minimisation: Minimisation): Collector {
  const found = new Map<string, FoundRow>()
  const leftOut = new Map<string, LeftOutRow>()
  const refused: RefusedRow[] = []
  const secrets: Row[] = []
  const people: Row[] = []
  const starts = new Map<Part, Set<number>>()
  let overflowed = false

  return { offer, omit, refuse, secret, touches, finish }

  function offer(
    part: Part,
    type: IndicatorType,
    value: string,
    start: number,
    end: number,
    options: OfferOptions = {}
  ) {
    const parsed = readIndicator(type, value)
    if (!parsed.ok) {
      if (options.quiet !== true) addRefusal(part, parsed.code, parsed.reason, start, end)
      return false
    }
    const row = rowOf(part, start, end)
    const raw = part.source.slice(row.start, row.end)
    const omission = minimisation.judge(parsed.type, parsed.value, raw)
    if (omission !== undefined) {
      addLeftOut({ ...row, type: parsed.type, value: parsed.value, omission })
      return true
    }
    const asked = options.role ?? part.role
    const role = minimisation.isContext(parsed.value, raw) ? 'context' : asked
    const key = `${parsed.type} ${parsed.value}`
    const known = found.get(key)
    // Named as malicious in one place is malicious, even where another place only mentions it.
    if (known !== undefined && role === 'malicious') known.role = role
    if (known === undefined && hasRoom(found.size, row)) {
      found.set(key, { ...row, type: parsed.type, value: parsed.value, role })
    }
    return true
  }

  function omit(part: Part, type: IndicatorType, value: string, start: number, end: number, omission: Omission): void {
    addLeftOut({ ...rowOf(part, start, end), type, value, omission })
  }

  function addLeftOut(row: LeftOutRow): void {
    const key = `${row.type} ${row.value}`
    const isPerson = row.type === 'email' || row.type === 'account' || row.omission.code === 'recipient'
    if (isPerson && row.omission.code !== 'dropped') people.push(row)
    if (!leftOut.has(key) && hasRoom(leftOut.size, row)) leftOut.set(key, row)
  }

  function refuse(part: Part, code: RefusalCode, start: number, end: number): void {
    addRefusal(part, code, REFUSALS[code], start, end)
  }

  function addRefusal(part: Part, code: string, reason: string, start: number, end: number): void {
    const row = rowOf(part, start, end)
    if (hasRoom(refused.length, row)) refused.push({ ...row, code, reason })
  }

  function secret(part: Part, start: number, end: number, label: readonly [number, number]): void {
    const [from, to] = part.range(start, end)
    secrets.push({ part, start: from, end: to })
    refuse(part, 'password', label[0], label[1])
  }

  function touches(part: Part, start: number, end: number): boolean {
    const known = starts.get(part)
    if (known === undefined) return false
    for (let at = start; at < end; at++) if (known.has(at)) return true
    return false
  }

  function rowOf(part: Part, start: number, end: number): Row {
    const [from, to] = part.range(start, end)
    const known = starts.get(part)
    if (known === undefined) starts.set(part, new Set([from]))
    else known.add(from)
    return { part, start: from, end: to }
  }

  /** Past the limit one row says so and the rest is dropped, so that no paste can fill the memory. */
  function hasRoom(size: number, row: Row): boolean {
    if (size < MAX_ROWS) return true
    if (!overflowed) refused.push({ ...row, code: 'too-many', reason: REFUSALS['too-many'] })
    overflowed = true
    return false
  }

  function finish(parts: readonly Part[]): Gathered {
    const shown = new Map(parts.map((part) => [part, blot(part, secrets)]))
    const lines = new Map(parts.map((part) => [part, lineStarts(part.source)]))
    const order = new Map(parts.map((part, index) => [part, index]))
    const hidden = new Map(parts.map((part) => [part, disjoint(secrets.filter((row) => row.part === part))]))
    // A link has had its password taken out of the value (links.ts); anything else that holds one is not published.
    const isClean = (row: FoundRow | LeftOutRow): boolean =>
      row.type === 'url' || !overlaps(hidden.get(row.part) ?? [], row.start, row.end)
    const rank = (row: Row): number => order.get(row.part) ?? 0
    const sorted = <R extends Row>(rows: Iterable<R>): R[] =>
      [...rows].sort((a, b) => rank(a) - rank(b) || a.start - b.start || a.end - b.end)
    const place = ({ part, start, end }: Row): Place => {
      // Cut from the blotted text: no row can carry a password, whatever it overlaps.
      const raw = (shown.get(part) ?? '').slice(start, end)
      return { raw, start, end, where: part.where, line: lineOf(lines.get(part) ?? [], start) }
    }
    return {
      found: sorted(found.values())
        .filter(isClean)
        .map((row) => ({ type: row.type, value: row.value, role: row.role, ...place(row) })),
      refused: sorted(refused).map((row) => ({ code: row.code, reason: row.reason, ...place(row) })),
      leftOut: sorted(leftOut.values())
        .filter(isClean)
        .map((row) => ({
          type: row.type,
          value: row.value,
          ...row.omission,
          ...place(row)
        })),
      parts: Object.fromEntries(parts.map((part) => [part.where, shown.get(part) ?? ''])),
      minimised: Object.fromEntries(parts.map((part) => [part.where, cutOut(part, shown.get(part) ?? '', people)]))
    }
  }
}

/** Sorted ranges that do not overlap, covering the same characters. */
function disjoint(rows: readonly Row[]): Claim[] {
  const ranges: [number, number][] = []
  for (const { start, end } of [...rows].sort((a, b) => a.start - b.start)) {
    const last = ranges.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
    else if (end > start) ranges.push([start, end])
  }
  return ranges
}

/** The part's source with every password character replaced, so that offsets stay. */
function blot(part: Part, secrets: readonly Row[]): string {
  let text = ''
  let done = 0
  for (const { start, end } of secrets.filter((row) => row.part === part).sort((a, b) => a.start - b.start)) {
    const from = Math.max(start, done)
    if (end <= from) continue
    text += part.source.slice(done, from) + part.source.slice(from, end).replace(/[^\r\n]/g, '•')
    done = end
  }
  return text + part.source.slice(done)
}

/** A blotted text without the places where people are named. */
function cutOut(part: Part, text: string, people: readonly Row[]): string {
  let result = ''
  let done = 0
  for (const { start, end } of people.filter((row) => row.part === part).sort((a, b) => a.start - b.start)) {
    if (start < done || end === start) continue
    result += `${text.slice(done, start)}[…]`
    done = end
  }
  return result + text.slice(done)
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Line number, from 1, of an offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((starts[middle] ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low
}
