import { randomInt } from 'node:crypto'
import type { HuntIndex } from './index-shape.ts'
import { type Mutable, place, type State } from './place.ts'
import { createFilter, createTable } from './table.ts'
import { DIGITS, HUNTED_TYPES, type HuntedType } from './types.ts'

/** Takes indicators one by one, in normal form, and makes the index of them. */
export interface IndexBuilder {
  /** Adds one value and returns its number: 0, 1, 2 … Values need not be distinct. */
  add(type: HuntedType, value: string): number
  /** The index; the builder is spent. */
  build(): HuntIndex
}

const CODE = Object.fromEntries(HUNTED_TYPES.map((type, code) => [type, code])) as Readonly<Record<HuntedType, number>>

/** @param seed start of every hash; only tests and measurements give one */
export function createIndexBuilder(seed: number = randomInt(2 ** 32)): IndexBuilder {
  let texts = Buffer.allocUnsafe(1 << 16)
  let used = 0
  let offsets = new Uint32Array(1 << 10)
  let types = new Uint8Array(1 << 10)
  let count = 0
  return {
    add(type, value) {
      const most = value.length * 3
      if (used + most > texts.length) texts = Buffer.concat([texts], Math.max(texts.length * 2, used + most))
      if (count + 2 > offsets.length) {
        offsets = grown(offsets, new Uint32Array(offsets.length * 2))
        types = grown(types, new Uint8Array(types.length * 2))
      }
      types[count] = CODE[type]
      used += texts.write(value, used)
      count += 1
      offsets[count] = used
      return count - 1
    },
    build: () => indexOf(seed, types.slice(0, count), texts.subarray(0, used), offsets.slice(0, count + 1))
  }
}

function grown<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from)
  return to
}

function indexOf(seed: number, types: Uint8Array, texts: Buffer, offsets: Uint32Array): HuntIndex {
  const count = types.length
  const perType = HUNTED_TYPES.map(() => 0)
  for (const type of types) perType[type] = (perType[type] as number) + 1
  const of = (...wanted: readonly HuntedType[]): number =>
    wanted.reduce((sum, type) => sum + (perType[CODE[type]] as number), 0)
  const most = of('domain', 'url', 'email', 'ipv4', 'ipv6', 'cidr')
  const hosts = {
    starts: new Uint32Array(most),
    ends: new Uint32Array(most),
    first: new Uint32Array(most),
    flags: new Uint8Array(most)
  }
  const index: Mutable = {
    seed,
    types,
    texts,
    offsets,
    next: new Uint32Array(count),
    hosts,
    names: createTable(of('domain', 'url', 'email')),
    parents: createFilter(of('domain', 'url', 'email')),
    nets: {
      table: createTable(of('ipv4', 'ipv6', 'cidr', 'url')),
      words: new Uint32Array(most * 4),
      lengths: new Uint8Array(most),
      near: new Uint32Array(2 ** 11),
      lengths4: new Uint8Array(),
      lengths6: new Uint8Array(),
      any6: false
    },
    hexes: createTable(HUNTED_TYPES.reduce((sum, type) => sum + (DIGITS[type] === undefined ? 0 : of(type)), 0)),
    links: createTable(of('url')),
    linkEdges: createFilter(of('url') * 2),
    mails: createTable(of('email'))
  }
  const state: State = { index, hosts: 0, lengths4: new Set(), lengths6: new Set(), scratch: new Uint32Array(4) }
  for (let number = 0; number < count; number += 1) place(state, number)
  index.nets.lengths4 = Uint8Array.from([...state.lengths4].sort((a, b) => b - a))
  index.nets.lengths6 = Uint8Array.from([...state.lengths6].sort((a, b) => b - a))
  return index
}
