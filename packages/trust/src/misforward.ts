import type { StreamDescriptor } from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'
import { type Audience, type HopCode, type HopView, mayHop } from './hop.ts'
import type { HopProofFields } from './hop-proof.ts'

/** Who was a member when the proof was signed: the receiver's roster, or the list in an evidence. */
export interface Membership {
  readonly circle: CircleId
  readonly members: { has(id: InstitutionId): boolean }
  /** Hex; see `rosterDigest`. */
  readonly digest: string
}

/**
 * - offence on `labels`: the descriptor and the proof alone show it, whatever any roster says;
 * - offence on `roster`: the very roster whose digest the sender signed forbids it;
 * - `allowed`: by the labels or by that roster the hop was lawful;
 * - `not-provable`: the rosters differ, or the rule (GREEN, CLEAR) rests on more than the proof signs. No offence then:
 *   rosters differ for a while as statements travel (DESIGN §5).
 */
export type Misforward =
  | { readonly offence: true; readonly basis: 'labels' | 'roster'; readonly code: HopCode }
  | { readonly offence: false; readonly code: 'allowed' | 'not-provable' }

/**
 * Does a genuine hop proof show that its sender broke the hop rule? Institutions are compared, never keys. Without
 * `membership`, or where its digest is not the one the sender signed, only the labels count: to ≠ author and either
 * from ≠ author (AMBER+STRICT, RED) or to ≠ recipient (RED).
 * @param stream the descriptor whose hash the proof signs; the caller has compared the two
 */
export function misforward(
  proof: Pick<HopProofFields, 'from' | 'to' | 'rosterDigest'>,
  stream: Pick<StreamDescriptor, keyof Audience>,
  membership?: Membership
): Misforward {
  const shared = membership !== undefined && membership.digest === proof.rosterDigest ? membership : undefined
  const verdict = mayHop(stream, proof.from, proof.to, membershipView(shared))
  if (!verdict.allowed && BY_LABELS.has(verdict.code)) return { offence: true, basis: 'labels', code: verdict.code }
  if (proof.to === stream.author || stream.tlp === 'RED') return { offence: false, code: 'allowed' }
  if (stream.circle === undefined || stream.circle !== shared?.circle) return { offence: false, code: 'not-provable' }
  return verdict.allowed ? { offence: false, code: 'allowed' } : { offence: true, basis: 'roster', code: verdict.code }
}

const BY_LABELS: ReadonlySet<HopCode> = new Set(['red-relayed', 'red-not-recipient', 'strict-relayed'])

/** A view that knows one circle's members and nothing else. */
function membershipView(membership: Membership | undefined): HopView {
  return {
    circlesOf: () => new Set(),
    isMember: (circle, id) => circle === membership?.circle && membership.members.has(id),
    roster: (circle) => (circle === membership?.circle ? membership : undefined),
    knows: () => false
  }
}
