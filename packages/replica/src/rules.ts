/** Small rules that admit, publish and the queries share. */
import type { StreamDescriptor } from '@tocsin/journal'
import { institutionKey } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import { keys, type RetractionMark, readRow } from '@tocsin/store'
import type { Book } from './book.ts'
import { DEFAULT_ERASURE_DELAY, DEFAULT_RETENTION } from './constants.ts'
import type { HeldStream, Streams } from './streams.ts'
import { audienceKey } from './types.ts'

type Get = (key: Uint8Array) => Uint8Array | undefined

/** Bounds of keep-until for a stream, as its charter says or, without circle, as the protocol does (DESIGN §4). */
export function retentionOf(
  book: Book,
  circle: CircleId | undefined
): { minMs: number; maxMs: number; defaultMs: number } {
  const charter = circle === undefined ? undefined : book.charter(circle)
  return charter?.retention ?? DEFAULT_RETENTION
}

export function erasureDelayOf(book: Book, circle: CircleId | undefined): number {
  const charter = circle === undefined ? undefined : book.charter(circle)
  return charter?.erasureDelayMs ?? DEFAULT_ERASURE_DELAY
}

/** The retraction that takes this entry out of use: by its own author, in the retraction stream of the same audience. */
export function retractionOf(
  get: Get,
  streams: Streams,
  entry: string,
  of: StreamDescriptor
): RetractionMark | undefined {
  const row = get(keys.retraction(entry, institutionKey(of.author)))
  if (row === undefined) return undefined
  const mark = readRow<RetractionMark>(row)
  const stream = streams.get(mark.stream as never)
  if (stream === undefined || audienceKey(stream.descriptor) !== audienceKey(of)) return undefined
  return mark
}

/** A frozen stream is kept and searchable where held, but not exchanged and in no digest (DESIGN §7). */
export function frozen(
  stream: HeldStream,
  book: Book,
  now: number
): 'author-not-member' | 'retired-key' | 'contested-key' | undefined {
  const { author, circle, nodeKey } = stream.descriptor
  if (circle !== undefined && !book.view.isMember(circle, author)) return 'author-not-member'
  if (book.ownerOf(nodeKey) === 'contested') return 'contested-key'
  const period = book.card(author)?.nodeKeys.find(({ key }) => key === nodeKey)
  if (period?.until !== undefined && period.until <= now) return 'retired-key'
  return undefined
}
