import { TocsinError } from '@tocsin/model'

/** Every code that this package throws or that `verifyEvidence` returns, each with one line of explanation. */
export const TRUST_ERRORS = {
  'hop-proof-length': 'A hop proof has exactly 253 bytes.',
  'hop-proof-version': 'A hop proof of an unknown version.',
  'hop-proof-field': 'A field of the hop proof is out of range, or the range of entries is empty.',
  'hop-proof-signature': 'The signature of the hop proof does not verify under the key.',

  'fork-proof-length': 'A proof of a fork has exactly 762 bytes and begins with 0xf0.',
  'fork-proof-version': 'A proof of a fork of an unknown version.',
  'fork-proof-order': 'The two sides of a proof of a fork stand in the ascending order of their bytes.',
  'fork-proof-no-fork': 'The two records are the same, do not contend for one place, or are none that anybody admits.',

  'evidence-malformed': 'Not the CBOR form of an evidence of a known kind.',
  'evidence-part': 'A part that this kind of evidence needs is missing, or a foreign one is present.',
  'evidence-card': 'The card is no card of the accused, or a node key on it did not sign the root key.',
  'evidence-signer':
    'No node key on the card of the accused made the signature, or the record is of another institution.',
  'evidence-stream': 'The descriptor is of another stream, or of another author, than the signatures speak of.',
  'evidence-entry': 'The entry header is not the one that the proof speaks of, or its signature does not verify.',
  'evidence-roster': 'The list of members does not give the roster digest that the accused signed.',
  'evidence-no-offence': 'All signatures may hold, but what they show is allowed, or the parts cannot show an offence.',
  'evidence-no-fork': 'The two records are the same, or do not contend for one place.',
  'evidence-code': 'The evidence shows another offence than its code says.'
} as const satisfies Record<string, string>

/** A stable code of this package. */
export type TrustErrorCode = keyof typeof TRUST_ERRORS

/** Thrown for records that do not hold what they claim. */
export class TrustError extends TocsinError {
  declare readonly code: TrustErrorCode

  constructor(code: TrustErrorCode, facts: Record<string, unknown> = {}) {
    super(code, TRUST_ERRORS[code], facts)
  }
}
