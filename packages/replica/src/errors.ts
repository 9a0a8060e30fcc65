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
  | 'stream-closed'
  | 'too-many-incarnations'
  | 'too-many-circles'
  | 'too-many-closings'
  | 'too-many-forks'
  | 'too-many-retractions'
  | 'too-many-statements'
  | 'too-new'
  | 'quota-author'
  | 'quota-peer'
  | 'overdue'
  | 'unknown-version'
  | 'kind-not-in-stream'
  | 'keep-until-out-of-bounds'
  | 'foreign-entry'
  | 'fork'
  | 'gap'
  | 'empty-batch'
  | 'old-register'
  | 'register-not-ours'

export type ReplicaErrorCode =
  | 'signing-suspended'
  | 'not-in-circle'
  | 'not-found'
  | 'forbidden-not-author'
  | 'already-retracted'
  | 'keep-until-out-of-bounds'
  | 'erase-now-signature-invalid'
  | 'unknown-institution'
  | 'ambiguous-institution'
  | 'ambiguous-id'
  | 'unknown-circle'
  | 'ambiguous-circle'
  | 'indicator-not-in-bulletin'
  | 'register-refused'
  | 'attachment-too-large'
  | 'body-too-large'
  | 'own-entry-refused'
  | 'too-few-contributors'
  | 'count-too-close'

/** One line of explanation for each code; docs/errors.md is held equal to it by a test. */
export const ADMIT_ERRORS: Readonly<Record<AdmitCode, string>> = {
  'bad-hop-proof': 'The hop proof is missing, not signed by the sending node, or speaks of another batch.',
  'bad-signature': 'The entry is not signed by the node key that its stream names.',
  'body-mismatch': 'The body is not the one that the header signs (length or hash).',
  'body-missing': 'The body is absent though it is neither retracted nor past its keep-until; another peer is asked.',
  'author-card-unknown': "The author's or the sender's card is not held yet; tried again once it is.",
  'node-key-not-certified': "The author's card does not certify this node key.",
  'node-key-contested': 'Two root keys claim this node key; it is frozen, neither institution is.',
  'stream-closed': "It lies behind the last entry that its author's root key calls genuine.",
  'too-many-closings': 'This node already holds as many closings of this author as it takes.',
  'stream-frozen': 'The stream is not exchanged at present (its key was retired, or a fork stops it).',
  'too-many-incarnations': 'More than 64 incarnations of one key, audience and quarter.',
  'too-many-circles': 'This node already holds as many charters as it takes.',
  'too-many-forks': 'This node already holds as many proofs of forks in unseen streams of this author as it takes.',
  'too-many-retractions': 'The author retracted more than 10,000 entries within a day; the rest is taken later.',
  'too-many-statements': 'This node already holds as many statements of this author in this circle as it takes.',
  overdue: 'The stream is so old that everything in it is past its keep-until.',
  'quota-author': 'Its author has used up its quota for now; taken later, nothing is lost.',
  'quota-peer': 'The peer that brings it has used up its quota for now; taken later, or from another peer.',
  'too-new': 'Its clock is more than ten minutes ahead; tried again by time.',
  'unknown-version': 'Written by a later version of the protocol.',
  'kind-not-in-stream': 'Retractions stand in retraction streams, everything else in logs.',
  'keep-until-out-of-bounds': "Keep-until is outside what the circle's charter allows.",
  'foreign-entry': 'An entry under my own key that this store did not write. Never adopted silently.',
  fork: 'Two entries claim one place in a stream; both are kept as evidence and neither counts.',
  gap: 'The batch begins beyond what is held.',
  'empty-batch': 'A batch without entries.',
  'old-register': 'A newer one is held.',
  'register-not-ours': 'Only what our own root key signed is taken from our own command line.'
}

export const REPLICA_ERRORS: Readonly<Record<ReplicaErrorCode, string>> = {
  'signing-suspended': 'This node does not sign at present; the reason says why.',
  'not-in-circle': 'This institution is not a member of the circle.',
  'not-found': 'Nothing here has this id, or nothing that this token may see.',
  'forbidden-not-author': 'Only its author can retract or disable.',
  'already-retracted': 'The bulletin is retracted already.',
  'keep-until-out-of-bounds': "Keep-until is outside what the circle's charter allows.",
  'erase-now-signature-invalid': 'The root key did not sign this erasure.',
  'unknown-institution': 'No institution here has this id, name or domain.',
  'ambiguous-institution': 'Several institutions have this name or domain; use the id.',
  'ambiguous-id': 'Several entries begin with this prefix; give more digits.',
  'unknown-circle': 'No circle here has this id or name.',
  'ambiguous-circle': 'Several circles have this name; use the id.',
  'indicator-not-in-bulletin': 'The bulletin does not hold this value.',
  'register-refused': 'The signed register was not admitted; the facts say why.',
  'attachment-too-large': 'An attachment is larger than 8 MiB.',
  'body-too-large': 'The bulletin is larger than a body may be.',
  'own-entry-refused': 'Everybody else would refuse this entry; the reason is one of the codes of admission.',
  'too-few-contributors':
    'Fewer institutions told us alone than a count must have: it would nearly name them. What this token may not see does not count.',
  'count-too-close':
    'Beside a count that was published before, this one would show that a few came since; wait until there are more.'
}

export class ReplicaError extends TocsinError {
  constructor(code: ReplicaErrorCode, message: string, facts: Record<string, unknown> = {}) {
    super(code, message, facts)
  }
}
