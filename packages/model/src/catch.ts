import { domainAndParents, isPublicSuffix } from './domain.ts'
import { emailDomain } from './email.ts'
import type { Verdict } from './errors.ts'
import { INDICATOR_TYPES } from './indicator.ts'
import type { IndicatorRole, IndicatorType } from './indicator-type.ts'
import { type AddressRange, rangeOf } from './ip.ts'
import type { NeverBlock } from './never-block.ts'
import { createRangeSet } from './range-set.ts'
import { isSpecialPurpose } from './special-purpose.ts'
import { urlHost, urlRest } from './url.ts'

/** Why the safety catch holds an indicator back: code → one line for docs/errors.md. In the order of the checks. */
export const CATCH_ERRORS = {
  retracted: 'Its bulletin was retracted.',
  disabled: 'It was disabled by its author.',
  'context-indicator': 'It stands in the bulletin as context, not as malicious.',
  'not-blockable-type': 'Its type is never blocked.',
  'local-exception': 'A local exception says never to block it.',
  'member-domain': 'It belongs to a member of a circle, or would take one along.',
  'special-purpose-range': 'It lies in a range of special purpose (RFC 6890).',
  'public-suffix': 'Strangers register names below it.',
  'never-block-list': 'It belongs to a large operator of never-block.txt, or would take one along.',
  contested: 'It was called false positive or expired by its author or by enough institutions.',
  expired: 'Its valid-until or the lifetime of its type is over, and no sighting renewed it.'
} as const

export type CatchCode = keyof typeof CATCH_ERRORS

/** The part of an indicator that decides. Values are in normal form. */
export interface CatchIndicator {
  readonly type: IndicatorType
  readonly value: string
  readonly role: IndicatorRole
  /** ISO 8601, as in a bulletin's body. */
  readonly validUntil?: string
  readonly lastSeen?: string
}

/** What the replica knows of it. Times in ms since the epoch. */
export interface CatchFacts {
  readonly publishedAt: number
  /** Time of the newest sighting that confirms it. */
  readonly renewedAt?: number
  readonly retracted?: boolean
  readonly disabled?: boolean
  readonly contested?: boolean
}

export interface CatchOptions {
  readonly neverBlock: NeverBlock
  /** Local exceptions, in normal form. */
  readonly exceptions: readonly { readonly type: IndicatorType; readonly value: string }[]
  /** Domains that k vouches cover, of the members of every circle; and one's own. */
  readonly memberDomains: readonly string[]
  /** ms since the epoch. */
  readonly now: () => number
}

export interface SafetyCatch {
  /** May a `block` feed hold this indicator? Every refusal is listed to the operator with its code. */
  mayBlock(indicator: CatchIndicator, facts: CatchFacts): Verdict<CatchCode>
}

const DAY_MS = 86_400_000
const ALLOWED = { allowed: true } as const

/** Names that are protected with all that is below them, and whose parents would take them along. */
interface Names {
  /** The closest protected name that `domain` is or is below. */
  above(domain: string): string | undefined
  /** True if a protected name is `domain` or below it: resolvers block whole zones. */
  below(domain: string): boolean
}

function createNames(protectedNames: readonly string[], onlyFromAbove: readonly string[] = []): Names {
  const names = new Set(protectedNames)
  const parents = new Set([...protectedNames, ...onlyFromAbove].flatMap(domainAndParents))
  return {
    above: (domain) => domainAndParents(domain).find((name) => names.has(name)),
    below: (domain) => parents.has(domain)
  }
}

/**
 * True if the path or the query names one thing: a segment or value of six characters or more with a digit, or of
 * sixteen or more. Proxies match URLs as prefixes, so `https://docs.google.com/forms/` would block everybody's forms.
 */
function namesOneThing(url: string): boolean {
  const parts = urlRest(url)
    .replace(/#.*/s, '')
    .split(/[/?&=]/)
  return parts.some((part) => part.length >= 16 || (part.length >= 6 && /\d/.test(part)))
}

const LEADS_TO_HOST: ReadonlySet<IndicatorType> = new Set(['ipv4', 'ipv6', 'cidr', 'url', 'email'])

/** The domain or address that an indicator of these types would reach. */
function targetOf({ type, value }: Pick<CatchIndicator, 'type' | 'value'>): { domain?: string; range?: AddressRange } {
  if (type === 'domain') return { domain: value }
  const text = type === 'url' ? urlHost(value) : type === 'email' || type === 'account' ? emailDomain(value) : value
  const addressed = type === 'url' || type === 'ipv4' || type === 'ipv6' || type === 'cidr'
  const range = addressed && text !== null ? rangeOf(text) : undefined
  if (range !== undefined) return { range }
  return (type === 'url' || type === 'email' || type === 'account') && text !== null ? { domain: text } : {}
}

/**
 * When an indicator is no longer blocked, in ms since the epoch: its valid-until, else the lifetime of its type after it
 * was last seen or confirmed. NaN for a time that cannot be read, infinite for what does not age.
 */
export function endOf(
  { type, validUntil, lastSeen }: Pick<CatchIndicator, 'type' | 'validUntil' | 'lastSeen'>,
  { publishedAt, renewedAt }: Pick<CatchFacts, 'publishedAt' | 'renewedAt'>
): number {
  if (validUntil !== undefined) return Date.parse(validUntil)
  const days = INDICATOR_TYPES[type].lifetimeDays
  if (days === null) return Number.POSITIVE_INFINITY
  // An author cannot have seen it after he published it; what he last saw long ago is old from the start.
  const seen = lastSeen === undefined ? publishedAt : Math.min(Date.parse(lastSeen), publishedAt)
  return Math.max(seen, renewedAt ?? seen) + days * DAY_MS
}

/**
 * The safety catch of DESIGN §6: what no `block` feed may hold, whoever published it. One false block of a mail
 * provider ends adoption, so what cannot be judged is refused. Pure but for the clock that it is given.
 */
export function createSafetyCatch(options: CatchOptions): SafetyCatch {
  const { neverBlock, exceptions, memberDomains, now } = options
  const excepted = new Set(exceptions.map(({ type, value }) => `${type} ${value}`))
  const exceptedDomains = exceptions.filter(({ type }) => type === 'domain').map(({ value }) => value)
  const exceptionTargets = exceptions.map(targetOf)
  // Excepting one URL does not free its host, but blocking the host would break the exception.
  const exceptionNames = createNames(
    exceptedDomains,
    exceptionTargets.flatMap(({ domain }) => domain ?? [])
  )
  const exceptionRanges = createRangeSet(
    exceptions.filter(({ type }) => type === 'ipv4' || type === 'ipv6' || type === 'cidr').map(({ value }) => value)
  )
  const exceptionHosts = createRangeSet(
    exceptions.filter(({ type }) => type === 'url').map(({ value }) => urlHost(value) ?? '')
  )
  const memberNames = createNames(memberDomains)
  const tenants = new Set(neverBlock.tenants)
  const listedNames = createNames(neverBlock.domains, neverBlock.tenants)
  const listedRanges = createRangeSet(neverBlock.ranges)
  const mailboxes = new Set(neverBlock.mailboxes)
  const pages = new Set(neverBlock.pages)
  const hashes = new Set(neverBlock.hashes)

  const isListedDomain = (indicator: CatchIndicator, domain: string): boolean => {
    const listed = listedNames.above(domain) ?? (tenants.has(domain) ? domain : undefined)
    if (indicator.type === 'domain') return listed !== undefined || listedNames.below(domain)
    if (listed === undefined) return false
    if (indicator.type === 'email') return !mailboxes.has(listed)
    return !pages.has(listed) || !namesOneThing(indicator.value)
  }

  const place = (indicator: CatchIndicator): CatchCode | undefined => {
    const { type, value } = indicator
    const { domain, range } = targetOf(indicator)
    if (excepted.has(`${type} ${value}`)) return 'local-exception'
    if (domain !== undefined) {
      if (exceptionNames.above(domain) !== undefined) return 'local-exception'
      if (type === 'domain' && exceptionNames.below(domain)) return 'local-exception'
      if (memberNames.above(domain) !== undefined) return 'member-domain'
      if (type === 'domain' && memberNames.below(domain)) return 'member-domain'
      // Buckets and sites are paths at some suffixes (`s3.amazonaws.com/bucket/…`), whole names at others.
      if (isPublicSuffix(domain) && (type === 'domain' || (type === 'url' && !namesOneThing(value)))) {
        return 'public-suffix'
      }
      return isListedDomain(indicator, domain) ? 'never-block-list' : undefined
    }
    if (range !== undefined) {
      if (exceptionRanges.overlaps(range) || (type !== 'url' && exceptionHosts.overlaps(range)))
        return 'local-exception'
      if (isSpecialPurpose(type === 'url' ? (urlHost(value) ?? '') : value)) return 'special-purpose-range'
      return listedRanges.overlaps(range) ? 'never-block-list' : undefined
    }
    // What should lead to a host and does not is refused as an address of no purpose that we know.
    if (LEADS_TO_HOST.has(type)) return 'special-purpose-range'
    return hashes.has(value) ? 'never-block-list' : undefined
  }

  // `!(… > …)`: a time that cannot be read is over.
  const isExpired = (indicator: CatchIndicator, facts: CatchFacts): boolean => !(endOf(indicator, facts) > now())

  const refusal = (indicator: CatchIndicator, facts: CatchFacts): CatchCode | undefined => {
    if (facts.retracted === true) return 'retracted'
    if (facts.disabled === true) return 'disabled'
    if (indicator.role !== 'malicious') return 'context-indicator'
    if (!INDICATOR_TYPES[indicator.type].uses.includes('block')) return 'not-blockable-type'
    const placed = place(indicator)
    if (placed !== undefined) return placed
    if (facts.contested === true) return 'contested'
    return isExpired(indicator, facts) ? 'expired' : undefined
  }

  return {
    mayBlock(indicator, facts) {
      const code = refusal(indicator, facts)
      return code === undefined ? ALLOWED : { allowed: false, code }
    }
  }
}
