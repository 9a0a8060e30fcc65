import { bodyHashOfChunks, CHUNK, type DecodedDescriptor, equalBytes, type SignedHeader, sha256 } from '@tocsin/journal'
import { LIVE_BODY } from './constants.ts'
import { SyncError } from './errors.ts'
import type { LargeFrame } from './frames.ts'

/** A large body that is complete, chunk by chunk as its list says. */
export interface Assembled {
  readonly frame: LargeFrame
  readonly stream: DecodedDescriptor
  readonly signed: SignedHeader
  readonly body: Uint8Array
}

/** The one large body on its way in. */
export interface LargeIn {
  /** Throws `large-overlap`, or `bad-batch` where the list is not that of the header's body. */
  announce(frame: LargeFrame, signed: SignedHeader): void
  /** Takes the body of what was announced; without it, its chunks are let pass. */
  begin(frame: LargeFrame, stream: DecodedDescriptor, signed: SignedHeader): void
  /** Throws `chunk-mismatch`, or `unexpected-frame` for a body never announced. Answers the body with its last chunk. */
  chunk(id: number, index: number, bytes: Uint8Array): Assembled | undefined
  /** The world is done with it, or it is not needed. */
  settle(id: number): void
  /** Id of the body being taken from this stream. */
  taking(stream: string): number | undefined
  size(): number
}

export function createLargeIn(): LargeIn {
  let lastId = 0
  let busy = false
  let current: (Assembled & { next: number }) | undefined
  return {
    announce(frame, { header }) {
      if (busy) throw new SyncError('large-overlap', 'A large body is on its way already.')
      if (frame.id !== lastId + 1) throw new SyncError('unexpected-frame', 'Large bodies are counted from 1.')
      const chunks = Math.ceil(header.bodyLength / CHUNK)
      const isList = frame.chunks.length === 32 * chunks && bodyHashOfChunks(frame.chunks) === header.bodyHash
      if (!isList || header.bodyLength <= LIVE_BODY)
        throw new SyncError('bad-batch', 'The chunk list is not the body’s.')
      lastId = frame.id
      busy = true
    },
    begin(frame, stream, signed) {
      current = { frame, stream, signed, body: new Uint8Array(signed.header.bodyLength), next: 0 }
    },
    chunk(id, index, bytes) {
      if (id > lastId) throw new SyncError('unexpected-frame', 'A chunk of a body that was not announced.')
      // Sent before our large-done arrived.
      if (current === undefined || id !== current.frame.id) return undefined
      const { frame, stream, signed, body } = current
      const start = index * CHUNK
      const isDue = index === current.next && bytes.length === Math.min(CHUNK, body.length - start)
      if (!isDue || !equalBytes(sha256(bytes), frame.chunks.subarray(index * 32, index * 32 + 32))) {
        throw new SyncError('chunk-mismatch', 'A chunk is not the one its list names.', { index })
      }
      body.set(bytes, start)
      current.next++
      if (start + bytes.length < body.length) return undefined
      current = undefined
      return { frame, stream, signed, body }
    },
    settle(id) {
      if (id !== lastId) return
      busy = false
      current = undefined
    },
    taking: (stream) => (current?.frame.stream === stream ? current.frame.id : undefined),
    size: () => current?.body.length ?? 0
  }
}
