import { type DraftInput, MAX_INDICATORS } from '@tocsin/model'
import type { ImportedDraft } from './import.ts'
import { oneLine } from './text.ts'

export type DraftIndicator = NonNullable<DraftInput['indicators']>[number]

/**
 * A bulletin holds 4,096 indicators; what has more becomes several, each under a key of its own.
 * @param item without its indicators
 * @param count how many of them there are
 */
export function* partsOf(
  item: ImportedDraft,
  indicators: Iterable<DraftIndicator>,
  count: number
): Generator<ImportedDraft> {
  const { key, reference } = item
  const { attachments = [], rules = [], text, ...rest } = item.draft
  const parts = Math.max(1, Math.ceil(count / MAX_INDICATORS))
  let index = 0
  let some: DraftIndicator[] = []
  const part = (): ImportedDraft => {
    const mark = parts === 1 ? '' : ` (${index + 1}/${parts})`
    const title = mark === '' ? rest.title : `${oneLine(rest.title ?? reference, 200 - mark.length)}${mark}`
    const draft = {
      ...rest,
      ...(title === undefined ? {} : { title }),
      // What is said once is said in the first.
      ...(index > 0 ? {} : { attachments, rules, ...(text === undefined ? {} : { text }) }),
      indicators: some
    }
    return { ...item, key: index === 0 || item.grows === true ? key : `${key}#${index + 1}`, draft }
  }
  for (const indicator of indicators) {
    if (some.length === MAX_INDICATORS) {
      yield part()
      some = []
      index += 1
    }
    some.push(indicator)
  }
  yield part()
}
