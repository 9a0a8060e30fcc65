/** An institution whose home was put back from a copy signs one place twice; everybody learns it, nobody else is blamed. */
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCardText } from '@tocsin/journal'
import { verifyEvidence } from '@tocsin/trust'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Institution } from '../harness/federation.ts'
import { arrives, createLine, holds, type Line, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

interface EvidenceItem {
  readonly kind: string
  readonly accused: { readonly id: string }
  readonly bundle: string
}

interface Status {
  readonly alarms: readonly { readonly code: string; readonly message: string }[]
  readonly counters: Readonly<Record<string, number>>
}

describe('a fork in a ring of four', () => {
  let line: Line
  let first: string
  let one: string
  let other: string

  beforeAll(async () => {
    line = await createLine()
    await line.federation.link(line.reims, line.lorraine)
  })
  afterAll(() => line?.federation.end())

  const status = (at: Institution): Promise<Status> => at.call<Status>('GET', '/v1/status')
  const state = async (at: Institution, id: string): Promise<string> =>
    (await at.call<{ state: string }>('GET', `/v1/bulletins/${id}`)).state

  async function evidence(at: Institution): Promise<readonly EvidenceItem[]> {
    return (await at.call<{ items: readonly EvidenceItem[] }>('GET', '/v1/evidence')).items
  }

  async function alarmed(at: Institution, code: string): Promise<void> {
    await until(`${at.name} alarms ${code}`, async () => (await status(at)).alarms.some((alarm) => alarm.code === code))
  }

  it('is signed by a node that was put back, where its only peer is behind as well', async () => {
    const { reims, valenciennes, toulouse, lorraine, all } = line
    first = await publish(reims, { tlp: 'AMBER', title: 'before' })
    for (const at of all) await arrives(at, first)
    await reims.stop()
    const [store, copy] = [join(reims.home, 'store'), join(reims.home, 'copy')]
    await cp(store, copy, { recursive: true })

    await lorraine.stop()
    await reims.start()
    one = await publish(reims, { tlp: 'AMBER', title: 'one side' })
    for (const at of [valenciennes, toulouse]) await arrives(at, one)

    for (const at of [reims, valenciennes, toulouse]) await at.stop()
    await rm(store, { recursive: true })
    await cp(copy, store, { recursive: true })
    await lorraine.start()
    await reims.start()
    other = await publish(reims, { tlp: 'AMBER', title: 'other side' })
    await arrives(lorraine, other)
    await reims.stop()
  })

  it('is seen by all once two neighbours meet, also by who only ever held one side', async () => {
    const { valenciennes, toulouse, lorraine, reims } = line
    await Promise.all([toulouse.start(), valenciennes.start()])
    for (const at of [lorraine, toulouse, valenciennes]) {
      await alarmed(at, 'fork')
      const kept = await evidence(at)
      expect(kept.length).toBeGreaterThan(0)
      for (const { kind, accused, bundle } of kept) {
        expect([kind, accused.id]).toEqual(['fork-entry', reims.id])
        const verdict = verifyEvidence(new Uint8Array(Buffer.from(bundle, 'base64')), parseCardText(reims.card))
        expect(verdict).toMatchObject({ ok: true, doubtful: false })
      }
      expect(await state(at, first)).toBe('live')
    }
    for (const at of [toulouse, valenciennes]) expect(await state(at, one)).toBe('void')
    expect(await state(lorraine, other)).toBe('void')
    expect(await holds(valenciennes, other)).toBe(false)
  })

  it('is blamed on nobody else, and the author hears of it and goes on elsewhere', async () => {
    const { reims, valenciennes, toulouse, lorraine, all } = line
    await reims.start()
    await alarmed(reims, 'fork')
    await alarmed(reims, 'foreign-entry')
    const after = await publish(reims, { tlp: 'AMBER', title: 'afterwards' })
    for (const at of all) await arrives(at, after)
    for (const at of [valenciennes, toulouse, lorraine]) {
      expect(await state(at, after)).toBe('live')
      expect(new Set((await evidence(at)).map(({ accused }) => accused.id))).toEqual(new Set([reims.id]))
      const { counters } = await status(at)
      expect(Object.keys(counters).filter((name) => /bad-signature|fork-proof|misforward/.test(name))).toEqual([])
    }
    // No second fork of streams on top of the first.
    for (const at of all) expect((await evidence(at)).some(({ kind }) => kind === 'fork-stream')).toBe(false)
  })
})
