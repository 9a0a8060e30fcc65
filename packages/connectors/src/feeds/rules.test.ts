import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { FeedInfo } from '../feed.ts'
import { carried, writtenRules } from '../items.fixture.ts'
import { SIGMA, SURICATA_CARRIED, YARA_RULES } from './rules.ts'

const BULLETIN = '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11'
const DID = 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH'

const GOOD = {
  sigma: `title: Encoded PowerShell
id: 6f3e2987-db24-4c78-a860-b4f4095a7095
status: test
date: 2026-01-02
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    Image|endswith: '\\powershell.exe'
    CommandLine|contains: [' -enc ', yes]
  filter_admin:
    - User: SYSTEM
  condition: selection and not 1 of filter_*
level: high
`,
  yara: `import "pe"
// of a campaign
private rule small { condition: filesize < 2MB }
rule Loader : trojan {
  meta:
    author = "CERT"
  strings:
    $a = "evil loader" nocase wide ascii
    $b = { E2 34 ?? C8 [4-6] ( 62 | 66 67 ) FB }
    $c = /https?:\\/\\/evil[0-9]{1,3}\\.example/ nocase
  condition:
    small and uint16(0) == 0x5A4D and pe.is_dll() and (#a > 2 or any of ($b, $c) or not $a at 0)
}
`,
  suricata: `# seen in November
alert http $HOME_NET any -> any any (msg:"Of a campaign \\"x\\"\\; é"; flow:established,to_server; http.uri; content:"/gate.php"; \\
  startswith; fast_pattern; http.user_agent; content:"Bad|20|Bot"; nocase; classtype:trojan-activity; sid:17; rev:3;)
alert dns any any -> any any (msg:"Name"; dns.query; dotprefix; content:".evil.example"; nocase; endswith; sid:18;)
`
} as const

const FEEDS: Readonly<Record<keyof typeof GOOD, FeedInfo>> = {
  sigma: SIGMA,
  yara: YARA_RULES,
  suricata: SURICATA_CARRIED
}
const KINDS = Object.keys(GOOD) as (keyof typeof GOOD)[]

describe.each(KINDS)('%s', (kind) => {
  const feed = FEEDS[kind]
  const good = GOOD[kind]

  it('hands out a rule with its bulletin, its author and its labels', async () => {
    const { text, refused } = await writtenRules(feed, [carried(kind, good)])
    expect(refused).toEqual([])
    for (const word of [BULLETIN, DID, 'TLP:AMBER', 'PAP:GREEN', 'threat phishing', 'confidence 80'])
      expect(text).toContain(word)
    const bare = await writtenRules(feed, [carried(kind, good)], { comments: 'none' })
    expect(bare.text).toContain(BULLETIN)
    expect(bare.text).toContain(DID)
    expect(bare.text).not.toContain('confidence 80')
  })

  it('asks the use rule once more, and is never for blocking', async () => {
    const items = [carried(kind, good, { tlp: 'RED' }), carried(kind, good, { pap: 'RED' })]
    const empty = (await writtenRules(feed, [])).text
    expect(await writtenRules(feed, items)).toEqual({
      text: empty,
      refused: ['red-never-in-feeds', 'pap-forbids-use']
    })
    expect(await writtenRules(feed, [carried(kind, good)], { use: 'block' })).toEqual({
      text: empty,
      refused: ['rule-not-for-use']
    })
  })

  it('takes nothing of other kinds, and carries no indicator', async () => {
    const other = kind === 'yara' ? 'sigma' : 'yara'
    const { text, refused } = await writtenRules(feed, [carried(other, GOOD[other])])
    expect({ text, refused }).toEqual({ text: (await writtenRules(feed, [])).text, refused: [] })
    await expect(writtenRules(feed, [], { types: ['domain'] })).rejects.toMatchObject({ code: 'feed-type-not-carried' })
    await expect(writtenRules(feed, [], { limit: 0 })).rejects.toMatchObject({ code: 'feed-number-invalid' })
  })

  it('says one rule once, from the most certain bulletin, and the same for any order of arrival', async () => {
    const items = Array.from({ length: 60 }, (_, i) =>
      carried(kind, good.replace(/campaign|PowerShell/, `campaign ${i % 20}`), {
        id: `0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a${10 + i}`,
        confidence: (i * 7) % 30
      })
    )
    const { text } = await writtenRules(feed, items, { limit: 5 })
    expect(text.match(/campaign \d+/g)?.length).toBe(5)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(items, { minLength: 60 }), async (shuffled) => {
        expect((await writtenRules(feed, shuffled, { limit: 5 })).text).toBe(text)
      }),
      { numRuns: 30 }
    )
    expect((await writtenRules(feed, items, { limit: 100 })).refused).toEqual(Array(40).fill('rule-known'))
  })

  it('reads whatever a peer may write without failing, in no time', async () => {
    const words = fc.constantFrom(...(good.match(/[\w$.]+|\s+|./g) ?? []))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 200 }).map((some) => some.join(''))
        ),
        (text) => writtenRules(feed, [carried(kind, text)]).then(() => undefined)
      )
    )
    const hostile = ['(', '[', '{', '- ', '"', '\\', 'a:\n ', '&a [*a,', '/*', 'not ', '? ', '$a = ', '|', '!'].map(
      (piece) => piece.repeat(65_536 / piece.length)
    )
    const began = performance.now()
    for (const text of hostile) {
      expect((await writtenRules(feed, [carried(kind, text)])).refused).toEqual(['rule-malformed'])
      expect((await writtenRules(feed, [carried(kind, good + text)])).refused).toEqual(['rule-malformed'])
    }
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

describe('Sigma', () => {
  it('is one document a rule, with an id of its own, that every YAML reads alike', async () => {
    const { text } = await writtenRules(SIGMA, [
      carried('sigma', GOOD.sigma),
      carried('sigma', GOOD.sigma.replace('high', 'low'))
    ])
    for (const version of ['1.1', '1.2'] as const) {
      const documents = parseAllDocuments(text, { version }).map((one) => one.toJS() as { id: string })
      expect(documents).toHaveLength(2)
      expect(documents[0]).toMatchObject({
        title: 'Encoded PowerShell',
        date: '2026-01-02',
        detection: { selection: { 'CommandLine|contains': [' -enc ', 'yes'], 'Image|endswith': '\\powershell.exe' } },
        related: [{ id: '6f3e2987-db24-4c78-a860-b4f4095a7095', type: 'derived' }],
        tocsin: { bulletin: BULLETIN, author: DID, tlp: 'AMBER', pap: 'GREEN' }
      })
      expect(new Set(documents.map(({ id }) => id)).size).toBe(2)
    }
  })

  it.each([
    ['two documents', `${GOOD.sigma}---\n${GOOD.sigma}`],
    ['a document of all', `action: global\n${GOOD.sigma}`],
    ['an alias', GOOD.sigma.replace('status: test', 'status: &a test\nauthor: *a')],
    ['a tag of a language', GOOD.sigma.replace('status: test', 'status: !!python/object:os.system test')],
    ['a key twice', `${GOOD.sigma}level: low\n`],
    ['no condition', GOOD.sigma.replace(/ {2}condition.*/, '')],
    ['a condition of what is not there', GOOD.sigma.replace('selection and', 'selected and')],
    ['a condition cut off', GOOD.sigma.replace('1 of filter_*', '')],
    ['our own word', `${GOOD.sigma}tocsin: {}\n`],
    ['a control character by its escape', GOOD.sigma.replace('status: test', 'status: "te\\x85st"')],
    ['no mapping', '- a\n- b\n']
  ])('refuses %s', async (_, text) => {
    expect((await writtenRules(SIGMA, [carried('sigma', text)])).refused).toEqual(['rule-malformed'])
  })
})

describe('YARA', () => {
  it('gives names of their own, and the same to whoever asks for them', async () => {
    const { text } = await writtenRules(YARA_RULES, [
      carried('yara', GOOD.yara),
      carried('yara', GOOD.yara, { id: 'ffffffff-8f0a-4d57-9b6e-0c6a5f2d7a11' }),
      carried('yara', GOOD.yara.replace('CERT', 'CSIRT'))
    ])
    const names = [...text.matchAll(/rule (\w+)/g)].map(([, name]) => name)
    expect(names).toHaveLength(4)
    expect(new Set(names).size).toBe(4)
    expect(names.every((name) => /^tocsin_[0-9a-f]{16}_(?:small|Loader)$/.test(name ?? ''))).toBe(true)
    expect(text).toContain(`${names[0]} and uint16(0)`)
    expect(text.match(/import "pe"/g)).toHaveLength(1)
  })

  const rule = (condition: string, strings = '') => `rule a { ${strings} condition: ${condition} }`
  it.each([
    ['rule-acts', 'include "/etc/passwd"\nrule a { condition: true }'],
    ['rule-acts', 'global rule a { condition: false }'],
    ['rule-acts', `import "console"\n${rule('true')}`],
    ['rule-malformed', `${rule('true')} ${rule('true')}`],
    ['rule-malformed', rule('defined_elsewhere')],
    ['rule-malformed', rule('true', 'strings: $a = "never asked"')],
    ['rule-malformed', rule('$b', 'strings: $a = "evil"')],
    ['rule-malformed', rule('3 of them', 'strings: $a = "evil"')],
    ['rule-malformed', rule('$a', 'strings: $a = /evil(/')],
    ['rule-malformed', rule('$a', 'strings: $a = /evil(a*)*b/')],
    ['rule-malformed', rule('$a', 'strings: $a = { E2 3 }')],
    ['rule-malformed', rule('$a', 'strings: $a = "evil" xor nocase')],
    ['rule-malformed', rule('pe.is_dll()')],
    ['rule-malformed', `import "pe" ${rule('pe.nothing == 1')}`],
    ['rule-malformed', rule('filesize == "x"')],
    ['rule-malformed', rule('filesize and true')],
    ['rule-malformed', `${rule('true')} /* no end`]
  ])('refuses as %s: %s', async (code, text) => {
    expect((await writtenRules(YARA_RULES, [carried('yara', text)])).refused).toEqual([code])
  })
})

describe('Suricata', () => {
  it('numbers them anew, on lines of their own, the old number beside', async () => {
    const items = [carried('suricata', GOOD.suricata), carried('suricata', GOOD.suricata.replace('rev:3', 'rev:4'))]
    const { text } = await writtenRules(SURICATA_CARRIED, items)
    const rules = text.split('\n').filter((line) => !line.startsWith('#') && line !== '')
    const numbers = rules.map((line) => Number(/; sid:(\d+);/.exec(line)?.[1]))
    expect(new Set(numbers).size).toBe(4)
    expect(numbers.every((sid) => sid >= 4_200_000_000 && sid < 2 ** 32)).toBe(true)
    expect(rules.every((line) => line.startsWith('alert ') && line.split('sid:').length === 2)).toBe(true)
    expect(text).toContain('tocsin_sid 17')
  })

  const rule = (options: string, head = 'alert http any any -> any any') => `${head} (msg:"x"; ${options} sid:1;)`
  it.each([
    ['rule-acts', rule('', 'drop ip any any -> any any')],
    ['rule-acts', rule('', 'pass ip any any -> any any')],
    ['rule-acts', rule('lua:evil.lua;')],
    ['rule-acts', rule('filestore;')],
    ['rule-acts', rule('http.host; dataset:set,x,type string,save /etc/cron.d/x;')],
    ['rule-acts', rule('filesha256:/etc/shadow;')],
    ['rule-acts', rule('flowbits:set,ET.seen;')],
    ['rule-malformed', rule('content:"a')],
    ['rule-malformed', rule('content:"a|0|";')],
    ['rule-malformed', rule('http.uri;')],
    ['rule-malformed', rule('dns.query; content:"a";')],
    ['rule-malformed', rule('http.uri; content:"a"; http.stat_code; content:"200";')],
    ['rule-malformed', rule('flow:to_client; http.uri; content:"a";')],
    ['rule-malformed', rule('http.host; content:"a"; nocase;')],
    ['rule-malformed', rule('http.server; content:"a"; bsize:1; offset:3;')],
    ['rule-malformed', rule('content:"abc"; depth:2;')],
    ['rule-malformed', rule('unknown:1;')],
    ['rule-malformed', rule('sid:2;')],
    ['rule-malformed', rule('', 'alert ip $MY_NET any -> any any')],
    ['rule-malformed', rule('', 'alert ip 1.2.3.400 any -> any any')],
    ['rule-malformed', 'alert ip any any -> any any msg:"x"; sid:1;'],
    ['rule-malformed', '# nothing']
  ])('refuses as %s: %s', async (code, text) => {
    expect((await writtenRules(SURICATA_CARRIED, [carried('suricata', text)])).refused).toEqual([code])
  })
})
