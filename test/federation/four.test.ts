import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { until } from '../harness/process.ts'

describe('four universities in a line', () => {
  let federation: Federation
  let reims: Institution
  let valenciennes: Institution
  let toulouse: Institution
  let lorraine: Institution

  beforeAll(async () => {
    federation = await createFederation()
    ;[reims, valenciennes, toulouse, lorraine] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr'),
      federation.institution('Toulouse', 'ut-capitole.fr'),
      federation.institution('Lorraine', 'univ-lorraine.fr')
    ])
    await federation.link(reims, valenciennes)
    await federation.link(valenciennes, toulouse)
    await federation.link(toulouse, lorraine)
    const circle = await federation.circle('esr-fr', 2, [reims, valenciennes, toulouse])
    await federation.vouch(toulouse, lorraine, circle)
    await until('Valenciennes holds the card of Lorraine', async () => {
      await federation.vouch(valenciennes, lorraine, circle)
      return true
    })
    await until(
      'Lorraine knows the circle',
      async () => (await lorraine.call<{ id: string }>('GET', '/v1/circles/esr-fr')).id
    )
    await federation.accept(lorraine, circle)
    for (const one of [reims, valenciennes, toulouse, lorraine]) {
      await until(
        `${one.name} sees four members`,
        async () => (await one.call<{ members: unknown[] }>('GET', '/v1/circles/esr-fr')).members.length === 4
      )
    }
  })

  afterAll(() => federation?.end())

  it('brings an AMBER bulletin to every member over the relays', async () => {
    const { id } = await reims.call<{ id: string }>('POST', '/v1/bulletins', {
      title: 'C2',
      threat: 'c2',
      tlp: 'AMBER',
      indicators: [{ type: 'domain', value: 'c2.evil.example' }]
    })
    for (const one of [valenciennes, toulouse, lorraine]) {
      const held = await until(
        `${one.name} holds it`,
        async () => await one.call<{ title: string; author: { id: string } }>('GET', `/v1/bulletins/${id}`)
      )
      expect(held.title).toBe('C2')
      expect(held.author.id).toBe(reims.id)
    }
  })
})
