/**
 * The roster as the design words it (§7, "Fold"; §4, "register"), and nothing else: no packages, no signatures, no
 * speed. Each rule stands under its sentence; where the sentence leaves two readings, the one taken stands with the
 * number of its decision record. `model.test.ts` holds `packages/trust` to it.
 */

export type Charter = {
  circle: string
  name: string
  founders: readonly string[]
  k: number
  /** How many open vouches of one member count, if its quotas say (0024). */
  openVouches?: number
}

export type Statement = {
  circle: string
  author: string
  kind: 'acceptance' | 'vouch' | 'revocation' | 'resignation'
  /** Of vouches and revocations; else the author. */
  subject: string
  number: number
  /** The name that an acceptance accepts; of the others whatever else is signed. */
  text: string
  /** A revocation that takes itself back. */
  lifted: boolean
  /** Of a vouch: its last day, counted (0021). */
  expires: number
}

/** Whom the fold placed, at which rank and since when; whom it struck out; who has left; and the vouches that count. */
export type Roster = {
  ranks: ReadonlyMap<string, number>
  /** Of those at rank 1 and more: the day on which the k-th vouch was signed, from which a newcomer is one (0024). */
  since: ReadonlyMap<string, number>
  struck: ReadonlySet<string>
  left: ReadonlySet<string>
  vouches: readonly Statement[]
}

const OPEN_VOUCHES = 32
const DAY = 86_400_000

const registerOf = (s: Statement) => [s.circle, s.author, s.kind, s.subject].join(' ')

/**
 * "A register is a signed value of which only the highest number counts […] Same number with other bytes is a fork."
 * None of the two counts until a higher number comes: "a fork is never hidden and never chosen silently" (§9).
 */
function newest(statements: readonly Statement[]): Statement[] {
  return [...Map.groupBy(statements, registerOf).values()].flatMap((all) => {
    const highest = Math.max(...all.map((s) => s.number))
    const top = all.filter((s) => s.number === highest)
    return new Set(top.map((s) => JSON.stringify([s.text, s.lifted, s.expires]))).size === 1 ? top.slice(0, 1) : []
  })
}

/** Nobody vouches for or revokes itself (0021). */
const aboutAnother = (s: Statement) => s.subject !== s.author

/** "A vouch ends by expiry […] A member's 32 newest open vouches count"; of one number the lower subject (0021). */
function openVouches(newest: readonly Statement[], day: number, most: number): Statement[] {
  const open = newest.filter((s) => s.kind === 'vouch' && aboutAnother(s) && day <= s.expires)
  const newerFirst = (a: Statement, b: Statement) => b.number - a.number || (a.subject < b.subject ? -1 : 1)
  return [...Map.groupBy(open, (s) => s.author).values()].flatMap((own) => own.sort(newerFirst).slice(0, most))
}

/** "Fold (of the statements and the day)". */
export function fold(charter: Charter, held: readonly Statement[], day: number): Roster {
  const statements = newest(held.filter((s) => s.circle === charter.circle))
  const vouches = openVouches(statements, day, charter.openVouches ?? OPEN_VOUCHES)
  const revocations = statements.filter((s) => s.kind === 'revocation' && aboutAnother(s) && !s.lifted)
  const count = (said: readonly Statement[], among: ReadonlySet<string>, subject: string) =>
    said.filter((s) => s.subject === subject && among.has(s.author)).length

  // "Founders and candidates accept by name." "A resignation counts alone", and a later acceptance returns (0021).
  const acceptances = statements.filter((s) => s.kind === 'acceptance' && s.text === charter.name)
  const left = new Set(
    statements
      .filter((s) => s.kind === 'resignation')
      .filter((s) => !acceptances.some((back) => back.author === s.author && back.number > s.number))
      .map((s) => s.author)
  )
  const accepted = acceptances.map((s) => s.author).filter((who) => !left.has(who))

  // "Tighter for newcomers" (§8.5): a number is the time of signing in ms (§4), and the k-th vouch made it a member.
  const sinceOf = (subject: string, earlier: ReadonlySet<string>) => {
    const numbers = vouches.filter((s) => s.subject === subject && earlier.has(s.author)).map((s) => s.number)
    return Math.floor((numbers.sort((a, b) => a - b)[charter.k - 1] ?? 0) / DAY)
  }

  const since = new Map<string, number>()
  const ranks = new Map<string, number>()
  const struck = new Set<string>()
  const place = (candidates: readonly string[], rank: number, out: (subject: string) => boolean) => {
    const judged = candidates.map((subject) => ({ subject, out: out(subject) }))
    // "The rest survive."
    for (const { subject, out } of judged) {
      if (out) struck.add(subject)
      else ranks.set(subject, rank)
    }
  }

  // "Rank 0 candidates are the founders who accepted."
  const founders = new Set(accepted.filter((who) => charter.founders.includes(who)))
  // "Founders judge each other: struck out if ≥ k of them, and more than half, revoke", all at once.
  place([...founders], 0, (subject) => {
    const votes = count(revocations, founders, subject)
    return votes >= charter.k && votes > founders.size / 2
  })
  for (let rank = 1; ; rank += 1) {
    // "Rank r candidates are those not yet placed, who accepted, and for whom ≥ k survivors of ranks < r vouch." The
    // struck were placed and do not come back by vouches (0021).
    const earlier = new Set(ranks.keys())
    const candidates = accepted
      .filter((who) => !ranks.has(who) && !struck.has(who))
      .filter((who) => count(vouches, earlier, who) >= charter.k)
    if (candidates.length === 0) return { ranks, since, struck, left, vouches }
    // "In later ranks, struck out if ≥ k survivors of earlier ranks revoke."
    place(candidates, rank, (subject) => count(revocations, earlier, subject) >= charter.k)
    for (const who of candidates) if (ranks.has(who)) since.set(who, sinceOf(who, earlier))
  }
}
