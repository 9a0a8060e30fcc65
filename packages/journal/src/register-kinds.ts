import type { z } from 'zod'
import { type Card, CardSchema } from './card.ts'
import { type Charter, CharterSchema } from './charter.ts'
import { type Closing, ClosingSchema } from './closing.ts'
import {
  type Acceptance,
  AcceptanceSchema,
  type Resignation,
  ResignationSchema,
  type Revocation,
  RevocationSchema,
  type Vouch,
  VouchSchema
} from './statements.ts'

/** The value of each kind that this version reads. */
export interface RegisterValues {
  readonly card: Card
  readonly charter: Charter
  readonly acceptance: Acceptance
  readonly vouch: Vouch
  readonly revocation: Revocation
  readonly resignation: Resignation
  readonly closing: Closing
}

/** A kind of register that this version reads. All of them are signed by the root key. */
export type RootRegisterKind = keyof RegisterValues

/** A kind of register. Receipts and presences have their codes; this version refuses them. */
export type RegisterKind = RootRegisterKind | 'receipt' | 'presence'

/** Codes are part of the signed header and never reused. */
export const REGISTER_CODES: Readonly<Record<RegisterKind, number>> = {
  card: 1,
  charter: 2,
  acceptance: 3,
  vouch: 4,
  revocation: 5,
  resignation: 6,
  receipt: 7,
  presence: 8,
  closing: 9
}

/** Kinds by their code. */
export const REGISTERS_BY_CODE: ReadonlyMap<number, RegisterKind> = new Map(
  (Object.keys(REGISTER_CODES) as RegisterKind[]).map((kind) => [REGISTER_CODES[kind], kind])
)

/** What the header of a kind names, and the shape of its value. */
export const REGISTER_RULES: {
  readonly [Kind in RootRegisterKind]: {
    readonly circle: boolean
    readonly subject: boolean
    /** Names a stream in the place of a circle. */
    readonly stream?: boolean
    readonly schema: z.ZodType<RegisterValues[Kind]>
  }
} = {
  card: { circle: false, subject: false, schema: CardSchema },
  charter: { circle: true, subject: false, schema: CharterSchema },
  acceptance: { circle: true, subject: false, schema: AcceptanceSchema },
  vouch: { circle: true, subject: true, schema: VouchSchema },
  revocation: { circle: true, subject: true, schema: RevocationSchema },
  resignation: { circle: true, subject: false, schema: ResignationSchema },
  closing: { circle: false, subject: false, stream: true, schema: ClosingSchema }
}

/** True for the kinds that this version reads. */
export function isRootRegisterKind(kind: RegisterKind): kind is RootRegisterKind {
  return kind in REGISTER_RULES
}
