import { createIndexBuilder, createScanner } from '@tocsin/hunt'
import { parseIndicator } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linksAbove } from './links.ts'

/** Whether the hunt finds a listed link in a line that is the met one. */
function hunted(listed: string, met: string): boolean {
  const builder = createIndexBuilder()
  builder.add('url', listed)
  let found = false
  const line = Buffer.from(`${met}\0`)
  createScanner(builder.build()).scan(line, 0, line.length - 1, () => {
    found = true
  })
  return found
}

describe('a link that was met', () => {
  it.each([
    ['http://evil.example/kit', 'http://evil.example/kit/a.php?x=1', true],
    ['http://evil.example/kit', 'http://evil.example/kit?x=1', true],
    ['http://evil.example/kit', 'http://evil.example/kitchen', false],
    ['http://evil.example/kit/', 'http://evil.example/kit/a', true],
    ['https://evil.example/kit', 'http://evil.example/kit', true],
    ['http://evil.example', 'http://evil.example/a', true],
    ['http://evil.example:8080/a', 'http://evil.example:8080/a/b', true],
    ['http://evil.example/a', 'http://evil.example:8080/a', false],
    ['http://evil.example?q=1', 'http://evil.example/?q=1&r=2', true],
    ['http://sub.evil.example/a', 'http://evil.example/a', false]
  ])('%s is met by %s: %s', (listed, met, isMet) => {
    expect(linksAbove(met).includes(listed)).toBe(isMet)
    expect(hunted(listed, met)).toBe(isMet)
  })

  it('is the listed ones that the hunt finds in it', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'ab', '/', '?', '&', '=', '#', ';', '.', '-', '%20'), { maxLength: 10 })
      .map((parts) => parts.join(''))
    const link = fc
      .tuple(fc.constantFrom('http', 'https'), fc.constantFrom('x.example', 'x.example:8080', 'y.example'), path)
      .map(([scheme, host, rest]) => `${scheme}://${host}${/^[/?#]/.test(rest) || rest === '' ? rest : `/${rest}`}`)
      .filter((url) => parseIndicator('url', url).ok)
    let met = 0
    fc.assert(
      fc.property(link, link, fc.nat(40), (one, other, cut) => {
        // As often as not one that begins as the other.
        const listed = cut % 2 === 0 ? other : one.slice(0, Math.max(one.indexOf('example') + 7, one.length - cut))
        // A log is also prose, where a last dot ends the sentence; here a link is all there is.
        if (!parseIndicator('url', listed).ok || one.endsWith('.')) return
        const isMet = linksAbove(one).includes(listed)
        if (isMet) met += 1
        expect([listed, one, hunted(listed, one)]).toEqual([listed, one, isMet])
      }),
      { numRuns: 3_000 }
    )
    expect(met).toBeGreaterThan(300)
  })

  it('asks for no more than a few of a link made to cost', () => {
    expect(linksAbove(`http://evil.example/${'/?'.repeat(4_000)}`).length).toBeLessThan(200)
    expect(linksAbove('tcp://evil.example:4444/a')).toEqual(['tcp://evil.example:4444/a'])
  })
})
