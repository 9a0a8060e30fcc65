import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stream, text } from './items.fixture.ts'
import { isSerial, movingSerial, nextSerial, serialIsNewer, serialLine, serialOf } from './serial.ts'

const NOW = Date.UTC(2026, 10, 24, 9)
const CLOCK = NOW / 1000

describe('nextSerial', () => {
  it('is the clock at first, stays without a change, and moves with one', () => {
    expect(nextSerial(undefined, false, NOW)).toBe(CLOCK)
    expect(nextSerial(CLOCK - 100, false, NOW)).toBe(CLOCK - 100)
    expect(nextSerial(CLOCK - 100, true, NOW)).toBe(CLOCK)
    expect(nextSerial(CLOCK, true, NOW)).toBe(CLOCK + 1)
  })

  it('goes on when the clock goes back, and round the circle past zero', () => {
    expect(nextSerial(CLOCK + 5000, true, NOW)).toBe(CLOCK + 5001)
    expect(nextSerial(2 ** 32 - 1, true, (2 ** 32 - 1) * 1000)).toBe(1)
    expect(nextSerial(2 ** 32 - 5, true, (2 ** 32 + 3) * 1000)).toBe(3)
  })

  it('is newer by RFC 1982 after every change, whatever the clock', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.maxSafeNat(), (previous, now) => {
        const next = nextSerial(previous, true, now)
        expect(isSerial(next) && next !== 0 && serialIsNewer(next, previous)).toBe(true)
      })
    )
  })
})

describe('serialIsNewer', () => {
  it('has the examples of RFC 1982 §5.1, widened to 32 bits', () => {
    expect(serialIsNewer(1, 0)).toBe(true)
    expect(serialIsNewer(0, 2 ** 32 - 1)).toBe(true)
    expect(serialIsNewer(0, 2 ** 31)).toBe(false)
    expect(serialIsNewer(2 ** 31, 0)).toBe(false)
    expect(serialIsNewer(7, 7)).toBe(false)
  })
})

describe('movingSerial', () => {
  const zone = (serial: number) =>
    `$TTL 60\n@ SOA localhost. h. (\n${serialLine(serial)}\n\t300 )\nevil.example CNAME .\n`

  it('moves a serial that is not newer than the file’s, wherever the pieces are cut', async () => {
    for (const cut of [1, 3, 34, 5000]) {
      const pieces = zone(7).match(new RegExp(`[^]{1,${cut}}`, 'g')) ?? []
      const moved = await text(movingSerial(stream(pieces), 7, NOW))
      expect(moved).toBe(zone(CLOCK))
    }
  })

  it('leaves a newer serial, a text without one and a first writing alone', async () => {
    expect(await text(movingSerial(stream([zone(9)]), 7, NOW))).toBe(zone(9))
    expect(await text(movingSerial(stream(['203.0.113.4\n']), 7, NOW))).toBe('203.0.113.4\n')
    expect(await text(movingSerial(stream([zone(9)]), undefined, NOW))).toBe(zone(9))
  })

  it('finds the serial again', () => {
    expect(serialOf(zone(4_294_967_295))).toBe(4_294_967_295)
    expect(serialOf(zone(4_294_967_296))).toBeUndefined()
    expect(serialOf('list\n1 ; serial\n')).toBeUndefined()
  })
})
