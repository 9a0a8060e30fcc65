import { describe, expect, it } from 'vitest'
import { domainAndParents, domainWithin, hasKnownSuffix, isPublicSuffix, registrableDomain } from './domain.ts'
import { emailDomain } from './email.ts'
import { urlHost } from './url.ts'

describe('domains', () => {
  it.each(['fr', 'com', 'co.uk', 'github.io', 's3.amazonaws.com', 'asso.fr', 'gouv.fr', 'xn--55qx5d.cn', 'localhost'])(
    '%s is a public suffix',
    (name) => {
      expect(isPublicSuffix(name)).toBe(true)
    }
  )

  it.each(['univ-reims.fr', 'evil.github.io', 'bbc.co.uk', 'bucket.s3.amazonaws.com', 'www.ck', 'a.xn--55qx5d.cn'])(
    '%s is none',
    (name) => {
      expect(isPublicSuffix(name)).toBe(false)
    }
  )

  it('finds the name that somebody registered', () => {
    expect(registrableDomain('a.b.evil.co.uk')).toBe('evil.co.uk')
    expect(registrableDomain('a.evil.github.io')).toBe('evil.github.io')
    expect(registrableDomain('_x.evil.example')).toBe('evil.example')
    expect(registrableDomain('co.uk')).toBeNull()
  })

  it('compares label by label', () => {
    expect(domainWithin('mail.univ-reims.fr', 'univ-reims.fr')).toBe(true)
    expect(domainWithin('univ-reims.fr', 'univ-reims.fr')).toBe(true)
    expect(domainWithin('xuniv-reims.fr', 'univ-reims.fr')).toBe(false)
    expect(domainWithin('univ-reims.fr', 'mail.univ-reims.fr')).toBe(false)
    expect(domainAndParents('a.b.c')).toEqual(['a.b.c', 'b.c', 'c'])
  })

  it('knows which top-level domains exist', () => {
    expect(hasKnownSuffix('setup.zip')).toBe(true)
    expect(hasKnownSuffix('setup.exe')).toBe(false)
    expect(hasKnownSuffix('abc.onion')).toBe(true)
  })
})

describe('parts of values', () => {
  it('finds hosts and domains', () => {
    expect(urlHost('https://evil.example:8443/a')).toBe('evil.example')
    expect(urlHost('https://evil.example?x')).toBe('evil.example')
    expect(urlHost('http://[2001:db8::1]:81/a')).toBe('2001:db8::1')
    expect(urlHost('http://203.0.113.4/')).toBe('203.0.113.4')
    expect(urlHost('evil.example')).toBeNull()
    expect(emailDomain('a@evil.example')).toBe('evil.example')
    expect(emailDomain('jdupont')).toBeNull()
    expect(emailDomain('jdupont@')).toBeNull()
  })
})
