/** Round trips of an exchange, from what both sides saw of it. */
import type { FrameSeen } from './tap.ts'

/**
 * The longest chain of frames of which each could only be sent after the one before had come, in round trips: hello and
 * its answer are one. The n-th frame that one side sent is the n-th that the other got, since a stream keeps order.
 */
export function roundTrips(a: readonly FrameSeen[], b: readonly FrameSeen[]): number {
  const sides = [a, b].map((frames) => ({ frames, at: 0, depth: 0, sent: [] as number[], got: 0 }))
  for (let moved = true; moved; ) {
    moved = false
    for (const [index, side] of sides.entries()) {
      const other = sides[1 - index]
      for (let frame = side.frames[side.at]; frame !== undefined; frame = side.frames[side.at]) {
        if (frame.direction === 'in') {
          const depth = other?.sent[side.got]
          if (depth === undefined) break
          side.got += 1
          side.depth = Math.max(side.depth, depth)
        } else side.sent.push(side.depth + 1)
        side.at += 1
        moved = true
      }
    }
  }
  const deepest = Math.max(0, ...sides.flatMap(({ sent }) => sent))
  return Math.ceil(deepest / 2)
}
