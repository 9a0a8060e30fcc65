import { compareText } from './tally.ts'

/** A name and domains as somebody states them: in a vouch, or in one's own card. */
export interface Claim {
  readonly name: string
  readonly domains: readonly string[]
}

/** What may be shown as the institution's. */
export interface Coverage {
  /** `vouched`: enough vouches agree; `claimed`: a founder's own word, if it was given. */
  readonly coverage: 'vouched' | 'claimed'
  readonly name?: string
  /** In code-unit order. */
  readonly domains: readonly string[]
}

/**
 * What `needed` vouches agree on, domain by domain, and the name most of them state (ties: the first in code-unit
 * order). With fewer vouches than needed, or none needed (a lone founder), the own claim stands: one founder's vouch
 * alone must not take another's domains away. Outside the founders there are always enough, or it were no member.
 */
export function coverage(vouches: readonly Claim[], needed: number, claim: Claim | undefined): Coverage {
  if (needed < 1 || vouches.length < needed) {
    if (claim === undefined) return { coverage: 'claimed', domains: [] }
    return { coverage: 'claimed', name: claim.name, domains: [...new Set(claim.domains)].sort(compareText) }
  }
  const names = agreed(
    vouches.map((vouch) => [vouch.name]),
    needed
  )
  const domains = agreed(
    vouches.map((vouch) => vouch.domains),
    needed
  )
  const name = names.sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]))[0]?.[0]
  const covered = domains.map(([domain]) => domain).sort(compareText)
  return { coverage: 'vouched', ...(name === undefined ? {} : { name }), domains: covered }
}

function agreed(lists: readonly (readonly string[])[], needed: number): [string, number][] {
  const counts = new Map<string, number>()
  for (const list of lists) for (const text of new Set(list)) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].filter(([, count]) => count >= needed)
}
