import { describe, expect, it } from 'vitest'
import { formatPap, PAPS, type Pap, papRank, parsePap, stricterPap } from './pap.ts'
import { formatTlp, parseTlp, stricterTlp, TLPS, type Tlp, tlpAtMost, tlpRank } from './tlp.ts'
import { mayUse, USE_ERRORS, USES, type Use } from './use.ts'

describe('TLP', () => {
  it.each([
    ['TLP:WHITE', 'CLEAR'],
    ['tlp:clear', 'CLEAR'],
    ['TLP:AMBER+STRICT', 'AMBER+STRICT'],
    ['tlp:amber+strict', 'AMBER+STRICT'],
    ['Amber', 'AMBER'],
    [' TLP : green ', 'GREEN'],
    ['RED', 'RED']
  ])('reads %j as %s', (text, tlp) => {
    expect(parseTlp(text)).toBe(tlp)
  })

  it.each([
    '',
    'TLP:',
    'ORANGE',
    'TLP:AMBER STRICT',
    'TLP:GREEN+STRICT',
    'WHITE+STRICT',
    'TLP:RED.',
    'tlp:ex:chr',
    `TLP:RED${' '.repeat(99)}`
  ])('never guesses %j', (text) => {
    expect(parseTlp(text)).toBeUndefined()
  })

  it('writes what it reads', () => {
    for (const tlp of TLPS) expect(parseTlp(formatTlp(tlp))).toBe(tlp)
    expect(formatTlp('AMBER+STRICT')).toBe('TLP:AMBER+STRICT')
  })

  it('orders from the widest audience to the narrowest', () => {
    expect(TLPS.map(tlpRank)).toEqual([0, 1, 2, 3, 4])
    expect(stricterTlp('AMBER', 'AMBER+STRICT')).toBe('AMBER+STRICT')
    expect(stricterTlp('RED', 'CLEAR')).toBe('RED')
    expect(tlpAtMost('AMBER', 'AMBER')).toBe(true)
    expect(tlpAtMost('AMBER+STRICT', 'AMBER')).toBe(false)
  })
})

describe('PAP', () => {
  it('reads and writes labels, WHITE as CLEAR', () => {
    expect(parsePap('PAP:WHITE')).toBe('CLEAR')
    expect(parsePap('pap:amber')).toBe('AMBER')
    expect(parsePap('AMBER+STRICT')).toBeUndefined()
    expect(parsePap('')).toBeUndefined()
    for (const pap of PAPS) expect(parsePap(formatPap(pap))).toBe(pap)
  })

  it('orders from everything allowed to passive only', () => {
    expect(PAPS.map(papRank)).toEqual([0, 1, 2, 3])
    expect(stricterPap('GREEN', 'AMBER')).toBe('AMBER')
  })
})

describe('the use rule (DESIGN §6)', () => {
  // One row a use: the answers under PAP CLEAR, GREEN, AMBER, RED, for TLP:AMBER and for TLP:CLEAR.
  const table: readonly [Use, string, string][] = [
    ['hunt', 'yes yes yes yes', 'yes yes yes yes'],
    ['detect', 'yes yes yes no', 'yes yes yes no'],
    ['enrich', 'yes yes yes no', 'yes yes yes no'],
    ['block', 'yes yes no no', 'yes yes no no'],
    ['release', 'no no no no', 'yes no no no']
  ]

  it('covers every use', () => {
    expect(table.map(([use]) => use)).toEqual(USES)
  })

  it.each(table)('%s', (use, amber, clear) => {
    const answers = (tlp: Tlp) => PAPS.map((pap) => (mayUse(tlp, pap, use).allowed ? 'yes' : 'no')).join(' ')
    expect(answers('AMBER')).toBe(amber)
    expect(answers('CLEAR')).toBe(clear)
  })

  it('names the rule that refuses', () => {
    expect(mayUse('AMBER', 'CLEAR', 'release')).toEqual({ allowed: false, code: 'tlp-forbids-release' })
    expect(mayUse('CLEAR', 'GREEN', 'release')).toEqual({ allowed: false, code: 'pap-forbids-use' })
    expect(mayUse('GREEN', 'AMBER', 'block')).toEqual({ allowed: false, code: 'pap-forbids-use' })
    expect(Object.keys(USE_ERRORS)).toEqual(['pap-forbids-use', 'tlp-forbids-release'])
  })

  it('lets a setting move detection only', () => {
    expect(mayUse('AMBER', 'RED', 'detect', { detectNeeds: 'RED' }).allowed).toBe(true)
    expect(mayUse('AMBER', 'AMBER', 'detect', { detectNeeds: 'GREEN' }).allowed).toBe(false)
    expect(mayUse('AMBER', 'RED', 'block', { detectNeeds: 'RED' }).allowed).toBe(false)
  })

  it('refuses every use under a label that it does not know', () => {
    for (const use of USES) expect(mayUse('CLEAR', 'PURPLE' as Pap, use).allowed).toBe(false)
  })
})
