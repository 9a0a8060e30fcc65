import { parseIndicator } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { LABELLED_CONTEXT, precisionOf, readLabelled, recallOf, tally } from './labelled.fixture.ts'
import { extractText } from './text.ts'

const set = readLabelled()
const count = (of: (text: (typeof set)[number]) => boolean): number => set.filter(of).length

describe('the labelled set', () => {
  it('holds more than 200 texts, 70 of them without any indicator, in both languages', () => {
    expect(set.length).toBeGreaterThan(240)
    expect(count(({ says }) => says.length === 0)).toBeGreaterThanOrEqual(70)
    for (const lang of ['fr', 'en']) expect(count((text) => text.lang === lang)).toBeGreaterThanOrEqual(100)
  })

  it('is held back by half, in each language and each kind', () => {
    for (const held of [true, false]) {
      for (const lang of ['fr', 'en']) {
        expect(count((text) => text.held === held && text.lang === lang)).toBeGreaterThanOrEqual(60)
      }
      expect(count(({ says, ...text }) => says.length === 0 && text.held === held)).toBeGreaterThanOrEqual(40)
    }
  })

  it('repeats no name, no text and no label of one text', () => {
    expect(new Set(set.map(({ name }) => name)).size).toBe(set.length)
    expect(new Set(set.map(({ text }) => text)).size).toBe(set.length)
    for (const { says } of set)
      expect(new Set(says.map(({ type, value }) => `${type} ${value}`)).size).toBe(says.length)
  })

  it('speaks of every type several times, in normal form', () => {
    const labels = set.flatMap(({ says }) => says)
    for (const label of labels) expect(parseIndicator(label.type, label.value)).toMatchObject({ value: label.value })
    const types = Map.groupBy(labels, ({ type }) => type)
    expect(types.size).toBe(27)
    for (const [type, of] of types) expect(of.length, type).toBeGreaterThanOrEqual(7)
  })
})

describe('extraction of the labelled set', () => {
  const tallies = tally(set, ({ text }) => extractText(text, LABELLED_CONTEXT).found)

  it.each([...tallies.keys()].sort())('finds %s with a precision of 0.98 and a recall of 0.97', (type) => {
    const of = tallies.get(type) ?? { right: 0, wrong: 0, missing: 1 }
    expect(precisionOf(of)).toBeGreaterThanOrEqual(0.98)
    expect(recallOf(of)).toBeGreaterThanOrEqual(0.97)
  })

  it('says of each whether the text only cites it', () => {
    for (const { text, says, name } of set) {
      const roles = new Map(says.map(({ type, value, role }) => [`${type} ${value}`, role]))
      for (const { type, value, role } of extractText(text, LABELLED_CONTEXT).found) {
        expect(role, `${name}: ${value}`).toBe(roles.get(`${type} ${value}`) ?? role)
      }
    }
  })
})
