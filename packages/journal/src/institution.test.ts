import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from './bytes.ts'
import { comparisonNumber, institutionId, institutionKey, nodeKey } from './institution.ts'

// The example of the did:key method, §Ed25519 (w3c-ccg).
const DID = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp'
const KEY = '3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29'

describe('institution ids', () => {
  it('are did:key', () => {
    expect(institutionId(fromHex(KEY))).toBe(DID)
    expect(toHex(institutionKey(DID))).toBe(KEY)
    expect(nodeKey(fromHex(KEY))).toBe(KEY)
  })

  it('go round for any 32 bytes', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(key, (bytes) => {
        expect(institutionKey(institutionId(bytes))).toEqual(bytes)
      })
    )
  })

  it('hand out copies', () => {
    institutionKey(DID).fill(0)
    expect(toHex(institutionKey(DID))).toBe(KEY)
  })

  it.each([
    '',
    DID.slice(0, -1),
    `${DID}1`,
    DID.toUpperCase(),
    ` ${DID}`,
    DID.replace('z6Mk', 'z6LS'),
    DID.replace('did:key:', 'did:web:'),
    'did:key:z6Mkzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz'
  ])('refuses %j', (text) => {
    expect(() => institutionKey(text)).toThrow(expect.objectContaining({ code: 'institution-id-malformed' }))
  })

  it('refuses keys of another length', () => {
    expect(() => institutionId(new Uint8Array(31))).toThrow(
      expect.objectContaining({ code: 'institution-id-malformed' })
    )
    expect(() => nodeKey(new Uint8Array(33))).toThrow(expect.objectContaining({ code: 'key-not-canonical' }))
  })
})

describe('comparison number', () => {
  it('has nine groups of three digits, the same each time, and another for another key', async () => {
    const [one, again, other] = await Promise.all([
      comparisonNumber(fromHex(KEY)),
      comparisonNumber(fromHex(KEY)),
      comparisonNumber(new Uint8Array(32))
    ])
    expect(one).toMatch(/^\d{3}( \d{3}){8}$/)
    expect(again).toBe(one)
    expect(other).not.toBe(one)
  })

  it('leaves the event loop free while it works', async () => {
    let turns = 0
    const ticking = setInterval(() => turns++, 1)
    await comparisonNumber(fromHex(KEY))
    clearInterval(ticking)
    expect(turns).toBeGreaterThan(2)
  })

  it('refuses keys of another length', async () => {
    await expect(comparisonNumber(new Uint8Array(31))).rejects.toMatchObject({ code: 'institution-id-malformed' })
  })
})
