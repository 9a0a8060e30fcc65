/** Whatever we export as STIX, held against the official schemas. */
import { FEEDS, type FeedItem } from '@tocsin/connectors'
import {
  INDICATOR_TYPE_NAMES,
  type IndicatorType,
  type InstitutionId,
  PAPS,
  parseIndicator,
  THREATS,
  TLPS
} from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stixSchemas } from './stix-schemas.ts'

const faults = stixSchemas()

/** One value of each type that a person could have published. */
const SAMPLES: Readonly<Record<IndicatorType, string>> = {
  ipv4: '192.0.2.7',
  ipv6: '2001:db8::1',
  cidr: '198.51.100.0/24',
  domain: 'evil.example',
  url: "https://evil.example/a?b='c'",
  email: 'bad@phish.example',
  'message-id': '<1@evil.example>',
  'email-subject': 'Votre boîte est pleine \\ "urgent" AND \'vite\'',
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
  sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  sha512: 'a'.repeat(128),
  ssdeep: '3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C',
  tlsh: `T1${'A'.repeat(70)}`,
  filename: "it's.exe",
  asn: 'AS2200',
  ja3: 'a'.repeat(32),
  ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
  jarm: 'a'.repeat(62),
  'x509-sha1': 'a'.repeat(40),
  'x509-sha256': 'a'.repeat(64),
  'user-agent': 'evil/1.0',
  regkey: 'HKLM\\Software\\Evil',
  mutex: 'Global\\evil',
  btc: '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2',
  account: 'jdupont',
  vulnerability: 'CVE-2026-1234'
}

const author = 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' as InstitutionId

const bulletins = fc.record({
  id: fc.uuid({ version: 4 }),
  title: fc.string({ unit: 'binary', maxLength: 200 }),
  author: fc.constant(author),
  authorName: fc.string({ unit: 'binary', maxLength: 100 }),
  tlp: fc.constantFrom(...TLPS),
  pap: fc.constantFrom(...PAPS),
  threat: fc.constantFrom(...THREATS),
  confidence: fc.integer({ min: 0, max: 100 }),
  publishedAt: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2030, 0, 1) }),
  keepUntil: fc.option(fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) }), { nil: undefined })
})

function items(type: fc.Arbitrary<IndicatorType>, value: (type: IndicatorType) => fc.Arbitrary<string>) {
  return fc.tuple(
    type.chain((one) =>
      fc.record({
        type: fc.constant(one),
        value: value(one),
        role: fc.constant('malicious' as const),
        comment: fc.string({ unit: 'binary', minLength: 1, maxLength: 500 })
      })
    ),
    bulletins
  )
}

async function bundleOf(all: readonly FeedItem[]) {
  async function* source() {
    yield all
  }
  let text = ''
  for await (const piece of FEEDS.stix.write(source(), { use: 'hunt', byHand: true })) text += piece
  return JSON.parse(text) as { readonly type: string; readonly objects?: readonly { readonly type: string }[] }
}

describe('the stix feed against the official schemas', () => {
  it('has a sample of each type that is in its normal form', () => {
    for (const type of INDICATOR_TYPE_NAMES) expect(parseIndicator(type, SAMPLES[type])).toMatchObject({ ok: true })
  })

  it('finds a fault where there is one', () => {
    expect(faults({ type: 'indicator' })).not.toEqual([])
    expect(faults({ type: 'no-such-type' })).not.toEqual([])
  })

  it.each(FEEDS.stix.types)('%s', async (type) => {
    const [bulletin] = fc.sample(bulletins, { numRuns: 1, seed: 1 })
    if (bulletin === undefined) throw new Error('no bulletin')
    const bundle = await bundleOf([{ indicator: { type, value: SAMPLES[type], role: 'malicious' }, bulletin }])
    expect(bundle.objects).toHaveLength(3)
    expect([bundle, ...(bundle.objects ?? [])].flatMap(faults)).toEqual([])
  })

  it('whatever a peer wrote', async () => {
    const hostile = items(fc.constantFrom(...FEEDS.stix.types), () =>
      fc.string({ unit: 'binary', minLength: 1, maxLength: 4096 })
    )
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 5 }), async (found) => {
        const bundle = await bundleOf(found.map(([indicator, bulletin]) => ({ indicator, bulletin })))
        expect([bundle, ...(bundle.objects ?? [])].flatMap(faults)).toEqual([])
      }),
      { numRuns: 200 }
    )
  })
})
