/** X25519 (RFC 7748) between node keys, which are Ed25519 keys: only for what a receipt says to one author alone. */
import { createHash, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { fromHex } from './bytes.ts'

// DER of RFC 8410 around the raw 32 bytes.
const SPKI_PREFIX = fromHex('302a300506032b656e032100')
const PKCS8_PREFIX = fromHex('302e020100300506032b656e04220420')

/** 2^255 − 19. */
const P = 2n ** 255n - 19n

/** The private key of 32 bytes; they are clamped where it is used (RFC 7748 §5). */
export function x25519Key(secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' })
}

/** The private key behind an Ed25519 seed: the half of its hash that is the secret scalar (RFC 8032 §5.1.5). */
export function x25519KeyOfSeed(seed: Uint8Array): KeyObject {
  return x25519Key(createHash('sha512').update(seed).digest().subarray(0, 32))
}

/** 32 bytes. */
export function x25519PublicKey(own: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(own).export({ format: 'der', type: 'spki' }).subarray(-32))
}

/** The secret of two keys, 32 bytes; undefined where the other key is one of those that give everybody the same. */
export function agree(own: KeyObject, theirs: Uint8Array): Uint8Array | undefined {
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, theirs]), format: 'der', type: 'spki' })
    return new Uint8Array(diffieHellman({ privateKey: own, publicKey }))
  } catch {
    // OpenSSL refuses a secret of zeros (RFC 7748 §6.1), by an error without a type.
    return undefined
  }
}

/** The X25519 public key of an admitted Ed25519 one: u = (1 + y) / (1 − y) (RFC 7748 §4.1). y = 1 is the identity, never admitted. */
export function montgomeryOf(key: Uint8Array): Uint8Array {
  const little = Uint8Array.from(key).reverse()
  little[0] = (little[0] ?? 0) & 0x7f
  const y = BigInt(`0x${Buffer.from(little).toString('hex')}`)
  const u = ((1n + y) * inverse(P + 1n - y)) % P
  return new Uint8Array(Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse())
}

/** By Fermat: n^(p − 2). */
function inverse(n: bigint): bigint {
  let result = 1n
  for (let base = n % P, exponent = P - 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % P
    base = (base * base) % P
  }
  return result
}
