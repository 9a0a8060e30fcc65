/** A node that was off for a week, and nodes that start again: what they fetch, what they go on signing. */
import { randomBytes } from 'node:crypto'
import type { StreamId } from '@tocsin/model'
import { homeAt, type RunningNode, startNode } from '@tocsin/node'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const WEEK = 7 * 86_400_000
/** ms: longer than any test, so that only a confirmed head lets a stream go on; or shorter than a person waits. */
const PATIENT = 60_000
const HASTY = 300

interface Shown {
  readonly entries: readonly { readonly stream: string; readonly seq: number }[]
}

describe('a node that comes back', () => {
  let offset: number
  let federation: Federation | undefined
  let reims: Institution
  let uphf: Institution
  let world: { now: () => number; random: (bytes: number) => Uint8Array }
  let running: RunningNode | undefined

  async function begin(headPatience: number): Promise<void> {
    offset = 0
    world = { now: () => Date.now() + offset, random: (bytes) => new Uint8Array(randomBytes(bytes)) }
    const made = await createFederation({ world, headPatience })
    federation = made
    reims = await made.institution('Reims', 'univ-reims.fr')
    uphf = await made.institution('Valenciennes', 'uphf.fr')
    await made.link(reims, uphf)
    await made.circle('esr-fr', 2, [reims, uphf])
  }

  afterEach(async () => {
    await running?.[Symbol.asyncDispose]()
    running = undefined
    await federation?.end()
  })

  async function say(serial: number): Promise<string> {
    const indicators = Array.from({ length: 20 }, (_, part) => ({
      type: 'domain',
      value: `${randomBytes(8).toString('hex')}-${part}.example`
    }))
    return publish(reims, { tlp: 'AMBER', title: `bulletin ${serial}`, indicators })
  }

  async function shown(id: string): Promise<Shown['entries'][number]> {
    const [entry] = (await reims.call<Shown>('GET', `/v1/bulletins/${id}`)).entries
    if (entry === undefined) throw new Error('no entry')
    return entry
  }

  it('after a week fetches what it missed and nothing else', async () => {
    await begin(PATIENT)
    let last = ''
    for (let serial = 0; serial < 100; serial++) last = await say(serial)
    await arrives(uphf, last)
    await uphf.stop()
    offset += WEEK
    const missed: string[] = []
    for (let serial = 100; serial < 110; serial++) missed.push(await say(serial))

    running = await startNode({
      home: homeAt(uphf.home),
      log: pino({ level: 'silent' }),
      world
    })
    for (const id of missed) await arrives(uphf, id)
    const held = await shown(missed.at(-1) ?? '')
    const entries = running.replica.sync.read(held.stream as StreamId, held.seq - missed.length + 1, 10_000_000)
    const size = entries.reduce((sum, { header, body }) => sum + header.length + (body?.length ?? 0), 0)
    expect(entries).toHaveLength(missed.length)
    const [status] = running.network.status()
    const fetched = status?.session?.bytesIn ?? 0
    expect(fetched).toBeGreaterThan(0)
    // Frames, proofs and the comparison included; a hundred older bulletins are not.
    expect(fetched).toBeLessThan(1.1 * size + 4096)
  })

  it('goes on in its stream once a peer has confirmed the head', async () => {
    await begin(PATIENT)
    const before = await shown(await say(0))
    await reims.stop()
    await reims.start()
    const after = await shown(await say(1))
    expect(after).toMatchObject({ stream: before.stream, seq: before.seq + 1 })
  })

  it('opens a new incarnation when nobody is there to confirm, and it is taken when they return', async () => {
    await begin(HASTY)
    const before = await shown(await say(0))
    await uphf.stop()
    await reims.stop()
    await reims.start()
    const alone = await say(1)
    const after = await shown(alone)
    expect(after.stream).not.toBe(before.stream)
    expect(after.seq).toBe(1)
    await uphf.start()
    await arrives(uphf, alone)
    const { alarms } = await uphf.call<{ alarms: unknown[] }>('GET', '/v1/status')
    expect(alarms).toEqual([])
  })

  it('hears first of retractions, then of the rest', async () => {
    await begin(PATIENT)
    const id = await say(0)
    await arrives(uphf, id)
    await uphf.stop()
    await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'false alarm' })
    const next = await say(1)
    await uphf.start()
    await arrives(uphf, next)
    const state = (await uphf.call<{ state: string }>('GET', `/v1/bulletins/${id}`)).state
    expect(state).toBe('retracted')
    await until('lists agree', async () => {
      const lists = await Promise.all(
        [reims, uphf].map((one) => one.call<{ items: { id: string }[] }>('GET', '/v1/bulletins'))
      )
      return lists.every(({ items }) => items.map((item) => item.id).join() === next)
    })
  })
})
