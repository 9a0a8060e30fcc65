import { TocsinError } from '@tocsin/model'

/** Codes of `admit`: why an entry or register from anybody, ourselves included, does not enter the replica. */
export type AdmitCode =
  | 'bad-hop-proof'
  | 'bad-signature'
  | 'body-mismatch'
  | 'body-missing'
  | 'author-card-unknown'
  | 'node-key-not-certified'
  | 'node-key-contested'
  | 'stream-frozen'
  | 'too-many-incarnations'
  | 'too-many-circles'
  | 'too-many-retractions'
  | 'too-new'
  | 'unknown-version'
  | 'kind-not-in-stream'
  | 'keep-until-out-of-bounds'
  | 'foreign-entry'
  | 'fork'
  | 'gap'
  | 'empty-batch'
  | 'old-register'
  | 'register-not-for-here'
  | 'unknown-circle'
  | 'signer-not-root'
  | 'card-proof-invalid'

export type ReplicaErrorCode =
  | 'signing-suspended'
  | 'not-in-circle'
  | 'unknown-recipient'
  | 'not-found'
  | 'forbidden-not-author'
  | 'already-retracted'
  | 'keep-until-out-of-bounds'
  | 'erase-now-signature-invalid'
  | 'audience-empty'
  | 'unknown-institution'
  | 'ambiguous-institution'
  | 'ambiguous-id'
  | 'unknown-circle'
  | 'ambiguous-circle'
  | 'indicator-not-in-bulletin'
  | 'register-refused'
  | 'attachment-too-large'
  | 'body-too-large'

/** One line of explanation for each code; docs/errors.md is held equal to it by a test. */
export const ADMIT_ERRORS: Readonly<Record<AdmitCode, string>> = {
  'bad-hop-proof': 'The hop proof is missing, not signed by the sending node, or speaks of another batch.',
  'bad-signature': 'The entry is not signed by the node key that its stream names.',
  'body-mismatch': 'The body is not the one that the header signs (length or hash).',
  'body-missing': 'The body is absent though it is neither retracted nor past its keep-until; another peer is asked.',
  'author-card-unknown': "The author's card is not held yet; tried again once it is.",
  'node-key-not-certified': "The author's card does not certify this node key for the time of the entry.",
  'node-key-contested': 'Two root keys claim this node key; it is frozen, neither institution is.',
  'stream-frozen': 'The stream is not exchanged at present (its key was retired, or a fork stops it).',
  'too-many-incarnations': 'More than 64 incarnations of one key, audience and quarter.',
  'too-many-circles': 'This node already holds as many charters as it takes.',
  'too-many-retractions': 'The author retracted more than 10,000 entries within a day.',
  'too-new': 'Its clock is more than ten minutes ahead; tried again by time.',
  'unknown-version': 'Written by a later version of the protocol.',
  'kind-not-in-stream': 'Retractions stand in retraction streams, everything else in logs.',
  'keep-until-out-of-bounds': "Keep-until is outside what the circle's charter allows.",
  'foreign-entry': 'An entry under my own key that this store did not write. Never adopted silently.',
  fork: 'Two entries claim one place in a stream; both are kept as evidence and neither counts.',
  gap: 'The batch begins beyond what is held.',
  'empty-batch': 'A batch without entries.',
  'old-register': 'A newer one is held.',
  'register-not-for-here': 'The register concerns nobody that this node shares a circle or a link with.',
  'unknown-circle': 'The charter of this circle is not held.',
  'signer-not-root': 'Cards, charters and statements are signed by the root key alone.',
  'card-proof-invalid': "A node key on the card does not sign the card's root key."
}

export const REPLICA_ERRORS: Readonly<Record<ReplicaErrorCode, string>> = {
  'signing-suspended': 'This node does not sign at present; the reason says why.',
  'not-in-circle': 'This institution is not a member of the circle.',
  'unknown-recipient': 'The recipient is not known here: no peer and no member of a shared circle.',
  'not-found': 'Nothing here has this id, or nothing that this token may see.',
  'forbidden-not-author': 'Only its author can retract or disable.',
  'already-retracted': 'The bulletin is retracted already.',
  'keep-until-out-of-bounds': "Keep-until is outside what the circle's charter allows.",
  'erase-now-signature-invalid': 'The root key did not sign this erasure.',
  'audience-empty': 'Nobody could ever receive this.',
  'unknown-institution': 'No institution here has this id, name or domain.',
  'ambiguous-institution': 'Several institutions have this name or domain; use the id.',
  'ambiguous-id': 'Several entries begin with this prefix; give more digits.',
  'unknown-circle': 'No circle here has this id or name.',
  'ambiguous-circle': 'Several circles have this name; use the id.',
  'indicator-not-in-bulletin': 'The bulletin does not hold this value.',
  'register-refused': 'The signed register was not admitted; the facts say why.',
  'attachment-too-large': 'An attachment is larger than 8 MiB.',
  'body-too-large': 'The bulletin is larger than a body may be.'
}

export class ReplicaError extends TocsinError {
  constructor(code: ReplicaErrorCode, message: string, facts: Record<string, unknown> = {}) {
    super(code, message, facts)
  }
}
