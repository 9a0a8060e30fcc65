/** What a person makes of a draft of sightings: fewer of them, other words, another audience. Never more than was met. */
import type { SightingsChange } from '@tocsin/api'
import { SightingSchema } from '@tocsin/model'
import { NodeError } from '../errors.ts'
import { cannotTellAlone } from '../ports/sightings.ts'
import type { ViewDeps } from '../ports/views.ts'
import type { DraftHead, SightingDraft } from './rows.ts'

interface Problem {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** @throws NodeError draft-of-bulletin, draft-invalid, private-to-oneself, author-not-a-peer */
export function changedSightings(
  deps: ViewDeps,
  head: DraftHead,
  before: readonly SightingDraft[],
  change: SightingsChange
): { readonly sightings: readonly SightingDraft[]; readonly isPrivate: boolean } {
  if (head.kind !== 'sightings') throw new NodeError('draft-of-bulletin')
  const problems: Problem[] = []
  const left = new Set<SightingDraft>()
  const sightings = change.sightings.flatMap((said, index): SightingDraft[] => {
    const problem = (field: string, code: string, message: string): SightingDraft[] => {
      problems.push({ path: `sightings[${index}].${field}`, code, message })
      return []
    }
    const { bulletin, author, type, value, kind = 'sighting', comment } = said
    const [it, another] = before.filter(
      (one) =>
        one.bulletin === bulletin && one.type === type && one.value === value && (author ?? one.author) === one.author
    )
    if (it === undefined)
      return problem('value', 'not-in-draft', 'the draft holds no such sighting; nothing can be added to it')
    if (another !== undefined) return problem('author', 'ambiguous', 'two authors chose this id: name the author')
    if (left.has(it)) return problem('value', 'duplicate-indicator', 'this sighting is in the list already')
    left.add(it)
    if ((said.count ?? 0) > it.count) return problem('count', 'more-than-met', `it was met ${it.count} times`)
    const { kind: _kind, comment: _comment, ...kept } = it
    const changed: SightingDraft = {
      ...kept,
      count: said.count ?? it.count,
      ...(kind === 'sighting' ? {} : { kind }),
      ...(comment === undefined || comment === '' ? {} : { comment })
    }
    const words = changed.comment === undefined ? undefined : SightingSchema.shape.comment.safeParse(changed.comment)
    if (words?.success === false) return problem('comment', 'invalid-format', words.error.issues[0]?.message ?? '')
    return [changed]
  })
  if (problems.length > 0) throw new NodeError('draft-invalid', undefined, { problems })
  const isPrivate = change.private ?? head.private === true
  if (isPrivate) {
    for (const { author, value } of sightings) {
      const code = cannotTellAlone(deps, author)
      if (code !== undefined) throw new NodeError(code, undefined, { value })
    }
  }
  return { sightings, isPrivate }
}
