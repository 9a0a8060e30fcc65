/** What docs/formats.md says comes back, comes back; and no label is ever wider for having been away. */
import { readFileSync } from 'node:fs'
import {
  IMPORTS,
  type ImportMapping,
  importNamed,
  type ReadDraft,
  readImport,
  type SourceLabels
} from '@tocsin/connectors'
import { INDICATOR_TYPE_NAMES, PAPS, parseIndicator, stricterPap, stricterTlp, TLPS } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import {
  cameBack,
  exported,
  itemOf,
  ROUND_TRIPS,
  roundTripTables,
  SAMPLES,
  TRIPS_BEGIN,
  TRIPS_END
} from '../../scripts/round-trips.ts'

const TEXT = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8')

it('the tables of what comes back are those that are tried', { timeout: 120_000 }, async () => {
  const made = TEXT.slice(TEXT.indexOf(TRIPS_BEGIN) + TRIPS_BEGIN.length, TEXT.indexOf(TRIPS_END))
  expect(made).toBe(`\n${await roundTripTables()}\n`)
})

it('the samples are values', () => {
  for (const type of INDICATOR_TYPE_NAMES)
    expect(parseIndicator(type, SAMPLES[type])).toEqual({ ok: true, value: SAMPLES[type] })
})

describe.each(ROUND_TRIPS)('%s', (way) => {
  it('gives no label back wider, whatever the source’s policy is', { timeout: 120_000 }, async () => {
    const policies: readonly SourceLabels[] = [{}, { tlp: 'CLEAR', pap: 'CLEAR' }]
    for (const type of INDICATOR_TYPE_NAMES)
      for (const tlp of TLPS)
        for (const pap of PAPS) {
          const document = await exported(way, itemOf(type, tlp, pap))
          if (document === undefined) continue
          for (const policy of policies) {
            const { drafts, refused } = await cameBack(way, document, policy)
            expect(drafts.length + refused.length).toBeGreaterThan(0)
            for (const { draft } of drafts) {
              expect(stricterTlp(draft.tlp ?? 'CLEAR', tlp)).toBe(draft.tlp)
              expect(stricterPap(draft.pap ?? 'CLEAR', pap)).toBe(draft.pap)
            }
          }
        }
  })
})

interface Sample {
  readonly name: string
  readonly mapping?: ImportMapping
  /** With one indicator, that says these labels. */
  document(labels: { readonly tlp: readonly string[]; readonly pap: readonly string[] }): string
}

const UUID = '5f0a1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55'
const tags = ({ tlp, pap }: Parameters<Sample['document']>[0]): string[] => [
  ...tlp.map((it) => `tlp:${it.toLowerCase()}`),
  ...pap.map((it) => `PAP:${it}`)
]
const indicator = (labels: readonly string[], number = 1): object => ({
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--${UUID.slice(0, -1)}${number}`,
  created: '2026-11-24T09:00:00.000Z',
  modified: '2026-11-24T09:00:00.000Z',
  pattern: `[domain-name:value = 'n${number}.evil.example']`,
  pattern_type: 'stix',
  valid_from: '2026-11-24T09:00:00.000Z',
  labels
})
const bundle = (objects: readonly object[]): string =>
  JSON.stringify({ type: 'bundle', id: `bundle--${UUID}`, objects })
const named = (names: readonly string[]): object[] => names.map((name) => ({ name }))

/** Formats in which an object can carry labels. */
const LABELLED: readonly Sample[] = [
  { name: 'text', document: (labels) => `${tags(labels).join(' ').toUpperCase()}\n\nevil[.]example\n` },
  {
    name: 'csv',
    mapping: { value: 'v', tlp: 't1', pap: 'p1', tags: 'more' },
    document: ({ tlp, pap }) => {
      const [more = ''] = tags({ tlp: tlp.slice(1), pap: tlp.length > 1 ? [] : pap.slice(1) })
      return `v,t1,p1,more\nevil.example,${tlp[0] ?? ''},${pap[0] ?? ''},${more}\n`
    }
  },
  {
    name: 'json',
    mapping: { value: 'v', tags: 'tags' },
    document: (labels) => JSON.stringify({ v: 'evil.example', tags: tags(labels) })
  },
  { name: 'stix', document: (labels) => bundle([indicator(tags(labels))]) },
  {
    name: 'misp',
    document: (labels) =>
      JSON.stringify({
        Event: {
          uuid: UUID,
          info: 'x',
          Attribute: [{ type: 'domain', value: 'evil.example', to_ids: true }],
          Tag: named(tags(labels))
        }
      })
  }
]

/** Formats in which nothing says a label, or in which what says one counts for nothing. */
const BARE: readonly Sample[] = [
  { name: 'mail', document: () => 'From: a@evil.example\nSubject: TLP:CLEAR\n\nhttp://evil.example/x\n' },
  {
    name: 'rocket-chat',
    document: () =>
      JSON.stringify({ token: 's', message_id: 'm', channel_name: 'soc', user_name: 'a', text: 'evil[.]example' })
  },
  {
    name: 'cowrie',
    document: () =>
      JSON.stringify({
        eventid: 'cowrie.login.failed',
        src_ip: '45.1.2.3',
        timestamp: '2026-11-24T09:00:00.000000Z',
        session: 'x',
        sensor: 's'
      })
  },
  { name: 'fail2ban', document: () => '2026-11-24 09:00:00,123 fail2ban.actions [1]: NOTICE [sshd] Ban 45.1.2.3\n' }
]

async function read({ name, mapping }: Sample, document: string, labels: SourceLabels = {}) {
  const info = importNamed(name)
  if (info === undefined) throw new Error(`no import is called ${name}`)
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(document)
  }
  const drafts: ReadDraft[] = []
  const refused: string[] = []
  const context = { ownDomains: [], circleDomains: [] }
  const options = { source: 'test', labels, context, now: Date.UTC(2026, 10, 30), mapping, isSecret: () => true }
  for await (const item of readImport(info, source(), options)) {
    if (item.kind === 'draft') drafts.push(item)
    if (item.kind === 'refused') refused.push(item.code)
  }
  const warned = drafts.flatMap(({ warnings }) => warnings.map(({ code }) => code))
  return { drafts, refused, warned, labels: drafts.map(({ draft }) => `${draft.tlp} ${draft.pap}`) }
}

it('every import that makes bulletins is among them', () => {
  const names = IMPORTS.filter(({ yields }) => yields !== 'sightings').map(({ name }) => name)
  expect([...LABELLED, ...BARE].map(({ name }) => name).toSorted()).toEqual(names.toSorted())
})

describe.each([...LABELLED, ...BARE])('$name', (sample) => {
  it('without a label is refused, or gets what was set for its source', async () => {
    const document = sample.document({ tlp: [], pap: [] })
    for (const labels of [{}, { tlp: 'AMBER' }, { pap: 'GREEN' }] as const) {
      const { drafts, refused } = await read(sample, document, labels)
      expect({ labels, drafts, refused }).toMatchObject({ drafts: [], refused: ['label-missing'] })
    }
    expect((await read(sample, document, { tlp: 'AMBER+STRICT', pap: 'RED' })).labels).toEqual(['AMBER+STRICT RED'])
  })
})

describe.each(LABELLED)('$name', (sample) => {
  it('keeps each label, whatever was set for its source', async () => {
    for (const tlp of TLPS)
      for (const pap of PAPS) {
        const { labels, refused } = await read(sample, sample.document({ tlp: [tlp], pap: [pap] }), {
          tlp: 'GREEN',
          pap: 'AMBER'
        })
        expect({ labels, refused }).toEqual({ labels: [`${tlp} ${pap}`], refused: [] })
      }
  })

  it('of labels that contradict each other takes the stricter, and says so', async () => {
    for (const one of TLPS)
      for (const other of TLPS) {
        if (one === other) continue
        const { labels, warned } = await read(sample, sample.document({ tlp: [one, other], pap: ['GREEN'] }))
        expect({ labels, warned }).toEqual({
          labels: [`${stricterTlp(one, other)} GREEN`],
          warned: ['labels-contradict']
        })
      }
    for (const one of PAPS)
      for (const other of PAPS) {
        if (one === other) continue
        const { labels, warned } = await read(sample, sample.document({ tlp: ['GREEN'], pap: [one, other] }))
        expect({ labels, warned }).toEqual({
          labels: [`GREEN ${stricterPap(one, other)}`],
          warned: ['labels-contradict']
        })
      }
  })
})

describe('inside a container', () => {
  const whole = (inner: readonly string[], outer: readonly string[]): readonly (readonly [Sample, string])[] => [
    [
      { name: 'stix', document: () => '' },
      bundle([
        indicator(inner),
        {
          type: 'report',
          spec_version: '2.1',
          id: `report--${UUID}`,
          created: '2026-11-24T09:00:00.000Z',
          modified: '2026-11-24T09:00:00.000Z',
          name: 'x',
          published: '2026-11-24T09:00:00.000Z',
          object_refs: [`indicator--${UUID.slice(0, -1)}1`],
          labels: outer
        }
      ])
    ],
    [
      { name: 'misp', document: () => '' },
      JSON.stringify({
        Event: {
          uuid: UUID,
          info: 'x',
          Attribute: [{ type: 'domain', value: 'n1.evil.example', to_ids: true, Tag: named(inner) }],
          Tag: named(outer)
        }
      })
    ]
  ]

  it('nothing is wider than that, and what is stricter stays so', async () => {
    for (const inner of TLPS)
      for (const outer of TLPS)
        for (const [sample, document] of whole(
          [`tlp:${inner.toLowerCase()}`],
          [`tlp:${outer.toLowerCase()}`, 'PAP:GREEN']
        )) {
          const { drafts } = await read(sample, document)
          const holding = drafts.find(({ draft }) => draft.indicators.length > 0)
          expect({ name: sample.name, inner, outer, tlp: holding?.draft.tlp }).toEqual({
            name: sample.name,
            inner,
            outer,
            tlp: stricterTlp(inner, outer)
          })
        }
  })
})
