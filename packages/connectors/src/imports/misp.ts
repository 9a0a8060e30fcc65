import type { Imported, ImportInfo, ImportOptions } from '../import.ts'
import type { JsonPath } from '../json-parts.ts'
import { draftsOf } from '../misp/draft.ts'
import { MAX_PART, mispParts } from '../misp/parts.ts'
import { createEventReader, type EventReader } from '../misp/read-event.ts'
import { isReadType } from '../misp/take.ts'

/**
 * MISP events as MISP exports them and its clients send them: `{"Event":…}`, `{"response":[{"Event":…}]}`,
 * `{"response":{"Event":…}}`, a list of any. An event is a draft, under stricter labels of its attributes several. `to_ids`
 * says what is malicious; composite types are two values; deleted attributes are passed over, and of a sample only its name
 * and hash are taken. An attribute at a time is read, and of the document none but what a draft needs is kept.
 */
export const MISP_EVENTS: ImportInfo = {
  name: 'misp',
  title: { en: 'MISP events', fr: 'Événements MISP' },
  mediaTypes: ['application/json'],
  extensions: ['json'],
  limits: { bytes: 256 * 1024 * 1024, drafts: 1_000, indicators: 250_000 },
  options: [],
  read
}

async function* read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported> {
  let reader: EventReader | undefined
  let count = 0
  let isOther = false
  for await (const parts of mispParts(source)) {
    for (const part of parts) {
      const { path } = part
      const event = path.indexOf('Event')
      if (event < 0) {
        isOther ||= part.kind !== 'end'
        continue
      }
      const inside = path.slice(event + 1)
      if (part.kind === 'end') {
        if (inside.length > 0) continue
        reader ??= createEventReader(isReadType)
        yield* draftsOf(reader.end(), pathText(path), options)
        count += 1
        reader = undefined
        continue
      }
      if (part.kind === 'too-large') {
        const message = `more than ${MAX_PART} bytes`
        yield { kind: 'refused', code: 'source-too-large', message, place: { path: pathText(path) } }
        continue
      }
      reader ??= createEventReader(isReadType)
      const [name, index] = inside
      if (name === 'Attribute' && index !== undefined) reader.attribute(part.value, pathText(path))
      else if (name === 'Object' && index !== undefined) reader.object(part.value, pathText(path))
      else if (typeof name === 'string') reader.member(name, part.value)
    }
  }
  if (isOther && count === 0)
    yield { kind: 'refused', code: 'record-invalid', message: 'no MISP event', place: { path: 'Event' } }
}

function pathText(path: JsonPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}
