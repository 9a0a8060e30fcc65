import { type BulletinId, isBulletinId, parseThreat, THREAT_INFO, THREATS, type Threat } from '@tocsin/model'
import { labelsInTags } from '../import-labels.ts'
import { oneLine } from '../text.ts'
import { TAGS } from './event.ts'

const LEVELS: Readonly<Record<string, number>> = {
  'completely-confident': 100,
  'usually-confident': 75,
  'fairly-confident': 50,
  'rarely-confident': 25,
  unconfident: 0
}

/** RSIT's types that mean one class of ours, or of several the one that claims least. */
const BY_RSIT: ReadonlyMap<string, Threat> = new Map<string, Threat>([
  ...THREATS.map((threat): [string, Threat] => [THREAT_INFO[threat].rsit, threat]),
  ['malicious-code:infected-system', 'malware'],
  ['malicious-code:malware-configuration', 'malware'],
  ['intrusions:unprivileged-account-compromise', 'account-compromise'],
  ['intrusions:privileged-account-compromise', 'account-compromise'],
  ['intrusion-attempts:exploit', 'vulnerability-exploitation'],
  ['availability:dos', 'ddos']
])

/** What an event's tags say beside its labels. */
export function tagFacts(tags: readonly string[]): {
  readonly bulletins: readonly BulletinId[]
  readonly threat: Threat | undefined
  readonly confidence: number | undefined
  readonly others: readonly string[]
} {
  const machine = tags.map((tag) => /^([\w-]{1,60}):([\w-]{1,60})="([^"]{0,200})"$/.exec(tag.trim()))
  const told = (scheme: string, name: string): string[] =>
    machine.flatMap((it) => (it?.[1]?.toLowerCase() === scheme && it[2] === name ? (it[3] ?? []) : []))
  const rsit = machine.flatMap((it) =>
    it?.[1]?.toLowerCase() === 'rsit' ? (BY_RSIT.get(`${it[2]}:${it[3]}`) ?? []) : []
  )
  const own = told(TAGS, 'confidence').map(Number)[0]
  const level = told('misp', 'confidence-level').flatMap((name) => LEVELS[name] ?? [])[0]
  const isPercent = own !== undefined && Number.isInteger(own) && own >= 0 && own <= 100
  const others = labelsInTags(tags)
    .others.map((tag) => oneLine(tag, 100))
    .filter((tag) => tag !== '' && !/^(?:tocsin|rsit|misp):/i.test(tag))
  return {
    bulletins: told(TAGS, 'bulletin').filter(isBulletinId),
    threat: told(TAGS, 'threat').flatMap((name) => parseThreat(name) ?? [])[0] ?? rsit[0],
    confidence: isPercent ? own : level,
    others: [...new Set(others)]
  }
}
