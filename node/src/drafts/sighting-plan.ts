/** What a draft of sightings holds: what was met, joined with what waits, each record once. */
import type { Pap, Tlp } from '@tocsin/model'
import { readRow, type Tx, writeRow } from '@tocsin/store'
import { type MarkRow, rowOf, type SightingDraft } from './rows.ts'
import type { Part, Tally } from './tally.ts'

/** Of one draft: more than a person reads. */
export const MAX_SIGHTINGS = 1_000
/** What one sighting can count. */
const MOST_COUNT = 1_000_000_000

export interface SightingBatch {
  readonly tlp: Tlp
  readonly pap: Pap
  readonly isPrivate: boolean
  /** At most `MAX_SIGHTINGS`. */
  readonly tallies: readonly Tally[]
  /** One line: the title of the import. */
  readonly title: string
  readonly reference: string
}

function throughOf(tx: Pick<Tx, 'get'>, key: string, tally: Tally): number | undefined {
  const row = tx.get(rowOf.value(key, tally))
  return row === undefined ? undefined : readRow<MarkRow>(row).through
}

/** Without what another import has counted since these were: the marks moved on. */
export function freshOf(tx: Pick<Tx, 'get'>, tallies: readonly Tally[]): SightingDraft[] {
  return tallies.flatMap((tally): SightingDraft[] => {
    const parts = [...tally.parts.values()].filter(({ key, before }) => throughOf(tx, key, tally) === before)
    if (parts.length === 0) return []
    const { bulletin, author, type, value } = tally
    const sum = (pick: (part: Part) => number): number => parts.reduce((all, part) => all + pick(part), 0)
    return [
      {
        bulletin,
        author,
        type,
        value,
        count: Math.min(
          sum(({ count }) => count),
          MOST_COUNT
        ),
        firstSeen: iso(parts.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY)),
        lastSeen: iso(parts.reduce((most, { last }) => Math.max(most, last), 0))
      }
    ]
  })
}

/** Keeps what was counted from being counted again. A mark never goes back. */
export function markParts(tx: Tx, tallies: readonly Tally[], now: number): void {
  for (const tally of tallies) {
    for (const { key, last } of tally.parts.values()) {
      const through = Math.max(last, throughOf(tx, key, tally) ?? 0)
      tx.put(rowOf.value(key, tally), writeRow({ at: now, through } satisfies MarkRow))
    }
  }
}

/** Both together, one of each indicator of a bulletin. */
export function joined(before: readonly SightingDraft[], fresh: readonly SightingDraft[]): SightingDraft[] {
  const all = new Map<string, SightingDraft>()
  for (const it of [...before, ...fresh]) {
    const place = `${it.bulletin} ${it.author} ${it.type} ${it.value}`
    const known = all.get(place)
    const [earlier] = [known?.firstSeen ?? it.firstSeen, it.firstSeen].toSorted()
    const later = [known?.lastSeen ?? it.lastSeen, it.lastSeen].toSorted().at(-1)
    all.set(
      place,
      known === undefined
        ? it
        : {
            ...it,
            count: Math.min(known.count + it.count, MOST_COUNT),
            firstSeen: earlier ?? it.firstSeen,
            lastSeen: later ?? it.lastSeen
          }
    )
  }
  return [...all.values()]
}

/** The days of what was met. */
export function titleOf(title: string, sightings: readonly SightingDraft[]): string {
  const days = sightings.flatMap(({ firstSeen, lastSeen }) => [firstSeen.slice(0, 10), lastSeen.slice(0, 10)]).sort()
  const [from = '', to = ''] = [days[0], days.at(-1)]
  return `${title}, ${from === to ? from : `${from} – ${to}`}`
}

const iso = (ms: number): string => new Date(ms).toISOString()
