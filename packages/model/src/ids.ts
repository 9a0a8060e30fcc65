/**
 * Names of things as branded strings, so that a stream id is never handed over where an entry id is meant.
 * The checks here are of syntax alone: whether a key lies in the prime-order subgroup is the journal's question.
 */

/** `did:key:z6Mk…`: the Ed25519 root key of an institution (did:key method, multicodec 0xed01, base58btc). */
export type InstitutionId = string & { readonly __brand: 'InstitutionId' }
/** 32-byte Ed25519 public key of a node, 64 lower-case hex digits. */
export type NodeKey = string & { readonly __brand: 'NodeKey' }
/** SHA-256 of a circle's charter, 64 lower-case hex digits. */
export type CircleId = string & { readonly __brand: 'CircleId' }
/** SHA-256 of a stream descriptor, 64 lower-case hex digits. */
export type StreamId = string & { readonly __brand: 'StreamId' }
/** SHA-256 of an entry header, 64 lower-case hex digits. */
export type EntryId = string & { readonly __brand: 'EntryId' }
/** UUID version 4 of a bulletin, lower case (the OASIS STIX schemas refuse UUIDv7). */
export type BulletinId = string & { readonly __brand: 'BulletinId' }

// 0xed 0x01 ‖ 32 bytes in base58btc is always 'z6Mk' and 44 digits more.
const DID_KEY = /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/
const HEX_32 = /^[0-9a-f]{64}$/
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** True for the exact text of an Ed25519 did:key; upper-case, padded or abbreviated forms are refused. */
export function isInstitutionId(text: string): text is InstitutionId {
  return DID_KEY.test(text)
}

/** True for 64 lower-case hex digits. */
export function isNodeKey(text: string): text is NodeKey {
  return HEX_32.test(text)
}

/** True for 64 lower-case hex digits. */
export function isCircleId(text: string): text is CircleId {
  return HEX_32.test(text)
}

/** True for 64 lower-case hex digits. */
export function isStreamId(text: string): text is StreamId {
  return HEX_32.test(text)
}

/** True for 64 lower-case hex digits. */
export function isEntryId(text: string): text is EntryId {
  return HEX_32.test(text)
}

/** True for a UUID version 4 (RFC 9562 §5.4) in lower case. */
export function isBulletinId(text: string): text is BulletinId {
  return UUID_V4.test(text)
}
