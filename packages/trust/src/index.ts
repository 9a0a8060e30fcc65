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
export { type Audience, type HopCode, mayHop } from './hop.ts'
export {
  checkHopProof,
  HOP_PROOF_BYTES,
  HOP_PROOF_CODES,
  HOP_PROOF_DRIFT_MS,
  type HopProof,
  type HopProofCode,
  type HopProofFields,
  hopProofSignedBy,
  openHopProof,
  parseHopProof,
  sealHopProof
} from './hop-proof.ts'
export { type HoppingRegister, mayHopRegister, type RegisterHopCode } from './hop-register.ts'
export { type Candidate, foldRoster, type Member, type Roster } from './roster.ts'
export { type Standing, standingOf, takesPart } from './standing.ts'
export {
  type Acceptance,
  dayOf,
  type FoldCharter,
  type Resignation,
  type Revocation,
  type Statement,
  type Vouch
} from './statement.ts'
export { type DiscountCode, OPEN_VOUCHES } from './tally.ts'
export { createRosterView, type RosterView, type RosterViewOptions, sharedCircles } from './view.ts'
