import { expect, it } from 'vitest'
import { createIndexBuilder } from './build.ts'
import { findLinks } from './find-links.ts'

const HOST = 'evil.example'

/** Bytes read behind the first host of a text, of which it is the only one here. */
function readBehind(text: string): number {
  const builder = createIndexBuilder()
  for (const path of ['/', '/a', '/a/b/c?d=e', `/${'long/'.repeat(500)}`]) builder.add('url', `https://${HOST}${path}`)
  const bytes = Buffer.from(`${text}\0`)
  const start = text.indexOf(HOST)
  return findLinks(builder.build(), bytes, 0, 0, start, start + HOST.length, () => undefined)
}

// The seed of the hashes is random: now and then a few hosts more pass the filter, each with a small chance.
it('stops where no link of the host goes on, so that hostile text is not read over and over', () => {
  expect(readBehind(`http://${`${HOST}/`.repeat(10_000)}`)).toBeLessThan(512)
  expect(readBehind(`http://${HOST}/a/b/x${'/y'.repeat(10_000)}`)).toBeLessThan(512)
  expect(readBehind(`http://${HOST}/a/b/c?d=e rest`)).toBe('/a/b/c?d=e'.length)
  expect(readBehind(`http://${HOST}/${'long/'.repeat(10_000)}`)).toBeLessThan(3_000)
})
