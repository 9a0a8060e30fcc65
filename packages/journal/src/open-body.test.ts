import type { Bulletin, BulletinId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxBodyOf } from './body.ts'
import { toHex } from './bytes.ts'
import { encode } from './codec.ts'
import { openBody, sealBody } from './open-body.ts'
import { author } from './test-world.ts'

const bulletin: Bulletin = {
  id: '0b0e8f5c-2a7d-4c8e-9a51-3f1f5f0a7b11' as BulletinId,
  title: 'Hameçonnage « messagerie pleine »',
  text: 'Deux comptes touchés.',
  threat: 'phishing',
  pap: 'GREEN',
  confidence: 80,
  tags: [],
  indicators: [{ type: 'domain', value: 'evil.example.org', role: 'malicious' }],
  references: [],
  rules: [],
  attachments: [],
  about: []
}
const sighting = {
  bulletin: bulletin.id,
  author,
  indicator: { type: 'domain' as const, value: 'evil.example.org' },
  kind: 'sighting' as const,
  count: 2
}
const nonce = new Uint8Array(16).fill(9)

describe('bodies', () => {
  it('open as they were sealed', () => {
    expect(openBody('bulletin', sealBody('bulletin', bulletin))).toEqual({ ok: true, value: bulletin })
    expect(openBody('sighting', sealBody('sighting', sighting))).toEqual({ ok: true, value: sighting })
    const data = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251)
    expect(openBody('attachment', sealBody('attachment', { data }))).toEqual({ ok: true, value: { data } })
  })

  it('open when full', () => {
    const indicators = Array.from({ length: 4096 }, (_, index) => ({
      type: 'ipv4' as const,
      value: `10.${index >> 8}.${index & 255}.1`,
      role: 'malicious' as const,
      comment: 'seen',
      firstSeen: '2026-11-24T09:00:00.000Z',
      lastSeen: '2026-11-24T09:00:00.000Z',
      validUntil: '2026-12-24T09:00:00.000Z'
    }))
    const bytes = sealBody('bulletin', { ...bulletin, indicators })
    expect(bytes.length).toBeLessThan(maxBodyOf('bulletin'))
    expect(openBody('bulletin', bytes)).toMatchObject({ ok: true })
  })

  it('differ each time, so that a hash tells nothing of what was erased', () => {
    expect(toHex(sealBody('sighting', sighting))).not.toBe(toHex(sealBody('sighting', sighting)))
    expect(toHex(sealBody('sighting', sighting, nonce))).toBe(toHex(sealBody('sighting', sighting, nonce)))
  })

  it('are not sealed out of shape', () => {
    const bad = { ...bulletin, confidence: 101 }
    expect(() => sealBody('bulletin', bad)).toThrow(expect.objectContaining({ code: 'body-shape' }))
  })

  it.each<[string, Uint8Array, string]>([
    ['not CBOR', new Uint8Array([0xff]), 'bad-cbor'],
    ['empty', new Uint8Array(0), 'bad-cbor'],
    ['deep', Uint8Array.from([...new Array<number>(1000).fill(0x81), 0]), 'bad-cbor'],
    ['no array', encode({}), 'bad-shape'],
    ['without a nonce', encode([1, 1, sighting]), 'bad-shape'],
    ['with a short nonce', encode([new Uint8Array(15), 1, sighting]), 'bad-shape'],
    ['of version 2', encode([nonce, 2, 'anything', 'at all']), 'unknown-version'],
    ['of a version that is no number', encode([nonce, 'x', sighting]), 'bad-shape'],
    ['with a fourth item', encode([nonce, 1, sighting, 1]), 'bad-shape'],
    ['with an unknown field', encode([nonce, 1, { ...sighting, more: 1 }]), 'bad-shape'],
    ['with a field missing', encode([nonce, 1, { ...sighting, count: undefined }]), 'bad-shape'],
    [
      'with a value not in normal form',
      encode([nonce, 1, { ...sighting, indicator: { type: 'domain', value: 'EVIL.example.org' } }]),
      'bad-shape'
    ]
  ])('are opaque when %s', (_name, bytes, code) => {
    expect(openBody('sighting', bytes)).toMatchObject({ ok: false, code })
  })

  it('are opaque when of an unknown kind', () => {
    expect(openBody(77, sealBody('sighting', sighting))).toMatchObject({ ok: false, code: 'unknown-kind' })
  })

  it('never repeat in the reason what the author wrote', () => {
    const opened = openBody('sighting', encode([nonce, 1, { ...sighting, kind: 'SECRET', SECRET: 1 }]))
    expect(opened).toMatchObject({ ok: false, code: 'bad-shape' })
    expect(JSON.stringify(opened)).not.toContain('SECRET')
  })

  it('never throw, whatever the bytes', () => {
    const seal = (value: unknown): Uint8Array => encode([nonce, 1, value])
    const strange = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.jsonValue().filter(isEncodable).map(seal))
    fc.assert(
      fc.property(strange, (bytes) => {
        expect(openBody('bulletin', bytes).ok).toBe(false)
      })
    )
  })
})

function isEncodable(value: unknown): boolean {
  try {
    encode(value)
    return true
  } catch {
    return false
  }
}
