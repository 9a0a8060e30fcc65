import { readFileSync } from 'node:fs'
import {
  admitKey,
  bodyHashOf,
  bodyMatches,
  checkLink,
  comparisonNumber,
  decode,
  decodeDescriptor,
  encode,
  encodeDescriptor,
  fromHex,
  institutionId,
  institutionKey,
  JournalError,
  openBody,
  openRegister,
  parseSignedHeader,
  prepareRegister,
  signedHeaderBytes,
  signingKey,
  toHex,
  verify,
  verifyHeader
} from '@tocsin/journal'
import { describe, expect, it } from 'vitest'
import { buildVectors } from './build.ts'
import type { BodyVectors } from './build-body.ts'
import type { CborVectors } from './build-cbor.ts'
import type { DescriptorVectors } from './build-descriptor.ts'
import type { SignatureCase } from './build-ed25519.ts'
import type { EntryVectors } from './build-entry.ts'
import type { IdentityVectors } from './build-identity.ts'
import type { RegisterVectors } from './build-register.ts'

const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))

/** What a parser says: its code, or `accepted`. Anything but a JournalError is a bug and ends the test. */
function codeOf(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (error) {
    if (error instanceof JournalError) return error.code
    throw error
  }
}

describe('stored files', () => {
  it('are what the builders give', async () => {
    for (const [name, content] of Object.entries(await buildVectors())) {
      expect(read(name), name).toEqual(JSON.parse(JSON.stringify(content)))
    }
  })
})

describe('ed25519-adversarial.json', () => {
  it.each(read<{ cases: SignatureCase[] }>('ed25519-adversarial.json').cases)('$name: $expected', (it) => {
    const code = codeOf(() => {
      const key = admitKey(fromHex(it.publicKey))
      if (!verify(key, fromHex(it.message), fromHex(it.signature))) throw new JournalError('register-signature')
    })
    expect(code === 'register-signature' ? 'signature-refused' : code).toBe(it.expected)
  })
})

describe('identity.json', () => {
  const vectors = read<IdentityVectors>('identity.json')

  it.each(vectors.valid)('$id', async ({ seed, publicKey, id, comparisonNumber: number }) => {
    const key = signingKey(fromHex(seed)).publicKey
    expect([toHex(key), institutionId(key), toHex(institutionKey(id))]).toEqual([publicKey, id, publicKey])
    expect(await comparisonNumber(key)).toBe(number)
  })

  it.each(vectors.refused)('refuses an id: $name', ({ id, code }) => {
    expect(codeOf(() => institutionKey(id))).toBe(code)
  })
})

describe('cbor.json', () => {
  const { limits, valid, refused } = read<CborVectors>('cbor.json')

  it.each(valid)('reads $name', ({ name, hex, value }) => {
    const read = decode(fromHex(hex), limits)
    expect(read instanceof Uint8Array ? { bytes: toHex(read) } : read, name).toEqual(value)
    expect(toHex(encode(read))).toBe(hex)
  })

  it.each(refused)('refuses $name: $code', ({ hex, code }) => {
    expect(codeOf(() => decode(fromHex(hex), limits))).toBe(code)
  })
})

describe('descriptor.json', () => {
  const vectors = read<DescriptorVectors>('descriptor.json')

  it.each(vectors.valid)('reads $name', ({ hex, id, descriptor }) => {
    expect(decodeDescriptor(fromHex(hex))).toEqual({ descriptor, bytes: fromHex(hex), id })
    expect(toHex(encodeDescriptor(descriptor))).toBe(hex)
  })

  it.each(vectors.refused)('refuses $name: $code', ({ hex, code }) => {
    expect(codeOf(() => decodeDescriptor(fromHex(hex)))).toBe(code)
  })
})

describe('entry.json', () => {
  const vectors = read<EntryVectors>('entry.json')
  const key = admitKey(fromHex(vectors.publicKey))
  const stream = decodeDescriptor(fromHex(vectors.descriptor))

  it.each(vectors.valid)('reads $name', ({ hex, id, header, body }) => {
    const signed = parseSignedHeader(fromHex(hex))
    expect([signed.id, signed.header]).toEqual([id, header])
    expect(toHex(signedHeaderBytes(signed))).toBe(hex)
    expect(verifyHeader(key, signed)).toBe(true)
    expect(bodyMatches(header, fromHex(body))).toBe(true)
  })

  it.each(vectors.refused)('refuses $name: $code', ({ hex, code }) => {
    expect(codeOf(() => parseSignedHeader(fromHex(hex)))).toBe(code)
  })

  it.each(vectors.unsigned)('does not verify: $name', ({ hex }) => {
    expect(verifyHeader(key, parseSignedHeader(fromHex(hex)))).toBe(false)
  })

  it.each(vectors.links)('links $name: $expected', ({ previous, next, expected }) => {
    const before = previous === null ? null : parseSignedHeader(fromHex(previous))
    const verdict = checkLink(before, parseSignedHeader(fromHex(next)), stream)
    expect(verdict.allowed ? 'allowed' : verdict.code).toBe(expected)
  })

  it.each(vectors.bodies)('hashes a body of $length bytes', ({ length, fill, hash }) => {
    expect(bodyHashOf(new Uint8Array(length).fill(fill))).toBe(hash)
  })
})

describe('register.json', () => {
  const vectors = read<RegisterVectors>('register.json')

  it.each(vectors.valid)('reads $name', ({ hex, address, hash, register }) => {
    const signed = openRegister(fromHex(hex))
    expect(signed).toEqual({ register, bytes: fromHex(hex), address, hash })
    expect(toHex(prepareRegister(register))).toBe(hex.slice(0, -128))
  })

  it.each(vectors.refused)('refuses $name: $code', ({ hex, code }) => {
    expect(codeOf(() => openRegister(fromHex(hex)))).toBe(code)
  })
})

describe('body.json', () => {
  const vectors = read<BodyVectors>('body.json')

  it.each(vectors.readable)('reads $name', ({ kind, hex, value }) => {
    expect(openBody(kind, fromHex(hex))).toEqual({ ok: true, value })
  })

  it.each(vectors.opaque)('holds opaque $name: $code', ({ kind, hex, code }) => {
    expect(openBody(kind, fromHex(hex))).toMatchObject({ ok: false, code })
  })
})
