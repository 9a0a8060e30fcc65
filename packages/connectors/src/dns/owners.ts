/** The owners of a zone, up to some million of them, as bytes of many lines: a text each would weigh five times as much. */
import { createHash } from 'node:crypto'

/** Owners relative to the zone, no two alike, in the order of the feed. Never changes. */
export interface OwnerList {
  readonly count: number
  /** Hex; equal exactly if the owners are. */
  readonly hash: string
  /** Each some hundred owners in ASCII, every one ended by a line feed. */
  readonly chunks: readonly Buffer[]
}

/** What became of a zone between two serials. */
export interface OwnerChange {
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

const CHUNK = 16_384

/** Gathers owners that come some at a time. */
export async function gatherOwners(source: AsyncIterable<Iterable<string>>): Promise<OwnerList> {
  const hash = createHash('sha256')
  const chunks: Buffer[] = []
  let count = 0
  let some: string[] = []
  let length = 0
  const close = () => {
    const chunk = Buffer.from(`${some.join('\n')}\n`, 'latin1')
    hash.update(chunk)
    chunks.push(chunk)
    some = []
    length = 0
  }
  for await (const owners of source) {
    for (const owner of owners) {
      some.push(owner)
      length += owner.length + 1
      count += 1
      if (length >= CHUNK) close()
    }
  }
  if (some.length > 0) close()
  return { count, hash: hash.digest('hex'), chunks }
}

export function* eachOwner({ chunks }: Pick<OwnerList, 'chunks'>): Generator<string> {
  for (const chunk of chunks) {
    const text = chunk.toString('latin1')
    for (let start = 0; start < text.length; ) {
      const end = text.indexOf('\n', start)
      yield text.slice(start, end)
      start = end + 1
    }
  }
}

/**
 * What must be taken from `old` and put to it to have `fresh`; undefined if that is more than `most` owners. Both are
 * in the order of the feed, so what they begin and end with alike is passed over by whole chunks. Others get their
 * turn in between.
 */
export async function changeOf(old: OwnerList, fresh: OwnerList, most: number): Promise<OwnerChange | undefined> {
  if (Math.abs(old.count - fresh.count) > most) return undefined
  let first = 0
  while (isSame(old.chunks[first], fresh.chunks[first])) first += 1
  const left = new Set<string>()
  const added: string[] = []
  const [olds, news] = [old, fresh].map(({ chunks }) => chunks.slice(first)) as [Buffer[], Buffer[]]
  // Chunk by chunk of both: what meets its like leaves again, so that the set holds little more than the difference.
  const fresher = new Set<string>()
  for (let at = 0; at < Math.max(olds.length, news.length); at += 1) {
    for (const owner of eachOwner({ chunks: olds.slice(at, at + 1) })) if (!fresher.delete(owner)) left.add(owner)
    for (const owner of eachOwner({ chunks: news.slice(at, at + 1) })) if (!left.delete(owner)) fresher.add(owner)
    if (at % 16 === 15) await new Promise((resolve) => setImmediate(resolve))
  }
  added.push(...fresher)
  if (left.size + added.length > most) return undefined
  return { removed: [...left], added }
}

function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a !== undefined && b !== undefined && a.equals(b)
}
