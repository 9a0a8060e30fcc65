import { expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

it('circle pending tells who vouched, how and when, what is missing, and which vouches to renew', async () => {
  await using desk = await openDesk()
  const { out } = await desk.run(['circle', 'pending'])
  expect(out).toContain('Circle esr-fr: 2 vouches make a member.')
  expect(out).toMatch(/Lorraine \(\?\) +Valenciennes, by telephone, 2026-11-24 +1 vouch\(es\) +did:key:/)
  expect(out).toMatch(/Reims +2026-12-06 +12 +still a member +tocsin vouch did:key:\w+ --circle c1c1\w+ --how phone/)
  expect(out).toMatch(/Valenciennes +2026-12-06 +-3 +no member +ask Valenciennes/)
  expect(out).toMatch(
    /Lorraine \(univ-lorraine\.fr\) +Lorraine Bank \(bank\.example\) +call first, then: tocsin vouch did:key:/
  )
  expect(out).toMatch(/Valenciennes +Lorraine .* +Lorraine Bank \(bank\.example\) +ask Valenciennes/)
  const french = await desk.run(['circle', 'pending', 'esr-fr'], { lang: 'fr' })
  expect(french.out).toContain('ce qui fut garanti')
  expect(french.out).toMatch(/Lorraine \(\?\) +Valenciennes, par téléphone, 2026-11-24 +1 garantie/)
  expect((await desk.run(['--json', 'circle', 'pending'])).json<{ items: object[] }>().items).toHaveLength(1)
  expect((await desk.run(['circle', 'pending', 'nowhere'])).err).toContain('(unknown-circle)')
})

it('circle why tells the statements that count, those that do not and the reason, and what is missing', async () => {
  await using desk = await openDesk()
  const { out } = await desk.run(['circle', 'why', 'Lorraine'])
  expect(out).toContain('Lorraine (?) is a candidate of esr-fr, and no member.')
  expect(out).toContain('Missing: 1 vouch(es).')
  expect(out).toMatch(/acceptance +Lorraine \(\?\) +yes/)
  expect(out).toMatch(/vouch +Valenciennes +Lorraine \(univ-lorraine\.fr\), by telephone, 2026-11-24 → 2027-11-24 +yes/)
  expect(out).toMatch(/vouch +Valenciennes .* +no: The vouch has expired\. \(expired\)/)
  expect(out).toMatch(/revocation +Reims +a mistake +no: taken back \(lifted\)/)
  expect((await desk.run(['circle', 'why', 'Lorraine', 'esr-fr'], { lang: 'fr' })).out).toContain(
    'Il manque : 1 garantie'
  )
  const json = await desk.run(['--json', 'circle', 'why', 'Lorraine', 'esr-fr'])
  expect(json.json<{ items: object[] }>().items).toMatchObject([{ standing: 'candidate', missing: { vouches: 1 } }])
  expect((await desk.run(['circle', 'why', 'Nobody'])).err).toContain('(unknown-institution)')
})
