import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INDICATOR_TYPES, indicatorTypeOf, parseIndicator } from './indicator.ts'
import { INDICATOR_TYPE_NAMES, type IndicatorType } from './indicator-type.ts'
import { INDICATOR_ERRORS, type IndicatorErrorCode } from './parsed.ts'
import { USES } from './use.ts'

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e'
const hex = (n: number) => '0123456789abcdef'.repeat(Math.ceil(n / 16)).slice(0, n)
const JARM = `27d40d40d29d40d1dc42d43d00041d${hex(32)}`

/** What is written, and the normal form it must have. */
const ACCEPTED: readonly [IndicatorType, string, string][] = [
  ['ipv4', '203.0.113.4', '203.0.113.4'],
  ['ipv4', ' 8.8.8.8\n', '8.8.8.8'],
  ['ipv6', '2001:DB8::1', '2001:db8::1'],
  ['ipv6', '2001:0db8:0000:0000:0000:ff00:0042:8329', '2001:db8::ff00:42:8329'],
  ['ipv6', '2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['ipv6', '2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['ipv6', '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['ipv6', '::', '::'],
  ['ipv6', '64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['ipv6', '::1.2.3.4', '::102:304'],
  ['cidr', '192.0.2.77/24', '192.0.2.0/24'],
  ['cidr', '45.155.205.233/31', '45.155.205.232/31'],
  ['cidr', '2001:DB8:ffff::1/33', '2001:db8:8000::/33'],
  ['domain', 'WWW.Evil.Example.', 'www.evil.example'],
  ['domain', 'sécurité-université.fr', 'xn--scurit-universit-bqbfk.fr'],
  ['domain', 'xn--9ca.fr', 'xn--9ca.fr'],
  ['domain', 'faß.de', 'xn--fa-hia.de'],
  ['domain', 'evil。example', 'evil.example'],
  ['domain', '_dmarc.evil.example', '_dmarc.evil.example'],
  ['domain', 'r3---sn-x.evil.example', 'r3---sn-x.evil.example'],
  ['url', 'HTTP://Evil.EXAMPLE:80/A%41/../b?X=Y#Z', 'http://evil.example/A%41/../b?X=Y#Z'],
  ['url', 'https://evil.example:443', 'https://evil.example'],
  ['url', 'https://evil.example:0443/', 'https://evil.example/'],
  ['url', 'https://evil.example:8443/', 'https://evil.example:8443/'],
  ['url', 'https://evil.example:/x', 'https://evil.example/x'],
  ['url', 'https://ÉVIL.fr/é', 'https://xn--vil-9la.fr/é'],
  ['url', 'http://[2001:DB8:0::1]:80/', 'http://[2001:db8::1]/'],
  ['url', 'http://[::ffff:203.0.113.4]/', 'http://203.0.113.4/'],
  ['url', 'http://0x7f.1/', 'http://127.0.0.1/'],
  ['url', 'http://3405803780/', 'http://203.0.113.4/'],
  ['url', 'ldap://evil.example:389/a', 'ldap://evil.example/a'],
  ['url', 'http://evil.example?q', 'http://evil.example?q'],
  ['url', 'http://evil.example./a', 'http://evil.example/a'],
  ['email', 'Jean.Dupont+x@Évil.FR', 'jean.dupont+x@xn--vil-9la.fr'],
  ['email', "o'brien@evil.example", "o'brien@evil.example"],
  ['email', 'E\u0301ric@evil.example', '\u00e9ric@evil.example'],
  ['message-id', '<AbC.123@Mail.Example>', 'AbC.123@Mail.Example'],
  ['email-subject', '  Votre\r\n\tcompte   expire ', 'Votre compte expire'],
  ['email-subject', 'Re\u0301ponse', 'R\u00e9ponse'],
  ['md5', MD5.toUpperCase(), MD5],
  ['sha1', hex(40), hex(40)],
  ['sha256', hex(64).toUpperCase(), hex(64)],
  ['sha512', hex(128), hex(128)],
  [
    'ssdeep',
    '96:s4Ud1Lj96tHHlZDrwciQmA+4uy1I0G4HYuL8N3TzS8QsO/wqWXLcMSx:sF1LjEtHHlZDrJzrhuyZvHYm8tKp/RWO',
    '96:s4Ud1Lj96tHHlZDrwciQmA+4uy1I0G4HYuL8N3TzS8QsO/wqWXLcMSx:sF1LjEtHHlZDrJzrhuyZvHYm8tKp/RWO'
  ],
  ['tlsh', `t1${hex(70)}`, `T1${hex(70).toUpperCase()}`],
  ['tlsh', hex(70), `T1${hex(70).toUpperCase()}`],
  ['filename', 'Facture 2026.PDF', 'Facture 2026.PDF'],
  ['filename', 'e\u0301.doc', '\u00e9.doc'],
  ['asn', 'as2200', 'AS2200'],
  ['asn', 'ASN 2200', 'AS2200'],
  ['asn', '4294967295', 'AS4294967295'],
  ['ja3', MD5, MD5],
  ['ja4', 'T13D1516H2_8DAAF6152771_E5627EFA2AB1', 't13d1516h2_8daaf6152771_e5627efa2ab1'],
  ['jarm', JARM.toUpperCase(), JARM],
  [
    'x509-sha1',
    hex(40)
      .replace(/..(?=.)/g, '$&:')
      .toUpperCase(),
    hex(40)
  ],
  ['x509-sha256', hex(64), hex(64)],
  ['user-agent', 'Mozilla/5.0  (X11)', 'Mozilla/5.0  (X11)'],
  ['regkey', 'HKEY_LOCAL_MACHINE\\\\Software\\Microsoft\\Run\\', 'HKLM\\software\\microsoft\\run'],
  ['regkey', 'hkcu:\\Software', 'HKCU\\software'],
  ['regkey', '\\REGISTRY\\USER\\S-1-5-18', 'HKU\\s-1-5-18'],
  ['mutex', 'Global\\MsWinZonesCacheCounterMutexA', 'Global\\MsWinZonesCacheCounterMutexA'],
  ['btc', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
  ['btc', '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy', '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy'],
  // BIP 173 and BIP 350 test vectors.
  ['btc', 'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
  [
    'btc',
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0'
  ],
  [
    'btc',
    'bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y',
    'bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y'
  ],
  ['btc', 'BC1SW50QGDZ25J', 'bc1sw50qgdz25j'],
  ['account', 'JDupont', 'jdupont'],
  ['account', 'URCA\\JDupont', 'urca\\jdupont'],
  ['account', 'J.Dupont@Univ-Reims.FR', 'j.dupont@univ-reims.fr'],
  ['vulnerability', 'cve-2024-3094', 'CVE-2024-3094'],
  ['vulnerability', 'ghsa-JFH8-c2jp-5v3q', 'GHSA-jfh8-c2jp-5v3q']
]

/** What must not pass, and the code that it must not pass with. */
const REFUSED: readonly [IndicatorType, string, IndicatorErrorCode][] = [
  ['ipv4', '', 'empty'],
  ['ipv4', ' \t', 'empty'],
  ['ipv4', '1', 'ipv4-syntax'],
  ['ipv4', '010.0.0.1', 'ipv4-syntax'],
  ['ipv4', '256.0.0.1', 'ipv4-syntax'],
  ['ipv4', '1.2.3', 'ipv4-syntax'],
  ['ipv4', '1.2.3.4.', 'ipv4-syntax'],
  ['ipv4', '1.2.3.4:80', 'ipv4-syntax'],
  ['ipv4', '1.2.3[.]4', 'ipv4-syntax'],
  ['ipv4', '１.2.3.4', 'ipv4-syntax'],
  ['ipv4', '2001:db8::1', 'ipv4-syntax'],
  ['ipv4', '1.2.3.4\u0000', 'bad-character'],
  ['ipv6', '1.2.3.4', 'ipv6-syntax'],
  ['ipv6', '1::2::3', 'ipv6-syntax'],
  ['ipv6', '[2001:db8::1]', 'ipv6-syntax'],
  ['ipv6', 'fe80::1%eth0', 'ipv6-zone'],
  ['ipv6', '::ffff:192.0.2.1', 'ipv6-mapped'],
  ['ipv6', '::FFFF:c000:201', 'ipv6-mapped'],
  ['cidr', '192.0.2.0', 'cidr-syntax'],
  ['cidr', '192.0.2.0/', 'cidr-syntax'],
  ['cidr', '192.0.2.0/33', 'cidr-syntax'],
  ['cidr', '192.0.2.0/024', 'cidr-syntax'],
  ['cidr', '192.0.2.0/-1', 'cidr-syntax'],
  ['cidr', '192.0.2.0/24/24', 'cidr-syntax'],
  ['cidr', '192.0.2.0/255.255.255.0', 'cidr-syntax'],
  ['cidr', '192.0.2/24', 'cidr-syntax'],
  ['cidr', '2001:db8::/129', 'cidr-syntax'],
  ['cidr', 'fe80::%1/64', 'ipv6-zone'],
  ['cidr', '::ffff:192.0.2.0/120', 'ipv6-mapped'],
  ['cidr', '192.0.2.1/32', 'cidr-single-address'],
  ['cidr', '2001:db8::1/128', 'cidr-single-address'],
  ['cidr', '0.0.0.0/0', 'cidr-too-wide'],
  ['cidr', '2000::/3', 'cidr-too-wide'],
  ['domain', 'localhost', 'domain-single-label'],
  ['domain', '1.2.3.4', 'domain-is-address'],
  ['domain', '0x7f.1', 'domain-is-address'],
  ['domain', 'evil.123', 'domain-syntax'],
  ['domain', 'a..b', 'domain-syntax'],
  ['domain', '.evil.example', 'domain-syntax'],
  ['domain', 'evil.example..', 'domain-syntax'],
  ['domain', '-rf.example', 'domain-syntax'],
  ['domain', 'evil .example', 'domain-syntax'],
  ['domain', 'evil.example/x', 'domain-syntax'],
  ['domain', 'evil.example:80', 'domain-syntax'],
  ['domain', 'user@evil.example', 'domain-syntax'],
  ['domain', 'ev%69l.example', 'domain-syntax'],
  ['domain', 'evil[.]example', 'domain-syntax'],
  ['domain', 'evil.-x', 'domain-syntax'],
  ['domain', 'xn--a.example', 'domain-syntax'],
  ['domain', 'xn--zzzz99.example', 'domain-syntax'],
  ['url', 'http://xn--a.example/', 'url-host'],
  ['domain', '*.evil.example', 'domain-wildcard'],
  ['domain', `${'a'.repeat(64)}.example`, 'domain-syntax'],
  ['domain', `${'a.'.repeat(125)}example`, 'domain-syntax'],
  ['domain', 'a'.repeat(5000), 'too-long'],
  ['domain', 'evil\u202e.example', 'bad-character'],
  ['url', 'evil.example/x', 'url-syntax'],
  ['url', 'http:/evil.example', 'url-syntax'],
  ['url', '//evil.example', 'url-syntax'],
  ['url', 'javascript:alert(1)', 'url-syntax'],
  ['url', 'javascript://evil.example/%0aalert(1)', 'url-scheme'],
  ['url', 'hxxp://evil.example/', 'url-scheme'],
  ['url', 'file:///etc/passwd', 'url-scheme'],
  ['url', 'constructor://evil.example/', 'url-scheme'],
  ['url', 'http:///x', 'url-host'],
  ['url', 'http://localhost/', 'url-host'],
  ['url', 'http://ev%69l.example/', 'url-host'],
  ['url', 'http://[fe80::1%25eth0]/', 'url-host'],
  ['url', 'http://[::1/', 'url-host'],
  ['url', 'http://evil[.]example/', 'url-host'],
  ['url', 'http://evil.example:http/', 'url-host'],
  ['url', 'http://evil.example:0/', 'url-port'],
  ['url', 'http://evil.example:65536/', 'url-port'],
  ['url', 'http://evil.example:000080/', 'url-port'],
  ['url', 'http://user:secret@evil.example/', 'url-with-userinfo'],
  ['url', 'https://www.paypal.com@evil.example/', 'url-with-userinfo'],
  ['url', 'http://evil.example/a b', 'bad-character'],
  ['url', 'http://evil.example\\@good.example/', 'bad-character'],
  ['url', 'http://evil.example/"x', 'bad-character'],
  ['url', 'http://evil.example/\u202egpj.exe', 'bad-character'],
  ['url', 'http://evil.example/\ud800', 'bad-character'],
  ['url', 'http://evil.example/\u0085', 'bad-character'],
  ['url', `http://evil.example/${'a'.repeat(4096)}`, 'too-long'],
  ['email', 'evil.example', 'email-syntax'],
  ['email', '@evil.example', 'email-syntax'],
  ['email', '"a b"@evil.example', 'email-syntax'],
  ['email', 'a b@evil.example', 'email-syntax'],
  ['email', 'a..b@evil.example', 'email-syntax'],
  ['email', '.a@evil.example', 'email-syntax'],
  ['email', 'a@b@evil.example', 'email-syntax'],
  ['email', 'x <a@evil.example>', 'email-syntax'],
  ['email', `${'a'.repeat(65)}@evil.example`, 'email-syntax'],
  ['email', 'a@localhost', 'email-domain'],
  ['email', 'a@[203.0.113.4]', 'email-domain'],
  ['message-id', 'abc', 'message-id-syntax'],
  ['message-id', '<a b@x>', 'message-id-syntax'],
  ['message-id', '<a@x', 'message-id-syntax'],
  ['message-id', '<a@b@x>', 'message-id-syntax'],
  ['email-subject', ' \r\n ', 'empty'],
  ['email-subject', 'a\u0007b', 'bad-character'],
  ['email-subject', 'x'.repeat(999), 'too-long'],
  ['md5', hex(31), 'hash-length'],
  ['md5', hex(40), 'hash-length'],
  ['md5', `${hex(31)}g`, 'hash-syntax'],
  ['sha1', hex(39), 'hash-length'],
  ['sha256', hex(63), 'hash-length'],
  ['sha256', `sha256:${hex(64)}`, 'hash-syntax'],
  ['sha512', hex(64), 'hash-length'],
  ['ssdeep', '97:abc:def', 'ssdeep-syntax'],
  ['ssdeep', '9:abc:def', 'ssdeep-syntax'],
  ['ssdeep', '0:abc:def', 'ssdeep-syntax'],
  ['ssdeep', '96:abc', 'ssdeep-syntax'],
  ['ssdeep', '96:abc:def,"name"', 'ssdeep-syntax'],
  ['ssdeep', `96:${'a'.repeat(65)}:b`, 'ssdeep-syntax'],
  ['tlsh', `T2${hex(70)}`, 'tlsh-syntax'],
  ['tlsh', `T1${hex(69)}`, 'tlsh-syntax'],
  ['filename', 'C:\\Windows\\evil.exe', 'filename-with-path'],
  ['filename', '../evil', 'filename-with-path'],
  ['filename', '..', 'filename-syntax'],
  ['filename', 'é'.repeat(128), 'filename-syntax'],
  ['filename', 'invoice\u202efdp.exe', 'bad-character'],
  ['filename', 'a\nb', 'bad-character'],
  ['asn', 'AS0', 'asn-syntax'],
  ['asn', 'AS4294967296', 'asn-syntax'],
  ['asn', 'AS1.10', 'asn-syntax'],
  ['asn', 'RENATER', 'asn-syntax'],
  ['ja3', '771,4865-4866,0-23', 'hash-syntax'],
  ['ja4', 't13d1516h2_8daaf6152771', 'ja4-syntax'],
  ['ja4', 'x13d1516h2_8daaf6152771_e5627efa2ab1', 'ja4-syntax'],
  ['ja4', 't14d1516h2_8daaf6152771_e5627efa2ab1', 'ja4-syntax'],
  ['jarm', '0'.repeat(62), 'jarm-syntax'],
  ['jarm', hex(61), 'jarm-syntax'],
  ['x509-sha1', hex(64), 'hash-length'],
  ['x509-sha256', 'AB:CD', 'hash-length'],
  ['x509-sha1', 'AB:CD:E', 'hash-syntax'],
  ['user-agent', 'curl/8\r\nX-Evil: 1', 'bad-character'],
  ['user-agent', 'a'.repeat(1025), 'too-long'],
  ['regkey', 'Software\\Run', 'regkey-hive'],
  ['regkey', 'HKLM', 'regkey-hive'],
  ['regkey', 'HKLM\\ \\', 'regkey-hive'],
  ['regkey', 'HKLMX\\Run', 'regkey-hive'],
  ['mutex', 'a\u001b[2J', 'bad-character'],
  ['btc', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb', 'btc-checksum'],
  ['btc', '11111111111111111111111111111111111', 'btc-checksum'],
  ['btc', '1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a', 'btc-syntax'],
  ['btc', 'mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn', 'btc-syntax'],
  ['btc', 'tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx', 'btc-syntax'],
  ['btc', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5', 'btc-checksum'],
  ['btc', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7KV8F3T4', 'btc-syntax'],
  // BIP 350: version 1 with the bech32 checksum, version 0 with bech32m, version 17, too short, non-zero padding.
  ['btc', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd', 'btc-checksum'],
  ['btc', 'BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL', 'btc-checksum'],
  ['btc', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh', 'btc-checksum'],
  ['btc', 'BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R', 'btc-checksum'],
  ['btc', 'bc1pw5dgrnzv', 'btc-checksum'],
  ['btc', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf', 'btc-checksum'],
  ['btc', 'BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P', 'btc-checksum'],
  ['account', 'jdupont:Azerty123', 'account-with-password'],
  ['account', 'jdupont Azerty123', 'account-with-password'],
  ['account', 'jdupont;Azerty123', 'account-with-password'],
  ['account', 'jdupont|Azerty123', 'account-with-password'],
  ['account', 'jdupont,Azerty123', 'account-with-password'],
  ['account', 'jdupont/Azerty123', 'account-with-password'],
  ['account', 'j.dupont@univ-reims.fr:Azerty123', 'account-with-password'],
  ['account', 'jdupont\tAzerty123', 'bad-character'],
  ['account', 'j.dupont@univ-reims.fr@Azerty123', 'account-syntax'],
  ['account', 'jdupont#Azerty123', 'account-syntax'],
  ['account', 'jdupont!', 'account-syntax'],
  ['vulnerability', 'CVE-24-1', 'vulnerability-syntax'],
  ['vulnerability', 'CVE-2024-309', 'vulnerability-syntax'],
  ['vulnerability', 'CVE-2024-03094', 'vulnerability-syntax'],
  ['vulnerability', 'GHSA-jfh8-c2jp', 'vulnerability-syntax'],
  ['vulnerability', 'log4shell', 'vulnerability-syntax']
]

describe('the indicator table', () => {
  it('has a row for each type, each with its own code', () => {
    expect(Object.keys(INDICATOR_TYPES)).toEqual([...INDICATOR_TYPE_NAMES])
    for (const type of INDICATOR_TYPE_NAMES) {
      const info = INDICATOR_TYPES[type]
      expect(info.type).toBe(type)
      expect(indicatorTypeOf(info.code)).toBe(type)
      expect(info.title.en).not.toBe('')
      expect(info.title.fr).not.toBe('')
      expect(USES).toEqual(expect.arrayContaining([...info.uses]))
    }
    expect(indicatorTypeOf(0)).toBeUndefined()
    expect(indicatorTypeOf(28)).toBeUndefined()
  })

  it('keeps the codes that stores hold', () => {
    expect(INDICATOR_TYPE_NAMES.map((type) => `${INDICATOR_TYPES[type].code} ${type}`)).toEqual([
      '1 ipv4',
      '2 ipv6',
      '3 cidr',
      '4 domain',
      '5 url',
      '6 email',
      '7 message-id',
      '8 email-subject',
      '9 md5',
      '10 sha1',
      '11 sha256',
      '12 sha512',
      '13 ssdeep',
      '14 tlsh',
      '15 filename',
      '16 asn',
      '17 ja3',
      '18 ja4',
      '19 jarm',
      '20 x509-sha1',
      '21 x509-sha256',
      '22 user-agent',
      '23 regkey',
      '24 mutex',
      '25 btc',
      '26 account',
      '27 vulnerability'
    ])
  })

  it('fixes the lifetimes of DESIGN §6', () => {
    const days = (type: IndicatorType) => INDICATOR_TYPES[type].lifetimeDays
    expect([days('ipv4'), days('ipv6'), days('url'), days('domain'), days('sha256')]).toEqual([14, 14, 30, 90, 730])
    expect(days('vulnerability')).toBeNull()
  })

  it('never blocks what innocents share, nor asks third parties about people', () => {
    const blockable = INDICATOR_TYPE_NAMES.filter((type) => INDICATOR_TYPES[type].uses.includes('block'))
    expect(blockable).toEqual([
      'ipv4',
      'ipv6',
      'cidr',
      'domain',
      'url',
      'email',
      'md5',
      'sha1',
      'sha256',
      'sha512',
      'x509-sha1',
      'x509-sha256'
    ])
    expect(INDICATOR_TYPES.account.uses).toEqual(['hunt', 'detect'])
  })

  it('indexes names by reversed labels and everything else as it is', () => {
    expect(INDICATOR_TYPES.domain.indexKey('www.evil.example')).toBe('example.evil.www.')
    expect(INDICATOR_TYPES.ipv4.indexKey('203.0.113.4')).toBe('203.0.113.4')
  })
})

describe('parseIndicator', () => {
  it.each(ACCEPTED)('%s %j → %j', (type, raw, value) => {
    expect(parseIndicator(type, raw)).toEqual({ ok: true, value })
  })

  it.each(REFUSED)('%s %j is refused: %s', (type, raw, code) => {
    expect(parseIndicator(type, raw)).toMatchObject({ ok: false, code })
  })

  it('covers every type and every code, both ways', () => {
    expect(new Set(ACCEPTED.map(([type]) => type))).toEqual(new Set(INDICATOR_TYPE_NAMES))
    expect(new Set(REFUSED.map(([type]) => type))).toEqual(new Set(INDICATOR_TYPE_NAMES))
    const tested = new Set<string>(REFUSED.map(([, , code]) => code))
    expect(Object.keys(INDICATOR_ERRORS).filter((code) => !tested.has(code))).toEqual(['unknown-type'])
    expect(parseIndicator('constructor' as IndicatorType, 'x')).toMatchObject({ ok: false, code: 'unknown-type' })
  })

  it('never repeats the value in its reason', () => {
    for (const [type, raw] of REFUSED) {
      const parsed = parseIndicator(type, raw)
      if (!parsed.ok && raw.trim().length > 5) expect(parsed.reason).not.toContain(raw.trim())
    }
  })

  const types = fc.constantFrom(...INDICATOR_TYPE_NAMES)
  // Near misses: a good value with something inserted, so that both answers occur.
  const near = fc
    .tuple(fc.constantFrom(...ACCEPTED), fc.string({ unit: 'grapheme', maxLength: 3 }), fc.nat(60))
    .map(([[type, raw], extra, at]): [IndicatorType, string] => [type, raw.slice(0, at) + extra + raw.slice(at)])

  it('is idempotent: a normal form is its own normal form', () => {
    const check = (type: IndicatorType, raw: string) => {
      const once = parseIndicator(type, raw)
      if (!once.ok) return
      expect(parseIndicator(type, once.value)).toEqual(once)
      expect(once.value.length).toBeLessThanOrEqual(INDICATOR_TYPES[type].maxLength)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what is tested
      expect(once.value).not.toMatch(/^\s|\s$|[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
      expect(once.value.isWellFormed()).toBe(true)
    }
    fc.assert(fc.property(types, fc.string({ unit: 'binary', maxLength: 80 }), check), { numRuns: 3000 })
    fc.assert(fc.property(types, fc.string({ unit: 'grapheme', maxLength: 80 }), check), { numRuns: 3000 })
    fc.assert(
      fc.property(near, ([type, raw]) => check(type, raw)),
      { numRuns: 10_000 }
    )
    fc.assert(fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (raw) => check('url', raw)))
    fc.assert(fc.property(fc.emailAddress(), (raw) => check('email', raw)))
  })

  it('answers any text at all without throwing', () => {
    fc.assert(
      fc.property(
        types,
        fc.string({ unit: 'binary' }),
        (type, raw) => typeof parseIndicator(type, raw).ok === 'boolean'
      )
    )
  })

  it('is linear in hostile input', () => {
    const started = performance.now()
    for (const type of INDICATOR_TYPE_NAMES) {
      for (const unit of [
        'a',
        '.',
        'a.',
        '1',
        ':',
        '@',
        '\\',
        '[',
        ' ',
        '%',
        '-',
        '0:',
        '1.',
        '/',
        '=',
        '\u00e9',
        '=a@'
      ]) {
        parseIndicator(type, unit.repeat(200_000))
        parseIndicator(type, unit.repeat(4000))
        parseIndicator(type, `http://${unit.repeat(4000)}`)
      }
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
