import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentHash, etagMatches, feedEtag } from './hash.ts'
import { stream } from './items.fixture.ts'
import { serialLine } from './serial.ts'

const zone = (serial: number, body = 'evil.example CNAME .\n') =>
  `$TTL 60\n@ SOA localhost. h. (\n${serialLine(serial)}\n\t300 )\n${body}`

describe('contentHash', () => {
  it('ignores the serial and nothing else', async () => {
    const one = await contentHash(stream([zone(1)]))
    expect(await contentHash(stream([zone(4_000_000_000)]))).toBe(one)
    expect(await contentHash(stream([zone(1, 'evil.example CNAME *.\n')]))).not.toBe(one)
    expect(await contentHash(stream([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  it('does not depend on where the pieces are cut', async () => {
    const whole = `${zone(12)}${'x.example CNAME .\n'.repeat(100)}`
    const expected = await contentHash(stream([whole]))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: whole.length }), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length]
        const pieces = places.slice(1).map((end, i) => whole.slice(places[i], end))
        expect(await contentHash(stream(pieces))).toBe(expected)
      })
    )
  })
})

describe('etags', () => {
  const etag = feedEtag('ab'.repeat(32))

  it('are strong and differ by encoding', () => {
    expect(etag).toBe(`"${'ab'.repeat(16)}"`)
    expect(feedEtag('ab'.repeat(32), 'gzip')).toBe(`"${'ab'.repeat(16)}-gzip"`)
  })

  it('match in a list, weakly, or by a star', () => {
    expect(etagMatches(`"other", W/${etag}`, etag)).toBe(true)
    expect(etagMatches('*', etag)).toBe(true)
    expect(etagMatches(etag.slice(1, -1), etag)).toBe(false)
    expect(etagMatches(undefined, etag)).toBe(false)
    expect(etagMatches(`"x",`.repeat(2000) + etag, etag)).toBe(false)
  })
})
