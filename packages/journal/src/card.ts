import type { InstitutionId, NodeKey } from '@tocsin/model'
import { z } from 'zod'
import { concatBytes, fromHex, toHex, utf8 } from './bytes.ts'
import { admitKey, SIGNATURE_BYTES, type SigningKey, verify } from './ed25519.ts'
import { JournalError } from './errors.ts'
import { institutionKey } from './institution.ts'
import { AdmissibleKey, Domain, hex, isUnique, line, Millis } from './shapes.ts'

const PROOF_DOMAIN = utf8('tocsin/node-key/1\0')

/** A node key with its period and its own consent: nobody can claim a key that he does not hold. */
const CertifiedKey = z
  .strictObject({
    key: AdmissibleKey,
    from: Millis,
    until: Millis.exactOptional(),
    proof: hex(SIGNATURE_BYTES)
  })
  .refine((certified) => certified.until === undefined || certified.until > certified.from, 'until lies after from')

/** What an institution says of itself, signed by its root key. */
export const CardSchema = z.strictObject({
  name: line(1, 100),
  domains: z.array(Domain).max(64).refine(isUnique, 'the same domain twice'),
  contact: line(0, 200),
  /** Multiaddr texts; what they mean is the network's question. */
  addresses: z.array(z.string().regex(/^\/[\x21-\x7e]{1,254}$/)).max(16),
  /** Every node key ever certified, the current one among them. */
  nodeKeys: z.array(CertifiedKey).min(1).max(64),
  /** The node key that comes after, so that peers' gates already know it. */
  next: AdmissibleKey
})

/** The value of a card register. */
export type Card = z.infer<typeof CardSchema>

/** The node key's consent to serve a root key: its signature over 'tocsin/node-key/1\0' ‖ root key, hex. */
export function proveNodeKey(key: SigningKey, rootKey: Uint8Array): string {
  return toHex(key.sign(concatBytes(PROOF_DOMAIN, rootKey)))
}

/**
 * Checks what a schema cannot: no key stands twice on the card or is the root key itself (`card-keys`), and each node
 * key signed the root key (`card-proof`).
 */
export function verifyCardProofs(card: Card, author: InstitutionId): void {
  const rootKey = institutionKey(author)
  const keys = [...card.nodeKeys.map((certified) => certified.key), card.next, toHex(rootKey)]
  if (!isUnique(keys)) throw new JournalError('card-keys')
  const message = concatBytes(PROOF_DOMAIN, rootKey)
  for (const { key, proof } of card.nodeKeys) {
    if (!verify(admitKey(fromHex(key)), message, fromHex(proof)))
      throw new JournalError('card-proof', undefined, { key })
  }
}

/** The node keys whose period holds at a time (ms): from ≤ at < until. */
export function currentNodeKeys(card: Card, at: number): NodeKey[] {
  return card.nodeKeys
    .filter(({ from, until }) => from <= at && (until === undefined || at < until))
    .map((certified) => certified.key)
}
