/** May this author open or go on with this stream, by the cards and streams held here? */
import { type DecodedDescriptor, quarterStart } from '@tocsin/journal'
import type { Book } from './book.ts'
import { MAX_INCARNATIONS } from './constants.ts'
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

function judgeKey({ world, identity, book }: Door, { descriptor }: DecodedDescriptor): void {
  const { author, nodeKey } = descriptor
  const card = book.card(author)
  const period = card?.nodeKeys.find(({ key }) => key === nodeKey)
  if (author === identity.institution) {
    // What comes back under a key of mine is looked at; anybody can write my name beside a key of his own.
    if (period === undefined && nodeKey !== identity.nodeKey) throw Refusal.ignore('node-key-not-certified')
    return
  }
  if (card === undefined) throw Refusal.ignore('author-card-unknown')
  if (book.ownerOf(nodeKey) === 'contested') throw Refusal.ignore('node-key-contested')
  if (period === undefined) throw Refusal.ignore('node-key-not-certified')
  if (period.until !== undefined && period.until <= world.now()) throw Refusal.ignore('stream-frozen')
}

/** Nothing of a stream of so old a quarter can still be inside its keep-until. */
function judgeAge({ world, book }: Door, { descriptor }: DecodedDescriptor): void {
  const { maxMs } = retentionOf(book, descriptor.circle)
  if (quarterStart(descriptor.quarter + 1) + maxMs <= world.now()) throw Refusal.ignore('overdue')
}

/** Two streams that continue one are a fork as well: both are shown, neither counts until the root key settles it. */
function judgePredecessor({ streams }: Door, { descriptor }: DecodedDescriptor): void {
  const { predecessor, author } = descriptor
  if (predecessor === undefined) return
  for (const held of streams.by(author)) {
    if (held.descriptor.predecessor?.stream === predecessor.stream) throw Refusal.ignore('fork', { twin: held.id })
  }
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
