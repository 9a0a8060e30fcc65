import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_BACKOFF, waitAfter } from './backoff.ts'
import { createRedial } from './redial.ts'
import { createManualClock, settle } from './session.fixture.ts'

function start(dial: (signal: AbortSignal) => Promise<void>) {
  const clock = createManualClock()
  const dials: number[] = []
  const failures: unknown[] = []
  const state = { linked: false }
  const redial = createRedial({
    linked: () => state.linked,
    dial(signal) {
      dials.push(clock.now())
      return dial(signal)
    },
    onFailure: (error) => failures.push(error),
    clock,
    backoff: { firstMs: 1_000, maxMs: 60_000 },
    random: () => 0.999
  })
  return { clock, dials, failures, state, redial }
}

const refused = () => Promise.reject(new Error('refused'))

describe('waitAfter', () => {
  it('lies between half and all of the doubled wait, up to the greatest, for any number of failures', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, jitter) => {
        const full = Math.min(DEFAULT_BACKOFF.maxMs, DEFAULT_BACKOFF.firstMs * 2 ** failures)
        const wait = waitAfter(failures, DEFAULT_BACKOFF, () => jitter)
        expect(wait).toBeGreaterThanOrEqual(full / 2)
        expect(wait).toBeLessThanOrEqual(full)
      })
    )
  })
})

describe('redial', () => {
  it('never gives up: a week of failures, at most a minute apart, one dial at a time', async () => {
    const { clock, dials, failures, redial } = start(refused)
    redial.wake()
    const week = 7 * 24 * 3_600_000
    const begin = clock.now()
    while (clock.now() - begin < week) {
      clock.advance(60_000)
      await Promise.resolve().then(() => settle())
      if (dials.length > 300) break
    }
    expect(dials.length).toBeGreaterThan(300)
    expect(failures).toHaveLength(dials.length)
    const waits = dials.slice(1).map((at, index) => at - (dials[index] ?? 0))
    expect(Math.max(...waits)).toBeLessThanOrEqual(120_000)
    await redial.stop()
    expect(clock.waiting()).toBe(0)
  })

  it('waits longer after each failure and dials at once when woken', async () => {
    const { clock, dials, redial } = start(refused)
    redial.wake()
    clock.advance(0)
    await settle()
    expect(redial.failures()).toBe(1)
    clock.advance(1_900)
    expect(dials).toHaveLength(1)
    clock.advance(100)
    await settle()
    expect(dials).toHaveLength(2)
    redial.wake()
    clock.advance(0)
    await settle()
    expect(dials).toHaveLength(3)
    expect(redial.failures()).toBe(1)
  })

  it('drops the dial under way when woken, and takes the new address without counting a failure', async () => {
    const aborted: boolean[] = []
    const { clock, dials, failures, redial } = start(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push(true)
            reject(signal.reason)
          })
        })
    )
    redial.wake()
    clock.advance(0)
    redial.wake()
    await settle()
    clock.advance(0)
    expect(dials).toHaveLength(2)
    expect(aborted).toEqual([true])
    expect(failures).toEqual([])
    await redial.stop()
  })

  it('rests while linked, and after a good link starts again at the shortest wait', async () => {
    const { clock, dials, state, redial } = start(async () => {
      state.linked = true
    })
    redial.wake()
    clock.advance(0)
    await settle()
    clock.advance(3_600_000)
    expect(dials).toHaveLength(1)
    state.linked = false
    redial.linkEnded(true)
    clock.advance(1_000)
    await settle()
    expect(dials).toHaveLength(2)
    state.linked = false
    redial.linkEnded(false)
    expect(redial.failures()).toBe(1)
    clock.advance(1_900)
    expect(dials).toHaveLength(2)
    clock.advance(100)
    expect(dials).toHaveLength(3)
  })

  it('does nothing after stop', async () => {
    const { clock, dials, redial } = start(refused)
    redial.wake()
    await redial.stop()
    redial.wake()
    redial.linkEnded(true)
    clock.advance(3_600_000)
    expect(dials).toEqual([])
  })
})
