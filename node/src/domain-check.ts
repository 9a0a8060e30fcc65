/**
 * What the domains of a card publish about it: `tocsin-card=DIGEST` as a TXT record of `_tocsin.DOMAIN`, or as a line of
 * `https://DOMAIN/.well-known/tocsin-card`. It is advice for the telephone call and never trust: whoever holds the
 * domain holds the answer. Only domains of the card are asked, nothing that they say is shown, and no failure of theirs
 * holds anything up.
 */
import { createHash } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import type { DomainCheckView } from '@tocsin/api'
import type { InstitutionId } from '@tocsin/model'
import { createAddressLookup, readWellKnown } from './well-known.ts'

/** ms for one question to one name server, and for a whole check of any number of domains. */
const DNS_TIMEOUT = 2_000
const CHECK_TIMEOUT = 10_000
/** Domains asked at one time. */
const AT_ONCE = 8
/** TXT records of one name that are read; others there belong to other services. */
const RECORDS = 64

const PREFIX = 'tocsin-card='

export interface DomainCheckOptions {
  /** False: nobody is asked, and every place is `unreachable`, `switched-off`. */
  readonly enabled?: boolean
  /** Name servers, `192.0.2.53` or `192.0.2.53:5353`; the system's where there are none. */
  readonly servers?: readonly string[]
  /** Where a domain's web server is; `https://DOMAIN` unless a test says otherwise. */
  readonly webOf?: (domain: string) => string
  /** Also ask web servers at addresses of special purpose (RFC 6890), as a test on the loopback must. */
  readonly anywhere?: boolean
  /** ms for a whole check. */
  readonly timeout?: number
}

export type DomainCheck = (digest: string, domains: readonly string[]) => Promise<DomainCheckView[]>

type Place = DomainCheckView['dns']

const SWITCHED_OFF: Place = { found: 'unreachable', reason: 'switched-off' }
const OFF = { verdict: 'unreachable', dns: SWITCHED_OFF, web: SWITCHED_OFF } as const

/** SHA-256 of an institution's id as text, hex: the same for every card that it ever signs. */
export function cardDigest(institution: InstitutionId): string {
  return createHash('sha256').update(institution).digest('hex')
}

/** Creates the check; never throws: what cannot be asked is `unreachable`, with a reason. */
export function createDomainCheck(options: DomainCheckOptions = {}): DomainCheck {
  const { servers = [], webOf = (domain) => `https://${domain}`, anywhere = false, timeout = CHECK_TIMEOUT } = options
  if (options.enabled === false) return async (_digest, domains) => domains.map((domain) => ({ domain, ...OFF }))

  return async (digest, domains) => {
    const resolver = new Resolver({ timeout: Math.min(DNS_TIMEOUT, timeout), tries: 2 })
    if (servers.length > 0) resolver.setServers([...servers])
    const signal = AbortSignal.timeout(timeout)
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel)
    const lookup = createAddressLookup(resolver, anywhere)

    async function one(domain: string): Promise<DomainCheckView> {
      const [dns, web] = await Promise.all([
        placeOf(() => txtOf(resolver, `_tocsin.${domain}`), digest, signal),
        placeOf(() => readWellKnown(`${webOf(domain)}/.well-known/tocsin-card`, lookup, signal), digest, signal)
      ])
      return { domain, verdict: verdictOf(dns.found, web.found), dns, web }
    }

    try {
      return await mapped(domains, AT_ONCE, one)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

/** What one place says, once it has answered or failed to. */
async function placeOf(read: () => Promise<readonly string[]>, digest: string, signal: AbortSignal): Promise<Place> {
  try {
    if (signal.aborted) return { found: 'unreachable', reason: 'timeout' }
    const said = (await read()).map((line) => line.trim()).filter((line) => line.startsWith(PREFIX))
    if (said.length === 0) return { found: 'not-published' }
    // An institution that changes its root key publishes both for a while.
    const isOurs = said.some((line) => line.slice(PREFIX.length).toLowerCase() === digest)
    return { found: isOurs ? 'verified' : 'different' }
  } catch (error) {
    return { found: 'unreachable', reason: signal.aborted ? 'timeout' : reasonOf(error) }
  }
}

/** The TXT records of a name, each joined from its strings (RFC 7208 §3.3 does the same); none where the name is not. */
async function txtOf(resolver: Resolver, name: string): Promise<string[]> {
  try {
    return (await resolver.resolveTxt(name)).slice(0, RECORDS).map((strings) => strings.join(''))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    throw error
  }
}

function verdictOf(...found: readonly Place['found'][]): Place['found'] {
  const order = ['different', 'verified', 'unreachable'] as const
  return order.find((one) => found.includes(one)) ?? 'not-published'
}

/** A code and no message: a message may quote what the domain said. */
function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  if (code === 'ABORT_ERR') return 'timeout'
  return /^[A-Za-z0-9_-]{1,60}$/.test(code) ? code : 'failed'
}

/** `Promise.all` over a list, so many at a time, in order. */
async function mapped<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const waiting = [...items.entries()]
  const hand = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, hand))
  return results
}
