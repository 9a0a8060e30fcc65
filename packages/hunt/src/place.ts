import { hashNet, MAPPED, readIpv4, readIpv6 } from './address.ts'
import { SIGN } from './bytes.ts'
import { hashBytes, hashName, parentHashes } from './hashes.ts'
import { HAS_LINK, HAS_MAIL, type Hosts, type HuntIndex } from './index-shape.ts'
import { latin1, linkOf } from './link.ts'
import { mark, put, type Table } from './table.ts'
import { HUNTED_TYPES, type HuntedType } from './types.ts'

/** An index while it is made. */
export interface Mutable extends Omit<HuntIndex, 'nets'> {
  nets: { -readonly [K in keyof HuntIndex['nets']]: HuntIndex['nets'][K] }
}

export interface State {
  readonly index: Mutable
  hosts: number
  readonly lengths4: Set<number>
  readonly lengths6: Set<number>
  readonly scratch: Uint32Array
}

/** Puts one indicator where the scanner looks for it. */
export function place(state: State, number: number): void {
  const { index } = state
  const { texts, offsets, seed } = index
  const [start, end] = [offsets[number] as number, offsets[number + 1] as number]
  const type = HUNTED_TYPES[index.types[number] as number] as HuntedType
  if (type === 'domain') chain(index, nameHost(state, start, end), number)
  else if (type === 'email') placeMail(state, number, start, end)
  else if (type === 'url') placeLink(state, number, start, end)
  else if (type === 'ipv4' || type === 'ipv6') chain(index, netHost(state, start, end, -1), number)
  else if (type === 'cidr') {
    const slash = texts.indexOf(SIGN.slash, start)
    chain(index, netHost(state, start, slash, Number(latin1(texts, slash + 1, end))), number)
  } else put(index.hexes, hashBytes(seed, texts, start, end), number)
}

function placeMail(state: State, number: number, start: number, end: number): void {
  const { texts, hosts, mails, seed } = state.index
  const at = texts.lastIndexOf(SIGN.at, end - 1)
  const host = nameHost(state, at + 1, end)
  hosts.flags[host] = (hosts.flags[host] as number) | HAS_MAIL
  put(mails, hashBytes(seed ^ host, texts, start, at), number)
}

function placeLink(state: State, number: number, start: number, end: number): void {
  const { texts, hosts, links, linkEdges, seed } = state.index
  const { hostStart, hostEnd, isAddress, hashFor, edgesFor } = linkOf(texts, start, end)
  const host = isAddress ? netHost(state, hostStart, hostEnd, -1) : nameHost(state, hostStart, hostEnd)
  hosts.flags[host] = (hosts.flags[host] as number) | HAS_LINK
  put(links, hashFor(seed ^ host), number)
  for (const edge of edgesFor(seed ^ host)) mark(linkEdges, edge)
}

function chain(index: Mutable, host: number, number: number): void {
  index.next[number] = index.hosts.first[host] as number
  index.hosts.first[host] = number + 1
}

/** The host of a name in `texts`, made if it is new. */
function nameHost(state: State, start: number, end: number): number {
  const { index } = state
  const hash = hashName(index.seed, index.texts, start, end)
  const known = knownName(index.names, index.hosts, index.texts, hash, start, end)
  if (known >= 0) return known
  const host = state.hosts++
  index.hosts.starts[host] = start
  index.hosts.ends[host] = end
  put(index.names, hash, host)
  for (const parent of parentHashes(index.seed, index.texts, start, end)) mark(index.parents, parent)
  return host
}

function knownName(
  { slots, mask }: Table,
  { starts, ends }: Hosts,
  texts: Uint8Array,
  hash: number,
  start: number,
  end: number
): number {
  for (let at = hash & mask; slots[at * 2 + 1] !== 0; at = (at + 1) & mask) {
    if (slots[at * 2] !== hash) continue
    const host = (slots[at * 2 + 1] as number) - 1
    const [from, to] = [starts[host] as number, ends[host] as number]
    if (to - from !== end - start) continue
    if (Buffer.compare(texts.subarray(from, to), texts.subarray(start, end)) === 0) return host
  }
  return -1
}

/** The host of an address or range in `texts`, made if it is new; `prefix` is -1 for one address. */
function netHost(state: State, start: number, end: number, prefix: number): number {
  const { index, scratch: words } = state
  const { nets, texts } = index
  const isFour = readIpv4(texts, start, end, words)
  if (isFour) words.set([0, 0, MAPPED])
  else if (!readIpv6(texts, start, end, words)) throw new RangeError('an address that is not in normal form')
  const length = prefix < 0 ? 128 : isFour ? 96 + prefix : prefix
  const hash = hashNet(index.seed, words, length)
  const { slots, mask } = nets.table
  for (let at = hash & mask; slots[at * 2 + 1] !== 0; at = (at + 1) & mask) {
    const host = (slots[at * 2 + 1] as number) - 1
    if (
      slots[at * 2] === hash &&
      nets.lengths[host] === length &&
      words.every((word, i) => word === nets.words[host * 4 + i])
    )
      return host
  }
  const host = state.hosts++
  nets.words.set(words, host * 4)
  nets.lengths[host] = length
  put(nets.table, hash, host)
  if (!isFour) nets.any6 = true
  if (prefix < 0) return host
  ;(isFour ? state.lengths4 : state.lengths6).add(length)
  if (isFour) {
    const first = (words[3] as number) >>> 16
    const blocks = prefix >= 16 ? 1 : 2 ** (16 - prefix)
    for (let block = first; block < first + blocks; block += 1)
      nets.near[block >>> 5] = (nets.near[block >>> 5] as number) | (1 << (block & 31))
  }
  return host
}
