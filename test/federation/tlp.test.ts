/**
 * Every TLP from both ends of the line Reims–Valenciennes–Toulouse–Lorraine: whom DESIGN §5 says, by which hop, as the
 * preview announced; and an outsider that dials everybody all the while. Everything is published first, so that one
 * leak anywhere would show in the streams that a node counts.
 */
import { HOP_CODES } from '@tocsin/trust'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Institution } from '../harness/federation.ts'
import { introduce } from '../harness/introduce.ts'
import { arrives, createLine, holds, type Line, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

interface Named {
  readonly id: string
}

interface Audience {
  readonly direct: readonly Named[]
  readonly relay: readonly Named[]
  readonly refused: readonly (Named & { readonly code: string })[]
}

interface Status {
  readonly streams: number
  readonly bulletins: number
  readonly circles: number
  readonly evidence: number
  readonly alarms: readonly unknown[]
  readonly counters: Readonly<Record<string, number>>
}

/** `direct` and `relay`: who holds it, and over which kind of hop; `refused`: the rule for everybody else. */
interface Reach {
  readonly direct: readonly string[]
  readonly relay: readonly string[]
  readonly refused: Readonly<Record<string, string>>
}

interface Case extends Reach {
  readonly by: string
  readonly labels: { readonly tlp?: string; readonly to?: readonly string[] }
}

const fromReims = { direct: ['Valenciennes'], relay: ['Lorraine', 'Toulouse'], refused: {} }
const fromLorraine = { direct: ['Toulouse'], relay: ['Reims', 'Valenciennes'], refused: {} }

const CASES: readonly Case[] = [
  { by: 'Reims', labels: { tlp: 'CLEAR' }, ...fromReims },
  { by: 'Reims', labels: { tlp: 'GREEN' }, ...fromReims },
  { by: 'Reims', labels: { tlp: 'AMBER' }, ...fromReims },
  {
    by: 'Reims',
    labels: { tlp: 'AMBER+STRICT' },
    direct: ['Valenciennes'],
    relay: [],
    refused: { Toulouse: 'strict-relayed', Lorraine: 'strict-relayed' }
  },
  {
    by: 'Reims',
    labels: { to: ['Valenciennes'] },
    direct: ['Valenciennes'],
    relay: [],
    refused: { Toulouse: 'red-not-recipient', Lorraine: 'red-not-recipient' }
  },
  {
    by: 'Reims',
    labels: { to: ['Lorraine'] },
    direct: [],
    relay: [],
    refused: { Valenciennes: 'red-not-recipient', Toulouse: 'red-not-recipient', Lorraine: 'red-relayed' }
  },
  { by: 'Lorraine', labels: { tlp: 'CLEAR' }, ...fromLorraine },
  { by: 'Lorraine', labels: { tlp: 'GREEN' }, ...fromLorraine },
  { by: 'Lorraine', labels: { tlp: 'AMBER' }, ...fromLorraine },
  {
    by: 'Lorraine',
    labels: { tlp: 'AMBER+STRICT' },
    direct: ['Toulouse'],
    relay: [],
    refused: { Valenciennes: 'strict-relayed', Reims: 'strict-relayed' }
  },
  {
    by: 'Lorraine',
    labels: { to: ['Toulouse'] },
    direct: ['Toulouse'],
    relay: [],
    refused: { Valenciennes: 'red-not-recipient', Reims: 'red-not-recipient' }
  },
  {
    by: 'Lorraine',
    labels: { to: ['Reims'] },
    direct: [],
    relay: [],
    refused: { Toulouse: 'red-not-recipient', Valenciennes: 'red-not-recipient', Reims: 'red-relayed' }
  },
  {
    by: 'Valenciennes',
    labels: { to: ['Reims', 'Toulouse', 'Lorraine'] },
    direct: ['Reims', 'Toulouse'],
    relay: [],
    refused: { Lorraine: 'red-relayed' }
  }
]

describe('each TLP over the line', () => {
  let line: Line
  let outsider: Institution
  let quiet: Map<Institution, Status>
  const ids = new Map<Case, string>()

  const named = (name: string): Institution => {
    const found = line.all.find((one) => one.name === name)
    if (found === undefined) throw new Error(`nobody is called ${name}`)
    return found
  }
  const nameOf = ({ id }: Named): string => [...line.all, outsider].find((one) => one.id === id)?.name ?? id
  const status = (one: Institution): Promise<Status> => one.call<Status>('GET', '/v1/status')

  const reachOf = ({ direct, relay, refused }: Audience): Reach => ({
    direct: direct.map(nameOf).sort(),
    relay: relay.map(nameOf).sort(),
    refused: Object.fromEntries(refused.map((one) => [nameOf(one), one.code]))
  })

  async function announced(by: Institution, { tlp = 'RED', to = [] }: Case['labels']): Promise<Reach> {
    const query = new URLSearchParams([['tlp', tlp], ...to.map((name): [string, string] => ['to', name])])
    return reachOf(await by.call<Audience>('GET', `/v1/audience?${query}`))
  }

  beforeAll(async () => {
    line = await createLine()
    outsider = await line.federation.institution('Passant', 'passant.example')
    for (const one of line.all) await introduce(outsider, one.card)
    quiet = new Map()
    for (const one of line.all) quiet.set(one, await status(one))

    for (const one of CASES) {
      const by = named(one.by)
      const { direct, relay, refused } = one
      expect(await announced(by, one.labels)).toEqual({ direct, relay, refused })
      const said = await by.call<{ id: string; audience: Audience }>('POST', '/v1/bulletins', {
        title: 'test',
        threat: 'c2',
        ...one.labels
      })
      expect(reachOf(said.audience)).toEqual({ direct, relay, refused })
      ids.set(one, said.id)
    }
    // The outsider speaks too: nothing of it may come in.
    await publish(outsider, { tlp: 'CLEAR' })
    // A later AMBER bulletin of each author goes the same way to everybody: what has not come by then was not sent.
    for (const by of ['Reims', 'Valenciennes', 'Lorraine'].map(named)) {
      const bell = await publish(by, { tlp: 'AMBER', title: 'the last of this author' })
      for (const one of line.all) await arrives(one, bell)
    }
    for (const one of CASES)
      for (const name of [...one.direct, ...one.relay]) await arrives(named(name), ids.get(one) ?? '')
  })

  afterAll(() => line?.federation.end())

  it.each(CASES)('$by $labels: $direct directly, $relay by relay, nobody else', async (one) => {
    const id = ids.get(one) ?? ''
    for (const viewer of [...line.all, outsider]) {
      if (viewer.name === one.by) continue
      const expected = one.direct.includes(viewer.name) || one.relay.includes(viewer.name)
      expect([viewer.name, await holds(viewer, id)]).toEqual([viewer.name, expected])
      if (!expected) continue
      const { entries, author } = await viewer.call<{ author: Named; entries: { via?: Named }[] }>(
        'GET',
        `/v1/bulletins/${id}`
      )
      expect(nameOf(author)).toBe(one.by)
      // Each recipient of RED holds its own entry alone; a relay is the neighbour on the side of the author.
      const hops = entries.map(({ via }) => (via === undefined ? '' : nameOf(via)))
      expect(hops).toEqual([one.direct.includes(viewer.name) ? one.by : neighbour(viewer.name, one.by)])
    }
  })

  it('leaves no stream where it may not be', async () => {
    for (const viewer of line.all) {
      const streams = new Set<string>()
      const hold = (by: string, label: string): Set<string> => streams.add(`${by} ${label}`)
      for (const { by, labels, direct, relay } of CASES) {
        const { tlp, to = [] } = labels
        if (tlp !== undefined && [by, ...direct, ...relay].includes(viewer.name)) hold(by, tlp)
        for (const name of to)
          if (viewer.name === by || (viewer.name === name && direct.includes(name))) hold(by, `RED ${name}`)
      }
      hold('Valenciennes', 'AMBER')
      expect([viewer.name, (await status(viewer)).streams]).toEqual([viewer.name, streams.size])
    }
  })

  it('was never even offered what it may not have', async () => {
    for (const one of line.all) {
      const { counters, evidence, alarms } = await status(one)
      expect({ evidence, alarms }).toEqual({ evidence: 0, alarms: [] })
      for (const code of Object.keys(HOP_CODES)) {
        const before = quiet.get(one)?.counters[`admit:${code}`] ?? 0
        expect([one.name, code, counters[`admit:${code}`] ?? 0]).toEqual([one.name, code, before])
      }
    }
  })

  it('shows the outsider nothing, and lets nothing of it in', async () => {
    const links = await until('every peer has turned the outsider away', async () => {
      const { items } = await outsider.call<{ items: { connected: boolean; lastError?: string }[] }>('GET', '/v1/peers')
      return items.length === 4 && items.every(({ lastError }) => lastError !== undefined) && items
    })
    expect(links.map(({ connected }) => connected)).toEqual([false, false, false, false])
    const { streams, bulletins, circles } = await status(outsider)
    // Its own.
    expect({ streams, bulletins, circles }).toEqual({ streams: 1, bulletins: 1, circles: 0 })
    for (const one of line.all) {
      const { items } = await one.call<{ items: { author: Named }[] }>('GET', '/v1/bulletins?state=all&limit=100')
      expect(items.map(({ author }) => author.id)).not.toContain(outsider.id)
      const peers = (await one.call<{ items: Named[] }>('GET', '/v1/peers')).items
      expect(peers.map(({ id }) => id)).not.toContain(outsider.id)
    }
  })

  const ORDER = ['Reims', 'Valenciennes', 'Toulouse', 'Lorraine']
  function neighbour(of: string, towards: string): string {
    const at = ORDER.indexOf(of)
    return ORDER[at + Math.sign(ORDER.indexOf(towards) - at)] ?? ''
  }
})
