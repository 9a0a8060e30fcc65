import { scrypt } from 'node:crypto'
import { type InstitutionId, isInstitutionId, type NodeKey } from '@tocsin/model'
import { decodeBase58, encodeBase58 } from './base58.ts'
import { createBoundedCache } from './bounded.ts'
import { concatBytes, toHex, utf8 } from './bytes.ts'
import { KEY_BYTES } from './ed25519.ts'
import { JournalError } from './errors.ts'

// did:key method §3.1.1: 'z' is multibase base58btc, 0xed 0x01 the multicodec varint of an Ed25519 public key.
const SCHEME = 'did:key:z'
const MULTICODEC = Uint8Array.of(0xed, 0x01)

const CACHED_IDS = 4096
const idsByKey = createBoundedCache<string, InstitutionId>(CACHED_IDS)
const keysById = createBoundedCache<string, Uint8Array>(CACHED_IDS)

// About a third of a second and 128 MiB: a number that only looks right must cost an attacker 2^89 of these.
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 2 ** 20 }
const COMPARISON_DOMAIN = utf8('tocsin/comparison-number/1\0')
const COMPARISON_DIGITS = 27

/** `did:key:z6Mk…` of a 32-byte root key. Spelling only: whether the key is admissible is `admitKey`'s question. */
export function institutionId(rootKey: Uint8Array): InstitutionId {
  if (rootKey.length !== KEY_BYTES)
    throw new JournalError('institution-id-malformed', undefined, { bytes: rootKey.length })
  const hex = toHex(rootKey)
  const known = idsByKey.get(hex)
  if (known !== undefined) return known
  const id = `${SCHEME}${encodeBase58(concatBytes(MULTICODEC, rootKey))}` as InstitutionId
  idsByKey.set(hex, id)
  return id
}

/** The 32 bytes of the root key in an institution id; throws `institution-id-malformed` for any other spelling. */
export function institutionKey(id: string): Uint8Array {
  const known = keysById.get(id)
  if (known !== undefined) return known.slice()
  if (!isInstitutionId(id)) throw new JournalError('institution-id-malformed')
  const bytes = decodeBase58(id.slice(SCHEME.length))
  const key = bytes.subarray(MULTICODEC.length)
  if (key.length !== KEY_BYTES || institutionId(key) !== id) throw new JournalError('institution-id-malformed')
  keysById.set(id, key)
  return key.slice()
}

/** Lower-case hex of a 32-byte public key, as node keys are named. */
export function nodeKey(publicKey: Uint8Array): NodeKey {
  if (publicKey.length !== KEY_BYTES)
    throw new JournalError('key-not-canonical', undefined, { bytes: publicKey.length })
  return toHex(publicKey) as NodeKey
}

/**
 * The number that an institution reads aloud on the telephone (DESIGN §7): scrypt (RFC 7914; N = 2^17, r = 8, p = 1,
 * 32 bytes) of the 32-byte root key over a domain string as salt, read as a big-endian integer modulo 10^27, as nine
 * groups of three digits. Runs on the thread pool.
 */
export async function comparisonNumber(rootKey: Uint8Array): Promise<string> {
  if (rootKey.length !== KEY_BYTES)
    throw new JournalError('institution-id-malformed', undefined, { bytes: rootKey.length })
  const derived = await new Promise<Buffer>((resolve, reject) => {
    scrypt(rootKey, COMPARISON_DOMAIN, 32, SCRYPT, (error, bytes) => (error ? reject(error) : resolve(bytes)))
  })
  const number = BigInt(`0x${derived.toString('hex')}`) % 10n ** BigInt(COMPARISON_DIGITS)
  return (number.toString().padStart(COMPARISON_DIGITS, '0').match(/\d{3}/g) ?? []).join(' ')
}
