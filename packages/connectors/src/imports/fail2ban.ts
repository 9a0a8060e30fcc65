import { type IndicatorType, parseIndicator } from '@tocsin/model'
import type { Imported, ImportInfo, ImportOptions, ImportPlace } from '../import.ts'
import { createLogDrafts, HELD_MOST } from '../import-log.ts'
import { linesOf } from '../import-source.ts'

/**
 * Bans of fail2ban: lines of its log, in a file of its own or in syslog, or what `fail2ban-client status JAIL`, `banned` and
 * `get JAIL banip` print. One draft a day and jail; its times have no zone, so none is said.
 */
export const FAIL2BAN: ImportInfo = {
  name: 'fail2ban',
  title: { en: 'fail2ban (log, fail2ban-client)', fr: 'fail2ban (journal, fail2ban-client)' },
  mediaTypes: ['text/plain'],
  extensions: ['log', 'txt'],
  limits: { bytes: 1024 * 1024 * 1024, drafts: 1_000, indicators: 1_000_000 },
  options: ['charset'],
  read
}

const MAX_LOG_LINE = 64 * 1024
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

// "2026-11-30 10:02:11,123 fail2ban.actions [1234]: NOTICE [sshd] Ban 203.0.113.4", "… [sshd] Restore Ban …"
const BAN = /\bfail2ban\.actions\b.{0,80}?\[([\w.-]{1,64})\]\s{1,8}(?:Restore )?Ban\s{1,8}(\S{1,64})/
const OTHER_LOG =
  /\bfail2ban(?:\.\w+|-server|-client)?\b.{0,120}?(?:\b(?:DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL)\b|\[\d+\])/
const JAIL = /^Status for the jail: ([\w.-]{1,64})\s*$/
const BANNED_LIST = /Banned IP list:(.*)$/
// `fail2ban-client banned` prints Python: [{'sshd': ['203.0.113.4']}, {'nginx': []}]
const PYTHON_JAIL = /'([\w.-]{1,64})': \[([^\]]*)\]/g
const STATUS_LINE = /^\s*[|`]?\s{0,3}[|`]?-? *(?:Filter|Actions|Currently |Total |File list|Journal matches)/

async function* read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported> {
  const log = createLogDrafts('fail2ban', 'fail2ban', options)
  const today = new Date(options.now).toISOString().slice(0, 10)
  const threat = options.labels.threat ?? 'brute-force'
  let jail = 'all'

  function ban(value: string, day: string, group: string, place: ImportPlace): boolean {
    const type = typeOf(value)
    if (type === undefined) return false
    log.add({ type, value, day, group, threat, place })
    return true
  }

  for await (const lines of linesOf(source, MAX_LOG_LINE)) {
    for (const { number, offset, text, refused } of lines) {
      const place = { line: number, offset }
      if (text === undefined || refused !== undefined) {
        if (refused !== undefined) yield { kind: 'refused', ...refused, place }
        continue
      }
      const [, banJail, banned] = BAN.exec(text) ?? []
      const named = JAIL.exec(text)?.[1]
      const list = BANNED_LIST.exec(text)?.[1]
      const unread: string[] = []
      const each = (values: readonly string[], group: string): void => {
        for (const value of values) if (value !== '' && !ban(value, today, group, place)) unread.push(value)
      }
      if (banJail !== undefined && banned !== undefined) {
        if (!ban(banned, dayOf(text, options.now), banJail, place)) unread.push(banned)
      } else if (named !== undefined) jail = named
      else if (list !== undefined) each(list.trim().split(/\s+/), jail)
      else if (text.startsWith('[{')) {
        for (const [, group = 'all', values = ''] of text.matchAll(PYTHON_JAIL)) each(values.split(/[\s',]+/), group)
      } else if (text.trim() !== '' && !OTHER_LOG.test(text) && !STATUS_LINE.test(text)) {
        const words = text.trim().split(/\s+/)
        // `get JAIL banip --with-time`: "203.0.113.4 \t2026-11-30 10:02:11 + 600 = 2026-11-30 10:12:11"
        each(/^\S+\s+\d{4}-\d\d-\d\d /.test(text) ? words.slice(0, 1) : words, jail)
      }
      for (const value of unread.slice(0, 10)) {
        yield { kind: 'refused', code: 'record-invalid', message: `no address: ${value.slice(0, 64)}`, place }
      }
    }
    if (log.held() >= HELD_MOST) yield* log.drafts()
  }
  yield* log.drafts()
}

function typeOf(value: string): IndicatorType | undefined {
  if (value.includes('/')) return parseIndicator('cidr', value).ok ? 'cidr' : undefined
  const type = value.includes(':') ? 'ipv6' : 'ipv4'
  return parseIndicator(type, value).ok ? type : undefined
}

/** The day that a line is of, as the host wrote it; syslog of old has no year, and is not from the future. */
function dayOf(text: string, now: number): string {
  const iso = /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))[T ]/.exec(text)?.[1]
  if (iso !== undefined) return iso
  const today = new Date(now).toISOString().slice(0, 10)
  const [, name = '', date = ''] = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) \d\d:/.exec(text) ?? []
  const month = MONTHS.indexOf(name) + 1
  if (month === 0) return today
  const year = new Date(now).getUTCFullYear()
  const rest = `${String(month).padStart(2, '0')}-${date.padStart(2, '0')}`
  const tomorrow = new Date(now + 86_400_000).toISOString().slice(0, 10)
  return `${year}-${rest}` > tomorrow ? `${year - 1}-${rest}` : `${year}-${rest}`
}
