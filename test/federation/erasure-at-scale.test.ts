/** Erasure in a store of many tables: LevelDB keeps copies of their boundary keys where no compaction reaches. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { filesWith } from '../harness/files.ts'
import { publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const DAY = 86_400_000
const BULLETINS = 30
const INDICATORS = 2000

describe('sixty thousand indicators', () => {
  let offset = 0
  let federation: Federation
  let reims: Institution

  beforeAll(async () => {
    const world = { now: () => Date.now() + offset, random: (bytes: number) => new Uint8Array(randomBytes(bytes)) }
    federation = await createFederation({ world })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    await federation.circle('esr-fr', 1, [reims])
  })

  afterAll(() => federation?.end())

  it('leave no byte of a value in any file, after erasure and after the next start', { timeout: 120_000 }, async () => {
    // One marker in every value: a boundary key of any table would hold it.
    const marker = randomBytes(6).toString('hex')
    const ids: string[] = []
    for (let serial = 0; serial < BULLETINS; serial++) {
      const indicators = Array.from({ length: INDICATORS }, (_, part) => {
        const name = `${randomBytes(6).toString('hex')}-${marker}-${part}`
        return part % 2 === 0 ? { type: 'domain', value: `${name}.example` } : { type: 'mutex', value: name }
      })
      ids.push(await publish(reims, { tlp: 'AMBER', title: `part ${serial}`, indicators }))
    }
    expect((await filesWith(reims.home, [marker])).length).toBeGreaterThan(0)
    for (const id of ids) await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'test' })
    offset += 2 * DAY
    await until('every file is free of it', async () => (await filesWith(reims.home, [marker])).length === 0, 60_000)
    await reims.stop()
    await reims.start()
    expect(await filesWith(reims.home, [marker])).toEqual([])
  })
})
