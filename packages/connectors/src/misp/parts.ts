import { bounded, ImportCut } from '../import-source.ts'
import { type JsonPart, type JsonPath, jsonParts } from '../json-parts.ts'
import { said } from './fields.ts'

/** Of one attribute, with the sample that it may carry in base64; what is larger is passed over. */
export const MAX_PART = 16 * 1024 * 1024

/** How a list or object of the document is called that holds others. */
const LISTS: ReadonlySet<string | number> = new Set(['Attribute', 'Object'])

/** A document of events: members of each, and its attributes and objects one by one. Throws ImportCut. */
export function mispParts(source: AsyncIterable<Uint8Array>): AsyncGenerator<readonly JsonPart[]> {
  return jsonParts(source, { opens, most: MAX_PART })
}

/** The way to an event and to its lists; everything else is one part. */
function opens(path: JsonPath): boolean {
  const event = path.indexOf('Event')
  if (event < 0) return path.length <= 3 && path.every((step) => typeof step === 'number' || step === 'response')
  return path.length === event + 1 || (path.length === event + 2 && LISTS.has(path[event + 1] ?? ''))
}

/** What one event says of itself, as it is written there. */
export interface MispEventSaid {
  readonly uuid?: string
  /** s since the epoch. */
  readonly timestamp?: string
}

/** Reads all of a document of one event, at most `most` bytes, for its uuid and time; undefined where it is none. */
export async function mispEventSaid(
  source: AsyncIterable<Uint8Array>,
  most: number
): Promise<MispEventSaid | undefined> {
  const members: Record<string, unknown> = {}
  let events = 0
  try {
    for await (const parts of mispParts(bounded(source, most)))
      for (const part of parts) {
        const event = part.path.indexOf('Event')
        const [name, ...deeper] = event < 0 ? [] : part.path.slice(event + 1)
        if (event >= 0 && name === undefined && part.kind === 'end') events += 1
        if (part.kind !== 'value' || deeper.length > 0) continue
        if (name === 'uuid' || name === 'timestamp') members[name] = part.value
      }
  } catch (error) {
    if (error instanceof ImportCut) return undefined
    throw error
  }
  if (events !== 1) return undefined
  const [uuid, timestamp] = [said(members, 'uuid'), said(members, 'timestamp')]
  return { ...(uuid === undefined ? {} : { uuid }), ...(timestamp === undefined ? {} : { timestamp }) }
}
