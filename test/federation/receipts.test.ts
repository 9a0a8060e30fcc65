/** The author sees who holds its bulletin, since when and via whom; the others only who holds it (real processes). */
import type { ReceiptsView } from '@tocsin/api'
import { parseHopProof } from '@tocsin/trust'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, publish } from '../harness/line.ts'
import { tocsin, until } from '../harness/process.ts'

describe('receipts', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let lorraine: Institution
  let toulouse: Institution

  beforeAll(async () => {
    federation = await createFederation()
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr')
    lorraine = await federation.institution('Lorraine', 'univ-lorraine.fr')
    toulouse = await federation.institution('Toulouse', 'ut-capitole.fr')
    // A line of three, and a fourth that is about to go.
    await federation.link(reims, uphf)
    await federation.link(uphf, lorraine)
    await federation.link(reims, toulouse)
    await federation.circle('esr-fr', 2, [reims, uphf, lorraine, toulouse])
  })
  afterAll(() => federation?.end())

  const receipts = (at: Institution, id: string): Promise<ReceiptsView> =>
    at.call<ReceiptsView>('GET', `/v1/bulletins/${id}/receipts`)
  const reached = (at: Institution, id: string, count: number): Promise<ReceiptsView> =>
    until(`${count} receipts at ${at.name}`, async () => {
      const view = await receipts(at, id)
      return view.reached === count ? view : undefined
    })

  it('come back to the author by the way of the bulletin, and name who is missing', async () => {
    await toulouse.stop()
    const id = await publish(reims, { tlp: 'AMBER' })
    await arrives(uphf, id)
    await arrives(lorraine, id)
    const view = await reached(reims, id, 2)
    expect(view).toMatchObject({ mine: true, expected: 3, unconfirmed: [] })
    expect(view.holders.map(({ name, via }) => [name, via?.name]).toSorted()).toEqual([
      ['Lorraine', 'Valenciennes'],
      ['Valenciennes', 'Reims']
    ])
    expect(view.missing.map(({ name, code }) => [name, code])).toEqual([['Toulouse', 'no-receipt']])
    for (const { delayMs } of view.holders) expect(delayMs).toBeLessThan(60_000)
    const tree = await tocsin(['trace', id], { home: reims.home })
    expect(tree.stdout).toMatch(/^Reims.*\n└─ Valenciennes .*\n {3}└─ Lorraine/m)
    const table = await tocsin(['receipts', id], { home: reims.home })
    expect(table.stdout).toMatch(/sur 3|of 3/)

    const theirs = await reached(uphf, id, 2)
    expect(theirs.mine).toBe(false)
    expect(theirs.holders.map(({ via }) => via)).toEqual([undefined, undefined])
    expect(theirs.missing).toEqual([])
    // Its own source is on record in that one's signature, and nobody else's.
    const [hop, ...others] = theirs.hops
    expect([hop?.name, others]).toEqual(['Reims', []])
    const proof = parseHopProof(new Uint8Array(Buffer.from(hop?.proof ?? '', 'base64')))
    expect([proof.from, proof.to]).toEqual([reims.id, uphf.id])
    expect((await receipts(lorraine, id)).hops.map(({ name }) => name)).toEqual(['Valenciennes'])
    expect((await receipts(reims, id)).hops).toEqual([])
    expect((await tocsin(['trace', id], { home: lorraine.home })).stdout).toContain('Handed to us by Valenciennes')

    await toulouse.start()
    expect((await reached(reims, id, 3)).missing).toEqual([])
  })

  it('of RED are its recipient’s alone', async () => {
    const answer = await tocsin(['--json', 'receipts', 'ffffffff'], { home: reims.home })
    expect(answer.code).toBe(1)
    const id = await publish(reims, { tlp: 'RED', to: [uphf.id] })
    const view = await reached(reims, id, 1)
    expect(view.holders.map(({ name }) => name)).toEqual(['Valenciennes'])
    expect(view.expected).toBe(1)
  })
})
