/** `kill -9` at any moment: nothing acknowledged is lost, nothing is half there, the replicas agree again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { until } from '../harness/process.ts'

const ROUNDS = 50
const SEED = 20_261_124

interface Listed<T> {
  readonly items: readonly T[]
  readonly next?: string
}

interface Summary {
  readonly id: string
  readonly title: string
  readonly indicatorCount: number
}

/** mulberry32: enough to spread the moments, and the same each run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe('kill -9 in the middle of publishing and of catching up', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  const acknowledged = new Map<string, number>()
  let published = 0

  beforeAll(async () => {
    federation = await createFederation()
    ;[reims, uphf] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr')
    ])
    await federation.link(reims, uphf)
    await federation.circle('esr-fr', 2, [reims, uphf])
  })

  afterAll(() => federation?.end())

  const values = (serial: number): string[] => [0, 1, 2].map((part) => `v${serial}-${part}.example`)

  async function publishOne(): Promise<void> {
    const serial = published++
    const draft = {
      title: `bulletin ${serial}`,
      threat: 'c2',
      tlp: 'AMBER',
      indicators: values(serial).map((value) => ({ type: 'domain', value })),
      attachments: [{ name: 'sample.bin', base64: Buffer.from(`sample ${serial}`).toString('base64') }]
    }
    try {
      const { id } = await reims.call<{ id: string }>('POST', '/v1/bulletins', draft)
      acknowledged.set(id, serial)
    } catch (error) {
      // Killed before it answered: the bulletin may be there or not, but not by half.
      if ((error as { status?: number }).status !== undefined) throw error
    }
  }

  async function everything(one: Institution): Promise<Summary[]> {
    const all: Summary[] = []
    let cursor = ''
    do {
      const page = await one.call<Listed<Summary>>('GET', `/v1/bulletins?order=arrival&limit=100${cursor}`)
      all.push(...page.items)
      cursor = page.next === undefined ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    return all
  }

  async function isWhole(one: Institution, { id, title, indicatorCount }: Summary): Promise<void> {
    const serial = Number(title.slice('bulletin '.length))
    expect(indicatorCount).toBe(3)
    for (const value of values(serial)) {
      const { items } = await one.call<Listed<{ bulletin: { id: string } }>>('GET', `/v1/indicators?value=${value}`)
      expect(items.map(({ bulletin }) => bulletin.id)).toEqual([id])
    }
    const { attachments } = await one.call<{ attachments: { sha256: string }[] }>('GET', `/v1/bulletins/${id}`)
    const [sample] = attachments
    const response = await fetch(`${one.api}/v1/bulletins/${id}/attachments/${sample?.sha256}`, {
      headers: { authorization: `Bearer ${one.token}` }
    })
    expect(await response.text()).toBe(`sample ${serial}`)
  }

  it(`${ROUNDS} times: no acknowledged bulletin lost, none by half, heads converge`, { timeout: 300_000 }, async () => {
    const random = seeded(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      const victim = round % 2 === 0 ? reims : uphf
      // A publish after a restart waits until a peer has confirmed the head: let it, then strike.
      await publishOne()
      const burst = Array.from({ length: 8 }, () => publishOne())
      const moment = new Promise((resolve) => setTimeout(resolve, random() * 60))
      await moment
      await victim.stop('SIGKILL')
      await Promise.all(burst)
      await victim.start()
    }
    const held = await everything(reims)
    const ids = held.map(({ id }) => id).sort()
    for (const id of acknowledged.keys()) expect(ids).toContain(id)
    expect(acknowledged.size).toBeGreaterThan(ROUNDS)
    await until('both hold the same', async () => {
      const theirs = (await everything(uphf)).map(({ id }) => id).sort()
      return theirs.length === ids.length && theirs.every((id, index) => id === ids[index])
    })
    for (const one of [reims, uphf]) for (const bulletin of await everything(one)) await isWhole(one, bulletin)
    for (const one of [reims, uphf]) {
      const { alarms } = await one.call<{ alarms: { code: string }[] }>('GET', '/v1/status')
      expect(alarms).toEqual([])
    }
    const last = await reims.call<{ id: string }>('POST', '/v1/bulletins', {
      title: 'afterwards',
      threat: 'other',
      tlp: 'AMBER'
    })
    await until('the chain goes on', () => uphf.call('GET', `/v1/bulletins/${last.id}`))
  })
})
