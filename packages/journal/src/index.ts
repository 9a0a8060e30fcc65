export type { EntryKind } from '@tocsin/model'
export { decodeBase58, encodeBase58 } from './base58.ts'
export {
  bodyHashOf,
  bodyHashOfChunks,
  bodyMatches,
  CHUNK,
  chunkHashes,
  MAX_ATTACHMENT_BODY,
  MAX_BODY,
  maxBodyOf
} from './body.ts'
export { type BoundedCache, createBoundedCache } from './bounded.ts'
export {
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  isZero,
  sha256,
  sha256Hex,
  sha256Latin1,
  toHex,
  toLatin1,
  utf8
} from './bytes.ts'
export { type Card, CardSchema, currentNodeKeys, proveNodeKey, verifyCardProofs } from './card.ts'
export { cardText, parseCardText } from './card-text.ts'
export type { CborLimits } from './cbor-scan.ts'
export { type Charter, CharterSchema, circleIdOf } from './charter.ts'
export { type Closing, closedStream } from './closing.ts'
export { decode, encode } from './codec.ts'
export {
  admitKey,
  generateSeed,
  KEY_BYTES,
  type PublicKey,
  SIGNATURE_BYTES,
  type SigningKey,
  signingKey,
  verify
} from './ed25519.ts'
export {
  checkLink,
  type EntryFields,
  type EntryHeader,
  entryHeaderBytes,
  HEADER_BYTES,
  LINK_REASONS,
  type LinkCode,
  parseSignedHeader,
  SIGNED_HEADER_BYTES,
  type SignedHeader,
  sealEntry,
  signedHeaderBytes,
  verifyHeader
} from './entry.ts'
export { eraseNowMessage, verifyEraseNow } from './erase.ts'
export { JOURNAL_ERRORS, JournalError, type JournalErrorCode } from './errors.ts'
export { type FieldReader, type FieldWriter, readFields, writeFields } from './fields.ts'
export { comparisonNumber, institutionId, institutionKey, nodeKey } from './institution.ts'
export {
  BODY_NONCE_BYTES,
  OPAQUE_REASONS,
  type OpaqueBody,
  type OpaqueCode,
  type OpenedBody,
  openBody,
  sealBody
} from './open-body.ts'
export { NAMED_REVOCATIONS, type NamedRevocation, type Presence } from './presence.ts'
export { quarterOf, quarterStart } from './quarter.ts'
export {
  createViaSealer,
  MARK_BYTES,
  openVia,
  RECEIPT_STREAMS,
  type Receipt,
  streamMark,
  type ViaSealer
} from './receipt.ts'
export {
  CLOSING_NUMBER,
  MAX_REGISTER_BYTES,
  MAX_REGISTER_VALUE,
  nextRegisterNumber,
  openRegister,
  prepareRegister,
  REGISTER_HEADER_BYTES,
  type Register,
  type RegisterFields,
  type RegisterOf,
  readUnsigned,
  registerAddress,
  type SignedRegister,
  signRegister
} from './register.ts'
export { isNodeRegisterKind, REGISTER_CODES, type RegisterKind, type RegisterValues } from './register-kinds.ts'
export type { Acceptance, Resignation, Revocation, Vouch } from './statements.ts'
export {
  DESCRIPTOR_BYTES,
  type DecodedDescriptor,
  decodeDescriptor,
  encodeDescriptor,
  type StreamDescriptor,
  type StreamKind
} from './stream.ts'
