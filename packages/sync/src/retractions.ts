import type { StreamDescriptor } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'

/** Retraction streams whose hop was refused: until they are here nothing of the same author and audience comes in. */
export interface Retractions {
  /** The hop of this stream was refused, of whatever kind it is. */
  refused(stream: StreamId, descriptor: StreamDescriptor): void
  /** The refused retraction stream that belongs before this log. */
  before(log: StreamDescriptor): StreamId | undefined
}

export function createRetractions(): Retractions {
  // By author and audience.
  const streams = new Map<string, StreamId>()
  return {
    refused(stream, descriptor) {
      if (descriptor.kind !== 'retraction') return
      if (streams.size >= 1024) streams.clear()
      streams.set(groupOf(descriptor), stream)
    },
    before: (log) => (log.kind === 'log' ? streams.get(groupOf(log)) : undefined)
  }
}

function groupOf({ author, tlp, circle, recipient }: StreamDescriptor): string {
  return `${author}|${tlp}|${circle ?? recipient ?? ''}`
}
