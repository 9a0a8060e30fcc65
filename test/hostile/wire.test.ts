/**
 * A member of the circle turns on its peer, over a real link: whatever it sends is refused with its code, the victim (a
 * real process) stays up, goes on with the honest, and does not grow.
 */
import { readFile } from 'node:fs/promises'
import { constants, zstdCompressSync } from 'node:zlib'
import { encode, parseSignedHeader, sealEntry, signedHeaderBytes } from '@tocsin/journal'
import type { BulletinId, EntryId, InstitutionId } from '@tocsin/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DishonestNode, startDishonest, type Tamper } from '../harness/dishonest.ts'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, holds, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const HOUR = 3_600_000
/** Codes of frames (packages/sync/src/frames.ts). */
const HELLO = 1

const bytes = (...parts: (number | Uint8Array)[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part)))))

function flipped(of: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(of)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

describe('a hostile member', () => {
  let federation: Federation
  let victim: Institution
  let honest: Institution
  let enemy: Institution
  let hostile: DishonestNode
  let batchCode: number
  let rssBefore: number
  let published = 0

  beforeAll(async () => {
    federation = await createFederation()
    ;[victim, honest, enemy] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr'),
      federation.institution('Toulouse', 'ut-capitole.fr')
    ])
    await federation.link(victim, honest)
    await federation.link(victim, enemy)
    await federation.circle('esr-fr', 2, [victim, honest, enemy])
    await enemy.stop()
    hostile = await startDishonest(enemy)
    batchCode = (await import('../../packages/sync/src/frames.ts')).FRAME_CODES.batch
    await linked()
    await arrives(victim, await say('first'))
    rssBefore = await rss()
  })

  afterAll(async () => {
    await hostile?.stop()
    await federation?.end()
  })

  async function rss(): Promise<number> {
    return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${victim.process()?.pid}/status`, 'utf8'))?.[1]) / 1024
  }

  async function linked(): Promise<void> {
    await until('the enemy is linked', async () => {
      const { items } = await victim.call<{ items: { id: string; connected: boolean }[] }>('GET', '/v1/peers')
      return items.some(({ id, connected }) => id === enemy.id && connected)
    })
  }

  /** Publishes at the enemy, as a member may. Its entry id. */
  async function say(title: string): Promise<string> {
    const [circle] = hostile.replica.book.circles()
    if (circle === undefined) throw new Error('no circle')
    const id = `00000000-0000-4000-8000-${String(++published).padStart(12, '0')}` as BulletinId
    const rest = { text: '', threat: 'other', pap: 'GREEN', confidence: 50 } as const
    const [entry] = await hostile.replica.publish.bulletin({
      bulletin: { id, title, ...rest, tags: [], indicators: [], references: [], rules: [], about: [] },
      attachments: [],
      audiences: [{ tlp: 'AMBER', circle }],
      keepUntil: Date.now() + 30 * 24 * HOUR
    })
    return entry?.entry ?? ''
  }

  /** A batch frame that is right in all but what it packs. */
  function batch(packed: Uint8Array, rawLength: number): Uint8Array {
    const [stream] = [...hostile.replica.streams.by(enemy.id as InstitutionId)]
    if (stream === undefined) throw new Error('no stream')
    const { id, state, bytes: descriptor } = stream
    const next = state.seq + 1
    const proof = hostile.replica.sync.hopProof(victim.id as InstitutionId, id, next, next, state.head as EntryId)
    return bytes(
      batchCode,
      encode(
        [Buffer.from(id, 'hex'), next, 1, rawLength, descriptor, proof, packed].map((part) =>
          part instanceof Uint8Array ? new Uint8Array(part) : part
        )
      )
    )
  }

  async function count(code: string): Promise<number> {
    const { counters } = await victim.call<{ counters: Record<string, number> }>('GET', '/v1/status')
    return counters[code] ?? 0
  }

  const FRAMES: readonly [string, () => Uint8Array, string][] = [
    ['of no known type', () => bytes(0x7f), 'unknown-frame'],
    ['cut short', () => bytes(batchCode, 0x87, 0x58, 0x20, 1, 2), 'bad-frame'],
    ['nested a thousand deep', () => bytes(batchCode, new Uint8Array(1000).fill(0x81)), 'bad-frame'],
    ['with a map of duplicate keys', () => bytes(batchCode, 0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2), 'bad-frame'],
    ['announcing 2⁶³ items', () => bytes(batchCode, 0x9b, 0x7f, new Uint8Array(7).fill(0xff)), 'bad-frame'],
    ['announcing a byte string of 4 GiB', () => bytes(batchCode, 0x5a, new Uint8Array(4).fill(0xff)), 'bad-frame'],
    ['with a second hello', () => bytes(HELLO, 0x80), 'bad-frame'],
    ['that inflates to 256 MiB', () => batch(zstdCompressSync(new Uint8Array(2 ** 28)), 2 ** 20), 'bad-compression'],
    [
      'with bytes behind its zstd frame',
      () => batch(bytes(zstdCompressSync(new Uint8Array(400)), 1, 2, 3), 400),
      'bad-compression'
    ],
    [
      'with a window of 128 MiB',
      () => batch(zstdCompressSync(new Uint8Array(2 ** 21), { params: { [constants.ZSTD_c_windowLog]: 27 } }), 2 ** 20),
      'bad-compression'
    ]
  ]

  it.each(FRAMES)('sends a frame %s: the session ends with its code', async (_what, frame, code) => {
    await linked()
    const before = await count(`sync:${code}`)
    hostile.inject(frame())
    await until(`${code} is counted`, async () => (await count(`sync:${code}`)) > before)
  })

  const resealed =
    (change: (clock: number) => number): NonNullable<Tamper['read']> =>
    (entries, key) =>
      entries.map((entry) => {
        const { header } = parseSignedHeader(entry.header)
        const body = entry.body ?? new Uint8Array(0)
        const kind = header.kind
        return {
          ...entry,
          header: signedHeaderBytes(sealEntry(key, { ...header, kind, clock: change(header.clock) }, body))
        }
      })

  const TAMPERED: readonly [string, Tamper, string][] = [
    [
      'without a valid signature',
      { read: (entries) => entries.map((entry) => ({ ...entry, header: flipped(entry.header, 189) })) },
      'bad-signature'
    ],
    [
      'with an altered header',
      { read: (entries) => entries.map((entry) => ({ ...entry, header: flipped(entry.header, 125) })) },
      'bad-signature'
    ],
    [
      'with an altered body',
      {
        read: (entries) =>
          entries.map((entry) => ({
            ...entry,
            body: entry.body === null ? null : flipped(entry.body, entry.body.length - 1)
          }))
      },
      'body-mismatch'
    ],
    ['without its body', { read: (entries) => entries.map((entry) => ({ ...entry, body: null })) }, 'body-missing'],
    ['an hour ahead', { read: resealed((clock) => clock + HOUR) }, 'too-new'],
    ['with the hop proof of somebody else', { proof: (proof) => flipped(proof, 1 + 32 + 32 + 5) }, 'bad-hop-proof'],
    ['with no hop proof at all', { proof: () => new Uint8Array(253) }, 'bad-hop-proof']
  ]

  it.each(TAMPERED)(
    'sends an entry %s: refused with its code, and taken once it is as signed',
    async (what, tamper, code) => {
      await linked()
      const before = await count(`admit:${code}`)
      hostile.tamper(tamper)
      const entry = await say(what)
      await until(`${code} is counted`, async () => (await count(`admit:${code}`)) > before)
      expect(await holds(victim, entry)).toBe(false)
      hostile.tamper(undefined)
      // A roster change, or the next session, makes both compare again.
      hostile.misbehave([])
      await arrives(victim, entry)
    }
  )

  it('leaves the victim up, in touch with the honest, and no larger than it was', async () => {
    expect((await fetch(`${victim.api}/readyz`)).ok).toBe(true)
    const id = await publish(honest, { tlp: 'AMBER', title: 'life goes on' })
    await arrives(victim, id)
    expect((await rss()) - rssBefore).toBeLessThan(150)
    const { alarms } = await victim.call<{ alarms: unknown[] }>('GET', '/v1/status')
    expect(alarms).toEqual([])
  })
})
