import { describe, expect, it } from 'vitest'
import { CATCH_ERRORS, type CatchFacts, type CatchIndicator, type CatchOptions, createSafetyCatch } from './catch.ts'
import { parseIndicator } from './indicator.ts'
import { INDICATOR_TYPE_NAMES, type IndicatorType } from './indicator-type.ts'
import { NEVER_BLOCK_DEFAULT, parseNeverBlock } from './never-block.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-24T09:00:00.000Z')
const FRESH: CatchFacts = { publishedAt: NOW - DAY }
const NEVER_BLOCK = parseNeverBlock(NEVER_BLOCK_DEFAULT)

function verdict(
  type: IndicatorType,
  value: string,
  options: Partial<CatchOptions> = {},
  part: Partial<CatchIndicator> = {},
  facts: CatchFacts = FRESH
): string {
  // Only normal forms reach the catch.
  expect(parseIndicator(type, value)).toEqual({ ok: true, value })
  const held = createSafetyCatch({
    neverBlock: NEVER_BLOCK,
    exceptions: [],
    memberDomains: ['univ-metz.fr', 'univ-reims.fr'],
    now: () => NOW,
    ...options
  })
  const answer = held.mayBlock({ type, value, role: 'malicious', ...part }, facts)
  return answer.allowed ? 'allowed' : answer.code
}

describe('the safety catch (DESIGN §6)', () => {
  it.each<[IndicatorType, string]>([
    ['ipv4', '45.155.205.233'],
    ['ipv6', '2a0e:b107:384::1'],
    ['cidr', '45.155.204.0/23'],
    ['domain', 'evil.example'],
    ['domain', 'univ-reims.evil.example'],
    ['domain', 'univ-reims.fr.evil.example'],
    ['domain', 'xuniv-reims.fr'],
    ['domain', 'login-univ.github.io'],
    ['domain', 'phish.pages.dev'],
    ['domain', 'bucket-evil.s3.amazonaws.com'],
    ['domain', 'notgoogle.com'],
    ['url', 'https://evil.example/login'],
    ['url', 'https://evil.example'],
    ['email', 'phisher@evil.example'],
    ['email', 'phisher123@gmail.com'],
    ['email', 'phisher@free.fr'],
    ['sha256', 'a'.repeat(64)],
    ['x509-sha1', 'a'.repeat(40)]
  ])('lets %s %s pass', (type, value) => {
    expect(verdict(type, value)).toBe('allowed')
  })

  it('holds back a retracted, a disabled and a context indicator', () => {
    expect(verdict('domain', 'evil.example', {}, {}, { ...FRESH, retracted: true })).toBe('retracted')
    expect(verdict('domain', 'evil.example', {}, {}, { ...FRESH, disabled: true })).toBe('disabled')
    expect(verdict('domain', 'evil.example', {}, { role: 'context' })).toBe('context-indicator')
    expect(verdict('domain', 'evil.example', {}, { role: 'Malicious' as 'malicious' })).toBe('context-indicator')
  })

  it('holds back every type that is not blockable', () => {
    const held = createSafetyCatch({
      neverBlock: { domains: [], ranges: [] },
      exceptions: [],
      memberDomains: [],
      now: () => NOW
    })
    const refused = INDICATOR_TYPE_NAMES.filter((type) => {
      const answer = held.mayBlock({ type, value: 'x', role: 'malicious' }, FRESH)
      return !answer.allowed && answer.code === 'not-blockable-type'
    })
    expect(refused).toEqual([
      'message-id',
      'email-subject',
      'ssdeep',
      'tlsh',
      'filename',
      'asn',
      'ja3',
      'ja4',
      'jarm',
      'user-agent',
      'regkey',
      'mutex',
      'btc',
      'account',
      'vulnerability'
    ])
  })

  it.each<[IndicatorType, string]>([
    ['ipv4', '192.168.1.1'],
    ['ipv4', '203.0.113.4'],
    ['ipv4', '169.254.169.254'],
    ['ipv6', 'fe80::1'],
    ['ipv6', '2001:db8::1'],
    ['cidr', '172.0.0.0/8'],
    ['cidr', '192.0.0.0/16'],
    ['url', 'http://10.0.0.1/a'],
    ['url', 'http://[::1]/a']
  ])('holds back %s %s: special purpose', (type, value) => {
    expect(verdict(type, value)).toBe('special-purpose-range')
  })

  it.each<[IndicatorType, string]>([
    ['domain', 'co.uk'],
    ['domain', 'asso.fr'],
    ['domain', 'github.io'],
    ['domain', 's3.amazonaws.com'],
    ['url', 'https://s3.amazonaws.com/'],
    ['url', 'https://github.io']
  ])('holds back %s %s: public suffix', (type, value) => {
    expect(verdict(type, value)).toBe('public-suffix')
  })

  it.each<[IndicatorType, string]>([
    ['domain', 'univ-metz.fr'],
    ['domain', 'webmail.univ-metz.fr'],
    ['url', 'https://univ-metz.fr/'],
    ['url', 'https://webmail.univ-metz.fr/hacked/login1234.html'],
    ['email', 'x@univ-metz.fr'],
    ['email', 'x@etu.univ-metz.fr']
  ])('holds back %s %s: a member', (type, value) => {
    expect(verdict(type, value)).toBe('member-domain')
  })

  it('holds back a name above a member, which would take the member along', () => {
    expect(verdict('domain', 'metz.example', { memberDomains: ['univ.metz.example'] })).toBe('member-domain')
    expect(verdict('email', 'x@metz.example', { memberDomains: ['univ.metz.example'] })).toBe('allowed')
  })

  it.each<[IndicatorType, string]>([
    ['domain', 'google.com'],
    ['domain', 'docs.google.com'],
    ['domain', 'accounts.google.com'],
    ['domain', 'gmail.com'],
    ['domain', 'outlook.office365.com'],
    ['domain', 'protection.outlook.com'],
    ['domain', 'univ-partner.sharepoint.com'],
    ['domain', 'wetransfer.com'],
    ['domain', 'bit.ly'],
    ['domain', 'renater.fr'],
    ['domain', 'filesender.renater.fr'],
    ['domain', 'orange.fr'],
    ['domain', 'free.fr'],
    ['domain', 'amazonaws.com'],
    ['domain', 'ocsp.digicert.com'],
    ['domain', 'printer.local'],
    ['domain', '8.8.8.8.in-addr.arpa'],
    ['ipv4', '8.8.8.8'],
    ['ipv4', '9.9.9.9'],
    ['ipv4', '80.67.169.12'],
    ['ipv4', '104.16.1.1'],
    ['ipv4', '40.107.1.1'],
    ['ipv4', '209.85.220.41'],
    ['ipv4', '193.49.1.1'],
    ['ipv6', '2620:fe::fe'],
    ['ipv6', '2001:660::1'],
    ['cidr', '8.0.0.0/8'],
    ['cidr', '8.8.8.8/31'],
    ['url', 'http://1.1.1.1/x12345678'],
    ['url', 'https://accounts.google.com/o/oauth2/v2/auth?client_id=123456789012'],
    ['url', 'https://docs.google.com'],
    ['url', 'https://docs.google.com/forms/'],
    ['url', 'https://docs.google.com/document/u/0/'],
    ['url', 'https://docs.google.com/#1FAIpQLSdeadbeef'],
    ['url', 'https://free.fr/'],
    ['email', 'drive-shares-dm-noreply@google.com'],
    ['email', 'no-reply@dropbox.com'],
    ['email', 'contact@renater.fr'],
    ['md5', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']
  ])('holds back %s %s: a large operator', (type, value) => {
    expect(verdict(type, value)).toBe('never-block-list')
  })

  it.each<[IndicatorType, string]>([
    ['url', 'https://docs.google.com/forms/d/e/1FAIpQLSdeadbeef/viewform'],
    ['url', 'https://sites.google.com/view/univ-reims-webmail'],
    ['url', 'https://filesender.renater.fr/?s=download&token=0b1c2d3e-0000'],
    ['url', 'https://univ-partner.sharepoint.com/:b:/g/EaBcD123456?e=x'],
    ['url', 'https://bit.ly/3xYzAb7']
  ])('lets the single page %s %s pass at a host of pages', (type, value) => {
    expect(verdict(type, value)).toBe('allowed')
  })

  it('yields no blocked domain from a mail from x@univ-metz.fr with a link to a large document host', () => {
    const mail: readonly [IndicatorType, string][] = [
      ['email', 'x@univ-metz.fr'],
      ['url', 'https://docs.google.com/forms/d/e/1FAIpQLSdeadbeef/viewform']
    ]
    const blocked = mail.filter(([type, value]) => verdict(type, value) === 'allowed')
    expect(blocked.map(([type]) => type)).toEqual(['url'])
    // And not even if somebody publishes the names themselves, before Metz is a member.
    expect(verdict('domain', 'docs.google.com', { memberDomains: [] })).toBe('never-block-list')
    expect(verdict('domain', 'univ-metz.fr')).toBe('member-domain')
  })

  describe('local exceptions', () => {
    const except = (type: IndicatorType, value: string) => ({ exceptions: [{ type, value }] })

    it.each<[IndicatorType, string, IndicatorType, string]>([
      ['domain', 'partner.example', 'domain', 'partner.example'],
      ['domain', 'partner.example', 'domain', 'www.partner.example'],
      ['domain', 'www.partner.example', 'domain', 'partner.example'],
      ['domain', 'partner.example', 'url', 'https://www.partner.example/a'],
      ['domain', 'partner.example', 'email', 'a@partner.example'],
      ['url', 'https://partner.example/a', 'url', 'https://partner.example/a'],
      ['url', 'https://www.partner.example/a', 'domain', 'partner.example'],
      ['email', 'a@partner.example', 'email', 'a@partner.example'],
      ['email', 'a@partner.example', 'domain', 'partner.example'],
      ['ipv4', '45.155.205.233', 'ipv4', '45.155.205.233'],
      ['ipv4', '45.155.205.233', 'cidr', '45.155.204.0/23'],
      ['ipv4', '45.155.205.233', 'url', 'http://45.155.205.233/a'],
      ['cidr', '45.155.204.0/23', 'ipv4', '45.155.205.233'],
      ['cidr', '45.155.204.0/24', 'cidr', '45.155.204.0/23'],
      ['ipv6', '2a0e:b107::1', 'cidr', '2a0e:b107::/32'],
      ['url', 'http://45.155.205.233/a', 'ipv4', '45.155.205.233'],
      ['sha256', 'a'.repeat(64), 'sha256', 'a'.repeat(64)]
    ])('on %s %s covers %s %s', (type, value, other, target) => {
      expect(verdict(other, target, except(type, value))).toBe('local-exception')
    })

    it.each<[IndicatorType, string, IndicatorType, string]>([
      ['domain', 'partner.example', 'domain', 'notpartner.example'],
      ['url', 'https://partner.example/a', 'url', 'https://partner.example/b'],
      ['url', 'http://45.155.205.233/a', 'url', 'http://45.155.205.233/b'],
      ['email', 'a@partner.example', 'email', 'b@partner.example'],
      ['ipv4', '45.155.205.233', 'ipv4', '45.155.205.234'],
      ['sha256', 'a'.repeat(64), 'x509-sha256', 'a'.repeat(64)]
    ])('on %s %s leaves %s %s alone', (type, value, other, target) => {
      expect(verdict(other, target, except(type, value))).toBe('allowed')
    })
  })

  describe('time', () => {
    const at = (
      days: number,
      type: IndicatorType,
      value: string,
      part: Partial<CatchIndicator> = {},
      facts: Partial<CatchFacts> = {}
    ) => verdict(type, value, {}, part, { publishedAt: NOW - days * DAY, ...facts })
    const iso = (days: number) => new Date(NOW + days * DAY).toISOString()

    it.each<[IndicatorType, string, number]>([
      ['ipv4', '45.155.205.233', 14],
      ['ipv6', '2a0e:b107:384::1', 14],
      ['cidr', '45.155.204.0/23', 14],
      ['url', 'https://evil.example/a', 30],
      ['domain', 'evil.example', 90],
      ['sha256', 'a'.repeat(64), 730]
    ])('%s %s lives for %i days', (type, value, days) => {
      expect(at(days - 0.001, type, value)).toBe('allowed')
      expect(at(days, type, value)).toBe('expired')
    })

    it('is renewed by a sighting', () => {
      expect(at(40, 'ipv4', '45.155.205.233', {}, { renewedAt: NOW - 3 * DAY })).toBe('allowed')
      expect(at(40, 'ipv4', '45.155.205.233', {}, { renewedAt: NOW - 20 * DAY })).toBe('expired')
    })

    it('counts from when it was last seen, and no later than its publication', () => {
      expect(at(1, 'ipv4', '45.155.205.233', { lastSeen: iso(-20) })).toBe('expired')
      expect(at(20, 'ipv4', '45.155.205.233', { lastSeen: iso(1000) })).toBe('expired')
    })

    it('ends at valid-until, whatever the type would give', () => {
      expect(at(1, 'ipv4', '45.155.205.233', { validUntil: iso(-0.01) })).toBe('expired')
      expect(at(1, 'ipv4', '45.155.205.233', { validUntil: iso(0) })).toBe('expired')
      expect(at(20, 'ipv4', '45.155.205.233', { validUntil: iso(1) })).toBe('allowed')
      expect(at(1, 'ipv4', '45.155.205.233', { validUntil: iso(-1) }, { renewedAt: NOW })).toBe('expired')
    })

    it('is over where a time cannot be read', () => {
      expect(at(1, 'ipv4', '45.155.205.233', { validUntil: 'soon' })).toBe('expired')
      expect(at(1, 'ipv4', '45.155.205.233', { lastSeen: 'yesterday' })).toBe('expired')
      expect(at(Number.NaN, 'ipv4', '45.155.205.233')).toBe('expired')
    })
  })

  it('holds back what is contested', () => {
    expect(verdict('domain', 'evil.example', {}, {}, { ...FRESH, contested: true })).toBe('contested')
  })

  it('refuses what is no address although its type says so', () => {
    const held = createSafetyCatch({ neverBlock: NEVER_BLOCK, exceptions: [], memberDomains: [], now: () => NOW })
    for (const type of ['ipv4', 'ipv6', 'cidr'] as const) {
      expect(held.mayBlock({ type, value: 'x', role: 'malicious' }, FRESH)).toEqual({
        allowed: false,
        code: 'special-purpose-range'
      })
    }
    expect(held.mayBlock({ type: 'url', value: 'x', role: 'malicious' }, FRESH).allowed).toBe(false)
    expect(held.mayBlock({ type: 'email', value: 'x', role: 'malicious' }, FRESH).allowed).toBe(false)
  })

  it('explains every code', () => {
    for (const text of Object.values(CATCH_ERRORS)) expect(text).toMatch(/^[A-Z].*\.$/)
  })

  it('is fast enough for every line of a feed', () => {
    const held = createSafetyCatch({
      neverBlock: NEVER_BLOCK,
      exceptions: [],
      memberDomains: ['univ-reims.fr'],
      now: () => NOW
    })
    const started = performance.now()
    for (let i = 0; i < 50_000; i++) {
      held.mayBlock({ type: 'domain', value: `a${i}.evil.example`, role: 'malicious' }, FRESH)
      held.mayBlock({ type: 'ipv4', value: `45.1.${(i >> 8) & 255}.${i & 255}`, role: 'malicious' }, FRESH)
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
