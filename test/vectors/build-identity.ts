import { comparisonNumber, institutionId, signingKey, toHex } from '@tocsin/journal'

export interface IdentityVectors {
  readonly description: string
  readonly valid: readonly {
    readonly seed: string
    readonly publicKey: string
    readonly id: string
    readonly comparisonNumber: string
  }[]
  readonly refused: readonly { readonly name: string; readonly id: string; readonly code: string }[]
}

const BASE = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp'

/** Every case, in a fixed order. */
export async function buildIdentity(): Promise<IdentityVectors> {
  const valid = [0, 1].map(async (fill) => {
    const seed = new Uint8Array(32).fill(fill)
    const { publicKey } = signingKey(seed)
    return {
      seed: toHex(seed),
      publicKey: toHex(publicKey),
      id: institutionId(publicKey),
      comparisonNumber: await comparisonNumber(publicKey)
    }
  })
  const refused: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['without the scheme', BASE.slice('did:key:'.length)],
    ['another method', BASE.replace('did:key:', 'did:web:')],
    ['another multibase', BASE.replace('did:key:z', 'did:key:u')],
    ['a key of X25519', 'did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F'],
    ['one digit short', BASE.slice(0, -1)],
    ['one digit long', `${BASE}1`],
    ['a digit that base58btc leaves out', BASE.replace('iTBz', 'iTB0')],
    ['capitals', BASE.toUpperCase()],
    ['a fragment', `${BASE}#key`],
    ['space at the end', `${BASE} `],
    ['too large for 34 bytes', `did:key:z6Mk${'z'.repeat(44)}`]
  ]
  return {
    description: 'Seed → public key → institution id (did:key) and comparison number.',
    valid: await Promise.all(valid),
    refused: refused.map(([name, id]) => ({ name, id, code: 'institution-id-malformed' }))
  }
}
