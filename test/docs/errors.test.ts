/** docs/errors.md says what the tables say, no more and no less; and no code means two things unawares. */
import { readFileSync } from 'node:fs'
import * as api from '@tocsin/api'
import * as cli from '@tocsin/cli'
import * as connectors from '@tocsin/connectors'
import * as extract from '@tocsin/extract'
import * as journal from '@tocsin/journal'
import * as model from '@tocsin/model'
import * as network from '@tocsin/network'
import { ERROR_TABLES } from '@tocsin/node'
import * as replica from '@tocsin/replica'
import * as store from '@tocsin/store'
import * as sync from '@tocsin/sync'
import * as trust from '@tocsin/trust'
import { describe, expect, it } from 'vitest'

const TEXT = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const ROOMS = { api, cli, connectors, extract, journal, model, network, replica, store, sync, trust }
const TABLE_NAME = /(^|_)(CODES|ERRORS|OMISSIONS|REASONS|REFUSALS)$/

/** Codes that stand in several tables under sentences of their own, each with what makes that right. */
const SAME_CODE_OTHER_SENTENCE: Readonly<Record<string, string>> = {
  'bad-character': 'one fault: in the text of a draft, or in the value of an indicator',
  'bad-frame': 'one fault: in the length around a frame, or in the CBOR within',
  'body-too-large': 'a body over its limit: that of an HTTP request, or that of an entry',
  'context-indicator': 'one rule, asked by the catch and once more by each feed',
  expired: 'a validity is over: that of a vouch, or that of an indicator',
  'frame-too-long': 'one limit, held where frames are cut and where they are read',
  internal: 'a fault of our own: behind the HTTP API, or towards a peer',
  'pap-forbids-use': 'one rule, asked for a use and once more by each feed',
  'public-suffix': 'one fact: such a name is not extracted, and never blocked',
  'too-long': 'over its limit: a text of a draft, a value, a stretch of a paste',
  'too-many': 'over its limit: a list of a draft, or what one paste may hold',
  'unknown-circle': 'one fact: asked by a person, by admission, or by the hop rule',
  'unknown-version': 'later than this node: an entry, or the body within'
}

const asRows = (tables: typeof ERROR_TABLES): string[] =>
  Object.entries(tables).flatMap(([title, table]) =>
    Object.entries(table).map(([code, meaning]) => `${title} / ${code}: ${meaning}`)
  )

const documentedSections = TEXT.split(/^## /m)
  .slice(1)
  .map((section) => section.slice(0, section.indexOf('\n')))

const documentedRows = TEXT.split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const [title = '', ...lines] = section.trimEnd().split('\n')
    const rows = lines.filter((line) => line.startsWith('| `'))
    return rows.map((line) => {
      const [, code, meaning = ''] = /^\| `([^`]+)` \| (.*) \|$/.exec(line) ?? []
      return `${title} / ${code}: ${meaning.replaceAll(/\\([\\*<|_])/g, '$1')}`
    })
  })

describe('docs/errors.md', () => {
  it('has one section a table, in their order, and no other', () => {
    expect(documentedSections).toEqual(Object.keys(ERROR_TABLES))
  })

  it('has one row a code with its meaning, and no other', () => {
    expect(documentedRows).toEqual(asRows(ERROR_TABLES))
  })
})

describe('the tables of codes', () => {
  const meanings = new Map<string, Set<string>>()
  for (const table of Object.values(ERROR_TABLES)) {
    for (const [code, meaning] of Object.entries(table)) {
      meanings.set(code, (meanings.get(code) ?? new Set()).add(meaning))
    }
  }

  it('give a code one meaning, save where two are known and justified', () => {
    const several = [...meanings].filter(([, sentences]) => sentences.size > 1).map(([code]) => code)
    expect(several.toSorted()).toEqual(Object.keys(SAME_CODE_OTHER_SENTENCE).toSorted())
  })

  it('hold only codes in kebab case, each under a sentence of one line', () => {
    const odd = [...meanings].filter(
      ([code, sentences]) =>
        !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(code) || [...sentences].some((one) => !/^\S.*\S$/.test(one))
    )
    expect(odd).toEqual([])
  })

  it.each(Object.entries(ROOMS))('leave out no code that %s has in a table of its own', (_room, exported) => {
    const codes = Object.entries(exported)
      .filter(([name]) => TABLE_NAME.test(name))
      .flatMap(([, table]) => Object.entries(table))
      // Kinds of registers have codes of another sort: numbers on the wire.
      .flatMap(([code, meaning]) => (typeof meaning === 'string' ? [code] : []))
    expect(codes.length).toBeGreaterThan(0)
    expect(codes.filter((code) => !meanings.has(code))).toEqual([])
  })
})
