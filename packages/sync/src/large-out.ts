import { CHUNK, chunkHashes } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import type { Frame, LargeFrame } from './frames.ts'
import type { WireEntry } from './ports.ts'

/** The one large body on its way out. */
export interface LargeOut {
  /** True while a body is on its way, until the peer is done with it: no other may start. */
  busy(): boolean
  /** The stream whose chunks are still being sent. */
  sending(): StreamId | undefined
  start(
    entry: WireEntry & { body: Uint8Array },
    frame: Pick<LargeFrame, 'stream' | 'descriptor' | 'proof'>,
    seq: number
  ): Frame
  /** The next chunk; `sent` moves on behind it and answers the seq when it was the last. */
  next(): Frame | undefined
  sent(): number | undefined
  /** No more chunks: the hop rule says no. The peer still has to be done with it. */
  stop(): void
  /** The peer needs no more of it. False if no such body was ever started. */
  done(id: number): boolean
  /** Bytes held. */
  size(): number
}

export function createLargeOut(): LargeOut {
  let lastId = 0
  let current: { id: number; stream: StreamId; seq: number; body: Uint8Array | undefined; index: number } | undefined
  return {
    busy: () => current !== undefined,
    sending: () => (current?.body === undefined ? undefined : current.stream),
    start({ header, body }, { stream, descriptor, proof }, seq) {
      lastId++
      current = { id: lastId, stream, seq, body, index: 0 }
      return { type: 'large', id: lastId, stream, header, descriptor, proof, chunks: chunkHashes(body) }
    },
    next() {
      if (current?.body === undefined) return undefined
      const start = current.index * CHUNK
      return { type: 'chunk', id: current.id, index: current.index, bytes: current.body.subarray(start, start + CHUNK) }
    },
    sent() {
      if (current?.body === undefined) return undefined
      current.index++
      if (current.index * CHUNK < current.body.length) return undefined
      current.body = undefined
      return current.seq
    },
    stop() {
      if (current !== undefined) current.body = undefined
    },
    done(id) {
      if (id > lastId) return false
      if (id === current?.id) current = undefined
      return true
    },
    size: () => current?.body?.length ?? 0
  }
}
