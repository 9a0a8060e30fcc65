import type { DraftIndicator } from '../import-parts.ts'
import { createPacked } from '../packed.ts'
import { createPlaces } from '../places.ts'
import { oneLine } from '../text.ts'

/** Indicators of one draft, each value once, held until it is known under which labels it goes. */
export interface Pile {
  readonly count: number
  /** `notes` are what was said beside the value, and cannot be searched for. */
  add(indicator: DraftIndicator, notes: readonly string[]): void
  drain(): Generator<DraftIndicator>
}

const MAX_COMMENT = 500
/** Of one value, such as the ports of an address. */
const MAX_NOTES = 32

export function createPile(): Pile {
  const packed = createPacked<DraftIndicator>()
  /** Where a value stands that is context so far; -1 for what is malicious. */
  const places = createPlaces()
  /** Notes of a value beyond those of where it was said first. */
  const later = new Map<string, Set<string>>()
  const replaced = new Set<number>()

  return {
    get count() {
      return places.size
    },
    add: (indicator, notes) => {
      const key = `${indicator.type} ${indicator.value}`
      const before = places.get(key)
      const isMalicious = indicator.role === 'malicious'
      if (before !== undefined) {
        const more = later.get(key) ?? new Set()
        for (const note of notes) if (more.size < MAX_NOTES) more.add(note)
        if (more.size > 0) later.set(key, more)
        // Said twice: whoever asks for an alert on it means harm.
        if (before < 0 || !isMalicious) return
        replaced.add(before)
      }
      places.set(key, isMalicious ? -1 : packed.length)
      packed.add(withNotes(indicator, notes))
    },
    *drain() {
      let number = 0
      for (const indicator of packed.drain()) {
        number += 1
        if (replaced.has(number - 1)) continue
        const more = later.get(`${indicator.type} ${indicator.value}`)
        yield more === undefined ? indicator : withNotes(indicator, [...more])
      }
    }
  }
}

/** The comment, and behind it each note that is not in it. */
function withNotes(indicator: DraftIndicator, notes: readonly string[]): DraftIndicator {
  const said = indicator.comment ?? ''
  const comment = notes.reduce((text, note) => {
    if (`, ${text},`.includes(`, ${note},`)) return text
    return text === '' ? note : `${text}, ${note}`
  }, said)
  return comment === '' ? indicator : { ...indicator, comment: oneLine(comment, MAX_COMMENT) }
}
