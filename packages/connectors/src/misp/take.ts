/** What one attribute of an event becomes in a draft: indicators, a rule, a link, or nothing. */
import { type IndicatorType, type Rule, readIndicator, refang } from '@tocsin/model'
import { plainText } from '../extracted.ts'
import type { ImportRefusal } from '../import.ts'
import type { LeaveOut } from '../leave-out.ts'
import { oneLine } from '../text.ts'
import { noteOf } from './fields.ts'
import type { Pile } from './pile.ts'
import type { ReadAttribute } from './read-event.ts'
import { JA4_REMARK, type Reading, readingsOf } from './types.ts'

/** What was made of attributes so far. */
export interface Taken {
  readonly pile: Pile
  readonly rules: Rule[]
  readonly references: { url: string; verdict?: string }[]
  readonly out: LeaveOut
}

interface Outcome {
  /** True if a draft can hold what the attribute says. */
  readonly isTaken: boolean
  /** Values that are none of their type. */
  readonly refused: readonly { readonly code: ImportRefusal['code']; readonly reason: string }[]
}

const TAKEN: Outcome = { isTaken: true, refused: [] }
const LEFT: Outcome = { isTaken: false, refused: [] }

const RULES: Readonly<Record<string, Rule['kind']>> = {
  yara: 'yara',
  sigma: 'sigma',
  suricata: 'suricata',
  snort: 'snort',
  zeek: 'zeek',
  bro: 'zeek'
}
const MAX_RULES = 32
const MAX_REFERENCES = 64
const MAX_COMMENT = 500

/** Types of which anything is made: indicators, rules, links, and the words of our own export. */
export function isReadType(type: string): boolean {
  return readingsOf(type) !== undefined || Object.hasOwn(RULES, type) || ['link', 'comment', 'text'].includes(type)
}

export function take(attribute: ReadAttribute, taken: Taken): Outcome {
  const { type, value, comment } = attribute
  const kind = Object.hasOwn(RULES, type) ? RULES[type] : undefined
  if (kind !== undefined) {
    const text = plainText(value)
    if (taken.rules.length >= MAX_RULES || text === '') return LEFT
    taken.rules.push({ kind, name: oneLine(comment ?? '', 200) || type, text })
    return TAKEN
  }
  if (type === 'link') return takeLink(attribute, taken) ? TAKEN : LEFT
  if (type === 'text' && comment?.startsWith(JA4_REMARK) === true)
    return takeParts([{ reading: { as: 'ja4' }, text: value }], attribute, taken)
  const readings = readingsOf(type)
  if (readings === undefined) return LEFT
  const texts = readings.length === 1 ? [value] : halves(value, readings[0]?.as === 'filename')
  const parts = readings.flatMap((reading, index) => {
    const text = texts[index]
    return text === undefined || text.trim() === '' ? [] : [{ reading, text }]
  })
  return takeParts(parts, attribute, taken)
}

function halves(value: string, isFile: boolean): string[] {
  // A hash has no bar, a file name might; of everything else the first part has none.
  const bar = isFile ? value.lastIndexOf('|') : value.indexOf('|')
  return bar < 0 ? [value] : [value.slice(0, bar), value.slice(bar + 1)]
}

interface Part {
  readonly reading: Reading
  readonly text: string
}

function takeParts(parts: readonly Part[], attribute: ReadAttribute, { pile, out }: Taken): Outcome {
  const { path, toIds, comment, firstSeen, lastSeen, notes = [] } = attribute
  const [first, last] = [timeOf(firstSeen), timeOf(lastSeen)]
  const isInOrder = first === undefined || last === undefined || first <= last
  const said = comment === undefined ? '' : oneLine(comment, MAX_COMMENT)
  const refused: Outcome['refused'][number][] = []
  for (const part of parts) {
    const { reading, text } = part
    if (reading.as === 'note') continue
    const declared = reading.as === 'address' ? addressType(text) : reading.as
    const exact = readIndicator(declared, text)
    const read = exact.ok ? exact : readIndicator(declared, refang(text))
    if (!exact.ok && !read.ok) refused.push(exact)
    if (!read.ok || out.leavesOut(read.type, read.value, { path })) continue
    const beside = parts.flatMap((other) =>
      other === part || other.reading.note === undefined ? [] : noteOf(other.reading.note, other.text)
    )
    const isContext = !toIds || (reading.isContext === true && parts.length > 1)
    pile.add(
      {
        type: read.type,
        value: read.value,
        role: isContext ? 'context' : 'malicious',
        ...(said === '' ? {} : { comment: said }),
        ...(first === undefined || !isInOrder ? {} : { firstSeen: first }),
        ...(last === undefined || !isInOrder ? {} : { lastSeen: last })
      },
      [...beside, ...notes]
    )
  }
  return { isTaken: true, refused }
}

function addressType(value: string): IndicatorType {
  if (value.includes('/')) return 'cidr'
  return value.includes(':') ? 'ipv6' : 'ipv4'
}

/** Microseconds and offsets of MISP's times are more than a bulletin holds. */
function timeOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 40) return undefined
  const at = Date.parse(text)
  return Number.isFinite(at) && at >= 0 && at < 4e12 ? new Date(at).toISOString() : undefined
}

function takeLink({ value, comment }: ReadAttribute, { references }: Taken): boolean {
  const isWeb = /^https?:\/\//i.test(value) && value.length <= 2048 && URL.canParse(value)
  if (!isWeb || references.length >= MAX_REFERENCES) return false
  const { username, password } = new URL(value)
  if (username !== '' || password !== '') return false
  const said = oneLine(comment ?? '', 100)
  references.push({ url: value, ...(said === '' ? {} : { verdict: said }) })
  return true
}
