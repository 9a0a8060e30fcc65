import { ACCEPTED, REFUSED } from '../../packages/model/src/indicator.cases.ts'
import { type Case, fails, holds, type VectorFile } from './case.ts'

// What is written otherwise than in normal form is read in drafts, and refused in signed bodies.
const inNormalForm = [...new Map(ACCEPTED.map(([type, , value]) => [`${type} ${value}`, { type, value }])).values()]
const written = ACCEPTED.filter(([, raw, value]) => raw !== value).map(([type, value]) => ({ type, value }))
// CBOR holds no lone surrogate, and no body holds a value of no letters.
const refused = REFUSED.filter(([, value]) => value.isWellFormed()).map(([type, value]) => ({ type, value }))

const x = (count: number): string => 'x'.repeat(count)

/** Values at the bounds of their types, and just beyond. */
const atBounds: readonly (readonly [string, string])[] = [
  ['ipv4', '255.255.255.255'],
  ['ipv4', '0.0.0.0'],
  ['ipv6', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['ipv6', '1:2:3:4:5:6:7:0'],
  ['ipv6', '::ffff:0:0:1'],
  ['ipv6', '::fffe:0:1'],
  ['ipv6', '0:0:0:1:0:ffff:102:304'.replace('0:0:0:1', '::1')],
  ['ipv6', '1::ffff:102:304'],
  ['cidr', '10.0.0.0/8'],
  ['cidr', '192.0.2.254/31'],
  ['cidr', '2001::/16'],
  ['cidr', '2001:db8::2/127'],
  ['domain', `${`${x(63)}.`.repeat(3)}${x(61)}`],
  ['domain', 'a.b'],
  ['domain', '1.2.3.4a'.replace('4a', 'a4')],
  ['url', `http://a.b/${x(4085)}`],
  ['url', 'https://a.b:1/'],
  ['url', 'https://a.b:65535/'],
  ...Object.entries({
    http: 81,
    https: 80,
    ftp: 22,
    ftps: 21,
    sftp: 21,
    ssh: 23,
    ws: 443,
    wss: 80,
    ldap: 636,
    ldaps: 389,
    rmi: 1098,
    smb: 444,
    tcp: 1,
    udp: 1
  }).map(([scheme, port]) => ['url', `${scheme}://a.b:${port}`] as const),
  ['email', `${x(64)}@${`${x(63)}.`.repeat(2)}${x(61)}`],
  ['email', 'x@a.b'],
  ['message-id', `${x(499)}@${x(498)}`],
  ['email-subject', x(998)],
  ['ssdeep', `1610612736:${x(64)}:${x(64)}`],
  ['ssdeep', '3::'],
  ['filename', `${'é'.repeat(127)}x`],
  ['asn', 'AS1'],
  ['user-agent', x(1024)],
  ['regkey', `HKU\\${x(1020)}`],
  ['mutex', x(260)],
  ['account', `${x(64)}@${`${x(63)}.`.repeat(2)}${x(61)}`],
  ['account', `xy\\${x(250)}z`],
  ['account', 'x'],
  ['account', 'x@a.b'],
  ['vulnerability', `CVE-2024-${'1'.repeat(19)}`],
  ['vulnerability', 'CVE-1999-0001'],
  ['btc', 'bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs']
]
const beyondBounds: readonly (readonly [string, string])[] = [
  ['ipv6', '1:2:3:4:5:6:7::'],
  ['ipv6', '1::2:3:4:5:6:7:8'],
  ['ipv6', '::1:0:0:0:0:1'],
  ['ipv6', '1:0:0:2:0:0:0:3'],
  ['ipv6', '00::'],
  ['ipv6', '::ffff:1:2'],
  ['ipv6', '::1::'],
  ['cidr', '8.0.0.0/7'],
  ['cidr', '2000::/15'],
  ['cidr', '10.0.0.1/8'],
  ['cidr', '2001:db8::1/127'],
  ['cidr', '10.0.0.0/08'],
  ['domain', `${`${x(63)}.`.repeat(3)}${x(62)}`],
  ['domain', 'a.b_'],
  ['domain', 'a._b'],
  ['domain', 'a.b-'],
  ['domain', 'a.1b'],
  ...Object.entries({
    http: 80,
    https: 443,
    ftp: 21,
    ftps: 990,
    sftp: 22,
    ssh: 22,
    ws: 80,
    wss: 443,
    ldap: 389,
    ldaps: 636,
    rmi: 1099,
    smb: 445
  }).map(([scheme, port]) => ['url', `${scheme}://a.b:${port}/`] as const),
  ['url', 'gopher://a.b/'],
  ['url', 'http://a.b:'],
  ['url', 'http://a.b:080/'],
  ['url', 'http://a.b/\u00a0'],
  ['url', 'http://[::1]x/'],
  ['email', `${x(64)}@${`${x(63)}.`.repeat(2)}${x(62)}`],
  ['email', `${'é'.repeat(32)}x@a.b`],
  ['email', 'É@a.b'],
  ['message-id', `${x(499)}@${x(499)}`],
  ['message-id', 'a@'],
  ['message-id', '@a'],
  ['email-subject', x(999)],
  ['email-subject', 'a  b'],
  ['email-subject', 'a\u00a0b'],
  ['ssdeep', `6:${x(65)}:`],
  ['ssdeep', '06::'],
  ['ssdeep', '9::'],
  ['filename', 'é'.repeat(128)],
  ['asn', 'AS4294967296'],
  ['asn', 'AS01'],
  ['user-agent', x(1025)],
  ['regkey', `HKU\\${x(1021)}`],
  ['regkey', 'HKLM\\a\\\\b'],
  ['regkey', 'HKLM\\A'],
  ['regkey', 'HKLM\\'],
  ['regkey', 'HKLMa'],
  ['mutex', x(261)],
  ['account', `${x(64)}@${`${x(63)}.`.repeat(2)}${x(62)}`],
  ['account', 'a\\b\\c'],
  ['account', 'a\\'],
  ['account', '\\b'],
  ['account', 'a+b\\c'],
  ['account', 'a@b@c.fr'],
  ['account', '@c.fr'],
  ['account', 'a@'],
  ['account', 'É'],
  ['vulnerability', `CVE-2024-${'1'.repeat(20)}`],
  ['vulnerability', 'CVE-1998-0001'],
  ['vulnerability', 'CVE-2024-01234'],
  // Of BIP 350: version 17, one byte, 41 bytes, an odd length for version 0, five spare bits, spare bits set, nothing.
  ['btc', 'bc130xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq7zws8r'],
  ['btc', 'bc1pw5dgrnzv'],
  ['btc', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav'],
  ['btc', 'bc1qr508d6qejxtdg4y5r3zarvaryv98gj9p'],
  ['btc', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf'],
  ['btc', 'bc1gmk9yu']
]

/** Values of more than a line of letters are told by their length. */
const nameOf = ({ type, value }: { type: string; value: string }): string =>
  value.length > 80 ? `${type} of ${value.length} letters, ${value.slice(0, 12)}…` : `${type} ${JSON.stringify(value)}`

/** Every case, in a fixed order. */
export function buildIndicator(): VectorFile {
  return {
    description:
      'Values of indicators: only the normal form of its type stands in a signed body; another makes it opaque.',
    cases: [
      ...inNormalForm.map((it): Case => holds('indicator', nameOf(it), it, true)),
      ...atBounds.map(([type, value]) =>
        holds('indicator', `${nameOf({ type, value })}, at its bounds`, { type, value }, true)
      ),
      ...beyondBounds.map(([type, value]) =>
        fails('indicator', `${nameOf({ type, value })}, beyond its bounds`, { type, value }, 'bad-shape')
      ),
      ...written.map((it) => fails('indicator', `${nameOf(it)}, not in normal form`, it, 'bad-shape')),
      ...refused.map((it) => fails('indicator', nameOf(it), it, 'bad-shape'))
    ]
  }
}
