/** May this author open or go on with this stream, by the cards and streams held here? */
import { type DecodedDescriptor, quarterStart, type StreamDescriptor } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import { continueOne } from '@tocsin/trust'
import type { Book } from './book.ts'
import { MAX_INCARNATIONS } from './constants.ts'
import type { AdmitCode } from './errors.ts'
import { Refusal } from './refusal.ts'
import { retentionOf } from './rules.ts'
import type { Streams } from './streams.ts'
import { audienceKey, type Identity, type World } from './types.ts'

interface Door {
  readonly world: World
  readonly identity: Identity
  readonly book: Book
  readonly streams: Streams
}

/** Throws a Refusal: *ignore* in every case, since the sender may know more, or less, than this replica. */
export function judgeAuthor(door: Door, decoded: DecodedDescriptor): void {
  judgeKey(door, decoded)
  if (door.streams.get(decoded.id) !== undefined) return
  judgeAge(door, decoded)
  judgePredecessor(door, decoded)
  judgeIncarnations(door, decoded)
}

function judgeKey(door: Door, { descriptor, id }: DecodedDescriptor): void {
  const fault = keyFault(door, descriptor, id)
  if (fault !== undefined) throw Refusal.ignore(fault)
}

/** Why nothing is taken of this node key at present, by the card of its institution; undefined when it is good. */
export function keyFault(
  { world, identity, book }: Omit<Door, 'streams'>,
  { author, nodeKey }: Pick<StreamDescriptor, 'author' | 'nodeKey'>,
  stream?: StreamId
): AdmitCode | undefined {
  const closing = stream === undefined ? undefined : book.closing(stream)
  if (closing === 'contested') return 'stream-frozen'
  const card = book.card(author)
  const period = card?.nodeKeys.find(({ key }) => key === nodeKey)
  if (author === identity.institution) {
    // What comes back under a key of mine is looked at; anybody can write my name beside a key of his own.
    return period === undefined && nodeKey !== identity.nodeKey && closing === undefined
      ? 'node-key-not-certified'
      : undefined
  }
  if (card === undefined) return 'author-card-unknown'
  if (book.ownerOf(nodeKey) === 'contested') return 'node-key-contested'
  // The root key itself said what is genuine in it.
  if (closing !== undefined) return undefined
  if (period === undefined) return 'node-key-not-certified'
  return period.until !== undefined && period.until <= world.now() ? 'stream-frozen' : undefined
}

function judgeAge({ world, book }: Door, { descriptor }: DecodedDescriptor): void {
  if (isPast(book, descriptor, world.now())) throw Refusal.ignore('overdue')
}

/** Nothing of a stream of so old a quarter can still be inside its keep-until. */
export function isPast(book: Book, { circle, quarter }: StreamDescriptor, now: number): boolean {
  return quarterStart(quarter + 1) + retentionOf(book, circle).maxMs <= now
}

/** Two streams that continue one are a fork as well: both are shown, neither counts until the root key settles it. */
function judgePredecessor({ book, streams }: Door, { descriptor, id }: DecodedDescriptor): void {
  if (descriptor.predecessor === undefined || book.closing(id) !== undefined) return
  for (const held of streams.by(descriptor.author))
    if (book.closing(held.id) === undefined && continueOne(held.descriptor, descriptor))
      throw Refusal.ignore('fork', { twin: held.id })
}

/** Ours as well: a stream that everybody else refuses is of no use. */
export function judgeIncarnations({ streams }: Pick<Door, 'streams'>, { descriptor }: DecodedDescriptor): void {
  let incarnations = 0
  for (const held of streams.by(descriptor.author)) {
    const same = held.descriptor.nodeKey === descriptor.nodeKey && held.descriptor.quarter === descriptor.quarter
    if (same && held.descriptor.kind === descriptor.kind && audienceKey(held.descriptor) === audienceKey(descriptor))
      incarnations += 1
  }
  if (incarnations >= MAX_INCARNATIONS) throw Refusal.ignore('too-many-incarnations')
}
