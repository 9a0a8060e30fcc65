import { describe, expect, it } from 'vitest'
import { TocsinError } from './errors.ts'
import { isBulletinId, isCircleId, isEntryId, isInstitutionId, isNodeKey, isStreamId } from './ids.ts'
import { ModelError } from './model-error.ts'

const HEX = 'ab'.repeat(32)
// Test vector of the did:key method specification (W3C CCG, §"Ed25519 with X25519").
const DID = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'

describe('ids', () => {
  it('knows an Ed25519 did:key and nothing else', () => {
    expect(isInstitutionId(DID)).toBe(true)
    for (const bad of [
      DID.slice(0, -1),
      `${DID}a`,
      DID.replace('did', 'DID'),
      DID.replace('z6Mk', 'z6LS'),
      `${DID.slice(0, -1)}0`,
      ` ${DID}`,
      `${DID}\n`
    ]) {
      expect(isInstitutionId(bad)).toBe(false)
    }
  })

  it.each([isNodeKey, isCircleId, isStreamId, isEntryId])('%o knows 64 lower-case hexadecimal digits', (check) => {
    expect(check(HEX)).toBe(true)
    for (const bad of [HEX.toUpperCase(), HEX.slice(2), `${HEX}ab`, `0x${HEX.slice(2)}`, `${HEX}\n`])
      expect(check(bad)).toBe(false)
  })

  it('knows UUIDv4 in lower case only', () => {
    expect(isBulletinId('8f14e45f-ceea-4e7a-9c3d-2b1a0f6d5e4c')).toBe(true)
    for (const bad of [
      '8F14E45F-CEEA-4E7A-9C3D-2B1A0F6D5E4C',
      '8f14e45f-ceea-7e7a-9c3d-2b1a0f6d5e4c',
      '8f14e45f-ceea-4e7a-cc3d-2b1a0f6d5e4c',
      '00000000-0000-0000-0000-000000000000'
    ]) {
      expect(isBulletinId(bad)).toBe(false)
    }
  })
})

describe('errors', () => {
  it('carry code, facts and the name of their class', () => {
    const error = new ModelError('never-block-line', 'Line 3', { line: 3 })
    expect(error).toBeInstanceOf(TocsinError)
    expect(error).toMatchObject({ name: 'ModelError', code: 'never-block-line', facts: { line: 3 }, message: 'Line 3' })
    expect(new TocsinError('x', 'y').facts).toEqual({})
  })
})
