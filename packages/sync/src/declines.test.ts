import { describe, expect, it } from 'vitest'
import { createDeclines } from './declines.ts'
import type { Desk } from './desk.ts'
import { createHand } from './testing/hand.ts'
import { START } from './testing/memory-replica.ts'

const MINUTE = 60_000
const KEY = 'ab'.repeat(32)

describe('a clock that is set back', () => {
  it('makes nothing wait that was declined for a while only', () => {
    let now = START
    const { peer, replica } = createHand()
    const desk = { peer: peer.institution, replica, now: () => now, send: () => 0, report: () => {} } as unknown as Desk
    const declines = createDeclines(desk)
    declines.decline('stream', KEY, 3, 'proof-other-time', MINUTE)
    declines.decline('stream', 'cd'.repeat(32), 3, 'unknown-author')
    expect(declines.due()).toEqual([])
    now -= 30 * MINUTE
    expect(declines.due().map(({ key }) => key)).toEqual([KEY])
    expect(declines.due()).toEqual([])
  })

  it('keeps nobody silent until it has caught up', () => {
    const hand = createHand()
    hand.greet()
    const actions = hand.session.handle({ type: 'tick', now: START - 30 * MINUTE })
    expect(actions.map(({ type }) => type)).toEqual(['send'])
  })
})
