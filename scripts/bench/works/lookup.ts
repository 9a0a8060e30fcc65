/** DESIGN §10: one value, by our reader and by a raw Level; then many a call over the real door. */
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcess } from '../../../test/harness/process.ts'
import { startChild } from '../child.ts'
import { createRandom, indicatorAt } from '../data.ts'
import { openDoor } from '../door.ts'
import { nowMs, spread } from '../figures.ts'
import { type Pair, preparePair } from '../prepare.ts'
import type { LookupVerbs } from '../roles/lookup.ts'
import type { Bench, Measured, Row, Work } from '../work.ts'

/** Values of one round; ours and the reference take turns. */
const COUNT = 10_000

export const lookupWork: Work = {
  name: 'lookup',
  title: 'one value, and many a call',
  run: async (bench): Promise<Measured> => {
    const pair = await preparePair(bench)
    return { rows: [...(await oneByOne(bench, pair)), ...(await manyACall(bench, pair))] }
  }
}

async function oneByOne(bench: Bench, pair: Pair): Promise<Row[]> {
  const { home } = pair.sender
  const raw = join(bench.folder, 'raw')
  await cp(join(home, 'store'), raw, { recursive: true })
  await using child = await startChild<LookupVerbs>('lookup')
  await child.call('open', { home, raw, indicators: pair.indicators })
  const times: Record<'ours' | 'get' | 'getSync', number[]> = { ours: [], get: [], getSync: [] }
  bench.say('looking up one by one …')
  for (let round = 0; round <= 7; round++) {
    const one = {
      ours: await child.call('ours', { seed: bench.seed, round, count: COUNT, of: pair.indicators }),
      get: await child.call('raw', { round, count: COUNT, sync: false }),
      getSync: await child.call('raw', { round, count: COUNT, sync: true })
    }
    // The first round warms both up.
    if (round > 0) for (const name of ['ours', 'get', 'getSync'] as const) times[name].push(one[name])
  }
  await rm(raw, { recursive: true })
  const [ours, get, getSync] = [spread(times.ours), spread(times.get), spread(times.getSync)]
  const work = `look up one value of ${pair.indicators.toLocaleString('en-US')}`
  return [
    {
      id: 'lookup/get',
      work,
      unit: 'µs',
      ours,
      reference: { name: 'Level get', value: get, as: 'share' },
      budget: { text: '≤ 3 ×', met: ours.median <= 3 * get.median }
    },
    {
      id: 'lookup/get-sync',
      work,
      unit: 'µs',
      ours,
      reference: { name: 'Level getSync', value: getSync, as: 'share' },
      note: 'The synchronous get waits for no other thread; it is the quickest that a raw Level can be asked.'
    }
  ]
}

async function manyACall(bench: Bench, pair: Pair): Promise<Row[]> {
  const node = await startProcess(pair.sender.home)
  const door = openDoor(pair.sender.api, pair.sender.token)
  const random = createRandom(bench.seed)
  try {
    const rows: Row[] = []
    for (const count of [1, 1_000, 10_000]) {
      bench.say(`looking up ${count} a call …`)
      const ms: number[] = []
      for (let time = 0; time <= (count === 1 ? 200 : 5); time++) {
        const values = Array.from(
          { length: count },
          () => indicatorAt(bench.seed, Math.floor(random() * pair.indicators)).value
        )
        const asked = nowMs()
        await door.call('POST', '/v1/lookup', { values })
        if (time > 0) ms.push(nowMs() - asked)
      }
      const what = count === 1 ? 'one value' : `${count.toLocaleString('en-US')} values`
      rows.push({ id: `lookup/http-${count}`, work: `look up ${what} a call over HTTP`, unit: 'ms', ours: spread(ms) })
    }
    return rows
  } finally {
    door.close()
    await node.stop()
  }
}
