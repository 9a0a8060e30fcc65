import { readdirSync, readFileSync } from 'node:fs'
import { type IndicatorRole, type IndicatorType, isIndicatorType } from '@tocsin/model'

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
