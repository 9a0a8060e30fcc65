import type { RuleItem } from '../feed.ts'
import { type ReadRule, ruleNumber } from './carried.ts'
import { suricataHeader } from './suricata-header.ts'
import { type SuricataOption, suricataFault } from './suricata-options.ts'

/** Of one carried text. */
const MAX_RULES = 64
/** UTF-16 units of one rule; Suricata reads 8,192 octets a line. */
const MAX_LINE = 2_000

/** Above the numbers of the feed `suricata-rules`, so that one Suricata may load both. */
const FIRST_SID = 4_200_000_000
const SIDS = 90_000_000

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/**
 * Rules for Suricata as a bulletin carries them. Suricata's own parser is not here: what is let in is a part of its
 * language that is known to load. Each gets a number of ours, since two rules of one number are refused.
 */
export function readSuricata(item: RuleItem): ReadRule {
  const lines = item.rule.text
    .replace(/\\\n[ \t]*/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length === 0 || lines.length > MAX_RULES) return { code: 'rule-malformed' }
  const writers: ((taken: Set<number>) => string)[] = []
  for (const [index, line] of lines.entries()) {
    const read = readLine(line, item, index)
    if ('code' in read) return read
    writers.push(read.write)
  }
  return { write: (taken) => writers.map((write) => write(taken)).join('') }
}

function readLine(line: string, item: RuleItem, index: number): ReadRule {
  if (line.length > MAX_LINE || UNPRINTABLE.test(line)) return { code: 'rule-malformed' }
  // Ours blocks nothing and hides nothing from the rules of others.
  if (/^(?:drop|pass|reject(?:src|dst|both)?|config)\s/.test(line)) return { code: 'rule-acts' }
  const open = line.indexOf('(')
  const header = open < 0 ? undefined : suricataHeader(line.slice(0, open))
  const options = line.endsWith(')') ? splitOptions(line.slice(open + 1, -1)) : undefined
  if (header === undefined || options === undefined) return { code: 'rule-malformed' }
  const code = suricataFault(options, header.protocol)
  if (code !== undefined) return { code }
  const kept = options.filter(({ word }) => word !== 'sid' && word !== 'gid' && word !== 'rev')
  const said = kept.map(({ word, value }) => (value === undefined ? `${word};` : `${word}:${value};`))
  const told = (name: string): string | undefined => options.find(({ word }) => word === name)?.value
  const { id, author, tlp, pap } = item.bulletin
  const labels = `tocsin_tlp ${tlp}, tocsin_pap ${pap}, tocsin_sid ${told('sid') ?? 0}`
  const trace = `metadata:tocsin_bulletin ${id}, tocsin_author ${author}, ${labels};`
  const first = Number.parseInt(ruleNumber(item, String(index)).slice(0, 8), 16) % SIDS
  return {
    write: (taken) => {
      let sid = first
      while (taken.has(sid)) sid = (sid + 1) % SIDS
      taken.add(sid)
      return `${header.text} (${said.join(' ')} ${trace} sid:${FIRST_SID + sid}; rev:${told('rev') ?? 1};)\n`
    }
  }
}

/** Suricata ends an option at a semicolon without a backslash before it, inside quotes too. */
function splitOptions(text: string): readonly SuricataOption[] | undefined {
  const parts = text.split(/(?<!\\);/)
  if (parts.pop()?.trim() !== '') return undefined
  return parts.map((part) => {
    const [, word = '', value] = /^\s*([\w.]*)(?:\s*:\s*(.*?))?\s*$/.exec(part) ?? []
    return { word, value }
  })
}
