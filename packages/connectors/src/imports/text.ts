import { createHash } from 'node:crypto'
import { extractText } from '@tocsin/extract'
import { draftOf, leftOutWarnings, refusalsOf } from '../extracted.ts'
import type { Imported, ImportInfo, ImportOptions } from '../import.ts'
import { labelsForText } from '../import-labels.ts'
import { textOf } from '../import-source.ts'

/**
 * A message as a person wrote it, in French or English, defanged in any usual way: one draft. Labels in the text count
 * (`TLP:AMBER / PAP:GREEN`). The same text is the same item, whatever its line ends.
 */
export const TEXT: ImportInfo = {
  name: 'text',
  title: { en: 'Message as plain text', fr: 'Message en texte brut' },
  mediaTypes: ['text/plain', 'text/markdown'],
  extensions: ['txt', 'md'],
  limits: { bytes: 10 * 1024 * 1024, drafts: 25, indicators: 100_000 },
  options: ['charset'],
  read
}

// A first line of labels alone is no title; blanks keep the places of all that follows.
const LABELS_ALONE = /^(?:[\s/,;|-]{0,4}(?:tlp|pap)[ \t]{0,3}:[ \t]{0,3}[a-z+]{1,20}){1,4}[ \t]{0,9}(?=\n|$)/i

async function* read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported> {
  const text = (await textOf(source)).replace(/\r\n?/g, '\n')
  const place = { line: 1, offset: 0 }
  const labels = labelsForText(text, options.labels)
  if (!labels.ok) {
    yield { kind: 'refused', code: labels.code, message: labels.message, place }
    return
  }
  const said = extractText(
    text.replace(LABELS_ALONE, (line) => ' '.repeat(line.length)),
    options.context
  )
  yield* refusalsOf(said)
  yield {
    kind: 'draft',
    draft: draftOf(said, labels.labels, options.labels),
    key: `text-sha256:${createHash('sha256').update(text.trim()).digest('hex')}`,
    reference: 'message as plain text',
    place,
    warnings: [...labels.warnings, ...leftOutWarnings(said)]
  }
}
