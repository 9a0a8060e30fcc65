/** docs/formats.md says what the formats do: its tables are the code's, and the code does what they say. */
import { readFileSync } from 'node:fs'
import { FEED_FIELDS, FEED_NAMES, FEEDS, type FeedItem, type FeedName } from '@tocsin/connectors'
import {
  INDICATOR_TYPE_NAMES,
  type IndicatorType,
  type InstitutionId,
  mayUse,
  PAPS,
  type Pap,
  TLPS,
  type Tlp
} from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { BEGIN, END, formatTables } from '../../scripts/formats-tables.ts'
import { SAMPLES } from '../../scripts/round-trips.ts'

const TEXT = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8')

function item(type: IndicatorType, tlp: Tlp, pap: Pap): FeedItem {
  return {
    indicator: {
      type,
      value: SAMPLES[type],
      role: 'malicious',
      comment: 'word-of-comment',
      firstSeen: '2026-11-23T08:00:00Z'
    },
    bulletin: {
      id: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11',
      title: 'Hameçonnage',
      author: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' as InstitutionId,
      authorName: 'Université de Reims',
      tlp,
      pap,
      threat: 'phishing',
      confidence: 73,
      publishedAt: Date.UTC(2026, 10, 24, 9)
    }
  }
}

async function written(name: FeedName, one: FeedItem): Promise<{ text: string; codes: string[] }> {
  async function* source(): AsyncGenerator<FeedItem> {
    yield one
  }
  const codes: string[] = []
  let text = ''
  for await (const piece of FEEDS[name].write(source(), { serial: 1, onRefused: ({ code }) => codes.push(code) }))
    text += piece
  return { text, codes }
}

/** How a line shows that it says a field. */
const SAID: Readonly<Record<(typeof FEED_FIELDS)[number], (text: string, one: FeedItem) => boolean>> = {
  bulletin: (text, { bulletin }) => text.includes(bulletin.id),
  author: (text, { bulletin }) => text.includes(bulletin.author) || text.includes(bulletin.authorName),
  tlp: (text, { bulletin }) => new RegExp(`\\b${bulletin.tlp.replace('+', '\\+')}\\b`, 'i').test(text),
  pap: (text, { bulletin }) => new RegExp(`(PAP:|[",])${bulletin.pap}\\b`).test(text),
  threat: (text, { bulletin }) => text.includes(bulletin.threat),
  confidence: (text, { bulletin }) => new RegExp(`\\b${bulletin.confidence}\\b`).test(text),
  dates: (text) => text.includes('2026-11-23'),
  comment: (text) => text.includes('word-of-comment')
}

it('the tables of docs/formats.md are those of the code', () => {
  const made = TEXT.slice(TEXT.indexOf(BEGIN) + BEGIN.length, TEXT.indexOf(END))
  expect(made).toBe(`\n${formatTables()}\n`)
})

it('docs/formats.md tells of every format', () => {
  const told = [...TEXT.matchAll(/\*\*(`[^*]+`)\*\*/g)].flatMap(([, names = '']) => names.match(/[\w-]+/g) ?? [])
  expect(told.toSorted()).toEqual([...FEED_NAMES].toSorted())
})

describe.each(FEED_NAMES.filter((name) => FEEDS[name].rules === undefined))('%s', (name) => {
  const feed = FEEDS[name]

  it('holds of each type, TLP and PAP what the tables say, and refuses the rest by its rule', async () => {
    const empty = (await written(name, item('account', 'RED', 'RED'))).text
    for (const type of INDICATOR_TYPE_NAMES)
      for (const tlp of TLPS)
        for (const pap of PAPS) {
          const { text, codes } = await written(name, item(type, tlp, pap))
          const verdict = mayUse(tlp, pap, feed.use)
          const expected = !feed.types.includes(type)
            ? ['type-not-carried']
            : tlp === 'RED'
              ? ['red-never-in-feeds']
              : verdict.allowed
                ? []
                : [verdict.code]
          expect({ type, tlp, pap, codes, holds: text !== empty }).toEqual({
            type,
            tlp,
            pap,
            codes: expected,
            holds: expected.length === 0
          })
        }
  })

  it('says the fields that the table says, and no other', async () => {
    for (const type of feed.types) {
      const one = item(type, 'AMBER', 'GREEN')
      const { text } = await written(name, one)
      const said = FEED_FIELDS.filter((field) => SAID[field](text, one))
      expect({ type, said }).toEqual({ type, said: FEED_FIELDS.filter((field) => feed.says.includes(field)) })
    }
  })
})
