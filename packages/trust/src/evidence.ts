import { decode, encode, fromHex, toHex } from '@tocsin/journal'
import { type InstitutionId, isInstitutionId } from '@tocsin/model'
import { z } from 'zod'
import { TrustError } from './errors.ts'

/** What evidence can show. */
export const EVIDENCE_KINDS = [
  'misforward',
  'fork-entry',
  'fork-stream',
  'fork-register',
  'foreign-entry',
  'disowned'
] as const

/**
 * - `misforward`: the accused handed a stream to somebody who may not hold it, or relayed what is never relayed.
 * - `fork-entry`: it signed two entries for one place of one stream.
 * - `fork-stream`: it opened two streams that continue the same one.
 * - `fork-register`: it signed two registers with one number.
 * - `foreign-entry`: an entry by a key of the accused that its own store did not write; kept by the accused itself.
 * - `disowned`: it closed a stream before an entry that its node key had signed: stolen, or no longer meant.
 */
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number]

/** The parts of each kind: the signed records themselves, as they came. */
export type EvidencePart =
  | 'proof' // misforward: the hop proof
  | 'descriptor' // misforward, fork-entry, foreign-entry, disowned, fork-stream (first)
  | 'header' // misforward (optional: the last entry sent), foreign-entry, disowned, fork-entry and fork-stream (first): 190 bytes
  | 'members' // misforward by roster: the root keys under the signed digest, ascending
  | 'otherDescriptor' // fork-stream
  | 'otherHeader' // fork-entry, fork-stream
  | 'register' // fork-register, disowned (the closing)
  | 'otherRegister'

/** A record of an offence or a fork, made of what the accused signed, so that a third party can verify it offline. */
export interface Evidence {
  readonly kind: EvidenceKind
  readonly accused: InstitutionId
  /** The rule that was broken: a hop code for a misforward, else the kind. */
  readonly code: string
  /** When it was recorded, milliseconds since the epoch, by whoever recorded it: no part of what is proved. */
  readonly at: number
  /** The signed records, lower-case hex. */
  readonly parts: Readonly<Partial<Record<EvidencePart, string>>>
}

const VERSION = 1
/** Two registers of 32 KiB, or the keys of some ten thousand members, and a margin. */
const LIMITS = { maxBytes: 524_288, maxDepth: 3, maxItems: 64 }

const bytesAsHex = z.instanceof(Uint8Array).transform((bytes) => toHex(bytes))
const EvidenceSchema = z.strictObject({
  version: z.literal(VERSION),
  kind: z.enum(EVIDENCE_KINDS),
  accused: z.custom<InstitutionId>((value) => typeof value === 'string' && isInstitutionId(value)),
  code: z.string().refine((text) => text.length <= 64),
  at: z.int().nonnegative(),
  parts: z.strictObject({
    proof: bytesAsHex.exactOptional(),
    descriptor: bytesAsHex.exactOptional(),
    header: bytesAsHex.exactOptional(),
    members: bytesAsHex.exactOptional(),
    otherDescriptor: bytesAsHex.exactOptional(),
    otherHeader: bytesAsHex.exactOptional(),
    register: bytesAsHex.exactOptional(),
    otherRegister: bytesAsHex.exactOptional()
  })
})

/** CBOR of an evidence: a map of version, kind, accused, code, at and parts, the parts as byte strings. */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  const { kind, accused, code, at } = evidence
  const parts = Object.fromEntries(Object.entries(evidence.parts).map(([name, hex]) => [name, fromHex(hex)]))
  return encode({ version: VERSION, kind, accused, code, at, parts })
}

/** Reads an evidence without verifying any of it; throws `evidence-malformed`, or a `cbor-…` error of the journal. */
export function decodeEvidence(bytes: Uint8Array): Evidence {
  const parsed = EvidenceSchema.safeParse(decode(bytes, LIMITS))
  if (!parsed.success) throw new TrustError('evidence-malformed', { path: parsed.error.issues[0]?.path.join('.') })
  const { kind, accused, code, at, parts } = parsed.data
  return { kind, accused, code, at, parts }
}
