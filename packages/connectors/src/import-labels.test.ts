import { PAPS, stricterTlp, TLPS, tlpAtMost } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelsFor, labelsForText, labelsInTags, labelsInText } from './import-labels.ts'

const none = { tlp: [], pap: [] }
const tlp = fc.constantFrom(...TLPS)
const pap = fc.constantFrom(...PAPS)

describe('labelsFor', () => {
  it('gives an object without label what the operator set, or refuses it', () => {
    expect(labelsFor(none, { tlp: 'GREEN', pap: 'AMBER' })).toMatchObject({
      ok: true,
      labels: { tlp: 'GREEN', pap: 'AMBER' }
    })
    expect(labelsFor(none, { tlp: 'GREEN' })).toMatchObject({ ok: false, code: 'label-missing' })
    expect(labelsFor(none, {})).toMatchObject({ ok: false, code: 'label-missing' })
  })

  it('never guesses a label', () => {
    for (const odd of ['tlp:ex:chr', 'tlp:unclear', 'ORANGE', '']) {
      expect(labelsFor({ tlp: [odd], pap: ['GREEN'] }, { tlp: 'CLEAR' })).toMatchObject({
        ok: false,
        code: 'label-unknown'
      })
      expect(labelsFor({ tlp: ['RED', odd], pap: ['GREEN'] }, {})).toMatchObject({ ok: false, code: 'label-unknown' })
    }
  })

  it('takes the strictest of several, with a warning', () => {
    fc.assert(
      fc.property(fc.array(tlp, { minLength: 1 }), pap, tlp, (said, p, usual) => {
        const got = labelsFor({ tlp: said, pap: [p] }, { tlp: usual })
        if (!got.ok) throw new Error(got.code)
        expect(got.labels).toEqual({ tlp: said.reduce(stricterTlp), pap: p })
        expect(got.warnings.length).toBe(new Set(said).size > 1 ? 1 : 0)
      })
    )
  })

  it('is never wider than the container', () => {
    fc.assert(
      fc.property(fc.array(tlp), fc.array(pap), tlp, pap, (t, p, outerTlp, outerPap) => {
        const got = labelsFor({ tlp: t, pap: p }, { tlp: 'CLEAR', pap: 'CLEAR' }, { tlp: outerTlp, pap: outerPap })
        if (!got.ok) throw new Error(got.code)
        expect(tlpAtMost(outerTlp, got.labels.tlp)).toBe(true)
        expect(PAPS.indexOf(got.labels.pap)).toBeGreaterThanOrEqual(PAPS.indexOf(outerPap))
        if (t.length === 0) expect(got.labels.tlp).toBe(outerTlp)
      })
    )
    const got = labelsFor({ tlp: ['CLEAR'], pap: [] }, {}, { tlp: 'AMBER', pap: 'RED' })
    expect(got).toMatchObject({
      labels: { tlp: 'AMBER', pap: 'RED' },
      warnings: [{ code: 'label-wider-than-container' }]
    })
  })
})

it('finds labels among tags', () => {
  expect(labelsInTags(['tlp:amber+strict', 'PAP:GREEN', 'rsit:fraud="phishing"', 'TLP:ex:chr'])).toEqual({
    tlp: ['tlp:amber+strict', 'TLP:ex:chr'],
    pap: ['PAP:GREEN'],
    others: ['rsit:fraud="phishing"']
  })
})

it.each([
  ['TLP:AMBER / PAP:GREEN\nbonjour', ['AMBER'], ['GREEN']],
  ['tlp : amber+strict, pap: red', ['amber+strict'], ['red']],
  ['TLP:ORANGE', ['ORANGE'], []],
  ['le pap : un protocole', [], []],
  ['http://tlp.example/', [], []]
])('finds labels in %s', (text, t, p) => expect(labelsInText(text)).toEqual({ tlp: t, pap: p }))

it('warns of a label in a text that is wider than what the operator set', () => {
  const defaults = { tlp: 'AMBER', pap: 'GREEN' } as const
  const codes = (text: string) => {
    const found = labelsForText(text, defaults)
    return found.ok ? found.warnings.map(({ code }) => code) : [found.code]
  }
  expect(codes('TLP:CLEAR')).toEqual(['label-wider-than-source'])
  expect(codes('PAP:CLEAR')).toEqual(['label-wider-than-source'])
  expect(codes('TLP:RED PAP:RED')).toEqual([])
  expect(codes('nothing')).toEqual([])
})
