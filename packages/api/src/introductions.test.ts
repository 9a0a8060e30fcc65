import { describe, expect, it } from 'vitest'
import { createIntroductions } from './introductions.ts'
import type { IntroductionView } from './joining-views.ts'
import { createMemoryCircles } from './testing/memory-circles.ts'
import { bearer, openApi } from './testing/open-api.ts'

const GROUPS = createMemoryCircles().numberOf('lorraine').split(' ')
const heard = ({ asked }: IntroductionView): string[] => asked.map((place) => GROUPS[place - 1] ?? '')
const WRONG = ['000', '000', '000']

function table(options: { readonly secret?: Uint8Array; readonly now?: () => number } = {}) {
  const { ports, cardText } = createMemoryCircles()
  const added: string[] = []
  const introductions = createIntroductions({
    ...ports,
    ...options,
    add: async (text) => {
      added.push(text)
      return ports.peers.add(text)
    }
  })
  return { introductions, card: cardText('lorraine'), added }
}

describe('an introduction', () => {
  it('shows six groups, asks for three, and adds nobody before these are right', async () => {
    const { introductions, card, added } = table()
    const begun = await introductions.begin(card)
    expect(begun).toMatchObject({ card: { name: 'Lorraine' }, triesLeft: 3 })
    expect(begun.asked).toHaveLength(3)
    expect(begun.shown).toEqual(GROUPS.map((group, index) => (begun.asked.includes(index + 1) ? null : group)))
    for (const group of heard(begun)) expect(JSON.stringify(begun.shown)).not.toContain(group)
    await expect(introductions.answer(begun.id, WRONG)).rejects.toMatchObject({
      code: 'number-mismatch',
      facts: { triesLeft: 2 }
    })
    expect(added).toEqual([])
    expect((await introductions.answer(begun.id, heard(begun))).name).toBe('Lorraine')
    expect(added).toEqual([card])
    await expect(introductions.answer(begun.id, heard(begun))).rejects.toMatchObject({ code: 'unknown-introduction' })
  })

  it('is over after three wrong answers, and right ones come too late', async () => {
    const { introductions, card, added } = table()
    const begun = await introductions.begin(card)
    // Right groups in another order are wrong.
    for (const groups of [WRONG, heard(begun).toReversed(), WRONG]) {
      await expect(introductions.answer(begun.id, groups)).rejects.toMatchObject({ code: 'number-mismatch' })
    }
    await expect(introductions.answer(begun.id, heard(begun))).rejects.toMatchObject({ code: 'unknown-introduction' })
    expect(added).toEqual([])
  })

  it('shows the same six groups when it is begun again, so that asking often tells no more', async () => {
    const { introductions, card } = table()
    const { asked } = await introductions.begin(card)
    for (let again = 0; again < 5; again++) expect((await introductions.begin(card)).asked).toEqual(asked)
  })

  it('asks for any three of the nine, each about as often, and no outsider can tell which', async () => {
    const counts = new Map<number, number>()
    for (let secret = 0; secret < 600; secret++) {
      const { introductions, card } = table({ secret: Buffer.from(`secret ${secret}`) })
      for (const place of (await introductions.begin(card)).asked) counts.set(place, (counts.get(place) ?? 0) + 1)
    }
    expect([...counts.keys()].toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    // 600 × 3 ÷ 9 = 200 each, ± six standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(70)
  })

  it.each([
    [3, 1 / 84],
    [5, 10 / 84],
    [7, 35 / 84],
    [8, 56 / 84]
  ])('lets a ground number with %i groups alike through only where it asks for these alone', async (alike, share) => {
    // Ground by somebody who cannot know which three are drawn: what the owner reads aloud differs in the others.
    const aloud = GROUPS.map((group, index) => (index < alike ? group : '000'))
    let passed = 0
    const draws = 1500
    for (let secret = 0; secret < draws; secret++) {
      const { introductions, card, added } = table({ secret: Buffer.from(`secret ${secret}`) })
      const { id, asked, shown } = await introductions.begin(card)
      const groups = asked.map((place) => aloud[place - 1] ?? '')
      await introductions.answer(id, groups).catch(() => undefined)
      const isAlike = asked.every((place) => place <= alike)
      expect(added.length).toBe(isAlike ? 1 : 0)
      passed += added.length
      // Also where it passes, the six groups that are shown are not those that are heard.
      if (isAlike) expect(shown.some((group, index) => group !== null && group !== aloud[index])).toBe(true)
    }
    // ± five standard deviations.
    expect(Math.abs(passed - draws * share)).toBeLessThan(5 * Math.sqrt(draws * share * (1 - share)))
  })

  it('waits an hour for its call, and at most 64 wait', async () => {
    let now = 0
    const { introductions, card } = table({ now: () => now })
    const first = await introductions.begin(card)
    now = 60 * 60_000 + 1
    await expect(introductions.answer(first.id, heard(first))).rejects.toMatchObject({ code: 'unknown-introduction' })
    const second = await introductions.begin(card)
    for (let more = 0; more < 64; more++) await introductions.begin(card)
    await expect(introductions.answer(second.id, heard(second))).rejects.toMatchObject({ code: 'unknown-introduction' })
  })
})

describe('the whole number', () => {
  it.each([
    ['as it is shown', (digits: string) => digits],
    ['without spaces', (digits: string) => digits.replaceAll(' ', '')],
    ['with hyphens and dots', (digits: string) => digits.replace(' ', ' - ').replaceAll(' ', '.')]
  ])('is taken %s', async (_how, write) => {
    const { introductions, card, added } = table()
    await introductions.whole(card, write(GROUPS.join(' ')))
    expect(added).toEqual([card])
  })

  it.each([
    ['of nobody', '0'.repeat(27)],
    ['but for its last digit', `${GROUPS.join('').slice(0, -1)}0`],
    ['in part', GROUPS.slice(0, 8).join('')],
    ['and more', `${GROUPS.join('')}0`]
  ])('%s adds nobody', async (_what, number) => {
    const { introductions, card, added } = table()
    await expect(introductions.whole(card, number)).rejects.toMatchObject({ code: 'number-mismatch' })
    expect(added).toEqual([])
  })
})

describe('the door', () => {
  it('tells no number but our own, and adds nobody by a card alone', async () => {
    await using opened = openApi()
    const { api, node } = opened
    const card = node.cardText('lorraine')
    const headers = bearer(node.token('admin'))
    const ask = (url: string, payload: object) => api.app.inject({ method: 'POST', url, headers, payload })
    expect((await api.app.inject({ url: '/v1/card', headers })).json().comparison).toBe(node.numberOf('reims'))
    expect((await ask('/v1/cards', { card })).json()).not.toHaveProperty('comparison')
    expect((await ask('/v1/peers', { card })).json()).toMatchObject({ code: 'invalid-request' })
    expect((await ask('/v1/peers', { card, number: '1'.repeat(27) })).json()).toMatchObject({
      status: 422,
      code: 'number-mismatch'
    })
    const begun = (await ask('/v1/introductions', { card })).json<IntroductionView>()
    expect((await ask(`/v1/introductions/${begun.id}`, { groups: WRONG })).json()).toMatchObject({
      code: 'number-mismatch',
      triesLeft: 2
    })
    expect((await api.app.inject({ url: '/v1/peers', headers })).json().items).toHaveLength(1)
    expect((await ask(`/v1/introductions/${begun.id}`, { groups: heard(begun) })).statusCode).toBe(201)
    expect((await ask(`/v1/introductions/${begun.id}`, { groups: heard(begun) })).statusCode).toBe(404)
  })
})
