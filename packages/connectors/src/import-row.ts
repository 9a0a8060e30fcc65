/** One record of a table or of JSON, and the indicators that it is. */
import {
  guessTypes,
  type Indicator,
  type IndicatorType,
  isIndicatorType,
  readIndicator,
  readTime,
  refang
} from '@tocsin/model'
import { ConnectorError } from './errors.ts'
import type { ImportMapping, ImportPlace, ImportRefusal } from './import.ts'
import { oneLine } from './text.ts'

/** What a record can say; `items` is where a document holds its records. */
export const ROW_FIELDS = [
  'value',
  'type',
  'role',
  'comment',
  'firstSeen',
  'lastSeen',
  'validUntil',
  'id',
  'title',
  'text',
  'threat',
  'tlp',
  'pap',
  'tags',
  'confidence',
  'reference',
  'bulletin',
  'items'
] as const

export type RowField = (typeof ROW_FIELDS)[number]

/** One record: every text that it has for a field. */
export interface Row {
  readonly place: ImportPlace
  get(field: RowField): readonly string[]
}

/** The mapping that was given, checked, or the usual one. Throws ConnectorError `import-mapping-invalid`. */
export function mappingOf(given: ImportMapping | undefined, usual: ImportMapping): ImportMapping {
  const mapping = given === undefined || Object.keys(given).length === 0 ? usual : given
  for (const [field, place] of Object.entries(mapping)) {
    if (!ROW_FIELDS.some((name) => name === field) || place.trim() === '') {
      throw new ConnectorError('import-mapping-invalid', `no such field: ${field.slice(0, 40)}`, {
        fields: [...ROW_FIELDS]
      })
    }
  }
  if (mapping.value === undefined && mapping.title === undefined && mapping.text === undefined) {
    throw new ConnectorError('import-mapping-invalid', 'neither value, title nor text is mapped')
  }
  return mapping
}

/** Other tools' words for what a value is; what they leave open is guessed from the value. */
const TYPE_WORDS: Readonly<Record<string, IndicatorType | 'any'>> = {
  ip: 'any',
  'ip-src': 'any',
  'ip-dst': 'any',
  'ipv4-addr': 'ipv4',
  'ipv6-addr': 'ipv6',
  address: 'any',
  hash: 'any',
  file: 'any',
  hostname: 'domain',
  'domain-name': 'domain',
  link: 'url',
  uri: 'url',
  'email-addr': 'email',
  'email-src': 'email'
}

/** The indicator that a value of a record is; what is wrong with it is refused where it stands. */
export function indicatorOf(row: Row, raw: string, refused: ImportRefusal[]): Indicator[] {
  const { place } = row
  const say = (code: ImportRefusal['code'], message: string): [] => {
    refused.push(refusal(code, message, place))
    return []
  }
  const word = (first(row, 'type') ?? 'any').trim().toLowerCase()
  const type = isIndicatorType(word) ? word : TYPE_WORDS[word]
  if (type === undefined && word !== 'any') return say('type-unknown', `no type of indicator: ${word}`)
  const named = type ?? 'any'
  const guess = named === 'any' ? guessTypes(raw)[0] : undefined
  if (named === 'any' && guess === undefined) return say('type-unknown', `of no type: ${raw}`)
  const exact = named === 'any' ? undefined : readIndicator(named, raw)
  const read = exact === undefined || exact.ok || named === 'any' ? exact : readIndicator(named, refang(raw))
  if (read !== undefined && !read.ok) return say(read.code, `${named}: ${read.reason}`)
  const value = read ?? guess
  if (value === undefined) return []
  const role = first(row, 'role') ?? 'malicious'
  if (role !== 'malicious' && role !== 'context') return say('record-invalid', `no role: ${role}`)
  const comment = oneLine(first(row, 'comment') ?? '', 500)
  const times = timesOf(row, refused)
  return [{ type: value.type, value: value.value, role, ...(comment === '' ? {} : { comment }), ...times }]
}

/** What is no time is refused; the value stands without it. */
function timesOf(row: Row, refused: ImportRefusal[]): Pick<Indicator, 'firstSeen' | 'lastSeen' | 'validUntil'> {
  const time = (field: 'firstSeen' | 'lastSeen' | 'validUntil'): string | undefined => {
    const text = first(row, field)?.trim()
    if (text === undefined) return undefined
    // Seconds or milliseconds since the epoch.
    const epoch = /^\d{10}(?:\d{3})?$/.test(text) ? Number(text.padEnd(13, '0')) : undefined
    const read = readTime(epoch === undefined ? text : new Date(epoch).toISOString())
    if (read === undefined) refused.push(refusal('bad-time', `no time: ${text}`, { ...row.place, path: field }))
    return read
  }
  const firstSeen = time('firstSeen')
  const lastSeen = time('lastSeen')
  const validUntil = time('validUntil')
  const until = validUntil === undefined ? {} : { validUntil }
  if (firstSeen !== undefined && lastSeen !== undefined && firstSeen > lastSeen) {
    refused.push(refusal('time-order', 'last seen before it was first seen', { ...row.place, path: 'lastSeen' }))
    return until
  }
  return {
    ...(firstSeen === undefined ? {} : { firstSeen }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...until
  }
}

/** The first text of a field that says something. */
export function first(row: Row, field: RowField): string | undefined {
  return row.get(field).find((text) => text.trim() !== '')
}

export function refusal(code: ImportRefusal['code'], message: string, place: ImportPlace): ImportRefusal {
  return { kind: 'refused', code, message, place }
}
