/** Small rules that admit, publish and the queries share. */
import type { StreamDescriptor } from '@tocsin/journal'
import { concatBytes, institutionKey, sha256, utf8 } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import { keys, type RetractionMark, readRow, type StreamState } from '@tocsin/store'
import type { Book } from './book.ts'
import { DEFAULT_ERASURE_DELAY, DEFAULT_RETENTION } from './constants.ts'
import type { HeldStream } from './streams.ts'
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

export function erasureDelayOf(book: Pick<Book, 'charter'>, circle: CircleId | undefined): number {
  const charter = circle === undefined ? undefined : book.charter(circle)
  return charter?.erasureDelayMs ?? DEFAULT_ERASURE_DELAY
}

/** Who may retract an entry of such a stream: its own author, in the retraction stream of the same audience. 32 bytes. */
export function authorityOf(of: StreamDescriptor): Uint8Array {
  const known = authorities.get(of)
  if (known !== undefined) return known
  const authority = sha256(concatBytes(institutionKey(of.author), utf8(audienceKey(of))))
  authorities.set(of, authority)
  return authority
}

/** Asked for with every bulletin that is looked at; descriptors of held streams stay. */
const authorities = new WeakMap<StreamDescriptor, Uint8Array>()

/** The retraction that names this entry, whether or not it still counts: it excuses a missing body (DESIGN §4). */
export function markOf(get: Get, entry: string, of: StreamDescriptor): RetractionMark | undefined {
  const row = get(keys.retraction(entry, authorityOf(of)))
  return row === undefined ? undefined : readRow<RetractionMark>(row)
}

/** The retraction that takes this entry out of use; none when the retraction itself stands behind a fork's split. */
export function retractionOf(get: Get, entry: string, of: StreamDescriptor): RetractionMark | undefined {
  const mark = markOf(get, entry, of)
  return mark === undefined || isVoid(get, mark.stream, mark.seq) ? undefined : mark
}

/** First sequence number of a stream that counts for nobody: behind a fork's split, or behind its closing (DESIGN §§4, 7). */
export function voidFrom({ forkedAt, closedAt }: StreamState): number {
  const end = closedAt === undefined ? Number.POSITIVE_INFINITY : closedAt + 1
  return Math.min(forkedAt ?? Number.POSITIVE_INFINITY, end)
}

/** True for what counts for nobody, though it is held. */
export function isVoid(get: Get, stream: string, seq: number): boolean {
  const row = get(keys.stream(stream))
  return row !== undefined && seq >= voidFrom(readRow<StreamState>(row))
}

/** A frozen stream is kept and searchable where held, but not exchanged and in no digest (DESIGN §7). */
export function frozen(
  stream: HeldStream,
  book: Book,
  now: number
): 'author-not-member' | 'retired-key' | 'contested-key' | 'contested-closing' | undefined {
  const { author, circle, nodeKey } = stream.descriptor
  if (circle !== undefined && !book.view.isMember(circle, author)) return 'author-not-member'
  if (book.ownerOf(nodeKey) === 'contested') return 'contested-key'
  const closing = book.closing(stream.id)
  if (closing === 'contested') return 'contested-closing'
  // Its root key said where it ends: it stays, and goes to whoever lacks it.
  if (closing !== undefined) return undefined
  const card = book.card(author)
  const period = card?.nodeKeys.find(({ key }) => key === nodeKey)
  if (card !== undefined && period === undefined) return 'retired-key'
  return period?.until !== undefined && period.until <= now ? 'retired-key' : undefined
}
