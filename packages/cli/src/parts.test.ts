import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathWith } from './client.ts'
import { referenceOf, roles } from './draft-change.ts'
import { kindOf } from './draft-input.ts'
import { parseMoment, parseSpan } from './moments.ts'
import { quoted } from './publish-shown.ts'
import { tableText } from './screen.ts'
import { shortIds } from './shown.ts'
import { isLater, movedSerial, serialOf, withSerial } from './zone-serial.ts'

describe('short ids', () => {
  it('are unique prefixes of at least eight characters', () => {
    const id = fc.string({ unit: fc.constantFrom('0', '1'), minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 20 }), (ids) => {
        const short = shortIds(ids)
        for (const one of ids) {
          const prefix = short.get(one) ?? ''
          expect(one.startsWith(prefix)).toBe(true)
          expect(prefix.length).toBeGreaterThanOrEqual(8)
          expect(ids.filter((other) => other.startsWith(prefix))).toEqual([one])
        }
      })
    )
  })
})

describe('spans and moments', () => {
  it.each([
    ['90m', 5_400_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['7', undefined],
    ['7 d', undefined],
    ['-7d', undefined],
    ['7y', undefined]
  ])('%s is %s ms', (text, ms) => expect(parseSpan(text)).toBe(ms))

  it.each([
    ['2026-11-24', '2026-11-24T00:00:00.000Z'],
    ['2026-11-24T09:00', '2026-11-24T09:00:00.000Z'],
    ['2026-11-24T09:00:30+01:00', '2026-11-24T08:00:30.000Z'],
    ['2026-11-24T09:00Z', '2026-11-24T09:00:00.000Z']
  ])('%s is %s', (text, iso) => expect(new Date(parseMoment(text) ?? 0).toISOString()).toBe(iso))

  it.each(['yesterday', '24/11/2026', '2026-13-01', '2026-11', ''])('%s is no moment', (text) =>
    expect(parseMoment(text)).toBeUndefined()
  )
})

describe('a draft’s options', () => {
  it.each([
    ['https://site.example/report', { url: 'https://site.example/report' }],
    ['https://site.example/report=malicious', { url: 'https://site.example/report', verdict: 'malicious' }],
    ['https://site.example/?q=abc', { url: 'https://site.example/?q=abc' }],
    ['https://site.example/?q=abc==bad', { url: 'https://site.example/?q=abc', verdict: 'bad' }],
    ['https://site.example/report=', { url: 'https://site.example/report=' }]
  ])('%s is a reference', (text, reference) => expect(referenceOf(text)).toEqual(reference))

  it('drop and mark values however they are defanged, and touch what is no value not at all', () => {
    const given = [
      { type: 'domain', value: 'evil.example.org' },
      { type: 'url', value: 'https://files.example.org/a' },
      { type: 'ipv4', value: '192.0.2.7' }
    ] as const
    expect(roles(given, ['192[.]0[.]2[.]7'], ['hxxps://files[.]example[.]org/a'])).toEqual([
      { type: 'domain', value: 'evil.example.org' },
      { type: 'url', value: 'https://files.example.org/a', role: 'context' }
    ])
    expect(roles(JSON.parse('[{"value":7}]'), ['a'], ['b'])).toEqual([{ value: 7 }])
  })

  it.each([
    ['note.json', 'hello', 'json'],
    ['mail.EML', 'hello', 'mail'],
    ['paste.txt', '{"title":1}', 'text'],
    ['-', '  {"title":"t"}', 'json'],
    ['-', '\ufeff{"title":"t"}', 'json'],
    ['-', 'Return-Path: <x@example.org>\r\nReceived: from y\r\n\r\nhi', 'mail'],
    ['-', 'Received: from a\n\tby b\n\nhi', 'mail'],
    ['-', 'From: the helpdesk\n\nwe saw 192.0.2.7', 'text'],
    ['-', 'Bonjour,\nvoyez hxxp://evil[.]example', 'text'],
    ['-', '', 'text']
  ])('%s beginning %j is %s', (file, text, kind) => expect(kindOf(file, Buffer.from(text))).toBe(kind))
})

it('a query leaves out what is undefined and repeats lists', () => {
  expect(pathWith('/v1/x', { a: undefined, b: ['1', '2 3'], c: true })).toBe('/v1/x?b=1&b=2+3&c=true')
  expect(pathWith('/v1/x', {})).toBe('/v1/x')
})

it('a quoted word is one word of a shell', () => {
  expect(quoted(`it's $(rm) "x"`)).toBe(`'it'\\''s $(rm) "x"'`)
})

it('a table has plain columns', () => {
  expect(
    tableText(
      ['A', 'B'],
      [
        ['x', 'y\u001b[31m'],
        ['long', '']
      ]
    )
  ).toBe('A     B\nx     y\nlong')
})

describe('a zone’s serial', () => {
  const head = '$TTL 60\n@ SOA localhost. hostmaster.localhost. (\n\t4294967295 ; serial\n\t300 60 604800 60 )\n'

  it('is found and replaced in its line alone', () => {
    expect(serialOf(head)).toBe(4_294_967_295)
    expect(serialOf('evil.example.org\n')).toBeUndefined()
    expect(serialOf('\t99999999999 ; serial\n')).toBeUndefined()
    expect(withSerial(head, 7)).toBe(head.replace('4294967295', '7'))
  })

  it('only moves forwards on the circle of RFC 1982, and never to 0', () => {
    const serial = fc.integer({ min: 1, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(serial, serial, (own, previous) => {
        const next = movedSerial(own, previous)
        expect(isLater(next, previous)).toBe(true)
        expect(next).toBeGreaterThan(0)
      })
    )
    expect(movedSerial(5, 2 ** 32 - 1)).toBe(5)
    expect(movedSerial(3, 2 ** 32 - 1 - 1)).toBe(3)
    expect(movedSerial(2 ** 32 - 1, 2 ** 32 - 1)).toBe(1)
  })
})
