/** Counting what was met: each record once, from where the marks say that counting stopped. */
import type { IndicatorType, InstitutionId } from '@tocsin/model'

/** An indicator of one bulletin. */
export interface About {
  readonly bulletin: string
  readonly author: InstitutionId
  readonly type: IndicatorType
  readonly value: string
}

/** Records of one day and stream, or one record, that speak of one indicator. */
export interface Part {
  /** Name of the mark that keeps them from being counted again. */
  readonly key: string
  /** ms: what the mark said when they were counted. */
  readonly before: number | undefined
  /** ms */
  first: number
  last: number
  count: number
}

/** What was met of one indicator of one bulletin. */
export interface Tally extends About {
  readonly parts: Map<string, Part>
}

/** One record. */
export interface Met {
  /** Name of its mark: of a stream's day, or with `isOnce` its own. */
  readonly key: string
  readonly isOnce: boolean
  /** ms */
  readonly at: number
}

export interface Tallies<T extends About> {
  count(about: T, met: Met): void
  all(): readonly (T & Tally)[]
  /** Indicators of which nothing was new. */
  known(): number
  /** Held in memory, over all tallies. */
  parts(): number
}

/** Begins to count; `through` is what a mark says, in ms. */
export function createTallies<T extends About>(
  through: (key: string, indicator: Pick<About, 'type' | 'value'>) => number | undefined
): Tallies<T> {
  const tallies = new Map<string, T & Tally>()
  const known = new Set<string>()
  let parts = 0
  return {
    count: (about, { key, isOnce, at }) => {
      // One sighting an indicator: the first record decides of which bulletin.
      const place = `${about.type} ${about.value}`
      const tally = tallies.get(place)
      const part = tally?.parts.get(key)
      if (part !== undefined) {
        if (isOnce || (part.before !== undefined && at <= part.before)) return
        part.count += 1
        part.first = Math.min(part.first, at)
        part.last = Math.max(part.last, at)
        return
      }
      const before = through(key, about)
      if (before !== undefined && (isOnce || at <= before)) {
        known.add(place)
        return
      }
      const into = tally ?? { ...about, parts: new Map<string, Part>() }
      tallies.set(place, into)
      into.parts.set(key, { key, before, first: at, last: at, count: 1 })
      parts += 1
    },
    all: () => [...tallies.values()],
    known: () => [...known].filter((place) => !tallies.has(place)).length,
    parts: () => parts
  }
}
