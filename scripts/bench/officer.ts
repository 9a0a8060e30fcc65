/** An officer's works over the real doors of two real nodes of one circle, each measured by its own clock. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Institution } from '../../test/harness/federation.ts'
import { numberOf } from '../../test/harness/introduce.ts'
import { until } from '../../test/harness/process.ts'
import { createRandom, indicatorAt, indicatorsOf } from './data.ts'
import type { Door } from './door.ts'
import { nowMs, type Spread, spread } from './figures.ts'
import { bytesUnder } from './prepare.ts'
import type { Bench } from './work.ts'
import { memoryOf } from './works/start.ts'

/** The works for which MISP's figures are known, in their units: `…Rate` and exports a second, times in s or ms. */
export interface Officer {
  readonly importRate: Spread
  readonly pull: Spread
  readonly pullNothing: Spread
  readonly visibleOne: Spread
  readonly visibleThousand: Spread
  readonly search: Spread
  readonly searchRate: Spread
  readonly thousandValues: Spread
  readonly text: Spread
  readonly json: Spread
  readonly csv: Spread
  readonly memory: Spread
  readonly disk: Spread
}

const STORED = 100_000
const BATCH = 10_000

export async function measureOfficer(
  bench: Bench,
  [a, b]: readonly [Institution, Institution],
  [from, to]: readonly [Door, Door]
): Promise<Officer> {
  let used = 0
  const publish = async (count: number): Promise<{ readonly id: string; readonly asked: number }> => {
    const indicators = indicatorsOf({ seed: bench.seed, first: 2_000_000 + used, count })
    used += count
    const draft = {
      title: `import ${randomUUID()}`,
      threat: 'phishing',
      tlp: 'AMBER',
      pap: 'GREEN',
      circle: 'esr-fr',
      indicators
    }
    const asked = nowMs()
    return { id: (await from.json<{ id: string }>('POST', '/v1/bulletins', draft)).id, asked }
  }
  /** Ten bulletins of a thousand; the id of the last, and indicators a second. */
  const importBatch = async (): Promise<{ readonly last: string; readonly rate: number }> => {
    const started = nowMs()
    let last = ''
    for (let done = 0; done < BATCH; done += 1_000) last = (await publish(1_000)).id
    return { last, rate: BATCH / ((nowMs() - started) / 1000) }
  }
  const times = bench.quick ? 3 : 5
  const again = async (what: string, work: () => Promise<number>, more = times): Promise<Spread> => {
    bench.say(`${what} …`)
    const values: number[] = []
    for (let time = 0; time < more; time++) values.push(await work())
    return spread(values)
  }
  const live = await to.follow()
  const importRate = await again('importing', async () => (await importBatch()).rate, STORED / BATCH)
  await until(
    'B holds what A imported',
    async () => (await to.json<{ indicators: number }>('GET', '/v1/status')).indicators >= used,
    120_000
  )

  const away = (): Promise<unknown> => to.call('DELETE', `/v1/peers/${encodeURIComponent(a.id)}`)
  const number = await numberOf(a.card)
  const back = async (): Promise<number> => {
    const asked = nowMs()
    await to.call('POST', '/v1/peers', { card: a.card, number })
    return asked
  }
  const pull = await again('pulling 10,000', async () => {
    await away()
    const { last } = await importBatch()
    const asked = await back()
    return ((await live.saw(last)) - asked) / 1000
  })
  const pullNothing = await again('pulling nothing', async () => {
    await away()
    const asked = await back()
    await until('A and B are linked', async () => {
      const { items } = await to.json<{ items: { id: string; connected: boolean }[] }>('GET', '/v1/peers')
      return items.some(({ id, connected }) => id === a.id && connected)
    })
    return (nowMs() - asked) / 1000
  })
  const visible = async (count: number): Promise<number> => {
    const { id, asked } = await publish(count)
    return (await live.saw(id)) - asked
  }
  const visibleOne = await again('publishing 1', () => visible(1), 30)
  const visibleThousand = await again('publishing 1,000', () => visible(1_000), 10)
  live.close()

  const random = createRandom(bench.seed)
  const known = (): string => indicatorAt(bench.seed, 2_000_000 + Math.floor(random() * STORED)).value
  const searchOne = async (): Promise<number> => {
    const asked = nowMs()
    await from.call('GET', `/v1/indicators?value=${encodeURIComponent(known())}`)
    return nowMs() - asked
  }
  const search = await again('searching', searchOne, 300)
  const searchRate = await again('searching, eight at once', async () => {
    const started = nowMs()
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let time = 0; time < 100; time++) await searchOne()
      })
    )
    return 800 / ((nowMs() - started) / 1000)
  })
  const thousandValues = await again('looking up 1,000 values', async () => {
    const values = Array.from({ length: 1_000 }, known)
    const asked = nowMs()
    await from.call('POST', '/v1/lookup', { values })
    return nowMs() - asked
  })
  const exported = (feed: string, use: string): Promise<Spread> =>
    again(`exporting ${feed}`, async () => {
      // Something new each time, or an answer of before might be given again.
      await publish(1)
      const asked = nowMs()
      const lines = linesOf(await from.call('GET', `/v1/feeds/${feed}?use=${use}`))
      if (lines < STORED / 2) throw new Error(`the feed ${feed} has ${lines} lines only`)
      return lines / ((nowMs() - asked) / 1000)
    })
  const [text, json, csv] = [
    await exported('list', 'block'),
    await exported('json', 'detect'),
    await exported('csv', 'detect')
  ]
  const { rss } = await memoryOf(a.process()?.pid ?? 0)
  const stored = [await bytesUnder(join(a.home, 'store')), await bytesUnder(join(b.home, 'store'))]
  const disk = spread(stored.map((bytes) => bytes / used))
  const memory = spread([rss / 1e6])
  return {
    importRate,
    pull,
    pullNothing,
    visibleOne,
    visibleThousand,
    search,
    searchRate,
    thousandValues,
    text,
    json,
    csv,
    memory,
    disk
  }
}

function linesOf(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1
  return lines
}
