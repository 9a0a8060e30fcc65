/** The model and `packages/trust`, asked the same questions about the same trace. */

import type { CircleId, InstitutionId } from '@tocsin/model'
import * as trust from '@tocsin/trust'
import type * as hop from './hop.ts'
import type * as roster from './roster.ts'
import { POOL, play, type Trace } from './trace.ts'

export type Model = Pick<typeof roster, 'fold'> &
  Pick<typeof hop, 'standing' | 'isLabelled' | 'mayHop' | 'isOffence' | 'mayHopRegister'>

/** The statement as the journal hands it to trust; its hash stands for its bytes. */
export function decoded(s: roster.Statement): trust.Statement {
  const author = s.author as InstitutionId
  const circle = s.circle as CircleId
  const subject = s.subject as InstitutionId
  const hash = JSON.stringify([s.circle, s.author, s.kind, s.subject, s.number, s.text, s.lifted, s.expires])
  const signed = { author, circle, number: s.number, hash }
  if (s.kind === 'acceptance') return { ...signed, kind: s.kind, value: { name: s.text } }
  if (s.kind === 'resignation') return { ...signed, kind: s.kind, value: { reason: s.text } }
  if (s.kind === 'revocation')
    return { ...signed, kind: s.kind, subject, value: { reason: s.text, ...(s.lifted && { lifted: true }) } }
  const value = { name: s.text, domains: [], how: 'phone', checkedAt: 0, expires: s.expires }
  return { ...signed, kind: 'vouch', subject, value }
}

/** How often the comparison met each case, so that a test can say that none was missed. */
export type Tally = Map<string, number>
const met = (seen: Tally, what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)

const sorted = (all: Iterable<unknown>) => JSON.stringify([...all].map((one) => JSON.stringify(one)).sort())

/** The first question on which the two differ, in words; undefined when there is none. */
export function difference(
  model: Model,
  trace: Trace,
  translate: (statement: roster.Statement) => trust.Statement = decoded,
  seen: Tally = new Map()
): string | undefined {
  for (const { day, held } of play(trace)) {
    for (const [index, statements] of held.entries()) {
      const self = POOL[index] ?? ''
      const charters = trace.charters.filter(({ at }) => (at >> index) & 1)
      const circles = charters.map((charter) => ({ charter, roster: model.fold(charter, statements, day) }))
      const translated = statements.map(translate)
      const rosters = charters.map(({ circle, name, founders, k, openVouches }) => {
        const quotas = openVouches === undefined ? {} : { quotas: { openVouches } }
        const charter = { name, founders: founders as InstitutionId[], threshold: k, ...quotas }
        return trust.foldRoster(circle as CircleId, charter, translated, day)
      })
      const where = `day ${day}, node ${index}`
      for (const [i, circle] of circles.entries()) {
        const folded = rosters[i]
        if (folded === undefined) return `${where}: no roster`
        for (const rank of circle.roster.ranks.values()) met(seen, `rank ${Math.min(rank, 3)}`)
        for (const who of circle.roster.struck)
          met(seen, `struck ${circle.charter.founders.includes(who) ? 'founder' : 'newcomer'}`)
        const [ranks, theirs] = [
          sorted(circle.roster.ranks),
          sorted([...folded.members].map(([id, m]) => [id, m.rank]))
        ]
        if (ranks !== theirs) return `${where}: ranks ${ranks} and ${theirs}`
        const since = [...folded.members].flatMap(([id, m]) => (m.since === undefined ? [] : [[id, m.since]]))
        for (const then of circle.roster.since.values()) met(seen, `since day ${then}`)
        if (sorted(circle.roster.since) !== sorted(since)) return `${where}: since`
        if (sorted(circle.roster.struck) !== sorted(folded.struck.keys())) return `${where}: struck`
        if (sorted(circle.roster.left) !== sorted(folded.resigned)) return `${where}: left`
        for (const who of POOL) {
          const [mine, standing] = [model.standing(circle, who), trust.standingOf(folded, who as InstitutionId)]
          met(seen, `standing ${mine}`)
          if (mine !== (standing === 'resigned' ? 'left' : standing)) return `${where}: ${who} ${mine} and ${standing}`
        }
      }
      const peers = new Set([...trace.peers, self])
      const view = { self, circles, peers }
      const theirView = trust.createRosterView({ rosters, peers: peers as Set<InstitutionId> })
      for (const ask of trace.streams) {
        const { from, to } = ends(ask, self)
        const mine = model.mayHop(ask.of, from, to, view)
        met(seen, `${ask.of.tlp} ${mine ? 'allowed' : 'refused'}`)
        const audience = ask.of as Parameters<typeof trust.misforward>[1]
        if (mine !== trust.mayHop(audience, from as InstitutionId, to as InstitutionId, theirView).allowed)
          return `${where}: stream ${JSON.stringify(ask.of)} ${from} → ${to}, model ${mine}`
        // A descriptor with contradictory labels does not decode, so nobody is accused over one.
        const folded = rosters.find(({ circle }) => circle === ask.of.circle)
        for (const sameDigest of model.isLabelled(ask.of) ? [folded !== undefined, false] : []) {
          const offence = model.isOffence(ask.of, from, to, view, sameDigest)
          met(seen, `${ask.of.tlp} ${offence ? 'offence' : 'no offence'}`)
          const proof = { from: from as InstitutionId, to: to as InstitutionId, rosterDigest: folded?.digest ?? '' }
          const theirs = trust.misforward(proof, audience, sameDigest ? folded : undefined)
          if (offence !== theirs.offence)
            return `${where}: offence ${JSON.stringify(ask.of)} ${from} → ${to} ${offence}`
        }
      }
      for (const ask of trace.registers) {
        const { from, to } = ends(ask, self)
        const mine = model.mayHopRegister(ask.of, from, to, view)
        met(seen, `${ask.of.kind} ${mine ? 'allowed' : 'refused'}`)
        const register = ask.of as trust.HoppingRegister
        const [sender, receiver] = [from as InstitutionId, to as InstitutionId]
        if (mine !== trust.mayHopRegister(register, sender, receiver, theirView, self as InstitutionId).allowed)
          return `${where}: register ${JSON.stringify(ask.of)} ${from} → ${to}, model ${mine}`
      }
    }
  }
  return undefined
}

function ends({ side, peer, third }: Trace['streams'][number] | Trace['registers'][number], self: string) {
  if (side === 'sends') return { from: self, to: peer }
  return side === 'receives' ? { from: peer, to: self } : { from: peer, to: third }
}
