import { parseBtc } from './btc.ts'
import { defangMail, defangName, defangText, defangUrl } from './defang.ts'
import { parseDomain, reverseLabels } from './domain.ts'
import { parseAccount, parseEmail, parseMessageId, parseSubject } from './email.ts'
import { fingerprintOf, hexOf, parseJa4, parseJarm, parseSsdeep, parseTlsh } from './hash.ts'
import { parseAsn, parseExact, parseFilename, parseRegkey, parseVulnerability } from './host-artefact.ts'
import { INDICATOR_TYPE_NAMES, type IndicatorType, isIndicatorType } from './indicator-type.ts'
import { parseCidr, parseIpv4, parseIpv6 } from './ip.ts'
import { type ParsedValue, refuse } from './parsed.ts'
import { isPlainLine } from './text.ts'
import { parseUrl } from './url.ts'
import type { Use } from './use.ts'

/** Everything that is particular to one type of indicator. */
export interface IndicatorTypeInfo {
  readonly type: IndicatorType
  /** Stable byte for store keys; a number is never given to another type. */
  readonly code: number
  readonly title: { readonly en: string; readonly fr: string }
  /** Reads one exact value into its normal form (NORMALISATION.md); outer white space is trimmed. */
  readonly parse: (raw: string) => ParsedValue
  /** How a value is shown where text may become a link. */
  readonly defang: (value: string) => string
  /** The text under which a value is indexed: names with reversed labels, so that a zone is one range. */
  readonly indexKey: (value: string) => string
  /** Days after which an unrenewed value is no longer blocked (DESIGN §6); null if it does not age. */
  readonly lifetimeDays: number | null
  /** What the type can be used for at all; `block` only where a match is the thing itself. */
  readonly uses: readonly Use[]
  /** Longest normal form, in UTF-16 code units. */
  readonly maxLength: number
}

const ALL: readonly Use[] = ['hunt', 'detect', 'enrich', 'block', 'release']
// Shared by innocent clients, servers or files: a match is a reason to look, never to cut off.
const NOT_BLOCK: readonly Use[] = ['hunt', 'detect', 'enrich', 'release']
// A person stands behind it: neither third parties nor the public are asked about it.
const AT_HOME: readonly Use[] = ['hunt', 'detect']

const same = (value: string): string => value

/** Trims, bounds and checks the characters before the type's own parser sees the text, and the length after it. */
function checked(parse: (text: string) => ParsedValue, maxLength: number, fold = false): (raw: string) => ParsedValue {
  return (raw) => {
    // Normal forms are at most a little shorter than what is written; this only keeps parsers off huge input.
    if (raw.length > maxLength * 4 + 64) return refuse('too-long')
    const text = fold ? raw.replace(/\s+/gu, ' ').trim() : raw.trim()
    if (text === '') return refuse('empty')
    if (!isPlainLine(text)) return refuse('bad-character')
    const parsed = parse(text)
    if (!parsed.ok) return parsed
    if (parsed.value === '') return refuse('empty')
    return parsed.value.length > maxLength ? refuse('too-long') : parsed
  }
}

interface Row {
  readonly code: number
  readonly en: string
  readonly fr: string
  readonly parse: (text: string) => ParsedValue
  readonly days: number | null
  readonly uses: readonly Use[]
  readonly max: number
  readonly defang?: (value: string) => string
  readonly indexKey?: (value: string) => string
  /** White space of any kind is one space before anything else is looked at. */
  readonly fold?: boolean
}

const TWO_YEARS = 730

/** The one table. A new type takes the next code; DESIGN §6 fixes the days of addresses, URLs, domains and hashes. */
const ROWS: Readonly<Record<IndicatorType, Row>> = {
  ipv4: {
    code: 1,
    en: 'IPv4 address',
    fr: 'Adresse IPv4',
    parse: parseIpv4,
    days: 14,
    uses: ALL,
    max: 15,
    defang: defangName
  },
  ipv6: {
    code: 2,
    en: 'IPv6 address',
    fr: 'Adresse IPv6',
    parse: parseIpv6,
    days: 14,
    uses: ALL,
    max: 39,
    defang: defangName
  },
  cidr: {
    code: 3,
    en: 'Address range',
    fr: "Plage d'adresses",
    parse: parseCidr,
    days: 14,
    uses: ALL,
    max: 43,
    defang: defangName
  },
  domain: {
    code: 4,
    en: 'Domain',
    fr: 'Domaine',
    parse: parseDomain,
    days: 90,
    uses: ALL,
    max: 253,
    defang: defangName,
    indexKey: reverseLabels
  },
  url: { code: 5, en: 'URL', fr: 'URL', parse: parseUrl, days: 30, uses: ALL, max: 4096, defang: defangUrl },
  email: {
    code: 6,
    en: 'E-mail address',
    fr: 'Adresse électronique',
    parse: parseEmail,
    days: 90,
    uses: ALL,
    max: 254,
    defang: defangMail
  },
  'message-id': {
    code: 7,
    en: 'Message-ID',
    fr: 'Message-ID',
    parse: parseMessageId,
    days: 90,
    uses: NOT_BLOCK,
    max: 998,
    defang: defangMail
  },
  'email-subject': {
    code: 8,
    en: 'E-mail subject',
    fr: 'Objet du message',
    parse: parseSubject,
    days: 30,
    uses: NOT_BLOCK,
    max: 998,
    defang: defangText,
    fold: true
  },
  md5: { code: 9, en: 'MD5', fr: 'MD5', parse: hexOf(32), days: TWO_YEARS, uses: ALL, max: 32 },
  sha1: { code: 10, en: 'SHA-1', fr: 'SHA-1', parse: hexOf(40), days: TWO_YEARS, uses: ALL, max: 40 },
  sha256: { code: 11, en: 'SHA-256', fr: 'SHA-256', parse: hexOf(64), days: TWO_YEARS, uses: ALL, max: 64 },
  sha512: { code: 12, en: 'SHA-512', fr: 'SHA-512', parse: hexOf(128), days: TWO_YEARS, uses: ALL, max: 128 },
  ssdeep: {
    code: 13,
    en: 'ssdeep hash',
    fr: 'Empreinte ssdeep',
    parse: parseSsdeep,
    days: TWO_YEARS,
    uses: NOT_BLOCK,
    max: 140
  },
  tlsh: {
    code: 14,
    en: 'TLSH hash',
    fr: 'Empreinte TLSH',
    parse: parseTlsh,
    days: TWO_YEARS,
    uses: NOT_BLOCK,
    max: 72
  },
  filename: {
    code: 15,
    en: 'File name',
    fr: 'Nom de fichier',
    parse: parseFilename,
    days: 365,
    uses: NOT_BLOCK,
    max: 255,
    defang: defangText
  },
  asn: {
    code: 16,
    en: 'Autonomous system',
    fr: 'Système autonome',
    parse: parseAsn,
    days: 90,
    uses: NOT_BLOCK,
    max: 12
  },
  ja3: { code: 17, en: 'JA3 fingerprint', fr: 'Empreinte JA3', parse: hexOf(32), days: 365, uses: NOT_BLOCK, max: 32 },
  ja4: { code: 18, en: 'JA4 fingerprint', fr: 'Empreinte JA4', parse: parseJa4, days: 365, uses: NOT_BLOCK, max: 36 },
  jarm: {
    code: 19,
    en: 'JARM fingerprint',
    fr: 'Empreinte JARM',
    parse: parseJarm,
    days: 365,
    uses: NOT_BLOCK,
    max: 62
  },
  'x509-sha1': {
    code: 20,
    en: 'Certificate SHA-1',
    fr: 'SHA-1 de certificat',
    parse: fingerprintOf(40),
    days: 365,
    uses: ALL,
    max: 40
  },
  'x509-sha256': {
    code: 21,
    en: 'Certificate SHA-256',
    fr: 'SHA-256 de certificat',
    parse: fingerprintOf(64),
    days: 365,
    uses: ALL,
    max: 64
  },
  'user-agent': {
    code: 22,
    en: 'User agent',
    fr: 'Agent utilisateur',
    parse: parseExact,
    days: 180,
    uses: NOT_BLOCK,
    max: 1024,
    defang: defangText
  },
  regkey: {
    code: 23,
    en: 'Registry key',
    fr: 'Clé de registre',
    parse: parseRegkey,
    days: TWO_YEARS,
    uses: NOT_BLOCK,
    max: 1024
  },
  mutex: {
    code: 24,
    en: 'Mutex',
    fr: 'Mutex',
    parse: parseExact,
    days: TWO_YEARS,
    uses: NOT_BLOCK,
    max: 260,
    defang: defangText
  },
  btc: {
    code: 25,
    en: 'Bitcoin address',
    fr: 'Adresse Bitcoin',
    parse: parseBtc,
    days: TWO_YEARS,
    uses: NOT_BLOCK,
    max: 90
  },
  account: {
    code: 26,
    en: 'Account',
    fr: 'Compte',
    parse: parseAccount,
    days: 90,
    uses: AT_HOME,
    max: 254,
    defang: defangMail
  },
  vulnerability: {
    code: 27,
    en: 'Vulnerability',
    fr: 'Vulnérabilité',
    parse: parseVulnerability,
    days: null,
    uses: NOT_BLOCK,
    max: 28
  }
}

function rowToInfo(type: IndicatorType): IndicatorTypeInfo {
  const { code, en, fr, parse, days, uses, max, defang = same, indexKey = same, fold = false } = ROWS[type]
  const title = { en, fr }
  return {
    type,
    code,
    title,
    parse: checked(parse, max, fold),
    defang,
    indexKey,
    lifetimeDays: days,
    uses,
    maxLength: max
  }
}

/** Every type by its name. */
export const INDICATOR_TYPES = Object.freeze(
  Object.fromEntries(INDICATOR_TYPE_NAMES.map((type) => [type, Object.freeze(rowToInfo(type))]))
) as Readonly<Record<IndicatorType, IndicatorTypeInfo>>

const BY_CODE: ReadonlyMap<number, IndicatorType> = new Map(
  INDICATOR_TYPE_NAMES.map((type) => [INDICATOR_TYPES[type].code, type])
)

/** The type of a store key's byte, or undefined. */
export function indicatorTypeOf(code: number): IndicatorType | undefined {
  return BY_CODE.get(code)
}

/** Reads one exact value of one type into its normal form; nothing is refanged. Never throws. */
export function parseIndicator(type: IndicatorType, raw: string): ParsedValue {
  return isIndicatorType(type) ? INDICATOR_TYPES[type].parse(raw) : refuse('unknown-type')
}

/** A value as it is shown where text may become a link. */
export function defang(type: IndicatorType, value: string): string {
  return INDICATOR_TYPES[type].defang(value)
}
