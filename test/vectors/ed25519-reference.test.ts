import { readFileSync } from 'node:fs'
import { admitKey, fromHex, signingKey, toHex, verify } from '@tocsin/journal'
import { describe, expect, it } from 'vitest'

interface RfcCase {
  readonly priv: string
  readonly pub: string
  readonly msg: string
  readonly sig: string
}
interface Wycheproof {
  readonly numberOfTests: number
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string }
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly msg: string
      readonly sig: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../reference/ed25519/${name}`, import.meta.url), 'utf8'))

describe('RFC 8032 §7.1', () => {
  it.each(read<RfcCase[]>('rfc8032.json'))('key $pub', ({ priv, pub, msg, sig }) => {
    const key = signingKey(fromHex(priv))
    expect(toHex(key.publicKey)).toBe(pub)
    expect(toHex(key.sign(fromHex(msg)))).toBe(sig)
    expect(verify(admitKey(fromHex(pub)), fromHex(msg), fromHex(sig))).toBe(true)
  })
})

describe('Wycheproof', () => {
  const file = read<Wycheproof>('wycheproof-ed25519.json')
  const cases = file.testGroups.flatMap((group) => group.tests.map((test) => ({ ...test, key: group.publicKey.pk })))

  it('is complete', () => {
    expect(cases.length).toBe(file.numberOfTests)
  })

  it.each(cases)('$tcId $comment: $result', ({ key, msg, sig, result }) => {
    expect(verify(admitKey(fromHex(key)), fromHex(msg), fromHex(sig))).toBe(result === 'valid')
  })
})
