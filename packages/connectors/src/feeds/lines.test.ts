import { INDICATOR_TYPE_NAMES, type IndicatorType } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FeedItem } from '../feed.ts'
import { FEEDS, type FeedName } from '../feeds.ts'
import { item, written } from '../items.fixture.ts'

const NET4 = '(?:\\d{1,3}\\.){3}\\d{1,3}(?:/\\d{1,2})?'
const NET6 = '[0-9a-f:]*:[0-9a-f:]*(?:/\\d{1,3})?'
const NET = `(?:${NET4}|${NET6})`
const NAME = '(?:[a-z0-9_-]{1,63}\\.)+[a-z0-9-]+'
const MAIL = `[^\\s@"'#\\\\]+@${NAME}`
const ID = '[0-9a-f-]{36}'
// What means nothing in a rule, and all other octets in hexadecimal; colons in the fingerprint of a certificate.
const CONTENT = '(?:[\\w./:-]|\\|[0-9A-F]{2}(?: [0-9A-F]{2})*\\|)'
const TRACE = 'bulletin [0-9a-f-]{36} TLP:[A-Z+]+'
// Between two slashes no slash without a backslash.
const PATTERN = '/(?:[^/\\\\\\n]|\\\\.)+/i?'
const lineOf = (source: string): RegExp => new RegExp(`^(?:${source})$`, 'u')

/** What each line may be, comments aside; what begins a comment. */
const GRAMMARS: Readonly<Partial<Record<FeedName, RegExp>>> = {
  'rspamd-host': lineOf(NAME),
  'rspamd-url': lineOf('[a-z]+://[^\\s"\'#\\\\]+'),
  'rspamd-ip': lineOf(NET),
  'rspamd-from': lineOf(`${NAME}|${MAIL}`),
  'rspamd-hash': lineOf('[0-9a-f]{64}'),
  'postfix-access': lineOf(`(?:\\.?${NAME}|[^\\s@"#][^\\s@"]*@${NAME})\\tREJECT`),
  'postfix-cidr': lineOf(`${NET}\\tREJECT`),
  'postfix-header': lineOf(`${PATTERN} (?:REJECT|WARN bulletin .*)`),
  'postfix-body': lineOf(`${PATTERN} (?:REJECT|WARN bulletin .*)`),
  spamassassin: lineOf(
    `(?:header|describe|score) +TOCSIN_HOST .*|enlist_uri_host \\(TOCSIN\\) ${NAME}|blocklist_from (?:\\*@(?:\\*\\.)?${NAME}|[^*?\\s@"'#\\\\]+@${NAME})`
  ),
  'spamassassin-rules': lineOf(
    `uri +TOCSIN_[0-9A-F]{16} ${PATTERN}|header +TOCSIN_[0-9A-F]{16} (?:MESSAGEID|Subject) =~ ${PATTERN}|describe TOCSIN_[0-9A-F]{16} bulletin .*|score +TOCSIN_[0-9A-F]{16} [\\d.]+`
  ),
  'mailbox-doveadm': lineOf(`(?:FROM|SUBJECT|HEADER Message-ID) (?:"[^"\\n]+"|'[^'\\n]+')`),
  'mailbox-exchange': lineOf(`(?:from|subject):"[^"*]+"(?: OR (?:from|subject):"[^"*]+")*`),
  'pan-ip': lineOf(`${NET} ${TRACE}`),
  'pan-domain': lineOf(NAME),
  'pan-url': lineOf('[!-~]+'),
  'fortinet-ip': lineOf(NET),
  'fortinet-domain': lineOf(NAME),
  'fortinet-url': lineOf('[!-~]+'),
  'fortinet-hash': lineOf(`[0-9a-f]{32,64} ${TRACE}`),
  squid: lineOf(`\\.${NAME}`),
  'haproxy-host': lineOf(`\\.${NAME} [0-9a-f-]{36}`),
  'haproxy-ip': lineOf(`${NET} [0-9a-f-]{36}`),
  'suricata-rules': lineOf(
    `alert (?:ip|dns|tls|http) any any (?:-> any|<> \\[${NET}\\]) any \\(msg:"Tocsin [a-z0-9-]+ [a-z0-9-]+ TLP:[A-Z+]+ ${ID}"; (?:[a-z0-9_.]+(?::(?:"${CONTENT}+"|[^;"\\\\]+))?; )+metadata:tocsin_bulletin ${ID}; sid:\\d{10}; rev:1;\\)`
  ),
  'suricata-domain': lineOf('(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'),
  'suricata-ip': lineOf('(?:\\d{1,3}\\.){3}\\d{1,3}|[0-9a-f:]*:[0-9a-f:]*'),
  'suricata-iprep': lineOf(`${NET},1,(?:[1-9]\\d?|100)`),
  'suricata-md5': lineOf('[0-9a-f]{32}'),
  'suricata-sha1': lineOf('[0-9a-f]{40}'),
  'suricata-sha256': lineOf('[0-9a-f]{64}'),
  'zeek-intel': lineOf(
    `#fields\tindicator\tindicator_type\tmeta\\.source\tmeta\\.desc|[^#\t\\\\][^\t\\\\]*\tIntel::[A-Z_]+\ttocsin ${ID}\t[^\t\\\\]+`
  ),
  'yara-hash': lineOf(
    `import "hash"|// (?:bulletin .*|and \\d.*)|rule tocsin_(?:md5|sha1|sha256)_[0-9a-f]+ \\{ meta: bulletin = "${ID}" tlp = "TLP:[A-Z+]+" pap = "PAP:[A-Z]+" threat = "[a-z0-9-]+" condition: hash\\.(?:md5|sha1|sha256)\\(0, filesize\\) == "[0-9a-f]+" \\}`
  ),
  'clamav-hash': lineOf(`# Tocsin: .*|(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}):\\*:Tocsin\\.[a-z0-9-]+\\.${ID}:73`),
  nftables: lineOf(
    `(?:add table|add set|flush set) inet tocsin.*|add element inet tocsin malicious[46] \\{|\\}|${NET},`
  ),
  ipset: lineOf(
    `create tocsin[46](?:-new)? hash:net .*|flush tocsin[46]-new|add tocsin4-new ${NET4} -exist|add tocsin6-new ${NET6} -exist|swap tocsin[46]-new tocsin[46]|destroy tocsin[46]-new`
  )
}

const NAMES = Object.keys(GRAMMARS) as FeedName[]

const marks = fc.string({
  unit: fc.constantFrom(
    'a',
    'é',
    '.',
    '@',
    '#',
    ' ',
    '\t',
    '\n',
    '\r',
    '"',
    "'",
    '\\',
    '/',
    '*',
    '^',
    '$',
    '(',
    '{',
    ';',
    '='
  ),
  maxLength: 12
})

/** What a peer could send were the model's parser not there: and some values that it lets pass. */
const hostile: fc.Arbitrary<FeedItem> = fc
  .tuple(
    fc.constantFrom(...INDICATOR_TYPE_NAMES),
    fc.oneof(
      marks,
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.emailAddress(),
      fc.domain(),
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 40 })).map(([ip, bits]) => `${ip}/${bits}`),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 130 })).map(([ip, bits]) => `${ip}/${bits}`),
      marks.map((text) => `http://evil.example/${text}`),
      marks.map((text) => `${text}@evil.example`),
      fc.constant(`${'a'.repeat(63)}.`.repeat(4).concat('com')),
      fc.constant(`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(58)}.com`)
    ),
    marks,
    fc.constantFrom('CLEAR', 'GREEN', 'AMBER') as fc.Arbitrary<'CLEAR' | 'GREEN' | 'AMBER'>
  )
  .map(([type, value, name, tlp]) =>
    item(type as IndicatorType, value, { title: name, authorName: `${name}\nevil.example`, tlp })
  )

describe.each(NAMES)('%s', (name) => {
  const grammar = GRAMMARS[name] as RegExp

  it('has no line but those of its grammar and its comments, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(hostile, { maxLength: 20 }),
        fc.constantFrom('detect', 'block') as fc.Arbitrary<'detect' | 'block'>,
        async (items, use) => {
          const { text } = await written(FEEDS[name], items, { use })
          const lines = text.split('\n')
          expect(lines.pop()).toBe('')
          const odd = lines.filter(
            (line) => !line.startsWith('# bulletin ') && !/^# and \d/.test(line) && !grammar.test(line)
          )
          expect(odd).toEqual([])
        }
      ),
      { numRuns: 60 }
    )
  })
})

it('a dataset of Suricata holds the very names, in base64', async () => {
  const names = ['evil.example', 'xn--vil-9oa.example', '_dmarc.evil.example']
  const { text } = await written(
    FEEDS['suricata-domain'],
    names.map((name) => item('domain', name))
  )
  const lines = text.trimEnd().split('\n')
  expect(lines.map((line) => Buffer.from(line, 'base64').toString()).toSorted()).toEqual(names.toSorted())
})

it('no two rules of Suricata have one identifier, and a value keeps its own', async () => {
  const sids = async (names: readonly string[]) => {
    const items = names.map((name) => item('domain', name))
    const { text } = await written(FEEDS['suricata-rules'], items, { comments: 'none' })
    return [...text.matchAll(/sid:(\d+);/g)].map(([, sid]) => Number(sid))
  }
  const many = Array.from({ length: 10_000 }, (_, i) => `n${i}.example`)
  const all = await sids(many)
  expect(all).toHaveLength(30_000)
  expect(new Set(all).size).toBe(30_000)
  expect(Math.max(...all)).toBeLessThan(2 ** 32)
  const [alone] = await sids(['n4711.example'])
  expect(all).toContain(alone)
})

it('Suricata is asked for links as they are asked for, and not for what it cannot see', async () => {
  const { text, refused } = await written(
    FEEDS['suricata-rules'],
    ['http://evil.example:8080/a b?c#d', 'https://evil.example/a', 'http://evil.example'].map((url) =>
      item('url', url)
    ),
    { comments: 'none' }
  )
  expect(refused.map((one) => one.split(' ')[0])).toContain('never-matches')
  const contents = [...text.matchAll(/content:"([^"]*)"; bsize:(\d+)/g)].map(([, bytes = '', size]) => {
    const plain = bytes.replace(/\|([^|]*)\|/g, (_, hex: string) =>
      Buffer.from(hex.replaceAll(' ', ''), 'hex').toString()
    )
    expect(Buffer.byteLength(plain)).toBe(Number(size))
    return plain
  })
  expect(contents).toEqual(['evil.example', '/'])
})

it('a name that another covers needs no line at Squid, a neighbour does', async () => {
  const names = ['www.evil.example', 'evil.example', 'notevil.example', 'a.www.evil.example']
  const { text } = await written(
    FEEDS.squid,
    names.map((name) => item('domain', name)),
    { comments: 'none' }
  )
  expect(text).toBe('.evil.example\n.notevil.example\n')
})

it('firewall lists hold the best that have room', async () => {
  const hashes = Array.from({ length: 70_000 }, (_, i) =>
    item('sha256', i.toString(16).padStart(64, '0'), { confidence: i % 2 === 0 ? 90 : 10, publishedAt: i })
  )
  const { text, refused } = await written(FEEDS['fortinet-hash'], hashes)
  const lines = text.split('\n').length - 1
  expect(lines).toBe(65_536)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000_000)
  expect(refused).toHaveLength(70_000 - lines)
  expect(refused.every((one) => one.startsWith('over-limit'))).toBe(true)
  // All of 90, and of 10 the newest.
  expect(text).toContain(`${'0'.padStart(64, '0')} `)
  expect(text).toContain(`${(69_999).toString(16).padStart(64, '0')} `)
  expect(refused[0]).toBe(`over-limit ${(1).toString(16).padStart(64, '0')}`)

  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(50)}`
  const names = Array.from({ length: 60_000 }, (_, i) => item('domain', `n${i}.${long}.example`))
  const heavy = await written(FEEDS['fortinet-domain'], names)
  expect(Buffer.byteLength(heavy.text)).toBeLessThanOrEqual(10_000_000)
  expect(heavy.refused.length).toBeGreaterThan(0)
})

it('two URLs that a web filter takes for one are one line', async () => {
  const urls = ['http://evil.example/a', 'https://evil.example/a', 'ftp://evil.example/a', 'http://evil.example/#a']
  const { text, refused } = await written(
    FEEDS['pan-url'],
    urls.map((url) => item('url', url))
  )
  expect(text).toBe('evil.example/a\n')
  expect(refused.map((one) => one.split(' ')[0])).toEqual(['never-matches', 'never-matches'])
})

it('xargs hands the values of doveadm searches over unchanged', async () => {
  const { execFileSync } = await import('node:child_process')
  const values = ["l'avis", 'say "now"', 'a \\ b', '$(touch x); `y`', 'c*d? e', 'Réponse']
  const { text } = await written(
    FEEDS['mailbox-doveadm'],
    values.map((value) => item('email-subject', value))
  )
  const out = execFileSync('xargs', ['-L', '1', 'printf', '%s|%s\n'], { input: text, encoding: 'utf8' })
  expect(out.trim().split('\n').toSorted()).toEqual(values.map((value) => `SUBJECT|${value}`).toSorted())
})
