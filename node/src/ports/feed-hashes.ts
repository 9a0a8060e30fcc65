/** Hashes of what is handed out in pieces: written once for its hash and its reader, and not again while nothing changes. */
import { contentHash } from '@tocsin/connectors'

/** A hash is trusted this long while nothing arrives: indicators expire by the clock. */
const FRESH_MS = 1000
/** A text of at most so many UTF-16 units is written once for its hash and its reader; a larger one twice. */
const KEPT_AT_MOST = 48 * 1024 * 1024
const REMEMBERED = 1024

export interface Hashed {
  readonly hash: string
  /** What it was made of, unless the hash was known or they are too much to keep. */
  readonly pieces?: readonly string[]
}

export interface FeedHashes {
  /** `id` names the text: equal texts for equal ids while `version` stands. */
  of(id: string, write: () => AsyncIterable<string>): Promise<Hashed>
}

export function createFeedHashes(version: () => string, now: () => number): FeedHashes {
  const hashes = new Map<string, { readonly version: string; readonly at: number; readonly hash: string }>()

  return {
    of: async (id, write) => {
      const current = version()
      const known = hashes.get(id)
      const time = now()
      if (known !== undefined && known.version === current && Math.abs(time - known.at) < FRESH_MS)
        return { hash: known.hash }
      let pieces: string[] | undefined = []
      let length = 0
      async function* kept(): AsyncGenerator<string> {
        for await (const piece of write()) {
          length += piece.length
          if (length > KEPT_AT_MOST) pieces = undefined
          pieces?.push(piece)
          yield piece
        }
      }
      const hash = await contentHash(kept())
      hashes.set(id, { version: current, at: time, hash })
      if (hashes.size > REMEMBERED) hashes.delete(hashes.keys().next().value ?? '')
      return { hash, ...(pieces === undefined ? {} : { pieces }) }
    }
  }
}

export async function* each(pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces
}
