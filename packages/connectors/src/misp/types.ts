import type { IndicatorType } from '@tocsin/model'

/** An attribute's type and category: a pair that MISP's describeTypes allows. */
export interface MispKind {
  readonly type: string
  readonly category: string
  /** Whether a match of such a value says anything by itself: no for what innocents share or what names a victim. */
  readonly isMatched: boolean
}

const kind = (type: string, category: string, isMatched = true): MispKind => ({ type, category, isMatched })
const network = (type: string, isMatched = true): MispKind => kind(type, 'Network activity', isMatched)
const delivery = (type: string): MispKind => kind(type, 'Payload delivery')

/** Each of our types in MISP's words. */
const KINDS: Readonly<Record<IndicatorType, MispKind>> = {
  ipv4: network('ip-dst'),
  ipv6: network('ip-dst'),
  cidr: network('ip-dst'),
  domain: network('domain'),
  url: network('url'),
  email: delivery('email-src'),
  'message-id': delivery('email-message-id'),
  'email-subject': delivery('email-subject'),
  md5: delivery('md5'),
  sha1: delivery('sha1'),
  sha256: delivery('sha256'),
  sha512: delivery('sha512'),
  ssdeep: delivery('ssdeep'),
  tlsh: delivery('tlsh'),
  filename: delivery('filename'),
  asn: network('AS', false),
  ja3: network('ja3-fingerprint-md5'),
  // MISP has no type for it; the comment says what it is.
  ja4: network('text'),
  jarm: network('jarm-fingerprint'),
  'x509-sha1': network('x509-fingerprint-sha1'),
  'x509-sha256': network('x509-fingerprint-sha256'),
  'user-agent': network('user-agent'),
  regkey: kind('regkey', 'Persistence mechanism'),
  mutex: kind('mutex', 'Artifacts dropped'),
  btc: kind('btc', 'Financial fraud'),
  account: kind('target-user', 'Targeting data', false),
  vulnerability: kind('vulnerability', 'External analysis', false)
}

/** What begins the comment of a JA4 fingerprint, by which it is known again. */
export const JA4_REMARK = 'JA4'

/** Threats in which addresses are where an attack came from, rather than where a victim goes to. */
const COMES_FROM: ReadonlySet<string> = new Set([
  'scan',
  'brute-force',
  'phished-account-use',
  'account-compromise',
  'spam',
  'vulnerability-exploitation',
  'ddos'
])

/** The kind of an attribute that says an indicator of a bulletin about this threat. */
export function kindOf(type: IndicatorType, threat: string): MispKind {
  const found = KINDS[type]
  return found.type === 'ip-dst' && COMES_FROM.has(threat) ? { ...found, type: 'ip-src' } : found
}

/** One part of an attribute's value. */
export interface Reading {
  /** What it is here; of an address MISP does not say whether it is a range; a note is nothing to search for. */
  readonly as: IndicatorType | 'address' | 'note'
  /** What it is called in the comments of the other part. */
  readonly note?: string
  /** An alert is asked for on the pair: this half alone is what innocents have too. */
  readonly isContext?: true
}

const as = (type: IndicatorType | 'address'): Reading => ({ as: type })
const note = (word: string): Reading => ({ as: 'note', note: word })
const NAME: Reading = { as: 'filename', note: 'file', isContext: true }

const ONE: Readonly<Record<string, Reading>> = {
  'ip-src': as('address'),
  'ip-dst': as('address'),
  domain: as('domain'),
  hostname: as('domain'),
  'onion-address': as('domain'),
  url: as('url'),
  uri: as('url'),
  email: as('email'),
  'email-src': as('email'),
  'email-dst': as('email'),
  'email-reply-to': as('email'),
  'email-message-id': as('message-id'),
  'email-subject': as('email-subject'),
  'email-attachment': as('filename'),
  md5: as('md5'),
  sha1: as('sha1'),
  sha256: as('sha256'),
  sha512: as('sha512'),
  ssdeep: as('ssdeep'),
  tlsh: as('tlsh'),
  filename: as('filename'),
  AS: as('asn'),
  'ja3-fingerprint-md5': as('ja3'),
  'jarm-fingerprint': as('jarm'),
  'x509-fingerprint-sha1': as('x509-sha1'),
  'x509-fingerprint-sha256': as('x509-sha256'),
  'user-agent': as('user-agent'),
  regkey: as('regkey'),
  mutex: as('mutex'),
  btc: as('btc'),
  'target-user': as('account'),
  vulnerability: as('vulnerability')
}

/** Hashes that nobody here searches for; the name beside them is kept, and they in its comment. */
const OTHER_HASHES = [
  'authentihash',
  'imphash',
  'impfuzzy',
  'pehash',
  'sha224',
  'sha384',
  'sha512/224',
  'sha512/256',
  'sha3-224',
  'sha3-256',
  'sha3-384',
  'sha3-512',
  'vhash'
] as const

/** Types that hold two values with a bar between them (MISP core format §2.4.2.4). */
const TWO: Readonly<Record<string, readonly [Reading, Reading]>> = {
  'filename|md5': [NAME, as('md5')],
  'filename|sha1': [NAME, as('sha1')],
  'filename|sha256': [NAME, as('sha256')],
  'filename|sha512': [NAME, as('sha512')],
  'filename|ssdeep': [NAME, as('ssdeep')],
  'filename|tlsh': [NAME, as('tlsh')],
  ...Object.fromEntries(OTHER_HASHES.map((name) => [`filename|${name}`, [NAME, note(name)] as const])),
  // The sample itself, a zip archive in `data`, is not taken.
  'malware-sample': [NAME, as('md5')],
  'domain|ip': [as('domain'), as('address')],
  'ip-src|port': [as('address'), note('port')],
  'ip-dst|port': [as('address'), note('port')],
  'hostname|port': [as('domain'), note('port')],
  'regkey|value': [as('regkey'), note('value')]
}

/** What the parts of a value of this type are; undefined for a type that we have no word for. */
export function readingsOf(type: string): readonly Reading[] | undefined {
  if (Object.hasOwn(TWO, type)) return TWO[type]
  const one = Object.hasOwn(ONE, type) ? ONE[type] : undefined
  return one === undefined ? undefined : [one]
}

/** Where a client puts what it types itself; everything else is delivered. */
const CATEGORIES: readonly (readonly [string, RegExp])[] = [
  ['Network activity', /^(?:ip-|domain|hostname|onion|uri?l?$|AS$|ja3|jarm|x509|user-agent)/],
  ['Persistence mechanism', /^regkey/],
  ['Artifacts dropped', /^mutex/],
  ['Financial fraud', /^btc/],
  ['Targeting data', /^target-/],
  ['External analysis', /^(?:vulnerability|link)/],
  ['Social network', /^email$/],
  ['Other', /^(?:comment|text)$/],
  ['Payload installation', /^(?:yara|sigma)$/]
]

/** MISP's describeTypes, of the types alone that mean something here. */
export function describeTypes(): object {
  const types = [...Object.keys(ONE), ...Object.keys(TWO), 'yara', 'sigma', 'link', 'comment', 'text']
  const quiet = new Set([
    ...Object.values(KINDS).flatMap(({ type, isMatched }) => (isMatched ? [] : [type])),
    'link',
    'comment',
    'text'
  ])
  const categoryOf = (type: string): string =>
    CATEGORIES.find(([, names]) => names.test(type))?.[0] ?? 'Payload delivery'
  const categories = [...new Set(types.map(categoryOf))]
  return {
    sane_defaults: Object.fromEntries(
      types.map((type) => [type, { default_category: categoryOf(type), to_ids: quiet.has(type) ? 0 : 1 }])
    ),
    types,
    categories,
    category_type_mappings: Object.fromEntries(
      categories.map((category) => [category, types.filter((type) => categoryOf(type) === category)])
    )
  }
}
