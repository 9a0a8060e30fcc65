/** Seeded chance: every use has a stream of its own, so that leaving one action out does not shift the others. */
import { createHash } from 'node:crypto'

export interface Chance {
  /** Uniform in [0, 1). */
  next(): number
  /** Integer in [0, below). */
  below(below: number): number
  /** True so often. */
  odds(probability: number): boolean
  pick<T>(list: readonly T[]): T | undefined
  bytes(length: number): Uint8Array
}

/** sfc32, seeded with SHA-256 of the label: the same label gives the same numbers. */
export function createChance(label: string): Chance {
  const seed = createHash('sha256').update(label).digest()
  let a = seed.readUInt32LE(0)
  let b = seed.readUInt32LE(4)
  let c = seed.readUInt32LE(8)
  let d = 1
  const word = (): number => {
    const sum = (((a + b) >>> 0) + d) >>> 0
    d = (d + 1) >>> 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) >>> 0
    c = ((c << 21) | (c >>> 11)) >>> 0
    c = (c + sum) >>> 0
    return sum
  }
  for (let round = 0; round < 12; round++) word()
  const chance: Chance = {
    next: () => word() / 4_294_967_296,
    below: (below) => Math.floor(chance.next() * below),
    odds: (probability) => chance.next() < probability,
    pick: (list) => list[chance.below(list.length)],
    bytes: (length) => {
      const out = Buffer.alloc(length)
      let at = 0
      for (; at + 4 <= length; at += 4) out.writeUInt32LE(word(), at)
      for (; at < length; at++) out[at] = word() & 0xff
      return new Uint8Array(out.buffer, out.byteOffset, length)
    }
  }
  return chance
}
