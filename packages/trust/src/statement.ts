import type { SignedRegister } from '@tocsin/journal'
import type { CircleId, InstitutionId, Quotas } from '@tocsin/model'

const DAY_MS = 86_400_000

interface Signed {
  readonly author: InstitutionId
  readonly circle: CircleId
  /** The register's number: of one author, kind and subject only the highest counts. */
  readonly number: number
  /** SHA-256 over the register's header and value, hex: one number with two hashes is a fork. */
  readonly hash: string
}

/** "I belong to the circle whose charter bears this name." */
export interface AcceptanceStatement extends Signed {
  readonly kind: 'acceptance'
  readonly value: { readonly name: string }
}

/** "I have checked that this institution is who its card says": name and domains as checked, until a last valid day. */
export interface VouchStatement extends Signed {
  readonly kind: 'vouch'
  readonly subject: InstitutionId
  readonly value: {
    readonly name: string
    readonly domains: readonly string[]
    readonly how: string
    /** Milliseconds since the epoch. */
    readonly checkedAt: number
    /** Days since the epoch; the vouch still holds on that day. */
    readonly expires: number
  }
}

/** "This institution should be out"; a newer one with `lifted: true` takes it back. */
export interface RevocationStatement extends Signed {
  readonly kind: 'revocation'
  readonly subject: InstitutionId
  readonly value: { readonly reason: string; readonly lifted?: boolean | undefined }
}

/** "I leave"; an acceptance with a higher number returns. */
export interface ResignationStatement extends Signed {
  readonly kind: 'resignation'
  readonly value: { readonly reason?: string | undefined }
}

/** A root-signed trust statement, opened and verified by the journal; the fold looks at nothing else. */
export type Statement = AcceptanceStatement | VouchStatement | RevocationStatement | ResignationStatement

/** The trust statement in a register that the journal opened; undefined for every other kind. */
export function statementOf({ register, hash }: SignedRegister): Statement | undefined {
  const { kind, author, circle, subject, number } = register
  if (circle === undefined) return undefined
  if (kind === 'acceptance') return { kind, author, circle, number, hash, value: register.value }
  if (kind === 'resignation') return { kind, author, circle, number, hash, value: register.value }
  if (subject === undefined) return undefined
  if (kind === 'vouch') return { kind, author, circle, subject, number, hash, value: register.value }
  if (kind !== 'revocation') return undefined
  return { kind, author, circle, subject, number, hash, value: register.value }
}

/** What the fold reads of a charter. */
export interface FoldCharter {
  readonly name: string
  readonly founders: readonly InstitutionId[]
  /** k: how many survivors must vouch, or revoke. */
  readonly threshold: number
  readonly quotas?: Quotas | undefined
}

/** The day of a moment: whole days since the epoch, UTC, as in a vouch's `expires`. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS)
}
