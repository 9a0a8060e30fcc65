import { createCollector } from './collector.ts'
import { ExtractError } from './errors.ts'
import type { ExtractContext, Extraction } from './extraction.ts'
import { detectLang } from './lang.ts'
import { reportUnreadLines } from './lists.ts'
import { createMinimisation } from './minimise.ts'
import { makePart } from './part.ts'
import { noteRecipients } from './recipients.ts'
import { scanPart } from './scan.ts'
import { titleOf } from './title.ts'

/** UTF-16 code units; ten thousand lines of indicators are a tenth of it. */
export const MAX_TEXT = 10 * 1024 * 1024

/**
 * Reads a pasted message, in French or English, defanged or not, in time linear in its length. Throws
 * `input-too-large` above 10 MiB and nothing else.
 */
export function extractText(text: string, context: ExtractContext): Extraction {
  if (text.length > MAX_TEXT) {
    throw new ExtractError('input-too-large', 'The text is larger than 10 MiB.', { length: text.length, max: MAX_TEXT })
  }
  const minimisation = createMinimisation(context)
  const collector = createCollector(minimisation)
  const part = makePart('text', text)
  noteRecipients(part, minimisation)
  scanPart(part, collector, minimisation)
  reportUnreadLines(part, collector)
  const { found, refused, leftOut, parts, minimised } = collector.finish([part])
  const shown = parts.text ?? ''
  const title = titleOf(shown, minimisation)
  const lang = detectLang(shown)
  return {
    found,
    refused,
    leftOut,
    text: shown,
    minimisedText: minimised.text ?? '',
    parts,
    minimisedParts: minimised,
    attachments: [],
    ...(title === undefined ? {} : { title }),
    ...(lang === undefined ? {} : { lang })
  }
}
