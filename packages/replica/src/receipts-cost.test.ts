import type { CircleId, StreamId } from '@tocsin/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SECOND } from './constants.ts'
import { bulletin, createTown, type Inhabitant, type Town } from './testing/town.ts'

/** Type of the frame that carries registers (protocol.md §15). */
const REGISTERS = 12

describe('in a town of eight', () => {
  interface Heard {
    readonly all: readonly Inhabitant[]
    readonly where: CircleId
    /** Bytes of frames with registers, since the last time that it was asked. */
    bytes(): number
  }
  let big: Town

  beforeEach(() => {
    big = createTown()
  })
  afterEach(() => big.end())

  /** A ring with two chords: most are two links away. */
  async function ring(): Promise<Heard> {
    const all: Inhabitant[] = []
    for (let n = 0; n < 8; n++) all.push(await big.inhabitant(`t${n}`))
    await big.acquaint(...all)
    const where = await big.circle(all)
    let bytes = 0
    const wire = (_: Inhabitant, frame: Uint8Array): readonly Uint8Array[] => {
      if (frame[0] === REGISTERS) bytes += frame.length
      return [frame]
    }
    const edges = [...all.keys()].map((n) => [n, (n + 1) % 8] as const)
    for (const [x, y] of [...edges, [0, 4] as const, [2, 6] as const])
      big.connect(all[x] as Inhabitant, all[y] as Inhabitant, {}, wire)
    await big.settle()
    bytes = 0
    return {
      all,
      where,
      bytes: () => {
        const heard = bytes
        bytes = 0
        return heard
      }
    }
  }

  async function second(all: readonly Inhabitant[]): Promise<void> {
    await big.settle()
    big.pass(SECOND)
    for (const one of all) await one.replica.tick()
    await big.settle()
  }

  it('receipts cost the links some hundred bytes a bulletin that was delivered, where one publishes now and then', async () => {
    const { all, where, bytes } = await ring()
    const [author] = all as [Inhabitant]
    const rounds = 10
    for (let n = 0; n < rounds; n++) {
      const [entry] = await author.replica.publish.bulletin(bulletin([{ tlp: 'AMBER', circle: where }], big.now()))
      await second(all)
      await second(all)
      const found = await author.replica.receipts.holders(entry?.stream as StreamId, entry?.seq ?? 0)
      expect(found.holders).toHaveLength(7)
    }
    const each = bytes() / (rounds * 7)
    expect(each).toBeGreaterThan(0)
    expect(each).toBeLessThan(900)
  })

  it('receipts cost little beside the bulletins where everybody publishes every second', async () => {
    const { all, where, bytes } = await ring()
    const rounds = 64
    for (let n = 0; n < rounds; n++) {
      for (const one of all) await one.replica.publish.bulletin(bulletin([{ tlp: 'AMBER', circle: where }], big.now()))
      await second(all)
    }
    const each = bytes() / (rounds * 8 * 7)
    expect(each).toBeGreaterThan(0)
    expect(each).toBeLessThan(50)
  })
})
