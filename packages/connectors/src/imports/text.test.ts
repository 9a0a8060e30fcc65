import { describe, expect, it } from 'vitest'
import { imported } from '../imports.fixture.ts'
import { TEXT } from './text.ts'

const MESSAGE = `TLP:AMBER+STRICT / PAP:AMBER
Bonjour, campagne de hameçonnage vers nos étudiants depuis hxxp://login-univ[.]example[.]com/a
Expéditeur : support@phish.example.net, destinataire : jean.dupont@univ-reims.fr
IP 198.51.100.23, 203[.]0[.]113[.]300
mot de passe : hunter2
`

describe('text', () => {
  it('makes one draft of a message, under its own labels', async () => {
    const { drafts, refused } = await imported(TEXT, MESSAGE)
    expect(drafts.length).toBe(1)
    const [item] = drafts
    expect(item?.draft).toMatchObject({ tlp: 'AMBER+STRICT', pap: 'AMBER', lang: 'fr' })
    const values = item?.draft.indicators.map(({ value }) => value)
    expect(values).toContain('http://login-univ.example.com/a')
    expect(values).toContain('198.51.100.23')
    expect(item?.draft.title).toMatch(/^Bonjour, campagne/)
    expect(JSON.stringify(item?.draft)).not.toMatch(/jean\.dupont|hunter2/)
    expect(item?.warnings.map(({ code }) => code)).toContain('left-out')
    expect(refused.map(({ code }) => code)).toContain('bad-address')
    expect(refused[0]?.place.line).toBe(4)
  })

  it('is the same item whatever its line ends', async () => {
    const [unix, dos] = await Promise.all([imported(TEXT, MESSAGE), imported(TEXT, MESSAGE.replaceAll('\n', '\r\n'))])
    expect(dos.drafts).toEqual(unix.drafts)
  })

  it('refuses a text without labels unless the operator set them', async () => {
    const { drafts, refused } = await imported(TEXT, 'evil[.]example[.]com', { labels: {} })
    expect(drafts).toEqual([])
    expect(refused).toMatchObject([{ code: 'label-missing' }])
    const labelled = await imported(TEXT, 'evil[.]example[.]com', {
      labels: { tlp: 'GREEN', pap: 'CLEAR', circle: 'esr' }
    })
    expect(labelled.drafts[0]?.draft).toMatchObject({ tlp: 'GREEN', pap: 'CLEAR' })
    expect(labelled.drafts[0]?.draft).not.toHaveProperty('circle')
  })
})
