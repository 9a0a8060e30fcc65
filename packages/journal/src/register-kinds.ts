import type { z } from 'zod'
import { type Card, CardSchema } from './card.ts'
import { type Charter, CharterSchema } from './charter.ts'
import { type Closing, ClosingSchema } from './closing.ts'
import { type Presence, PresenceSchema } from './presence.ts'
import { type Receipt, ReceiptSchema } from './receipt.ts'
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
  readonly receipt: Receipt
  readonly presence: Presence
}

/** A kind of register. */
export type RegisterKind = keyof RegisterValues

/** Those that the running node signs by itself, by its node key; all others need the root key. */
export type NodeRegisterKind = 'receipt' | 'presence'

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
  readonly [Kind in RegisterKind]: {
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
  closing: { circle: false, subject: false, stream: true, schema: ClosingSchema },
  receipt: { circle: true, subject: false, schema: ReceiptSchema },
  presence: { circle: true, subject: false, schema: PresenceSchema }
}

/** True for the kinds that a node key signs. */
export function isNodeRegisterKind(kind: string): kind is NodeRegisterKind {
  return kind === 'receipt' || kind === 'presence'
}
