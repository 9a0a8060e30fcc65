import { compareBytes, concatBytes, fromHex, institutionKey, sha256, toHex } from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'

const DOMAIN = new TextEncoder().encode('tocsin/roster/1\0')

/**
 * The digest of a membership, which hop proofs sign: SHA-256 over `tocsin/roster/1\0` ‖ circle (32 bytes) ‖ day
 * (4 bytes, big-endian) ‖ the members' root keys (32 bytes each, ascending byte order). Hex.
 */
export function rosterDigest(circle: CircleId, day: number, members: Iterable<InstitutionId>): string {
  return toHex(sha256(rosterPreimage(circle, day, memberKeys(members))))
}

/** The members' root keys, joined in ascending byte order: with circle and day all that the digest is made of. */
export function memberKeys(members: Iterable<InstitutionId>): Uint8Array {
  return concatBytes(...[...members].map((id) => institutionKey(id)).sort(compareBytes))
}

/** The bytes under the digest; `keys` as `memberKeys` returns them. */
export function rosterPreimage(circle: CircleId, day: number, keys: Uint8Array): Uint8Array {
  const dayBytes = new Uint8Array(4)
  new DataView(dayBytes.buffer).setUint32(0, day)
  return concatBytes(DOMAIN, fromHex(circle), dayBytes, keys)
}
