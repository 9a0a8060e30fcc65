import type { EntryId, StreamId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { FETCH_MOST_MS, FETCH_PATIENCE_MS } from './constants.ts'
import { createHub, type Seat } from './hub.ts'

const STREAM = '11'.repeat(32) as StreamId
const ID = '22'.repeat(32) as EntryId

function two(): readonly [Seat, Seat] {
  const hub = createHub()
  return [hub.seat(), hub.seat()]
}

describe('the hub', () => {
  it('lets one session at a time fetch a thing, the same one as often as it asks', () => {
    const [a, b] = two()
    expect(a.reserve(STREAM, 0)).toBe(true)
    expect(a.reserve(STREAM, 0)).toBe(true)
    expect(b.reserve(STREAM, 0)).toBe(false)
    a.release(STREAM, true)
    expect(b.reserve(STREAM, 0)).toBe(true)
    expect(a.reserve(STREAM, 0)).toBe(false)
  })

  it('frees all that a session had when it ends', () => {
    const [a, b] = two()
    a.reserve(STREAM, 0)
    a.handOver(STREAM, 3, ID, 0)
    expect(b.isElsewhere(STREAM, 3, ID)).toBe(true)
    a.leave()
    expect(b.isElsewhere(STREAM, 3, ID)).toBe(false)
    expect(b.reserve(STREAM, 0)).toBe(true)
  })

  it('gives it to another one after a while without progress, and after a longer one with some', () => {
    const [a, b] = two()
    a.reserve(STREAM, 0)
    expect(b.reserve(STREAM, FETCH_PATIENCE_MS - 1)).toBe(false)
    expect(b.reserve(STREAM, FETCH_PATIENCE_MS)).toBe(true)
    const [c, d] = two()
    c.reserve(STREAM, 0)
    let now = 0
    while (!d.reserve(STREAM, now)) {
      now += FETCH_PATIENCE_MS - 1
      c.handOver(STREAM, 1, ID, now)
      c.settle(STREAM, 1, now)
    }
    expect(now).toBeGreaterThanOrEqual(FETCH_MOST_MS)
  })

  it('counts only what was admitted as progress', () => {
    const [a, b] = two()
    a.reserve(STREAM, 0)
    a.handOver(STREAM, 1, ID, FETCH_PATIENCE_MS - 1)
    a.settle(STREAM, 0, FETCH_PATIENCE_MS - 1)
    expect(b.reserve(STREAM, FETCH_PATIENCE_MS)).toBe(true)
  })

  it('does not let a session fetch what waits for admission in another, even if nobody asked for it', () => {
    const [a, b] = two()
    a.handOver(STREAM, 1, ID, 0)
    expect(b.reserve(STREAM, 1)).toBe(false)
    a.settle(STREAM, 1, 1)
    expect(b.reserve(STREAM, 2)).toBe(true)
  })

  it('is not held up twice by the same promise: refusing and promising again gives no new patience', () => {
    const [liar, honest] = two()
    liar.reserve(STREAM, 0)
    liar.release(STREAM, false)
    expect(liar.reserve(STREAM, 0)).toBe(true)
    expect(honest.reserve(STREAM, 0)).toBe(true)
    expect(liar.reserve(STREAM, 0)).toBe(false)
    honest.release(STREAM, true)
    // Alone it may try as often as it likes, and what it delivers clears its name.
    expect(liar.reserve(STREAM, 0)).toBe(true)
    liar.release(STREAM, true)
    liar.reserve(STREAM, 0)
    expect(honest.reserve(STREAM, 0)).toBe(false)
  })
})
