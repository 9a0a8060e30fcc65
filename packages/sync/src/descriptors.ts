import {
  createBoundedCache,
  type DecodedDescriptor,
  decodeDescriptor,
  equalBytes,
  institutionKey
} from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import { MAX_DESCRIPTORS } from './constants.ts'
import type { Desk } from './desk.ts'
import { SyncError } from './errors.ts'

/** Where the author's root key stands in a descriptor (journal/stream.ts): asked of every row, so nothing is decoded for it. */
const AUTHOR_AT = 1

/** The descriptors of streams that come in: those the replica holds, and the last ones that the peer showed. */
export interface Descriptors {
  holds(stream: StreamId): boolean
  of(stream: StreamId): DecodedDescriptor | undefined
  /** Reads what came with a batch; throws `bad-batch` unless it is the descriptor of this stream. */
  learn(bytes: Uint8Array, stream: StreamId): DecodedDescriptor
  /** True if we are the author of a stream that we hold. */
  isOwn(stream: StreamId): boolean
}

export function createDescriptors(desk: Pick<Desk, 'replica'>): Descriptors {
  const seen = createBoundedCache<StreamId, DecodedDescriptor>(MAX_DESCRIPTORS)
  let ownKey: Uint8Array | undefined
  return {
    holds: (stream) => seen.get(stream) !== undefined || desk.replica.descriptor(stream) !== undefined,
    of(stream) {
      const known = seen.get(stream)
      if (known !== undefined) return known
      const bytes = desk.replica.descriptor(stream)
      if (bytes === undefined) return undefined
      const decoded = decodeDescriptor(bytes)
      seen.set(stream, decoded)
      return decoded
    },
    learn(bytes, stream) {
      const decoded = read(bytes)
      if (decoded.id !== stream) throw new SyncError('bad-batch', 'A descriptor is that of another stream.')
      seen.set(stream, decoded)
      return decoded
    },
    isOwn(stream) {
      const author = desk.replica.descriptor(stream)?.subarray(AUTHOR_AT, AUTHOR_AT + 32)
      ownKey ??= institutionKey(desk.replica.self().institution)
      return author !== undefined && equalBytes(author, ownKey)
    }
  }
}

function read(bytes: Uint8Array): DecodedDescriptor {
  try {
    return decodeDescriptor(bytes)
  } catch {
    throw new SyncError('bad-batch', 'A descriptor cannot be read.')
  }
}
