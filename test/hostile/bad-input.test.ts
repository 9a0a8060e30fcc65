/** Everything a member's node can send that it must not: refused with its code, at no lasting cost. */

import { concatBytes, parseCardText } from '@tocsin/journal'
import { verifyEvidence } from '@tocsin/trust'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrives, holds, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'
import { filled } from './case.ts'
import { ENTRIES } from './entry-cases.ts'
import { batch, bulletin, entry, openStream, strangeBody } from './forge.ts'
import { FORKS } from './fork-cases.ts'
import { FRAMES } from './frame-cases.ts'
import { createScene, type Scene } from './scene.ts'

/** What all these attacks together may leave behind in the memory of the victim, bytes. */
const MEMORY_LEFT = 120 * 2 ** 20

describe('bad input', () => {
  let scene: Scene
  let before = 0
  let pid: number | undefined

  beforeAll(async () => {
    scene = await createScene()
    // One good entry before the measure: what reads it is compiled then.
    await found('welcome.example')
    before = await scene.memory()
    pid = scene.victim.process()?.pid
  })

  afterAll(() => scene?.end())

  /** Publishes by hand, as it should be done, and waits until the victim finds it. */
  async function found(value: string): Promise<void> {
    const { villain, victim } = scene
    const stream = openStream(villain, { tlp: 'CLEAR' })
    const wire = await villain.greet(victim)
    wire.send(batch(villain, victim.id, stream, [entry(villain, stream, bulletin(value, value))]))
    await until(`${value} is held`, async () => {
      const { items } = await victim.call<{ items: unknown[] }>('GET', `/v1/indicators?value=${value}`)
      return items.length === 1
    })
    wire.close()
  }

  describe('entries and batches', () => {
    for (const { name, counter, session, act } of ENTRIES)
      it(`${name}: ${counter}`, () => scene.provoke(counter, (wire) => act(scene, wire), session))
  })

  describe('frames', () => {
    for (const { name, counter, session, act } of FRAMES)
      it(`${name}: ${counter}`, () => scene.provoke(counter, (wire) => act(scene, wire), session))
  })

  describe('proofs of forks', () => {
    for (const { name, counter, session, act } of FORKS)
      it(`${name}: ${counter}`, () => scene.provoke(counter, (wire) => act(scene, wire), session))
  })

  describe('greetings', () => {
    it.each([
      ['another major version', 'version-unsupported', { major: 2 }],
      ['a window too small to work with', 'limits-unusable', { window: 1 }]
    ])('%s: %s', async (_, code, change) => {
      const earlier = await scene.counter(code)
      const wire = await scene.villain.greet(scene.victim, change)
      await until(`the victim counts ${code}`, async () => (await scene.counter(code)) > earlier)
      await wire.ended()
      expect(wire.refusal()).toBe(code)
    })

    it('a frame before the hello: unexpected-frame', async () => {
      const earlier = await scene.counter('unexpected-frame')
      const wire = await scene.villain.connect(scene.victim)
      wire.send({ type: 'heartbeat' })
      await until('the victim counts it', async () => (await scene.counter('unexpected-frame')) > earlier)
      await wire.ended()
    })

    it('a window of 2^53 buys no more than the greatest window', async () => {
      const wire = await scene.villain.greet(scene.victim, { window: Number.MAX_SAFE_INTEGER })
      await until('they are linked', async () => {
        const { items } = await scene.victim.call<{ items: { id: string; connected: boolean }[] }>('GET', '/v1/peers')
        return items.some(({ id, connected }) => connected && id === scene.villain.institution)
      })
      wire.close()
    })
  })

  it('two entries for one place: neither hidden nor chosen, the author named, the relay not', async () => {
    const { villain, victim } = scene
    const stream = openStream(villain, { tlp: 'CLEAR' })
    const one = entry(villain, stream, bulletin('one', 'fork-one.example'))
    const other = entry(villain, stream, bulletin('other', 'fork-other.example'))
    await scene.provoke(
      'admit:fork',
      (wire) => wire.send(batch(villain, victim.id, stream, [one]), batch(villain, victim.id, stream, [other])),
      'open'
    )
    const { items } = await victim.call<{ items: { kind: string; accused: { id: string }; bundle: string }[] }>(
      'GET',
      '/v1/evidence'
    )
    const kept = items.filter(({ kind }) => kind === 'fork-entry')
    expect(kept).toHaveLength(1)
    expect(kept[0]?.accused.id).toBe(villain.institution)
    expect(
      verifyEvidence(new Uint8Array(Buffer.from(kept[0]?.bundle ?? '', 'base64')), parseCardText(villain.card))
    ).toMatchObject({ ok: true })
    const { alarms } = await victim.call<{ alarms: { code: string }[] }>('GET', '/v1/status')
    expect(alarms.map(({ code }) => code)).toContain('fork')
  })

  it('a body of a later version or of a strange shape: held opaque, relayed, found by nobody, in nobody’s way', async () => {
    const { villain, victim, neighbour, circle } = scene
    const stream = openStream(villain, { tlp: 'AMBER', circle })
    const later = entry(villain, stream, strangeBody(2, { id: 'later' }))
    const strange = entry(villain, stream, strangeBody(1, { nonsense: 'strange.example' }), { after: later })
    const deep = entry(villain, stream, filled(100_000, 0x81), { after: strange })
    // [nonce, 1, {"a": 1, "a": 2}]
    const twice = concatBytes(
      Uint8Array.of(0x83, 0x50),
      filled(16, 7),
      Uint8Array.of(1, 0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2)
    )
    const doubled = entry(villain, stream, twice, { after: deep })
    const unknown = entry(villain, stream, strangeBody(1, { id: 'unknown' }), { after: doubled, kind: 99 })
    const next = entry(villain, stream, bulletin('next', 'next.example'), { after: unknown })
    const wire = await villain.greet(victim)
    wire.send(batch(villain, victim.id, stream, [later, strange, deep, doubled, unknown, next]))
    await until('the next entry has come to the neighbour by relay', async () => {
      const { items } = await neighbour.call<{ items: unknown[] }>('GET', '/v1/indicators?value=next.example')
      return items.length === 1
    })
    wire.close()
    for (const one of [victim, neighbour]) {
      for (const { signed } of [later, strange, deep, doubled]) {
        const shown = await one.call<{ state: string; title: string }>('GET', `/v1/bulletins/${signed.id}`)
        expect(shown).toMatchObject({ state: 'opaque', title: '' })
      }
      const { items } = await one.call<{ items: unknown[] }>('GET', '/v1/indicators?value=strange.example')
      expect(items).toEqual([])
      const feed = await fetch(`${one.api}/v1/feeds/list`, { headers: { authorization: `Bearer ${one.token}` } })
      const list = await feed.text()
      expect(list).toContain('next.example')
      expect(list).not.toContain('strange')
    }
  })

  it('keeps nothing of all that, and works on', async () => {
    const { victim, neighbour, villain } = scene
    for (const value of ['bad.example', 'two.example', 'soon.example', 'no.example', 'red.example', 'x.example']) {
      const { items } = await victim.call<{ items: unknown[] }>('GET', `/v1/indicators?value=${value}`)
      expect(items).toEqual([])
    }
    expect(scene.victim.process()?.pid).toBe(pid)
    const there = await publish(victim, { tlp: 'AMBER', title: 'to the neighbour' })
    await arrives(neighbour, there)
    const back = await publish(neighbour, { tlp: 'AMBER', title: 'and back' })
    await arrives(victim, back)
    expect(await holds(victim, there)).toBe(true)
    await found('reformed.example')
    const { items } = await victim.call<{ items: { accused: { id: string } }[] }>('GET', '/v1/evidence')
    expect(new Set(items.map(({ accused }) => accused.id))).toEqual(new Set([villain.institution]))
    expect((await scene.memory()) - before).toBeLessThan(MEMORY_LEFT)
    expect(victim.process()?.log()).not.toContain('everything is fine')
  })
})
