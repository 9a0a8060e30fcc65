/** Random indicators and lines made to be hard: few labels, many signs that glue, values cut, joined and misspelt. */

import type { Value } from './reference.fixture.ts'
import type { HuntedType } from './types.ts'

export interface Case {
  readonly indicators: readonly Value[]
  readonly line: Buffer
}

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function* createCases(seed: number, count: number): Generator<Case> {
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const many = <T>(least: number, most: number, make: () => T): T[] =>
    Array.from({ length: least + below(most - least + 1) }, make)

  const name = (): string => [...many(1, 3, () => pick(LABELS)), pick(ENDINGS)].join('.')
  const v4 = (): string => `${pick(['10', '81', '203'])}.0.${below(3)}.${below(300) % 256}`
  const v6 = (): string => pick(['2001:db8::1', '2001:db8::', '::1', 'fe80::1:2', '2001:db8:1:2:3:4:5:6', 'c::1'])
  const hex = (digits: number): string => pick(['ab', 'c0', '01']).repeat(digits / 2)
  const path = (): string =>
    pick(['', '/', '/a', '/a/', '/a/b', '/a?x=1', '?x', '/a#f', '/aé', '/a.php', '/a/b/c?d=e&f=g'])
  const local = (): string => pick(['x', 'x.y', 'bounce+x', 'srs0=x', "o'x", 'é', 'x/y'])
  const hosts = (): string => pick([name, name, name, v4, () => `[${v6()}]`])()

  const values: Readonly<Partial<Record<HuntedType, () => string>>> = {
    ipv4: v4,
    ipv6: v6,
    cidr: () =>
      pick(['10.0.0.0/8', '10.0.1.0/24', '81.0.0.0/15', '203.0.2.128/25', '2001:db8::/32', '2001:db8:1::/48']),
    domain: name,
    url: () => `${pick(['http', 'https', 'ftp'])}://${hosts()}${pick(['', '', ':8080', ':21'])}${path()}`,
    email: () => `${local()}@${name()}`,
    md5: () => hex(32),
    sha1: () => hex(40),
    sha256: () => hex(64),
    sha512: () => hex(128),
    ja3: () => hex(32),
    jarm: () => hex(62)
  }
  const types = Object.keys(values) as HuntedType[]
  const indicator = (): Value => {
    const type = pick(types)
    return { type, value: values[type]?.() ?? '' }
  }
  /** As a log might write it, or nearly so. */
  const disturbed = (text: string): string => {
    const at = below(text.length + 1)
    switch (below(12)) {
      case 0:
        return text.toUpperCase()
      case 1:
        return text.slice(0, at)
      case 2:
        return text.slice(at)
      case 3:
        return text.slice(0, at) + pick(GLUE) + text.slice(at)
      case 4:
        return text.replaceAll('/', '\\/')
      case 5:
        return text.replace('@', '%40')
      case 6:
        return text.replace(/^([a-z]+:\/\/[^/?#]*)/, `$1${pick([':80', ':443', ':21', ':8080', ':123456', ':080'])}`)
      default:
        return text
    }
  }

  for (let number = 0; number < count; number += 1) {
    const indicators = many(1, 5, indicator)
    const parts = many(1, 5, () => {
      const text = disturbed(random() < 0.7 ? pick(indicators).value : indicator().value)
      return pick(GLUE) + (random() < 0.1 ? pick(GLUE) : '') + text + pick(GLUE)
    })
    yield { indicators, line: Buffer.from(parts.join('')) }
  }
}

const LABELS = ['a', 'b', 'evil', 'x-1', '_dmarc', 'xn--vil-9la', '4', 'évil', 'de', 'nevil']
const ENDINGS = ['example', 'com', 'co.uk', 'fr']
const GLUE = [
  ' ',
  ' ',
  ' ',
  '"',
  '',
  '.',
  '-',
  '_',
  ':',
  '/',
  '//',
  '\\/\\/',
  '@',
  '%40',
  '%2F',
  '%3c',
  '\\n',
  '\\\\n',
  '\\u003c',
  '\\x3C',
  '=',
  '=<',
  '>',
  '[',
  ']',
  '(',
  ')',
  '1',
  'a',
  'z',
  '..',
  '::',
  '«',
  '»',
  'é',
  '–',
  ',',
  "'",
  '|',
  '?',
  '#',
  '&',
  '\t',
  '://',
  'http://',
  'HTTPS://',
  'src:',
  '+',
  '%',
  '\\'
]
