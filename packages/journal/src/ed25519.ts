/**
 * The Ed25519 rule (DESIGN §4). Verification is cofactorless, encode(SB − kA) = R byte for byte, which RFC 8032 §5.1.7
 * calls sufficient. Node versions and libraries disagree on the edge cases, so these checks are our own: keys are
 * canonical, in the prime-order subgroup and not the identity; S < L; R is not the identity. Nothing is batched.
 * Native crypto signs and verifies (several times faster than JavaScript, and constant-time); @noble/ed25519 does the
 * point arithmetic of admission, which node:crypto does not offer.
 */
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as nativeSign,
  verify as nativeVerify,
  randomBytes
} from 'node:crypto'
import { Point } from '@noble/ed25519'
import type { NodeKey } from '@tocsin/model'
import { createBoundedCache } from './bounded.ts'
import { concatBytes, equalBytes, fromHex, plain, toHex } from './bytes.ts'
import { JournalError } from './errors.ts'
import { agree, x25519KeyOfSeed } from './x25519.ts'

/** Length of a public key and of a seed, bytes. */
export const KEY_BYTES = 32
/** Length of a signature, bytes. */
export const SIGNATURE_BYTES = 64

// DER of RFC 8410 around the raw 32 bytes.
const SPKI_PREFIX = fromHex('302a300506032b6570032100')
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420')

// L, the order of the base point (RFC 8032 §5.1), little-endian as S is.
const GROUP_ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

// A row holds 32 bytes and a KeyObject; admission costs about a millisecond, rebuilding the KeyObject halves the rate.
const ADMITTED_KEYS = 4096
const admitted = createBoundedCache<string, PublicKey>(ADMITTED_KEYS)

/** A key that passed admission. Only `admitKey` makes one, and the private field keeps look-alikes out. */
export class PublicKey {
  /** Lower-case hex of the 32 bytes. */
  readonly hex: NodeKey
  readonly #native: KeyObject

  /** Not for callers: `admitKey` checks first. */
  constructor(hex: NodeKey, native: KeyObject) {
    this.hex = hex
    this.#native = native
  }

  /** A fresh copy of the 32 bytes: the key is shared by all who admit it. */
  get bytes(): Uint8Array {
    return fromHex(this.hex)
  }

  /** See `verify`. */
  verifies(message: Uint8Array, signature: Uint8Array): boolean {
    if (signature.length !== SIGNATURE_BYTES) return false
    if (!isReduced(signature.subarray(32)) || isIdentity(signature.subarray(0, 32))) return false
    return nativeVerify(null, message, this.#native, signature)
  }
}

/** A private key in use: it signs, agrees on secrets, and never shows its seed. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** Deterministic signature of RFC 8032 §5.1.6, 64 bytes. Callers put a domain string in front of the message. */
  sign(message: Uint8Array): Uint8Array
  /** The secret it has in common with an X25519 key (RFC 7748), 32 bytes; undefined for keys that give everybody the same. */
  agree(theirs: Uint8Array): Uint8Array | undefined
}

/** 32 fresh random bytes, the whole of a private key. */
export function generateSeed(): Uint8Array {
  return new Uint8Array(randomBytes(KEY_BYTES))
}

/** The signing key of a 32-byte seed (RFC 8032 §5.1.5); throws `seed-length`. */
export function signingKey(seed: Uint8Array): SigningKey {
  if (seed.length !== KEY_BYTES) throw new JournalError('seed-length', undefined, { bytes: seed.length })
  const der = Buffer.concat([PKCS8_PREFIX, seed])
  const native = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  const secret = x25519KeyOfSeed(seed)
  const publicKey = new Uint8Array(createPublicKey(native).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES))
  return {
    get publicKey() {
      return publicKey.slice()
    },
    sign: (message) => plain(nativeSign(null, message, native)),
    agree: (theirs) => agree(secret, theirs)
  }
}

/**
 * Admits a public key: 32 bytes, the canonical encoding of a point (else `key-not-canonical`) that lies in the
 * prime-order subgroup and is not the identity (else `key-bad-order`). With the identity as key, any S with R = SB
 * would sign everything; with a torsion part, libraries disagree on what is signed.
 */
export function admitKey(bytes: Uint8Array): PublicKey {
  const hex = toHex(bytes)
  const known = admitted.get(hex)
  if (known !== undefined) return known
  const point = decodePoint(bytes)
  if (point.isSmallOrder() || !point.isTorsionFree()) throw new JournalError('key-bad-order', undefined, { key: hex })
  const native = createPublicKey({ key: Buffer.from(concatBytes(SPKI_PREFIX, bytes)), format: 'der', type: 'spki' })
  const key = new PublicKey(hex as NodeKey, native)
  admitted.set(hex, key)
  return key
}

/** True if `signature` (64 bytes) is the key's over `message`, by the rule at the top of this file. Never throws. */
export function verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return key.verifies(message, signature)
}

function decodePoint(bytes: Uint8Array): Point {
  if (bytes.length === KEY_BYTES) {
    try {
      // Strict decoding: y < p, and no sign bit on x = 0.
      const point = Point.fromBytes(bytes, false)
      if (equalBytes(point.toBytes(), bytes)) return point
    } catch {
      // noble throws untyped errors for bytes off the curve; they get our code below.
    }
  }
  throw new JournalError('key-not-canonical', undefined, { bytes: bytes.length })
}

/** S < L, both little-endian. */
function isReduced(scalar: Uint8Array): boolean {
  for (let index = 31; index >= 0; index--) {
    const difference = (scalar[index] ?? 0) - (GROUP_ORDER[index] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

/** The canonical encoding of (0, 1). Other encodings of it never equal encode(SB − kA). */
function isIdentity(point: Uint8Array): boolean {
  return point[0] === 1 && point.subarray(1).every((byte) => byte === 0)
}
