/** Texts to extract from: messages of prose with one text of the labelled set in each, and inputs made to be slow. */
import type { LabelledText } from '../../../packages/extract/src/labelled.fixture.ts'
import { createRandom } from '../data.ts'

/** Characters of prose around each text that says something: an incident mail with its quotations, or a page of a report. */
const PROSE = 4_000

/** As many messages as make `bytes` (UTF-8), in batches of about a megabyte. The same seed, the same messages. */
export function* mixedMessages(
  seed: number,
  bytes: number,
  set: readonly LabelledText[]
): Generator<readonly string[]> {
  const random = createRandom(seed)
  const pick = (texts: readonly string[]): string => texts[Math.floor(random() * texts.length)] ?? ''
  const prose = set.filter(({ says }) => says.length === 0).map(({ text }) => text)
  const reports = set.filter(({ says }) => says.length > 0).map(({ text }) => text)
  let left = bytes
  while (left > 0) {
    const batch: string[] = []
    for (let size = 0; size < 1e6 && left > 0; ) {
      const parts = [pick(reports)]
      for (let length = 0; length < PROSE; ) {
        const part = pick(prose)
        length += part.length
        if (random() < 0.5) parts.push(part)
        else parts.unshift(part)
      }
      const message = parts.join('\n\n')
      batch.push(message)
      size += Buffer.byteLength(message)
      left -= Buffer.byteLength(message)
    }
    yield batch
  }
}

/** What somebody would send who wants a reader of patterns to look back again and again. */
export const HOSTILE: Readonly<Record<string, string>> = {
  dots: '.',
  digits: '7',
  'digits and dots': '1.',
  colons: ':',
  'hexadecimal digits': 'deadbeef',
  'at signs': 'a@',
  'open brackets': '[',
  'defanged dots': 'a[.]',
  'cut schemes': 'hxxp://',
  'links after commas': 'http://a.b/,',
  backslashes: 'HKLM\\a',
  'labels without values': 'login:\n',
  'closing words': 'Cordialement,\n',
  'name after name': 'a-1 point fr '
}
