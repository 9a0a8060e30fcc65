/** Real processes that stop and start: nothing is lost, agreement costs a greeting, and absence costs what was missed. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Institution } from '../harness/federation.ts'
import { arrives, createLine, holds, type Line, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

/** Bytes that one side may receive in a session while both hold the same: the budget of DESIGN §10 for one shared circle. */
const GREETING = 512

/** Twice what a receipt needs from one end of the line to the other, and two turns in which it may yet be signed. */
const TURNS = 8

interface Status {
  readonly streams: number
  readonly bulletins: number
  readonly indicators: number
  readonly circles: number
  readonly peers: { readonly known: number; readonly connected: number }
  readonly alarms: readonly unknown[]
  readonly counters: Readonly<Record<string, number>>
}

interface Shown {
  readonly id: string
  readonly state: string
  readonly entries: readonly { readonly stream: string; readonly seq: number }[]
}

describe('processes that stop and start', () => {
  let line: Line
  const published: { by: Institution; id: string }[] = []

  const status = (one: Institution): Promise<Status> => one.call<Status>('GET', '/v1/status')
  const shown = (one: Institution, id: string): Promise<Shown> => one.call<Shown>('GET', `/v1/bulletins/${id}`)

  async function bytesIn(one: Institution): Promise<number> {
    const { counters } = await status(one)
    const bytes = counters['sync:bytes-in']
    if (bytes === undefined) throw new Error('no such counter')
    return bytes
  }

  /** Everything it holds and knows, as its door tells it; arrival numbers and times of arrival included. */
  async function contents(one: Institution): Promise<unknown> {
    const { streams, bulletins, indicators, circles } = await status(one)
    const { items } = await one.call<{ items: unknown[] }>('GET', '/v1/bulletins?state=all&order=arrival&limit=1000')
    const circle = await one.call('GET', `/v1/circles/${line.circle}`)
    const hits = await one.call('GET', '/v1/indicators?value=again.example&state=all')
    return { streams, bulletins, indicators, circles, items, circle, hits }
  }

  /** Bytes that an entry needs on the wire and cannot be compressed away: random values. */
  async function sayMuch(by: Institution, count: number): Promise<{ ids: string[]; bytes: number }> {
    const ids: string[] = []
    let bytes = 0
    for (let serial = 0; serial < count; serial++) {
      const values = Array.from({ length: 100 }, () => randomBytes(32).toString('hex'))
      bytes += values.length * 32
      const indicators = values.map((value) => ({ type: 'sha256', value }))
      ids.push(await publish(by, { tlp: 'AMBER', title: `number ${serial}`, indicators }))
    }
    return { ids, bytes }
  }

  async function allLinked(): Promise<void> {
    for (const one of line.all) {
      await until(`${one.name} is linked with all its peers`, async () => {
        const { known, connected } = (await status(one)).peers
        return known === connected
      })
    }
  }

  beforeAll(async () => {
    line = await createLine()
    const { reims, valenciennes, lorraine } = line
    const say = async (by: Institution, fields: Record<string, unknown>): Promise<string> => {
      const id = await publish(by, fields)
      published.push({ by, id })
      return id
    }
    const indicators = [{ type: 'domain', value: 'again.example' }]
    const kept = await say(reims, { tlp: 'AMBER', indicators })
    const gone = await say(valenciennes, { tlp: 'AMBER', indicators })
    await say(lorraine, { tlp: 'GREEN', indicators })
    await say(lorraine, { tlp: 'CLEAR' })
    await say(reims, { tlp: 'AMBER+STRICT' })
    await say(reims, { to: ['Valenciennes'] })
    for (const one of line.all) {
      await arrives(one, kept)
      await arrives(one, gone)
    }
    await valenciennes.call('POST', `/v1/bulletins/${gone}/retraction`, { reason: 'no' })
    await until('the retraction has gone round', async () =>
      (await Promise.all(line.all.map((one) => shown(one, gone)))).every(({ state }) => state === 'retracted')
    )
    const bell = await say(lorraine, { tlp: 'AMBER' })
    for (const one of line.all) await arrives(one, bell)
  })

  afterAll(() => line?.federation.end())

  /** Bytes of sync frames a session; two that start at once may dial each other, and the one that gave way has greeted too. */
  async function greetingCost(one: Institution): Promise<number> {
    const { alarms, peers, counters } = await status(one)
    expect(alarms).toEqual([])
    const ended = Object.entries(counters).filter(([code]) => !code.includes(':'))
    const sessions = ended.reduce((sum, [, count]) => sum + count, peers.connected)
    return (counters['sync:bytes-in'] ?? 0) / sessions
  }

  it('all at once: everything is kept, and the digests agree with the greeting', async () => {
    const before = await Promise.all(line.all.map(contents))
    // A receipt that was signed last is told on at links as they come, one link a turn: then nothing is left to tell.
    for (let turn = 0; turn < TURNS; turn++) {
      await Promise.all(line.all.map((one) => one.stop()))
      await Promise.all(line.all.map((one) => one.start()))
      await allLinked()
      expect(await Promise.all(line.all.map(contents))).toEqual(before)
      const costs = await Promise.all(line.all.map(greetingCost))
      if (costs.every((bytes) => bytes <= GREETING)) return
    }
    expect(await Promise.all(line.all.map(greetingCost))).toEqual([])
  })

  it('and publish on, each in the streams that they had', async () => {
    for (const { by, id } of published) {
      const [first] = (await shown(by, id)).entries
      const { tlp, recipients } = await by.call<{ tlp: string; recipients: { id: string }[] }>(
        'GET',
        `/v1/bulletins/${id}`
      )
      const labels = tlp === 'RED' ? { to: recipients.map((recipient) => recipient.id) } : { tlp }
      // It waits, if it must, until its peers have confirmed the head of the stream.
      const [next] = (await shown(by, await publish(by, labels))).entries
      expect([tlp, next?.stream]).toEqual([tlp, first?.stream])
      expect(next?.seq).toBeGreaterThan(first?.seq ?? Number.POSITIVE_INFINITY)
    }
  })

  it('one that was off catches up with what it missed, over a relay, at its price', async () => {
    const { reims, valenciennes, toulouse, lorraine } = line
    const history = await sayMuch(reims, 20)
    for (const one of [valenciennes, toulouse, lorraine]) await arrives(one, history.ids.at(-1) ?? '')
    await lorraine.stop()
    const before = await bytesIn(toulouse)
    const missed = await sayMuch(reims, 10)
    for (const id of missed.ids) await arrives(toulouse, id)
    const live = (await bytesIn(toulouse)) - before
    // Its author is away when it returns: what it missed comes from whoever holds it.
    await reims.stop()
    await lorraine.start()
    for (const id of missed.ids) await arrives(lorraine, id)
    const fetched = await bytesIn(lorraine)
    expect(fetched).toBeGreaterThan(missed.bytes)
    // Twenty bulletins of history would cost three times as much.
    expect(fetched).toBeLessThan(1.3 * live)
    await reims.start()
    await allLinked()
  })

  it('one that was off hears of retractions before it holds anything later', async () => {
    const { reims, valenciennes, toulouse, lorraine } = line
    const known = await publish(reims, { tlp: 'AMBER', title: 'held before' })
    await arrives(lorraine, known)
    await lorraine.stop()
    const missed = await sayMuch(reims, 1)
    const [unseen = ''] = missed.ids
    await reims.call('POST', `/v1/bulletins/${known}/retraction`, { reason: 'over' })
    await reims.call('POST', `/v1/bulletins/${unseen}/retraction`, { reason: 'over' })
    const bell = await publish(reims, { tlp: 'AMBER', title: 'after the retractions' })
    await arrives(toulouse, bell)
    expect((await shown(valenciennes, unseen)).state).toBe('retracted')
    await lorraine.start()
    await arrives(lorraine, bell)
    // Retractions are agreed before logs: there was no moment at which it held the later entry and believed the earlier.
    expect((await shown(lorraine, known)).state).toBe('retracted')
    expect((await shown(lorraine, unseen)).state).toBe('retracted')
    const { items } = await lorraine.call<{ items: { id: string }[] }>('GET', '/v1/bulletins?limit=1000')
    expect(items.map(({ id }) => id)).not.toContain(known)
    expect(items.map(({ id }) => id)).not.toContain(unseen)
    expect(await holds(lorraine, bell)).toBe(true)
  })
})
