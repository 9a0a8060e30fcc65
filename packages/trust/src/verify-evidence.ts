import {
  admitKey,
  type Card,
  type DecodedDescriptor,
  decodeDescriptor,
  fromHex,
  institutionId,
  openRegister,
  parseSignedHeader,
  type SignedHeader,
  sha256,
  toHex,
  verifyHeader
} from '@tocsin/journal'
import { type CircleId, type InstitutionId, TocsinError } from '@tocsin/model'
import { rosterPreimage } from './digest.ts'
import { TrustError } from './errors.ts'
import { decodeEvidence, type Evidence, type EvidencePart } from './evidence.ts'
import { continueOne } from './fork-proof.ts'
import { type HopProof, hopProofSignedBy, parseHopProof } from './hop-proof.ts'
import { type Membership, misforward } from './misforward.ts'

/** What a third party learns from evidence, with nothing but the accused's card. */
export type EvidenceVerdict =
  | {
      readonly ok: true
      readonly evidence: Evidence
      /** A signature is of a node key that the card has retired: a thief of the old key could have made it. */
      readonly doubtful: boolean
    }
  | { readonly ok: false; readonly code: string; readonly reason: string }

/** A node key that the root key answers for. */
type AnsweredKey = Pick<Card['nodeKeys'][number], 'key' | 'until'>

/** The accused as its card shows it. */
interface Accused {
  readonly id: InstitutionId
  /** Every node key it ever certified, and the next one, since gates already let that one in. */
  readonly nodeKeys: readonly AnsweredKey[]
}

/**
 * Verifies evidence offline: every signature and every hash in it, and that together they show what `code` says. Who
 * recorded it and when is not proved. Never throws, whatever the bytes.
 * @param bytes as `encodeEvidence` wrote them
 * @param card the accused's newest card register (header ‖ value ‖ signature): it lists every key it ever certified
 */
export function verifyEvidence(bytes: Uint8Array, card: Uint8Array): EvidenceVerdict {
  try {
    const evidence = decodeEvidence(bytes)
    const signers = VERIFIERS[evidence.kind](evidence, openCard(card, evidence.accused))
    return { ok: true, evidence, doubtful: signers.some((key) => key.until !== undefined) }
  } catch (error) {
    if (error instanceof TocsinError) return { ok: false, code: error.code, reason: error.message }
    throw error
  }
}

/** Each returns the accused's node keys that signed, or throws the code of the first check that failed. */
const VERIFIERS: Readonly<Record<Evidence['kind'], (evidence: Evidence, accused: Accused) => AnsweredKey[]>> = {
  misforward: verifyMisforward,
  'fork-entry': verifyForkEntry,
  'fork-stream': verifyForkStream,
  'fork-register': verifyForkRegister,
  'foreign-entry': verifyForeignEntry,
  disowned: verifyDisowned
}

function verifyMisforward(evidence: Evidence, accused: Accused): AnsweredKey[] {
  const [proofBytes, descriptorBytes] = parts(evidence, ['proof', 'descriptor'], ['header', 'members'])
  const proof = parseHopProof(proofBytes)
  const stream = decodeDescriptor(descriptorBytes)
  if (proof.from !== accused.id) throw new TrustError('evidence-signer')
  if (proof.stream !== stream.id) throw new TrustError('evidence-stream')
  const signer = accused.nodeKeys.find(({ key }) => hopProofSignedBy(proof, admitKey(fromHex(key))))
  if (signer === undefined) throw new TrustError('evidence-signer')
  if (evidence.parts.header !== undefined) checkLastEntry(proof, stream, evidence.parts.header)
  const found = misforward(proof, stream.descriptor, listedMembers(evidence, proof, stream.descriptor.circle))
  if (!found.offence) throw new TrustError('evidence-no-offence', { outcome: found.code })
  // One statement, one form: a list of members that decides nothing has no place in it.
  if (found.basis === 'labels' && evidence.parts.members !== undefined) throw new TrustError('evidence-part')
  if (found.code !== evidence.code) throw new TrustError('evidence-code', { shown: found.code })
  return [signer]
}

function checkLastEntry(proof: HopProof, stream: DecodedDescriptor, header: string): void {
  const signed = parseSignedHeader(fromHex(header))
  if (signed.id !== proof.lastId || signed.header.seq !== proof.last) throw new TrustError('evidence-entry')
  checkHeader(stream, signed)
}

/** The list is believed because the accused signed its digest, and it speaks against the accused alone. */
function listedMembers(evidence: Evidence, proof: HopProof, circle: CircleId | undefined): Membership | undefined {
  const hex = evidence.parts.members
  if (hex === undefined) return undefined
  const keys = fromHex(hex)
  if (circle === undefined || keys.length % 32 !== 0) throw new TrustError('evidence-roster')
  const digest = toHex(sha256(rosterPreimage(circle, proof.day, keys)))
  if (digest !== proof.rosterDigest) throw new TrustError('evidence-roster')
  const members = new Set<InstitutionId>()
  for (let offset = 0; offset < keys.length; offset += 32)
    members.add(institutionId(keys.subarray(offset, offset + 32)))
  return { circle, members, digest }
}

function verifyForkEntry(evidence: Evidence, accused: Accused): AnsweredKey[] {
  const [descriptor, first, second] = parts(evidence, ['descriptor', 'header', 'otherHeader'])
  const stream = decodeDescriptor(descriptor)
  const signer = ownStream(evidence, accused, stream)
  const one = parseSignedHeader(first)
  const other = parseSignedHeader(second)
  checkHeader(stream, one)
  checkHeader(stream, other)
  if (one.header.seq !== other.header.seq || one.id === other.id) throw new TrustError('evidence-no-fork')
  return [signer]
}

function verifyForkStream(evidence: Evidence, accused: Accused): AnsweredKey[] {
  const names = ['descriptor', 'header', 'otherDescriptor', 'otherHeader'] as const
  const [firstDescriptor, firstHeader, secondDescriptor, secondHeader] = parts(evidence, names)
  const one = decodeDescriptor(firstDescriptor)
  const other = decodeDescriptor(secondDescriptor)
  const signers = [ownStream(evidence, accused, one), ownStream(evidence, accused, other)]
  // A descriptor bears no signature: an entry in each stream shows that its author opened it.
  checkHeader(one, parseSignedHeader(firstHeader))
  checkHeader(other, parseSignedHeader(secondHeader))
  if (one.id === other.id || !continueOne(one.descriptor, other.descriptor)) throw new TrustError('evidence-no-fork')
  return signers
}

function verifyForkRegister(evidence: Evidence, accused: Accused): AnsweredKey[] {
  const [first, second] = parts(evidence, ['register', 'otherRegister'])
  const one = openRegister(first)
  const other = openRegister(second)
  expectCode(evidence)
  // These are signed by the root key itself, so no node key can be doubtful.
  if (one.register.author !== accused.id) throw new TrustError('evidence-signer')
  const contend = one.address === other.address && one.register.number === other.register.number
  if (!contend || one.hash === other.hash) throw new TrustError('evidence-no-fork')
  return []
}

function verifyForeignEntry(evidence: Evidence, accused: Accused): AnsweredKey[] {
  const [descriptor, header] = parts(evidence, ['descriptor', 'header'])
  const stream = decodeDescriptor(descriptor)
  const signer = ownStream(evidence, accused, stream)
  checkHeader(stream, parseSignedHeader(header))
  return [signer]
}

function verifyDisowned(evidence: Evidence, accused: Accused): AnsweredKey[] {
  const [descriptor, header, closing] = parts(evidence, ['descriptor', 'header', 'register'])
  const stream = decodeDescriptor(descriptor)
  const signer = ownStream(evidence, accused, stream)
  const entry = parseSignedHeader(header)
  checkHeader(stream, entry)
  const { register } = openRegister(closing)
  if (register.kind !== 'closing' || register.stream !== stream.id) throw new TrustError('evidence-stream')
  if (entry.header.seq <= register.value.last) throw new TrustError('evidence-no-offence', { outcome: 'genuine' })
  return [signer]
}

/** The stream is the accused's own, under a node key on its card. */
function ownStream(evidence: Evidence, accused: Accused, stream: DecodedDescriptor): AnsweredKey {
  expectCode(evidence)
  if (stream.descriptor.author !== accused.id) throw new TrustError('evidence-stream')
  const signer = accused.nodeKeys.find(({ key }) => key === stream.descriptor.nodeKey)
  if (signer === undefined) throw new TrustError('evidence-signer')
  return signer
}

function checkHeader(stream: DecodedDescriptor, signed: SignedHeader): void {
  const key = admitKey(fromHex(stream.descriptor.nodeKey))
  if (signed.header.stream !== stream.id || !verifyHeader(key, signed)) throw new TrustError('evidence-entry')
}

function expectCode(evidence: Evidence): void {
  if (evidence.code !== evidence.kind) throw new TrustError('evidence-code', { shown: evidence.kind })
}

function openCard(bytes: Uint8Array, accused: InstitutionId): Accused {
  const { register } = openRegister(bytes)
  if (register.kind !== 'card' || register.author !== accused) throw new TrustError('evidence-card')
  const { nodeKeys, next } = register.value
  return { id: accused, nodeKeys: [...nodeKeys, { key: next }] }
}

type Bytes<Names extends readonly EvidencePart[]> = { [K in keyof Names]: Uint8Array }

/** The needed parts as bytes, in order; missing ones and parts that are neither needed nor optional are refused. */
function parts<const Names extends readonly EvidencePart[]>(
  evidence: Evidence,
  needed: Names,
  optional: readonly EvidencePart[] = []
): Bytes<Names> {
  const present = Object.keys(evidence.parts) as EvidencePart[]
  if (present.some((name) => !needed.includes(name) && !optional.includes(name))) throw new TrustError('evidence-part')
  return needed.map((name) => {
    const hex = evidence.parts[name]
    if (hex === undefined) throw new TrustError('evidence-part', { missing: name })
    return fromHex(hex)
  }) as Bytes<Names>
}
