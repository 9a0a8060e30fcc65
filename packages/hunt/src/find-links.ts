import { CLASS, DIGIT, SIGN, WORD } from './bytes.ts'
import type { Hit, HuntIndex } from './index-shape.ts'
import { EDGES, ENDS, isSlash, latin1, linkOf, portOf, startOf } from './link.ts'
import { finish, mayHold, PRIME } from './table.ts'

/** Longest rest of a link that is looked at: more than the longest URL of a bulletin. */
const LONGEST = 4096
/** Longest scheme that the model knows, with room. */
const LONGEST_SCHEME = 8

/**
 * Finds the URLs of a host, which stands from `start` to `end`, by what stands behind it. A host alone is no link: two
 * slashes stand before it, or one behind it. Returns how many bytes behind the host were read.
 */
export function findLinks(
  index: HuntIndex,
  bytes: Uint8Array,
  least: number,
  host: number,
  start: number,
  end: number,
  hit: Hit
): number {
  let begin = start
  let at = end
  if (bytes[at] === SIGN.close) {
    at += 1
    begin -= 1
  }
  const given = readPort(bytes, at)
  if (given?.port === -1) return 0
  const scheme = schemeBefore(bytes, begin, least)
  if (given !== undefined) at = given.end
  if (scheme === undefined && !isSlash(bytes, at)) return 0
  if (scheme !== undefined) begin = scheme.start
  const port = given === undefined ? 0 : portOf(scheme?.name, given.port)

  const { slots, mask } = index.links
  const seed = index.seed ^ host
  let hash = startOf(seed, port)
  // `http://x?q` is `http://x/?q`, and `http://x` is `http://x/`.
  if (!isSlash(bytes, at)) hash = Math.imul(hash ^ SIGN.slash, PRIME)
  let isEdge = !isSlash(bytes, at)
  if (isEdge && bytes[at] !== SIGN.question && bytes[at] !== SIGN.hash) {
    look(finish(hash), at)
    return at - end
  }
  for (const stop = at + LONGEST; at <= stop; at += 1) {
    const place = at
    if (bytes[at] === SIGN.backslash && bytes[at + 1] === SIGN.slash) at += 1
    const byte = bytes[at] as number
    const isEnd = ENDS[byte] === 1
    const isBorder = isEdge || EDGES[byte] === 1
    if (isBorder || isEnd || (byte === SIGN.dot && ENDS[bytes[at + 1] as number] === 1 && !isSlash(bytes, at + 1))) {
      const finished = finish(hash)
      look(finished, place)
      // Where no link of this host goes on, nothing behind can be one: hostile text is not read over and over.
      if (isEnd || (isBorder && !mayHold(index.linkEdges, finished))) return at - end
    }
    isEdge = EDGES[byte] === 1
    hash = Math.imul(hash ^ byte, PRIME)
  }
  return at - end

  function look(finished: number, to: number): void {
    if (!mayHold(index.links, finished)) return
    for (let place = finished & mask; slots[place * 2 + 1] !== 0; place = (place + 1) & mask) {
      if (slots[place * 2] !== finished) continue
      const number = (slots[place * 2 + 1] as number) - 1
      const [from, last] = [index.offsets[number] as number, index.offsets[number + 1] as number]
      if (linkOf(index.texts, from, last).hashFor(seed) === finished) hit(number, begin, to)
    }
  }
}

/** The port behind a host; -1 for a number that is too long to be one. */
function readPort(bytes: Uint8Array, at: number): { port: number; end: number } | undefined {
  if (bytes[at] !== SIGN.colon) return undefined
  let port = 0
  let end = at + 1
  for (; end - at <= 5 && ((CLASS[bytes[end] as number] as number) & DIGIT) !== 0; end += 1)
    port = port * 10 + (bytes[end] as number) - 0x30
  if (end === at + 1) return undefined
  return { port: end - at > 5 && ((CLASS[bytes[end] as number] as number) & DIGIT) !== 0 ? -1 : port, end }
}

/** The scheme whose two slashes, plain or escaped, stand right before `at`. */
function schemeBefore(bytes: Uint8Array, at: number, least: number): { name: string; start: number } | undefined {
  let from = at
  for (let slash = 0; slash < 2; slash += 1) {
    if (from - 1 < least || bytes[from - 1] !== SIGN.slash) return undefined
    from -= 1
    if (from - 1 >= least && bytes[from - 1] === SIGN.backslash) from -= 1
  }
  if (from - 1 < least || bytes[from - 1] !== SIGN.colon) return { name: '', start: at }
  from -= 1
  const end = from
  while (from > least && end - from < LONGEST_SCHEME && ((CLASS[bytes[from - 1] as number] as number) & WORD) !== 0)
    from -= 1
  return { name: latin1(bytes, from, end).toLowerCase(), start: from }
}
