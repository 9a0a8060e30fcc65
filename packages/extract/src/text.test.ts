import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExtractError } from './errors.ts'
import type { ExtractContext, Extraction } from './extraction.ts'
import { hasKnownSuffix } from './suffix.ts'
import { extractText, MAX_TEXT } from './text.ts'
import { FILE_ENDINGS } from './words.ts'

const NOBODY: ExtractContext = { ownDomains: [], circleDomains: [] }
const REIMS: ExtractContext = {
  ownDomains: ['univ-reims.example'],
  circleDomains: [{ domain: 'univ-metz.example', institution: 'Metz' }]
}

const valuesOf = ({ found }: Extraction) => found.map(({ type, value }) => `${type} ${value}`)

describe('extractText', () => {
  it('gives the offset, the line and the writing of the first place', () => {
    const text = 'a\nvoir evil[.]example\net evil.example'
    const [found, ...rest] = extractText(text, NOBODY).found
    expect(rest).toEqual([])
    expect(found).toEqual({
      type: 'domain',
      value: 'evil.example',
      role: 'malicious',
      raw: 'evil[.]example',
      start: 7,
      end: 21,
      where: 'text',
      line: 2
    })
  })

  it('counts offsets in UTF-16 code units', () => {
    const text = '😀😀 hxxp://evil[.]example/x'
    expect(extractText(text, NOBODY).found[0]?.start).toBe(5)
  })

  it('takes no domain from an address or a link', () => {
    expect(valuesOf(extractText('x@a.example et https://b.example/c', NOBODY))).toEqual([
      'email x@a.example',
      'url https://b.example/c'
    ])
  })

  it('marks and drops what it is told, however it is written', () => {
    const context = {
      ...NOBODY,
      context: ['a[.]example', 'HTTP://B.example/x'],
      drop: ['c.example', 'hxxps://d[.]example/']
    }
    const extraction = extractText('a.example hxxp://b[.]example/x c[.]example https://d.example/ e.example', context)
    expect(extraction.found.map(({ value, role }) => [value, role])).toEqual([
      ['a.example', 'context'],
      ['http://b.example/x', 'context'],
      ['e.example', 'malicious']
    ])
    expect(extraction.leftOut.map(({ value, code }) => [value, code])).toEqual([
      ['c.example', 'dropped'],
      ['https://d.example/', 'dropped']
    ])
  })

  it('is malicious where one place says so, though another only cites it', () => {
    const reference = 'https://urlscan.io/result/1/'
    const [found] = extractText(`${reference} puis hxxps://urlscan[.]io/result/1/`, NOBODY).found
    expect(found?.role).toBe('malicious')
    expect(extractText(reference, NOBODY).found[0]?.role).toBe('context')
  })

  it('leaves out whatever is below our domains, and nothing that only looks like it', () => {
    const text = 'ent.univ-reims.example univ-reims.example.evil.example xuniv-reims.example vpn.univ-metz.example'
    const extraction = extractText(text, REIMS)
    expect(valuesOf(extraction)).toEqual(['domain univ-reims.example.evil.example', 'domain xuniv-reims.example'])
    expect(extraction.leftOut.map(({ code, institution }) => [code, institution])).toEqual([
      ['own-domain', undefined],
      ['circle-domain', 'Metz']
    ])
  })

  it('offers an account of a member for that member alone', () => {
    const extraction = extractText('compte volé : jean@univ-metz.example', REIMS)
    expect(extraction.found).toEqual([])
    expect(extraction.leftOut).toMatchObject([{ code: 'account-of-member', type: 'email', institution: 'Metz' }])
  })

  it.each([
    'login: jdoe / mdp: Zebre!2026',
    'mot de passe : Zebre!2026',
    'MDP=Zebre!2026',
    'Password is "Zebre!2026"',
    'mdp Zebre!2026',
    'jdoe@corp.example:Zebre!2026',
    'jdoe@corp.example|Zebre!2026',
    'combo :\njdoe:Zebre!2026',
    'https://corp.example/login:jdoe:Zebre!2026',
    'https://jdoe:Zebre!2026@corp.example/',
    'https://corp.example/?user=jdoe&password=Zebre!2026',
    'Mot de passe :\nZebre!2026\n',
    'pass: Zebre!2026\u200b',
    'Objet : accès jdoe, mdp: Zebre!2026',
    'Objet : jdoe@corp.example:Zebre!2026',
    'mdp: HKLM\\Zebre!2026'
  ])('keeps no password: %s', (text) => {
    const extraction = extractText(text, NOBODY)
    expect(JSON.stringify({ ...extraction })).not.toMatch(/Zebre|2026/)
    expect(extraction.refused.map(({ code }) => code)).toContain('password')
    expect(extraction.text.length).toBe(text.length)
  })

  it('keeps no password, whatever it is made of', () => {
    const alphabet = [...'abzAZ019!$%&*+,-./:;=?@[]^_{}~#|<>"«»\'é']
    const password = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 6, maxLength: 16 })
    fc.assert(
      fc.property(password, (secret) => {
        // What is plainly a link is one, and a row of stars says nothing.
        fc.pre(!/^h..ps?|:[/\\]|^[*.x]+$/i.test(secret) && /\w{2}/.test(secret))
        for (const text of [`login: jdoe / mdp: ${secret}\nfin`, `Mot de passe :\n${secret}\n`]) {
          const extraction = extractText(text, NOBODY)
          // A closing mark of a quotation is no part of what it quotes.
          const core = secret.replace(/^["«'“]|["»'”][,.;/)]?$/g, '')
          expect(JSON.stringify([extraction.text, extraction.found, extraction.refused])).not.toContain(
            JSON.stringify(core).slice(1, -1)
          )
        }
      }),
      { numRuns: 2_000 }
    )
  })

  it('takes people out of the text that may leave the house, at every place', () => {
    const text =
      'À : jean@univ-reims.example\nBonjour jean@univ-reims.example, voir evil[.]example, mdp: Zebre!2026, marie[at]univ-metz.example'
    const { minimisedText } = extractText(text, REIMS)
    expect(minimisedText).toBe('À : […]\nBonjour […], voir evil[.]example, mdp: ••••••••••• […]')
  })

  it('reports each line of a list that says nothing, and none of a discussion', () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => (i % 100 === 7 ? `broken${i}` : `h${i}.evil.example`))
    const { found, refused } = extractText(lines.join('\n'), NOBODY)
    expect(found.length).toBe(9_900)
    expect(refused.length).toBe(100)
    expect(refused[0]).toMatchObject({ code: 'unrecognised', raw: 'broken7', line: 8 })
    expect(extractText('oui\nnon\nevil.example\nvoir ce message\nla suite', NOBODY).refused).toEqual([])
  })

  it.each([
    ['le site login-bu point fr', ['domain login-bu.fr']],
    ['le site point fr, un point com', []],
    ['Correctif : 4.2.8.0, noyau 6.2.0.37, 3.14.15.92', []],
    ['IP 4.2.8.1', ['ipv4 4.2.8.1']],
    ['TCP_MISS/200 HIER_DIRECT/198.51.100.77', ['ipv4 198.51.100.77']],
    ['nginx/1.2.3.4', []],
    ['porte 3::4, ou 2001:db8::4', ['ipv6 2001:db8::4']],
    ['url,https://evil.example/a,2026-11-21', ['url https://evil.example/a']],
    ['https://evil.example/a,2026-11-21', ['url https://evil.example/a']],
    ['https://evil.example/a,b', ['url https://evil.example/a,b']],
    ['GET /wp/login.php?x=1 HTTP/1.1', []],
    ['/var/www/up/x.php', ['filename x.php']],
    ['voir report.md et notes.docx', []],
    ['pièce jointe : report.md et notes.docx', ['filename report.md', 'filename notes.docx']],
    ['C:\\Temp\\~df1.dll et «\u00a0a b.exe\u00a0»', ['filename ~df1.dll', 'filename a b.exe']],
    ['De : X <x@univ-reims.example>\nObjet : réunion', []],
    ['De : X <x@evil.example>\nObjet : réunion', ['email x@evil.example', 'email-subject réunion']],
    ['Subject: =?utf-8?Q?Your_parcel?=', ['email-subject Your parcel']],
    ['Objet : faille CVE-2026-1234', ['vulnerability CVE-2026-1234']],
    ['Message-ID <a1@evil.example>', ['message-id a1@evil.example']],
    ['Objets constatés :\n« Colis »\nbonjour', ['email-subject Colis']],
    ['Accounts seen in the attack:\n- ann_x\n- bob-op', ['account ann_x', 'account bob-op']],
    ['le champ [dot] et le mot', []],
    ['/etc/postfix/main.cf', []],
    ['clé HKEY_USERS\\.DEFAULT\\Software\\X', ['regkey HKU\\.default\\software\\x']],
    ['JA3S: 73a0e3b804a135f8894ef0e16a41c4e3', []],
    ['JA3 hash 73a0e3b804a135f8894ef0e16a41c4e3', ['ja3 73a0e3b804a135f8894ef0e16a41c4e3']],
    ['creates mutexes "a-1" and "b-2"', ['mutex a-1', 'mutex b-2']],
    ['Comptes visés : ann, bob.x et carl', ['account ann', 'account bob.x', 'account carl']]
  ])('reads %j', (text, expected) => {
    expect(valuesOf(extractText(text, REIMS))).toEqual(expected)
  })

  it('leaves out who signs the message, and not who signs the one that is reported', () => {
    const signed = 'voir evil.example\n\nCordialement,\nAnn\nann@bank.example\nwww.bank.example'
    const extraction = extractText(signed, REIMS)
    expect(valuesOf(extraction)).toEqual(['domain evil.example'])
    expect(extraction.leftOut.map(({ code, value }) => [code, value])).toEqual([
      ['signature', 'ann@bank.example'],
      ['signature', 'www.bank.example']
    ])
    const forwarded = `De : y@bank.example\n${signed}`
    expect(valuesOf(extractText(forwarded, REIMS))).toContain('email ann@bank.example')
  })

  it('refuses more than 10 MiB and says so', () => {
    expect(() => extractText('a'.repeat(MAX_TEXT + 1), NOBODY)).toThrow(ExtractError)
  })

  it('knows endings of countries that hold only what is below them', () => {
    expect(['x.co.za', 'x.za', 'x.fr', 'x.city.kawasaki.jp', 'x.example', 'x.exe'].map(hasKnownSuffix)).toEqual([
      true,
      false,
      true,
      true,
      true,
      false
    ])
  })

  it('has no ending of files that is a top-level domain', () => {
    expect([...FILE_ENDINGS].filter((ending) => hasKnownSuffix(`x.${ending}`))).toEqual([])
  })
})

// Pieces from which random texts become nearly indicators.
const SCRAPS = fc.constantFrom(
  ...'a|.|@|:|/|[.]|(at)|hxxp://|http://|evil|com|example|1.2.3.4|203.0.113.5|::|mdp: |login: |Objet : |«|»|"|\n|\r\n| |,|;|HKLM\\x|mutex: |JA3 : |À : |x@y.example|\u200b|．|é|😀|\ud800|...|…|%40|?a=|#|&|=|AS64500|d41d8cd98f00b204e9800998ecf8427e|<|>|- |>|10:42|> '.split(
    '|'
  )
)
const soup = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(SCRAPS, { maxLength: 60 }).map((scraps) => scraps.join(''))
)

describe('any text', () => {
  it('is read without throwing, and every place is where it says', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const extraction = extractText(text, REIMS)
        expect(extraction.text.length).toBe(text.length)
        expect(extraction.parts).toEqual({ text: extraction.text })
        for (const { raw, start, end, line } of [...extraction.found, ...extraction.refused, ...extraction.leftOut]) {
          expect(extraction.text.slice(start, end)).toBe(raw)
          expect(line).toBe(text.slice(0, start).split('\n').length)
        }
        for (const { raw, start, end } of extraction.found) {
          if (!raw.includes('•')) expect(text.slice(start, end)).toBe(raw)
        }
      }),
      { numRuns: 2_000 }
    )
  })

  it('says the same in front of other text', () => {
    fc.assert(
      fc.property(fc.array(SCRAPS, { maxLength: 30 }), (scraps) => {
        // A blank line ends every label and list, so what stands before it cannot reach over.
        const text = scraps.join('')
        const before = 'voir evil.test\n\n\n'
        const alone = extractText(text, REIMS).found.map(({ type, value }) => `${type} ${value}`)
        const after = extractText(before + text, REIMS).found.map(({ type, value }) => `${type} ${value}`)
        expect(after.filter((row) => row !== 'domain evil.test')).toEqual(alone)
      }),
      { numRuns: 1_000 }
    )
  })

  // Each of these once cost, or could cost, a second look at everything before it. At this size a quadratic reader
  // takes hours, so that finishing at all is the proof.
  it.each([
    'a.',
    '[',
    '@',
    '[.]',
    'a@',
    'a@b.c:',
    'login: ',
    'login:\n;login=',
    'http://',
    'http://a,',
    '<a ',
    '(',
    '"',
    '1234567890-',
    'a-1 point fr ',
    'Cordialement,\n',
    'HKLM\\a',
    ',http://a.b/'
  ])(
    'is read in linear time: %j over and over',
    (unit) => {
      const text = unit.repeat(Math.floor(MAX_TEXT / unit.length))
      expect(extractText(text, NOBODY).text.length).toBe(text.length)
    },
    120_000
  )
})
