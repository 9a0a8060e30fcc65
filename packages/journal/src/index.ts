export { decodeBase58, encodeBase58 } from './base58.ts'
export {
  bodyHashOf,
  bodyHashOfChunks,
  bodyMatches,
  CHUNK,
  chunkHashes,
  MAX_ATTACHMENT_BODY,
  MAX_BODY
} from './body.ts'
export { type BoundedCache, createBoundedCache } from './bounded.ts'
export { compareBytes, concatBytes, equalBytes, fromHex, isZero, sha256, sha256Hex, toHex, utf8 } from './bytes.ts'
export type { CborLimits } from './cbor-scan.ts'
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
  HEADER_BYTES,
  type LinkCode,
  maxBodyOf,
  parseSignedHeader,
  SIGNED_HEADER_BYTES,
  type SignedHeader,
  sealEntry,
  signedHeaderBytes,
  verifyHeader
} from './entry.ts'
export { JOURNAL_ERRORS, JournalError, type JournalErrorCode } from './errors.ts'
export { type FieldReader, type FieldWriter, readFields, writeFields } from './fields.ts'
export { comparisonNumber, institutionId, institutionKey, nodeKey } from './institution.ts'
export { ENTRY_CODES, type EntryKind } from './kinds.ts'
export { quarterOf, quarterStart } from './quarter.ts'
export {
  DESCRIPTOR_BYTES,
  type DecodedDescriptor,
  decodeDescriptor,
  encodeDescriptor,
  type StreamDescriptor,
  type StreamKind
} from './stream.ts'
