/**
 * Where the rows of values stand, in memory: 14 bytes a row, so that a look-up goes straight to its rows and one for what
 * is nowhere goes to none. It tells too much at times (a third of a hash stands for the value, and what was erased is not
 * taken out) and never too little; the rows themselves are asked in the end.
 */
import { randomInt } from 'node:crypto'
import type { Operation } from './overlay.ts'

export interface Place {
  readonly arrival: number
  readonly index: number
}

export interface Places {
  /** Takes in a row's key; what is no key of a value, a sighting or a disabling is left alone. */
  add(key: Uint8Array): void
  /** The same of everything that a batch wrote. */
  note(operations: readonly Operation[]): void
  /** Where rows of exactly this part may stand, in order; undefined where they are too many to remember. */
  of(part: Uint8Array): readonly Place[] | undefined
  /** False only if no row's key begins with this. */
  mayHold(beginning: Uint8Array): boolean
  /** False only if no row is of a part that begins with this one and is longer. */
  mayHoldBelow(part: Uint8Array): boolean
  /** Rows and zones remembered. */
  readonly size: number
}

/** First bytes of keys (keyspace.ts). */
const VALUE = 'v'.charCodeAt(0)
const SIGHTING = 'g'.charCodeAt(0)
const DISABLING = 'z'.charCodeAt(0)
const LOADED: ReadonlySet<number> = new Set([VALUE, SIGHTING, DISABLING])

/** v type1 part 00 arrival8 n2. */
const BEFORE_PART = 2
const AFTER_PART = 11
/** g uuid16 author32, z target32 author32. */
const SIGHTINGS_OF = 49
const DISABLINGS_OF = 65

/** Shards, so that no growth of one moves more than a few thousand rows at a time. */
const SHARDS = 256
const FIRST_SLOTS = 64
/** Rows of one value that are remembered one by one; of more, only that there are some. */
const MOST_ROWS = 64
/** Stand for an arrival: rows begin like this, and rows of this value are too many. */
const BEGINS = -1
const MANY = -2

const ANY = (): boolean => true
const BELOW = (arrival: number): boolean => arrival === BEGINS
const EXACT = (arrival: number): boolean => arrival !== BEGINS

interface Shard {
  /** 0 for a free slot. */
  marks: Uint32Array
  arrivals: Float64Array
  indexes: Uint16Array
  used: number
}

export function createPlaces(): Places {
  const shards = Array.from({ length: SHARDS }, () => shardOf(FIRST_SLOTS))
  // Whoever chooses values shall not choose where they meet.
  const seed = randomInt(2 ** 32 - 1) | 0
  let size = 0

  /** Never 0, which is a free slot. */
  function mix(bits: number): number {
    const mixed = Math.imul(bits ^ seed, 0x9e3779b1)
    return (mixed ^ (mixed >>> 15)) >>> 0 || 1
  }

  /** For a part that ends at `end`: the first half of its last eight bytes, which are a hash, and its type. */
  function markOf(bytes: Uint8Array, end: number, type: number): number {
    return mix(word(bytes, end - 8) ^ Math.imul(type, 0x85ebca6b))
  }

  /** For a row that is named by two ids, random at their beginning and in their middle. */
  function markOfTwo(key: Uint8Array, other: number): number {
    return mix(word(key, 1) ^ word(key, other + 8) ^ Math.imul(key[0] ?? 0, 0xc2b2ae35))
  }

  function put(mark: number, arrival: number, index: number): void {
    const shard = shards[mark % SHARDS] as Shard
    const { marks, arrivals, indexes } = shard
    const mask = marks.length - 1
    let rows = 0
    let slot = slotOf(mark, mask)
    for (; marks[slot] !== 0; slot = (slot + 1) & mask) {
      if (marks[slot] !== mark) continue
      const there = arrivals[slot] ?? 0
      if (arrival === BEGINS ? there === BEGINS : there === MANY || (there === arrival && indexes[slot] === index))
        return
      if (arrival !== BEGINS && there !== BEGINS) {
        rows += 1
        if (rows < MOST_ROWS) continue
        arrivals[slot] = MANY
        return
      }
    }
    marks[slot] = mark
    arrivals[slot] = arrival
    indexes[slot] = index
    size += 1
    shard.used += 1
    if (shard.used > 0.7 * marks.length) grow(shard)
  }

  function add(key: Uint8Array): void {
    if (key[0] === VALUE) {
      const end = key.length - AFTER_PART
      if (end < BEFORE_PART + 16) return
      // What lies below a zone begins like it.
      for (let zone = BEFORE_PART + 16; zone < end; zone += 8) put(markOf(key, zone, key[1] ?? 0), BEGINS, 0)
      put(
        markOf(key, end, key[1] ?? 0),
        arrivalIn(key, end + 1),
        ((key[key.length - 2] ?? 0) << 8) | (key[key.length - 1] ?? 0)
      )
    } else if (key[0] === SIGHTING) put(markOfTwo(key, 17), BEGINS, 0)
    else if (key[0] === DISABLING) put(markOfTwo(key, 33), BEGINS, 0)
  }

  function holds(mark: number, accept: (arrival: number) => boolean): boolean {
    const { marks, arrivals } = shards[mark % SHARDS] as Shard
    const mask = marks.length - 1
    for (let slot = slotOf(mark, mask); marks[slot] !== 0; slot = (slot + 1) & mask) {
      if (marks[slot] === mark && accept(arrivals[slot] ?? 0)) return true
    }
    return false
  }

  return {
    add,
    note: (operations) => {
      for (const operation of operations)
        if (operation.type === 'put' && LOADED.has(operation.key[0] ?? 0)) add(operation.key)
    },
    of: (part) => {
      if (part.length < 1 + 16) return undefined
      const mark = markOf(part, part.length, part[0] ?? 0)
      const { marks, arrivals, indexes } = shards[mark % SHARDS] as Shard
      const mask = marks.length - 1
      const found: Place[] = []
      for (let slot = slotOf(mark, mask); marks[slot] !== 0; slot = (slot + 1) & mask) {
        if (marks[slot] !== mark) continue
        const arrival = arrivals[slot] ?? 0
        if (arrival === MANY) return undefined
        if (arrival !== BEGINS) found.push({ arrival, index: indexes[slot] ?? 0 })
      }
      return found.sort((a, b) => a.arrival - b.arrival || a.index - b.index)
    },
    mayHoldBelow: (part) => part.length < 1 + 16 || holds(markOf(part, part.length, part[0] ?? 0), BELOW),
    mayHold: (beginning) => {
      const { length } = beginning
      if (beginning[0] === SIGHTING && length >= SIGHTINGS_OF) return holds(markOfTwo(beginning, 17), ANY)
      if (beginning[0] === DISABLING && length >= DISABLINGS_OF) return holds(markOfTwo(beginning, 33), ANY)
      if (beginning[0] !== VALUE || length < BEFORE_PART + 16) return true
      // A part has whole eights of bytes; one more is the 00 behind it.
      const over = (length - BEFORE_PART) % 8
      if (over > 1) return true
      return holds(markOf(beginning, length - over, beginning[1] ?? 0), over === 1 ? EXACT : ANY)
    },
    get size() {
      return size
    }
  }
}

function shardOf(slots: number): Shard {
  return {
    marks: new Uint32Array(slots),
    arrivals: new Float64Array(slots),
    indexes: new Uint16Array(slots),
    used: 0
  }
}

function grow(shard: Shard): void {
  const wider = shardOf(2 * shard.marks.length)
  const mask = wider.marks.length - 1
  for (const [from, mark] of shard.marks.entries()) {
    if (mark === 0) continue
    let slot = slotOf(mark, mask)
    while (wider.marks[slot] !== 0) slot = (slot + 1) & mask
    wider.marks[slot] = mark
    wider.arrivals[slot] = shard.arrivals[from] ?? 0
    wider.indexes[slot] = shard.indexes[from] ?? 0
  }
  shard.marks = wider.marks
  shard.arrivals = wider.arrivals
  shard.indexes = wider.indexes
}

/** The lower bits chose the shard. */
function slotOf(mark: number, mask: number): number {
  return (mark >>> 8) & mask
}

function word(key: Uint8Array, at: number): number {
  return ((key[at] ?? 0) << 24) | ((key[at + 1] ?? 0) << 16) | ((key[at + 2] ?? 0) << 8) | (key[at + 3] ?? 0)
}

function arrivalIn(key: Uint8Array, at: number): number {
  return (word(key, at) >>> 0) * 2 ** 32 + (word(key, at + 4) >>> 0)
}
