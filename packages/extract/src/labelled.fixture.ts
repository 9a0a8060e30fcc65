import { readdirSync, readFileSync } from 'node:fs'
import { type IndicatorRole, type IndicatorType, isIndicatorType } from '@tocsin/model'
import type { ExtractContext } from './extraction.ts'

const FOLDER = new URL('../corpus/labelled/', import.meta.url)

/** What a text says, in normal form. */
export interface Label {
  readonly type: IndicatorType
  readonly value: string
  readonly role: IndicatorRole
}

/** A text of the labelled set. What is held back is never looked at while the extractor is tuned. */
export interface LabelledText {
  readonly name: string
  readonly lang: 'fr' | 'en'
  readonly held: boolean
  readonly text: string
  readonly says: readonly Label[]
}

/** Whose mail box the texts were pasted from. */
export const LABELLED_CONTEXT: ExtractContext = {
  ownDomains: ['univ-reims.fr'],
  circleDomains: [
    { domain: 'univ-lorraine.fr', institution: 'Lorraine' },
    { domain: 'uphf.fr', institution: 'Valenciennes' }
  ]
}

/** The labelled set, in the order of its files; corpus/labelled/README.md tells how they are written. */
export function readLabelled(): LabelledText[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))
  return names.sort().flatMap((name) => {
    // The part before the first head is empty.
    const records = readFileSync(new URL(name, FOLDER), 'utf8').split(/^(?=%% (?!says$))/m)
    return records.filter((record) => record !== '').map(readRecord)
  })
}

function readRecord(record: string): LabelledText {
  const parts = /^%% (\S+) (fr|en)( held)?\n(.*)\n%% says\n(.*)$/s.exec(record)
  if (parts === null) throw new Error(`not a record of the labelled set: ${record.slice(0, 60)}`)
  const [, name = '', lang, held, text = '', said = ''] = parts
  const says = said.split('\n').filter((line) => line !== '')
  return { name, lang: lang === 'fr' ? 'fr' : 'en', held: held !== undefined, text, says: says.map(readLabel) }
}

function readLabel(line: string): Label {
  const [, context, type = '', value = ''] = /^(context )?(\S+) (.+)$/.exec(line) ?? []
  if (!isIndicatorType(type)) throw new Error(`not a label of the labelled set: ${line}`)
  return { type, value, role: context === undefined ? 'malicious' : 'context' }
}

/** How often a type was found right, found although no label says it, and missed. */
export interface Tally {
  right: number
  wrong: number
  missing: number
}

/** Type and value of what somebody finds in a text. */
export type Finds = Iterable<{ readonly type: IndicatorType; readonly value: string }>

/** Counts what a reader finds in the texts against their labels, by type. Each pair of type and value counts once a text. */
export function tally(texts: readonly LabelledText[], read: (text: LabelledText) => Finds): Map<IndicatorType, Tally> {
  const tallies = new Map<IndicatorType, Tally>()
  const of = (type: IndicatorType): Tally => {
    const known = tallies.get(type) ?? { right: 0, wrong: 0, missing: 0 }
    tallies.set(type, known)
    return known
  }
  for (const text of texts) {
    const said = new Map(text.says.map((label) => [`${label.type} ${label.value}`, label.type]))
    const found = new Map([...read(text)].map(({ type, value }) => [`${type} ${value}`, type]))
    for (const [key, type] of found) of(type)[said.has(key) ? 'right' : 'wrong'] += 1
    for (const [key, type] of said) if (!found.has(key)) of(type).missing += 1
  }
  return tallies
}

/** Of what was found, the share that was right; 1 where nothing was found. */
export function precisionOf({ right, wrong }: Tally): number {
  return right + wrong === 0 ? 1 : right / (right + wrong)
}

/** Of what was there, the share that was found; 1 where nothing was there. */
export function recallOf({ right, missing }: Tally): number {
  return right + missing === 0 ? 1 : right / (right + missing)
}
