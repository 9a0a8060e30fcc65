export { audienceOf, type OutOfReachCode, type Reach } from './audience.ts'
export { type Claim, type Coverage, coverage } from './coverage.ts'
export { memberKeys, rosterDigest } from './digest.ts'
export { TRUST_ERRORS, TrustError, type TrustErrorCode } from './errors.ts'
export {
  decodeEvidence,
  EVIDENCE_KINDS,
  type Evidence,
  type EvidenceKind,
  type EvidencePart,
  encodeEvidence
} from './evidence.ts'
export { type Consequences, type Explanation, explainMember, type Proposal, type Weighed, whatIf } from './explain.ts'
export {
  continueOne,
  evidenceOfFork,
  FORK_PROOF_BYTES,
  FORK_PROOF_MARK,
  type ForkProof,
  type ForkSide,
  forkPlaces,
  forkProofSigned,
  parseForkProof,
  sealForkProof
} from './fork-proof.ts'
export { type Audience, HOP_CODES, type HopCode, type HopView, mayHop } from './hop.ts'
export { mayHopFork } from './hop-fork.ts'
export {
  checkHopProof,
  HOP_PROOF_BYTES,
  HOP_PROOF_CODES,
  HOP_PROOF_DRIFT_MS,
  type HopProof,
  type HopProofCode,
  type HopProofFields,
  type HopProofRest,
  hopProofSignedBy,
  joinHopProof,
  openHopProof,
  parseHopProof,
  restOfHopProof,
  sealHopProof
} from './hop-proof.ts'
export { type HoppingRegister, mayHopRegister, REGISTER_HOP_CODES, type RegisterHopCode } from './hop-register.ts'
export { type Membership, type Misforward, misforward } from './misforward.ts'
export {
  type Freshness,
  freshnessOf,
  type HeldPresence,
  PRESENCE_FOR,
  presenceOf,
  presencesNeeded,
  STALE_CODES,
  type StaleCode
} from './presence.ts'
export {
  disownedEvidence,
  foreignEntryEvidence,
  forkEntryEvidence,
  forkRegisterEvidence,
  forkStreamEvidence,
  misforwardEvidence,
  type RefusedBatch
} from './record-evidence.ts'
export { type Candidate, foldRoster, isNewcomer, type Member, type Roster } from './roster.ts'
export { type Standing, standingOf, takesPart } from './standing.ts'
export {
  type AcceptanceStatement,
  dayOf,
  type FoldCharter,
  type ResignationStatement,
  type RevocationStatement,
  type Statement,
  statementOf,
  type VouchStatement
} from './statement.ts'
export { DISCOUNT_CODES, type DiscountCode } from './tally.ts'
export { type EvidenceVerdict, verifyEvidence } from './verify-evidence.ts'
export { createRosterView, type RosterView, type RosterViewOptions, sharedCircles } from './view.ts'
