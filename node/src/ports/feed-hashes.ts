/** Hashes of what is handed out in pieces: written once for its hash and its reader, and not again while nothing changes. */
import { contentHash } from '@tocsin/connectors'
import { createKeptText, type KeptText } from './kept-text.ts'

/** A hash is trusted this long while nothing arrives: indicators expire by the clock. */
const FRESH_MS = 1000
const REMEMBERED = 1024

export interface Hashed {
  readonly hash: string
  /** What it was made of, to be read or given up (`KeptText.body`), unless the hash was known or it was not to be kept. */
  readonly body?: AsyncIterable<string>
}

export interface FeedHashes {
  /** `id` names the text: equal texts for equal ids while `version` stands. */
  of(id: string, write: () => AsyncIterable<string>, options?: { readonly keep?: boolean }): Promise<Hashed>
}

/** @param folder where a long text is kept until it is read */
export function createFeedHashes(version: () => string, now: () => number, folder: string): FeedHashes {
  const hashes = new Map<string, { readonly version: string; readonly at: number; readonly hash: string }>()

  return {
    of: async (id, write, { keep = true } = {}) => {
      const current = version()
      const known = hashes.get(id)
      const time = now()
      if (known !== undefined && known.version === current && Math.abs(time - known.at) < FRESH_MS)
        return { hash: known.hash }
      let text: KeptText | undefined = keep ? createKeptText(folder) : undefined
      async function giveUp(): Promise<void> {
        const had = text
        text = undefined
        await had?.close()
      }
      async function* kept(): AsyncGenerator<string> {
        for await (const piece of write()) {
          // On a disk that is full the text is written a second time instead.
          await text?.add(piece).catch(giveUp)
          yield piece
        }
      }
      let hash: string
      try {
        hash = await contentHash(kept())
      } catch (error) {
        await giveUp()
        throw error
      }
      hashes.set(id, { version: current, at: time, hash })
      if (hashes.size > REMEMBERED) hashes.delete(hashes.keys().next().value ?? '')
      return { hash, ...(text === undefined ? {} : { body: text.body() }) }
    }
  }
}
