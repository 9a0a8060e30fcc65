import type { EntryId, InstitutionId } from '@tocsin/model'
import { concatBytes, fromHex, utf8 } from './bytes.ts'
import { admitKey, SIGNATURE_BYTES, verify } from './ed25519.ts'
import { institutionKey } from './institution.ts'

const DOMAIN = utf8('tocsin/erase-now/1\0')

/**
 * What a root key signs so that the retracted bodies are erased without the charter's delay (RetractionSchema.eraseNow):
 * the domain string and the target ids, 32 bytes each, in the order of the retraction.
 */
export function eraseNowMessage(targets: readonly EntryId[]): Uint8Array {
  return concatBytes(DOMAIN, ...targets.map((target) => fromHex(target, 32)))
}

/** True if `eraseNow` (128 hex digits) is the author's root key's over exactly these targets. */
export function verifyEraseNow(author: InstitutionId, targets: readonly EntryId[], eraseNow: string): boolean {
  if (!/^[0-9a-f]+$/.test(eraseNow) || eraseNow.length !== 2 * SIGNATURE_BYTES) return false
  return verify(admitKey(institutionKey(author)), eraseNowMessage(targets), fromHex(eraseNow))
}
