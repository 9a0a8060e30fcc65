/** A node's clock is set back: whatever waits goes on waiting for as long as it was to wait, and no longer. */
import { describe, expect, it } from 'vitest'
import { createHub } from './hub.ts'
import { createHand, helloOf } from './testing/hand.ts'
import { START } from './testing/memory-replica.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

describe('a clock that is set back', () => {
  it('never falls for what waits, and is one for all sessions of a node', () => {
    const hub = createHub()
    expect([10, 20, 5, 6, 30, 29].map(hub.steady)).toEqual([10, 20, 20, 21, 45, 45])
  })

  it('keeps nobody silent until it has caught up', () => {
    const hand = createHand()
    hand.greet()
    const back = START - 30 * MINUTE
    expect(hand.session.handle({ type: 'tick', now: back })).toEqual([])
    const actions = hand.session.handle({ type: 'tick', now: back + 31 * SECOND })
    expect(actions.map(({ type }) => type)).toEqual(['send'])
  })

  it('is told to the peer as it is', () => {
    const hand = createHand()
    hand.feed({ type: 'opened' })
    const [hello] = hand.sent('hello')
    expect(hello).toMatchObject({ clock: START })
    hand.give(helloOf(hand.peer, START))
    hand.give({ type: 'accept' })
    expect(hand.reports()).toContainEqual(expect.objectContaining({ type: 'linked', skew: 0 }))
  })
})
