import { type Draft, parseDraft } from '@tocsin/model'
import { ConnectorError } from './errors.ts'
import type {
  Imported,
  ImportedDraft,
  ImportedSighting,
  ImportInfo,
  ImportOptions,
  ImportPlace,
  ImportRefusal,
  ImportWarning
} from './import.ts'
import { asUtf8 } from './import-charset.ts'
import { partsOf } from './import-parts.ts'
import { bounded, ImportCut } from './import-source.ts'
import { oneLine } from './text.ts'

/** An imported draft as the model reads it: what its indicators had wrong was refused before it. */
export interface ReadDraft extends ImportedDraft {
  readonly draft: Draft
}

export type ReadItem = ReadDraft | ImportedSighting | ImportRefusal

const MAX_KEY = 500
const MAX_MESSAGE = 300

/**
 * The one door of all imports: bytes, drafts and indicators are bounded, each draft is what the model takes, and what is
 * wrong with a part of one is refused by its place while the rest goes on. Throws ConnectorError for options alone.
 */
export async function* readImport(
  info: ImportInfo,
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions
): AsyncGenerator<ReadItem> {
  const { limits } = info
  const { charset } = options
  if (charset !== undefined && !info.options.includes('charset'))
    throw new ConnectorError('import-charset-unfit', `${info.name} says itself what it is written in`)
  let drafts = 0
  let indicators = 0
  try {
    for await (const item of info.read(asUtf8(bounded(source, limits.bytes), charset), options)) {
      if (item.kind === 'refused') {
        yield plain(item)
        continue
      }
      if (item.kind === 'sighting') {
        yield item
        continue
      }
      const all = item.draft.indicators ?? []
      for (const part of partsOf(item, all, all.length)) {
        for (const read of readPart(part)) {
          if (read.kind === 'draft') {
            drafts += 1
            indicators += read.draft.indicators.length
            if (drafts > limits.drafts || indicators > limits.indicators) {
              const most = drafts > limits.drafts ? `${limits.drafts} drafts` : `${limits.indicators} indicators`
              yield { kind: 'refused', code: 'too-much', message: `more than ${most} in one import`, place: read.place }
              return
            }
          }
          yield read
        }
      }
    }
  } catch (error) {
    if (!(error instanceof ImportCut)) throw error
    yield { kind: 'refused', code: error.code, message: error.message, place: { offset: error.offset } }
  }
}

function* readPart(item: ImportedDraft): Generator<ReadItem> {
  const { place } = item
  const { whole, damaged } = tellDamaged(item.draft.indicators ?? [])
  for (const { path, message } of damaged) yield plain(refusal('encoding-damaged', message, at(place, path)))
  const parsed = parseDraft(damaged.length === 0 ? item.draft : { ...item.draft, indicators: whole })
  if (!parsed.ok) {
    for (const { path, code, message } of parsed.problems) yield plain(refusal(code, message, at(place, path)))
  }
  if (parsed.draft === undefined) return
  const { title, text = '', indicators, rules, attachments } = parsed.draft
  // All that it had was refused, or there was nothing: no draft to look at.
  if (indicators.length + rules.length + attachments.length === 0 && text.trim() === '' && title === undefined) {
    if (parsed.ok && damaged.length === 0)
      yield refusal('nothing-in-it', 'neither a title, a text nor an indicator', place)
    return
  }
  if (!parsed.ok && indicators.length === 0 && text.trim() === '') return
  yield {
    ...item,
    draft: parsed.draft,
    key: item.key.slice(0, MAX_KEY),
    reference: oneLine(item.reference, 200),
    warnings: [...item.warnings, ...damagedTexts(parsed.draft)].map((warning) => ({
      ...warning,
      message: oneLine(warning.message, MAX_MESSAGE)
    }))
  }
}

interface Damaged {
  readonly path: string
  readonly message: string
}

/** Decoders put U+FFFD where there was something else: such a value is another one than was meant, and never published. */
function tellDamaged<T>(indicators: readonly T[]): {
  readonly whole: readonly T[]
  readonly damaged: readonly Damaged[]
} {
  const damaged: Damaged[] = []
  const whole = indicators.filter((indicator, index) => {
    const { value } = indicator as { readonly value?: unknown }
    if (typeof value !== 'string' || !value.includes('\uFFFD')) return true
    damaged.push({ path: `indicators[${index}].value`, message: `no UTF-8 here: ${value}` })
    return false
  })
  return { whole, damaged }
}

/** A word that lost a letter is still read: whoever reviews the draft is told of the first. */
function* damagedTexts({ title = '', text = '', indicators }: Draft): Generator<ImportWarning> {
  const isDamaged = (words: string): boolean => words.includes('\uFFFD')
  const found = [title, text].find(isDamaged) ?? indicators.find(({ comment = '' }) => isDamaged(comment))?.comment
  if (found !== undefined) yield { code: 'text-damaged', message: `no UTF-8 here: ${found}` }
}

function refusal(code: ImportRefusal['code'], message: string, place: ImportPlace): ImportRefusal {
  return { kind: 'refused', code, message, place }
}

function at(place: ImportPlace, path: string): ImportPlace {
  return { ...place, path: [place.path, path].filter((part) => part !== undefined && part !== '').join('.') }
}

function plain<T extends Imported>(item: T): T {
  return item.kind === 'refused' ? { ...item, message: oneLine(item.message, MAX_MESSAGE) } : item
}
