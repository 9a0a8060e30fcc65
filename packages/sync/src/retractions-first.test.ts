/** Retractions are agreed before logs, also across the growth of a newcomer's roster (DESIGN §8.2). */
import { describe, expect, it } from 'vitest'
import { CIRCLE, createCommunity, createPair } from './testing/community.ts'
import type { MemoryReplica } from './testing/memory-replica.ts'
import { randomBytes } from './testing/random.ts'

describe('a roster that grows between the retractions of an author and his logs', () => {
  it.each([0, 1, 2, 3, 5, 8, 13, 21, 34])('lets no log in before them, %i ms after they were refused', (delay) => {
    const { world, a, b, link } = createPair({ seed: 21 })
    const { nodes } = createCommunity({ seed: 22 }, 1)
    const author = nodes[0] as MemoryReplica
    const members = [a, b, author].map(({ institution }) => institution)
    const kinds = ['retraction', 'log'] as const
    const streams = kinds.map((kind) => author.openStream({ tlp: 'AMBER', circle: CIRCLE, kind }))
    const [retraction, log] = streams as [(typeof streams)[0], (typeof streams)[0]]
    a.circles.set(CIRCLE, new Set(members))
    for (const stream of streams) {
      author.publish(stream, randomBytes(world.random, 300))
      const held = author.streams.get(stream)
      if (held) a.streams.set(stream, held)
    }
    b.circles.set(CIRCLE, new Set([a.institution, b.institution]))
    link()
    world.until(() => b.refused.length > 0)
    world.run(delay)
    b.circles.set(CIRCLE, new Set(members))
    world.tell(b, { type: 'roster-changed' })
    world.until(() => b.head(log) !== undefined)
    expect(b.head(retraction)).toEqual(a.head(retraction))
  })
})
