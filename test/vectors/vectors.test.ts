/** Every vector file against the packages; the format is README.md's. */
import { readdirSync, readFileSync } from 'node:fs'
import { admitKey, fromHex, signingKey, toHex, verify } from '@tocsin/journal'
import { describe, expect, it } from 'vitest'
import { buildVectors } from './build.ts'
import { type Case, codeOf, plainJson, type VectorFile } from './case.ts'
import { RUNS } from './run.ts'

const FILES = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.json'))
const read = (name: string): VectorFile => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))

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

const reference = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../reference/ed25519/${name}`, import.meta.url), 'utf8'))

/** What comes of a case; an error without a code of ours is a bug and ends the test. */
async function outcomeOf({ kind, input }: Case): Promise<{ result: unknown } | { error: string }> {
  const run = RUNS[kind]
  if (run === undefined) throw new Error(`nothing runs a case of kind ${kind}`)
  try {
    return { result: plainJson(await run(input as never)) }
  } catch (error) {
    return { error: codeOf(error) }
  }
}

describe('stored files', () => {
  const built = buildVectors()

  it('are those that the builders give', async () => {
    expect(Object.keys(await built).sort()).toEqual(FILES.toSorted())
  })

  it.each(FILES)('%s holds what its builder gives', async (name) => {
    expect(read(name)).toEqual(JSON.parse(JSON.stringify((await built)[name])))
  })

  it('leave no kind without a case, and no case without a kind', () => {
    const kinds = new Set(FILES.flatMap((name) => read(name).cases.map(({ kind }) => kind)))
    expect([...kinds].sort()).toEqual(Object.keys(RUNS).sort())
  })
})

describe.each(FILES)('%s', (file) => {
  const { cases } = read(file)

  it('says of every case what must come of it, once', () => {
    expect(cases.length).toBeGreaterThan(0)
    expect(cases.filter((one) => 'result' in one === 'error' in one)).toEqual([])
    expect(new Set(cases.map(({ kind, name }) => `${kind}: ${name}`)).size).toBe(cases.length)
  })

  it.each(cases)('$kind: $name', async (one) => {
    expect(await outcomeOf(one)).toEqual('error' in one ? { error: one.error } : { result: one.result })
  })
})

describe('RFC 8032 §7.1', () => {
  it.each(reference<RfcCase[]>('rfc8032.json'))('key $pub', ({ priv, pub, msg, sig }) => {
    const key = signingKey(fromHex(priv))
    expect(toHex(key.publicKey)).toBe(pub)
    expect(toHex(key.sign(fromHex(msg)))).toBe(sig)
    expect(verify(admitKey(fromHex(pub)), fromHex(msg), fromHex(sig))).toBe(true)
  })
})

describe('Wycheproof', () => {
  const file = reference<Wycheproof>('wycheproof-ed25519.json')
  const cases = file.testGroups.flatMap((group) => group.tests.map((test) => ({ ...test, key: group.publicKey.pk })))

  it('is complete', () => {
    expect(cases.length).toBe(file.numberOfTests)
  })

  it.each(cases)('$tcId $comment: $result', ({ key, msg, sig, result }) => {
    expect(verify(admitKey(fromHex(key)), fromHex(msg), fromHex(sig))).toBe(result === 'valid')
  })
})
