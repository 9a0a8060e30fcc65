import { describe, expect, it } from 'vitest'
import { describe as describeError, NETWORK_ERRORS, NetworkError, wrap } from './errors.ts'

class CloseEvent extends Event {
  readonly error: unknown
  constructor(error?: unknown) {
    super('close')
    this.error = error
  }
}

describe('wrap', () => {
  it.each([
    ['an error', new TypeError('no'), 'TypeError'],
    ['a plain Event, without name or message', new Event('close'), 'event close'],
    ['a close event with its cause', new CloseEvent(new RangeError('far')), 'RangeError'],
    ['several failed addresses', new AggregateError([new TypeError('a'), new Event('x')]), 'TypeError, event x'],
    ['nothing', undefined, 'undefined'],
    ['text', 'boom', 'string']
  ])('makes an error with code and message of %s', (_, thrown, reason) => {
    const error = wrap(thrown, 'dial-failed')
    expect(error).toBeInstanceOf(NetworkError)
    expect(error).toMatchObject({ code: 'dial-failed', facts: { reason } })
    expect(error.message).toContain(NETWORK_ERRORS['dial-failed'])
  })

  it('passes its own errors through and bounds the text of others', () => {
    const own = new NetworkError('no-address', 'none')
    expect(wrap(own, 'dial-failed')).toBe(own)
    expect(describeError(new Error('x'.repeat(10_000))).detail.length).toBeLessThanOrEqual(300)
  })
})
