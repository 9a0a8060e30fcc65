import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Institution } from '../harness/federation.ts'
import { introduce } from '../harness/introduce.ts'
import { arrives, createLine, holds, type Line, publish, sees } from '../harness/line.ts'
import { until } from '../harness/process.ts'

interface Audience {
  readonly direct: readonly { readonly id: string }[]
  readonly relay: readonly { readonly id: string }[]
  readonly refused: readonly { readonly id: string; readonly code: string }[]
}

describe('four universities in a line and an outsider', () => {
  let line: Line
  let outsider: Institution

  beforeAll(async () => {
    line = await createLine()
    outsider = await line.federation.institution('Passant', 'passant.example')
    for (const one of line.all) await introduce(outsider, one.card)
  })

  afterAll(() => line?.federation.end())

  /** Who holds it once a later AMBER bulletin by the same author has reached everybody. */
  async function holders(by: Institution, id: string): Promise<string[]> {
    const after = await publish(by, { tlp: 'AMBER', title: 'marker' })
    const others = [...line.all, outsider].filter((one) => one !== by)
    for (const one of line.all) if (one !== by) await arrives(one, after)
    const held = await Promise.all(others.map(async (one) => ((await holds(one, id)) ? [one.name] : [])))
    return held.flat().sort()
  }

  async function announced(
    by: Institution,
    query: string
  ): Promise<{ reached: string[]; refused: Record<string, string> }> {
    const audience = await by.call<Audience>('GET', `/v1/audience?${query}`)
    const name = (id: string): string => [...line.all, outsider].find((one) => one.id === id)?.name ?? id
    return {
      reached: [...audience.direct, ...audience.relay].map(({ id }) => name(id)).sort(),
      refused: Object.fromEntries(audience.refused.map(({ id, code }) => [name(id), code]))
    }
  }

  // [author, labels, query of audience, whom it reaches, who is refused by which rule]
  const CASES: readonly [string, Record<string, unknown>, string, string[], Record<string, string>][] = [
    ['Reims', { tlp: 'CLEAR' }, 'tlp=CLEAR', ['Lorraine', 'Toulouse', 'Valenciennes'], {}],
    ['Reims', { tlp: 'GREEN' }, 'tlp=GREEN', ['Lorraine', 'Toulouse', 'Valenciennes'], {}],
    ['Lorraine', { tlp: 'AMBER' }, 'tlp=AMBER', ['Reims', 'Toulouse', 'Valenciennes'], {}],
    [
      'Reims',
      { tlp: 'AMBER+STRICT' },
      'tlp=AMBER%2BSTRICT',
      ['Valenciennes'],
      { Toulouse: 'strict-relayed', Lorraine: 'strict-relayed' }
    ],
    [
      'Toulouse',
      { tlp: 'AMBER+STRICT' },
      'tlp=AMBER%2BSTRICT',
      ['Lorraine', 'Valenciennes'],
      { Reims: 'strict-relayed' }
    ],
    [
      'Reims',
      { to: ['Valenciennes'] },
      'tlp=RED&to=Valenciennes',
      ['Valenciennes'],
      { Toulouse: 'red-not-recipient', Lorraine: 'red-not-recipient' }
    ],
    [
      'Reims',
      { to: ['Lorraine'] },
      'tlp=RED&to=Lorraine',
      [],
      { Valenciennes: 'red-not-recipient', Toulouse: 'red-not-recipient', Lorraine: 'red-relayed' }
    ],
    [
      'Toulouse',
      { to: ['Valenciennes', 'Lorraine'] },
      'tlp=RED&to=Valenciennes&to=Lorraine',
      ['Lorraine', 'Valenciennes'],
      { Reims: 'red-not-recipient' }
    ]
  ]

  it.each(CASES)(
    '%s %j reaches exactly whom the hop rule says and audience announced',
    async (author, labels, query, reached, refused) => {
      const by = line.all.find(({ name }) => name === author) as Institution
      expect(await announced(by, query)).toEqual({ reached, refused })
      const id = await publish(by, labels)
      for (const one of line.all) if (reached.includes(one.name)) await arrives(one, id)
      expect(await holders(by, id)).toEqual(reached)
    }
  )

  it('sends RED to two recipients as one bulletin over two streams', async () => {
    const id = await publish(line.toulouse, { to: ['Valenciennes', 'Lorraine'] })
    const view = await line.toulouse.call<{ entries: { stream: string }[]; recipients: { name: string }[] }>(
      'GET',
      `/v1/bulletins/${id}`
    )
    expect(new Set(view.entries.map(({ stream }) => stream)).size).toBe(2)
    expect(view.recipients.map(({ name }) => name).sort()).toEqual(['Lorraine', 'Valenciennes'])
    const { items } = await line.toulouse.call<{ items: { id: string }[] }>('GET', '/v1/bulletins?tlp=RED')
    expect(items.filter((one) => one.id === id)).toHaveLength(1)
    await arrives(line.lorraine, id)
    const theirs = await line.lorraine.call<{ recipients: { name: string }[] }>('GET', `/v1/bulletins/${id}`)
    expect(theirs.recipients.map(({ name }) => name)).toEqual(['Lorraine'])
  })

  it('refuses labels that contradict each other', async () => {
    await expect(publish(line.reims, { tlp: 'AMBER', to: ['Valenciennes'] })).rejects.toMatchObject({
      code: 'only-red-names-recipients'
    })
    await expect(publish(line.reims, { tlp: 'RED' })).rejects.toMatchObject({ code: 'red-needs-recipient' })
    await expect(publish(line.reims, { to: ['Reims'] })).rejects.toMatchObject({ code: 'red-to-oneself' })
    await expect(publish(line.reims, { tlp: 'GREEN', circle: 'esr-fr' })).rejects.toMatchObject({
      code: 'label-names-no-circle'
    })
  })

  it('shows the outsider nothing, however long it dials', async () => {
    const status = await until('the outsider was refused', async () => {
      const { items } = await outsider.call<{ items: { connected: boolean; lastError?: string }[] }>('GET', '/v1/peers')
      return items.every(({ lastError }) => lastError !== undefined) && items
    })
    expect(status.every(({ connected }) => !connected)).toBe(true)
    const { bulletins, circles, streams } = await outsider.call<Record<string, number>>('GET', '/v1/status')
    expect({ bulletins, circles, streams }).toEqual({ bulletins: 0, circles: 0, streams: 0 })
    for (const one of line.all) {
      const { items } = await one.call<{ items: { id: string }[] }>('GET', '/v1/peers')
      expect(items.map(({ id }) => id)).not.toContain(outsider.id)
    }
  })

  it('takes the expelled off every link at once; what they hold stays, nothing new goes', async () => {
    const { federation, reims, valenciennes, toulouse, lorraine, circle } = line
    const before = await publish(lorraine, { tlp: 'AMBER', title: 'by Lorraine, before' })
    const shared = await publish(reims, { tlp: 'AMBER', title: 'held by Lorraine' })
    await arrives(reims, before)
    await arrives(lorraine, shared)
    await federation.revoke(reims, lorraine, circle)
    await federation.revoke(valenciennes, lorraine, circle)
    for (const one of [reims, valenciennes, toulouse]) await sees(one, circle, 3)
    await until('Toulouse has dropped the link', async () => {
      const { items } = await toulouse.call<{ items: { id: string }[] }>('GET', '/v1/peers')
      return items.every(({ id }) => id !== lorraine.id)
    })
    await until('Lorraine has lost the link', async () => {
      const { items } = await lorraine.call<{ items: { connected: boolean }[] }>('GET', '/v1/peers')
      return items.every(({ connected }) => !connected)
    })
    const later = await publish(reims, { tlp: 'AMBER', title: 'after' })
    await arrives(toulouse, later)
    expect(await holds(lorraine, later)).toBe(false)
    expect(await holds(lorraine, shared)).toBe(true)
    // Frozen: kept and searchable where it is held.
    expect(await holds(reims, before)).toBe(true)
  })
})
