/** What the options of `draft edit` change in a draft of sightings. */
import type { DraftView, SightingsChange } from '@tocsin/api'
import { guessTypes } from '@tocsin/model'
import { CliError } from './errors.ts'

export interface SightingsOptions {
  readonly drop?: readonly string[]
  /** The values that `kind` and `comment` are for; all of them unless given. */
  readonly of?: readonly string[]
  readonly kind?: 'sighting' | 'false-positive' | 'expiration'
  readonly comment?: string
  readonly private?: boolean
}

/** Options of `draft edit` for sightings; `drop` is for both. */
const FOR_SIGHTINGS: ReadonlySet<string> = new Set(['drop', 'of', 'kind', 'comment', 'private'])

/** Throws CliError `option-not-for-draft` where an option is of the other sort of draft. */
export function checkOptions(options: object, ofSightings: boolean): void {
  const odd = Object.keys(options).filter((name) => name !== 'drop' && FOR_SIGHTINGS.has(name) !== ofSightings)
  if (odd.length > 0)
    throw new CliError('option-not-for-draft', undefined, { options: odd.map((name) => `--${name}`).join(', ') })
}

/** A draft of sightings as it is sent back, and as it stands in the editor: whoever deletes one drops it. */
export function changeOf({ private: isPrivate = false, sightings = [] }: DraftView): SightingsChange {
  return {
    private: isPrivate,
    sightings: sightings.map(({ bulletin, author, type, value, kind, count, comment }) => ({
      bulletin,
      author,
      type,
      value,
      kind,
      count,
      ...(comment === undefined ? {} : { comment })
    }))
  }
}

/** Throws CliError `no-such-sighting` for a value that is in none, so that nothing is thought dropped that is not. */
export function changeSightings(
  view: DraftView,
  { drop = [], of, kind, comment, private: isPrivate }: SightingsOptions
): SightingsChange {
  const change = changeOf(view)
  const named = (text: string) => {
    const names = new Set([text, ...guessTypes(text).map((it) => it.value)])
    const found = change.sightings.filter(({ value }) => names.has(value))
    if (found.length === 0) throw new CliError('no-such-sighting', undefined, { value: text })
    return found
  }
  const dropped = new Set(drop.flatMap(named))
  const meant = new Set(of === undefined ? change.sightings : of.flatMap(named))
  return {
    private: isPrivate ?? change.private ?? false,
    sightings: change.sightings
      .filter((it) => !dropped.has(it))
      .map((it) => {
        if (!meant.has(it)) return it
        return { ...it, ...(kind === undefined ? {} : { kind }), ...(comment === undefined ? {} : { comment }) }
      })
  }
}
