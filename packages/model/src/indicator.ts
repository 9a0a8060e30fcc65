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

/** What most types do not need: their values are shown and indexed as they are. */
interface Extra {
  readonly defang?: (value: string) => string
  readonly indexKey?: (value: string) => string
  /** White space of any kind is one space before anything else is looked at. */
  readonly fold?: boolean
}

type Row = Omit<IndicatorTypeInfo, 'type'>

function row(
  code: number,
  en: string,
  fr: string,
  lifetimeDays: number | null,
  uses: readonly Use[],
  maxLength: number,
  parse: (text: string) => ParsedValue,
  { defang = same, indexKey = same, fold = false }: Extra = {}
): Row {
  return {
    code,
    title: { en, fr },
    parse: checked(parse, maxLength, fold),
    defang,
    indexKey,
    lifetimeDays,
    uses,
    maxLength
  }
}

const TWO_YEARS = 730
const NAME: Extra = { defang: defangName }
const MAIL: Extra = { defang: defangMail }
const TEXT: Extra = { defang: defangText }

/**
 * The one table: code, English and French title, days, uses, longest normal form, parser. A new type takes the next
 * code. DESIGN §6 fixes the days of addresses, URLs, domains and hashes.
 */
const ROWS: Readonly<Record<IndicatorType, Row>> = {
  ipv4: row(1, 'IPv4 address', 'Adresse IPv4', 14, ALL, 15, parseIpv4, NAME),
  ipv6: row(2, 'IPv6 address', 'Adresse IPv6', 14, ALL, 39, parseIpv6, NAME),
  cidr: row(3, 'Address range', "Plage d'adresses", 14, ALL, 43, parseCidr, NAME),
  domain: row(4, 'Domain', 'Domaine', 90, ALL, 253, parseDomain, { defang: defangName, indexKey: reverseLabels }),
  url: row(5, 'URL', 'URL', 30, ALL, 4096, parseUrl, { defang: defangUrl }),
  email: row(6, 'E-mail address', 'Adresse électronique', 90, ALL, 254, parseEmail, MAIL),
  'message-id': row(7, 'Message-ID', 'Message-ID', 90, NOT_BLOCK, 998, parseMessageId, MAIL),
  'email-subject': row(8, 'E-mail subject', 'Objet de message', 30, NOT_BLOCK, 998, parseSubject, {
    ...TEXT,
    fold: true
  }),
  md5: row(9, 'MD5', 'MD5', TWO_YEARS, ALL, 32, hexOf(32)),
  sha1: row(10, 'SHA-1', 'SHA-1', TWO_YEARS, ALL, 40, hexOf(40)),
  sha256: row(11, 'SHA-256', 'SHA-256', TWO_YEARS, ALL, 64, hexOf(64)),
  sha512: row(12, 'SHA-512', 'SHA-512', TWO_YEARS, ALL, 128, hexOf(128)),
  ssdeep: row(13, 'ssdeep hash', 'Empreinte ssdeep', TWO_YEARS, NOT_BLOCK, 140, parseSsdeep),
  tlsh: row(14, 'TLSH hash', 'Empreinte TLSH', TWO_YEARS, NOT_BLOCK, 72, parseTlsh),
  filename: row(15, 'File name', 'Nom de fichier', 365, NOT_BLOCK, 255, parseFilename, TEXT),
  asn: row(16, 'Autonomous system', 'Système autonome', 90, NOT_BLOCK, 12, parseAsn),
  ja3: row(17, 'JA3 fingerprint', 'Empreinte JA3', 365, NOT_BLOCK, 32, hexOf(32)),
  ja4: row(18, 'JA4 fingerprint', 'Empreinte JA4', 365, NOT_BLOCK, 36, parseJa4),
  jarm: row(19, 'JARM fingerprint', 'Empreinte JARM', 365, NOT_BLOCK, 62, parseJarm),
  'x509-sha1': row(20, 'Certificate SHA-1', 'SHA-1 de certificat', 365, ALL, 40, fingerprintOf(40)),
  'x509-sha256': row(21, 'Certificate SHA-256', 'SHA-256 de certificat', 365, ALL, 64, fingerprintOf(64)),
  'user-agent': row(22, 'User agent', 'Agent utilisateur', 180, NOT_BLOCK, 1024, parseExact, TEXT),
  regkey: row(23, 'Registry key', 'Clé de registre', TWO_YEARS, NOT_BLOCK, 1024, parseRegkey),
  mutex: row(24, 'Mutex', 'Mutex', TWO_YEARS, NOT_BLOCK, 260, parseExact, TEXT),
  btc: row(25, 'Bitcoin address', 'Adresse Bitcoin', TWO_YEARS, NOT_BLOCK, 90, parseBtc),
  account: row(26, 'Account', 'Compte', 90, AT_HOME, 254, parseAccount, MAIL),
  vulnerability: row(27, 'Vulnerability', 'Vulnérabilité', null, NOT_BLOCK, 28, parseVulnerability)
}

/** Every type by its name. */
export const INDICATOR_TYPES = Object.freeze(
  Object.fromEntries(INDICATOR_TYPE_NAMES.map((type) => [type, Object.freeze({ type, ...ROWS[type] })]))
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
