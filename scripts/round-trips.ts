/** What comes back of a bulletin that left in a format and is imported again elsewhere, each combination tried. */
import {
  eventHead,
  eventPieces,
  FEEDS,
  type FeedItem,
  type FeedName,
  identityObject,
  importNamed,
  indicatorAttribute,
  indicatorObject,
  type ReadDraft,
  readImport,
  reportObject,
  type SourceLabels,
  tlpMarking
} from '@tocsin/connectors'
import {
  INDICATOR_TYPE_NAMES,
  type IndicatorType,
  type InstitutionId,
  PAPS,
  type Pap,
  TLPS,
  type Tlp
} from '@tocsin/model'

export const TRIPS_BEGIN = '<!-- tried by scripts/formats-doc.ts: -->'
export const TRIPS_END = '<!-- end of what is tried -->'

const hex = (digits: number): string => '0123456789abcdef'.repeat(8).slice(0, digits)

/** One value of each type, in normal form. */
export const SAMPLES: Readonly<Record<IndicatorType, string>> = {
  ipv4: '45.1.2.4',
  ipv6: '2a01:e0a::4',
  cidr: '45.1.2.0/24',
  domain: 'login.evil.example',
  url: 'http://login.evil.example/x/form.php',
  email: 'support@evil.example',
  'message-id': '4711@evil.example',
  'email-subject': 'Your mailbox is full',
  md5: hex(32),
  sha1: hex(40),
  sha256: hex(64),
  sha512: hex(128),
  ssdeep: '3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C',
  tlsh: `T1${hex(70).toUpperCase()}`,
  filename: 'facture.html',
  asn: 'AS64496',
  ja3: hex(32),
  ja4: 't13d1516h2_8daaf6152771_b186095e22b6',
  jarm: `27d40d40d29d40d1dc42d43d00041d${hex(32)}`,
  'x509-sha1': hex(40),
  'x509-sha256': hex(64),
  'user-agent': 'BadBot/1.0',
  regkey: 'HKLM\\software\\bad',
  mutex: 'Global\\bad',
  btc: '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
  account: 'victim@uni.example',
  vulnerability: 'CVE-2026-12345'
}

export const ROUND_TRIPS = ['list', 'csv', 'json', 'stix', 'TAXII', 'misp', 'MISP feed'] as const
export type RoundTrip = (typeof ROUND_TRIPS)[number]

/** The import that reads each, as a consumer of another institution would. */
const READ_BY: Readonly<Record<RoundTrip, string>> = {
  list: 'text',
  csv: 'csv',
  json: 'json',
  stix: 'stix',
  TAXII: 'stix',
  misp: 'misp',
  'MISP feed': 'misp'
}

export function itemOf(type: IndicatorType, tlp: Tlp, pap: Pap): FeedItem {
  return {
    indicator: {
      type,
      value: SAMPLES[type],
      role: 'malicious',
      comment: 'seen in the second wave',
      firstSeen: '2026-11-23T08:00:00Z',
      lastSeen: '2026-11-24T08:00:00Z',
      validUntil: '2027-01-24T08:00:00Z'
    },
    bulletin: {
      id: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11',
      title: 'Faux portail',
      author: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' as InstitutionId,
      authorName: 'CERT-X',
      tlp,
      pap,
      threat: 'phishing',
      confidence: 73,
      publishedAt: Date.UTC(2026, 10, 24, 9)
    }
  }
}

/** The document, exported for hunting and by hand, so that the format alone decides; undefined where it carries none. */
export async function exported(way: RoundTrip, item: FeedItem): Promise<string | undefined> {
  const { indicator, bulletin } = item
  if (way === 'TAXII') {
    const one = indicatorObject(indicator, bulletin)
    const { author, authorName, tlp } = bulletin
    // The door has RED in no collection.
    if (one === undefined || tlp === 'RED') return undefined
    const report = reportObject(bulletin, { text: '', references: [] }, [one.id])
    return JSON.stringify({ more: false, objects: [tlpMarking(tlp), identityObject(author, authorName), one, report] })
  }
  if (way === 'MISP feed') {
    const attribute = indicatorAttribute(indicator, bulletin)
    if (attribute === undefined || bulletin.tlp === 'RED') return undefined
    return [...eventPieces(eventHead(bulletin), [attribute])].join('')
  }
  const name: FeedName = way
  const refused: string[] = []
  async function* source(): AsyncGenerator<FeedItem> {
    yield item
  }
  let text = ''
  const options = { use: 'hunt', byHand: true, onRefused: ({ code }: { code: string }) => refused.push(code) } as const
  for await (const piece of FEEDS[name].write(source(), options)) text += piece
  return refused.length > 0 ? undefined : text
}

export interface CameBack {
  readonly drafts: readonly ReadDraft[]
  readonly refused: readonly string[]
}

/** What the import of that format makes of a document; without labels it knows those alone that the document says. */
export async function cameBack(way: RoundTrip, document: string, labels: SourceLabels = {}): Promise<CameBack> {
  const info = importNamed(READ_BY[way])
  if (info === undefined) throw new Error(`no import reads ${way}`)
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(document)
  }
  const drafts: ReadDraft[] = []
  const refused: string[] = []
  const context = { ownDomains: ['univ-reims.fr'], circleDomains: [] }
  for await (const item of readImport(info, source(), {
    source: 'test',
    labels,
    context,
    now: Date.UTC(2026, 10, 30)
  })) {
    if (item.kind === 'draft') drafts.push(item)
    if (item.kind === 'refused') refused.push(item.code)
  }
  return { drafts, refused }
}

/** Whether the one value of one draft is the one that left. */
function isSameValue({ drafts }: CameBack, { indicator }: FeedItem): boolean {
  const [draft, ...others] = drafts
  const [one, ...more] = draft?.draft.indicators ?? []
  return others.length + more.length === 0 && one?.type === indicator.type && one.value === indicator.value
}

async function tried(way: RoundTrip, item: FeedItem): Promise<CameBack | undefined> {
  const document = await exported(way, item)
  return document === undefined ? undefined : cameBack(way, document)
}

/** What is asked of what came back, beside the value and the labels. */
const FIELDS: Readonly<Record<string, (one: ReadDraft, item: FeedItem) => boolean>> = {
  role: ({ draft }, { indicator }) => draft.indicators[0]?.role === indicator.role,
  comment: ({ draft }, { indicator }) => (draft.indicators[0]?.comment ?? '').includes(indicator.comment ?? '?'),
  'first and last seen': ({ draft }, { indicator }) =>
    isSameTime(draft.indicators[0]?.firstSeen, indicator.firstSeen) &&
    isSameTime(draft.indicators[0]?.lastSeen, indicator.lastSeen),
  'valid until': ({ draft }, { indicator }) => isSameTime(draft.indicators[0]?.validUntil, indicator.validUntil),
  title: ({ draft }, { bulletin }) => draft.title === bulletin.title,
  threat: ({ draft }, { bulletin }) => draft.threat === bulletin.threat,
  confidence: ({ draft }, { bulletin }) => draft.confidence === bulletin.confidence,
  'its bulletin, so that it is known again': ({ bulletins }, { bulletin }) => (bulletins ?? []).join() === bulletin.id
}

function isSameTime(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && Date.parse(a) === Date.parse(b)
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)].join('\n')
const named = (way: RoundTrip): string => (way in FEEDS ? `\`${way}\`` : way)

/** What stands between the two marks of docs/formats.md: every way, TLP, PAP and type is tried. */
export async function roundTripTables(): Promise<string> {
  const types: string[][] = INDICATOR_TYPE_NAMES.map((type) => [type])
  const labels: string[][] = []
  const fields: string[][] = Object.keys(FIELDS).map((name) => [name])
  for (const way of ROUND_TRIPS) {
    const whole = new Map<IndicatorType, boolean>()
    for (const [index, type] of INDICATOR_TYPE_NAMES.entries()) {
      const item = itemOf(type, 'AMBER', 'GREEN')
      const back = await tried(way, item)
      whole.set(type, back !== undefined && isSameValue(back, item))
      types[index]?.push(back === undefined ? '' : whole.get(type) === true ? '●' : '○')
    }
    labels.push([named(way), ...(await Promise.all(TLPS.map((tlp) => papsOf(way, tlp, whole))))])
    const item = itemOf('domain', 'AMBER', 'GREEN')
    const [draft] = (await tried(way, item))?.drafts ?? []
    for (const [index, says] of Object.values(FIELDS).entries())
      fields[index]?.push(draft !== undefined && says(draft, item) ? '●' : '')
  }
  const ways = ROUND_TRIPS.map(named)
  const head = ['round trip', ...TLPS.map((tlp) => `TLP:${tlp}${tlp === 'RED' ? ', by hand' : ''}`)]
  return [
    '',
    table(head, labels),
    '',
    table(['type', ...ways], types),
    '',
    table(['besides', ...ways], fields),
    ''
  ].join('\n')
}

/** The PAPs that come back with this TLP, and neither label changed, of every type that comes back. */
async function papsOf(way: RoundTrip, tlp: Tlp, whole: ReadonlyMap<IndicatorType, boolean>): Promise<string> {
  const kept: Pap[] = []
  for (const pap of PAPS) {
    let isKept = true
    for (const [type, isWhole] of whole) {
      if (!isWhole) continue
      const item = itemOf(type, tlp, pap)
      const back = await tried(way, item)
      const [draft] = back?.drafts ?? []
      isKept &&= back !== undefined && isSameValue(back, item) && draft?.draft.tlp === tlp && draft.draft.pap === pap
    }
    if (isKept) kept.push(pap)
  }
  return kept.map((pap) => `PAP:${pap}`).join(' ')
}
