import { INDICATOR_TYPE_NAMES, parseIndicator } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meantBy } from './meant.ts'

describe('a value without its type', () => {
  it.each([
    ['x.example', 'domain', 'x.example'],
    ['x[.]Example.', 'domain', 'x.example'],
    ['mail.univ-reims.fr', 'domain', 'mail.univ-reims.fr'],
    ['hxxps://x[.]example/a?b=c', 'url', 'https://x.example/a?b=c'],
    ['10.0.0.0/8', 'cidr', '10.0.0.0/8'],
    ['192.0.2.7', 'ipv4', '192.0.2.7'],
    ['192.0.2.7/32', 'ipv4', '192.0.2.7'],
    ['AS64500', 'asn', 'AS64500'],
    ['news@univ-reims.fr', 'email', 'news@univ-reims.fr'],
    ['setup.exe', 'filename', 'setup.exe'],
    ['a'.repeat(64), 'sha256', 'a'.repeat(64)],
    // An empty file's: extraction passes it over, and it can be nothing but a hash.
    ['d41d8cd98f00b204e9800998ecf8427e', 'md5', 'd41d8cd98f00b204e9800998ecf8427e']
  ])('takes %s for what a text would yield', (value, type, meant) => {
    expect(meantBy(value, undefined)).toEqual({ type, value: meant })
  })

  it.each(['jdupont', 'intranet.univ.local', 'Mozilla/5.0 (X11)', 'your invoice', '<id@mx.example.org>'])(
    'asks what %s is, and names what it can be',
    (value) => {
      const types = expect.arrayContaining(['email-subject', 'mutex'])
      expect(() => meantBy(value, undefined)).toThrow(
        expect.objectContaining({ code: 'type-needed', facts: { value, types } })
      )
      expect(meantBy(value, 'mutex')).toMatchObject({ type: 'mutex' })
    }
  )

  it('takes the type that is said, and no other', () => {
    expect(meantBy('x.example', 'account')).toEqual({ type: 'account', value: 'x.example' })
    expect(meantBy('intranet.univ.local', 'domain')).toEqual({ type: 'domain', value: 'intranet.univ.local' })
    expect(() => meantBy('not an address', 'ipv4')).toThrow(expect.objectContaining({ code: 'value-unreadable' }))
    expect(() => meantBy('', undefined)).toThrow(expect.objectContaining({ code: 'value-unreadable' }))
  })

  it('yields what the model takes, or one of two refusals, for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.constantFrom(undefined, ...INDICATOR_TYPE_NAMES),
        (value, type) => {
          try {
            const meant = meantBy(value, type)
            expect(parseIndicator(meant.type, meant.value)).toMatchObject({ ok: true, value: meant.value })
          } catch (error) {
            expect(['type-needed', 'value-unreadable']).toContain((error as { code?: string }).code)
          }
        }
      )
    )
  })
})
