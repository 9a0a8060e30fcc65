/** Two institutions of one circle: one that holds so many indicators, and one that holds none yet. */
import { cp, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from './child.ts'
import type { Slice } from './data.ts'
import { type Circle, circleOf, type Founder, found } from './homes.ts'
import type { NodeVerbs } from './roles/node.ts'
import { type Bench, PER_BULLETIN } from './work.ts'

export interface Pair {
  readonly sender: Founder
  readonly receiver: Founder
  readonly circle: Circle
  readonly bulletins: number
  readonly indicators: number
  /** What publishing them took, ms, and the bytes of headers and bodies. */
  readonly publishing: { readonly ms: number; readonly bytes: number }
  /** A fresh copy of the empty receiver's home. */
  emptyReceiver(): Promise<string>
}

export function slicesOf(bench: Bench, indicators: number): Slice[] {
  const { seed } = bench
  return Array.from({ length: indicators / PER_BULLETIN }, (_, index) => ({
    seed,
    first: index * PER_BULLETIN,
    count: PER_BULLETIN
  }))
}

const prepared = new Map<number, Promise<Pair>>()

/** Made once a run for each size. */
export function preparePair(bench: Bench, indicators = bench.indicators): Promise<Pair> {
  const made = prepared.get(indicators) ?? prepare(bench, indicators)
  prepared.set(indicators, made)
  return made
}

async function prepare(bench: Bench, indicators: number): Promise<Pair> {
  bench.say(`publishing ${indicators.toLocaleString('en-US')} indicators at the sender …`)
  const folder = join(bench.folder, `pair-${indicators}`)
  const [sender, receiver] = [await found(folder, 'sender'), await found(folder, 'receiver')]
  const circle = circleOf([sender, receiver])
  const slices = slicesOf(bench, indicators)
  await using child = await startChild<NodeVerbs>('node')
  // One after the other: were both up, they would replicate already.
  await child.call('start', { index: 1, home: receiver.home })
  await child.call('addPeer', { index: 1, card: sender.card })
  await child.call('admit', { index: 1, registers: circle.statements, from: sender.id })
  await child.call('removePeer', { index: 1, id: sender.id })
  await child.call('stop', { index: 1 })
  await child.call('start', { index: 0, home: sender.home })
  await child.call('addPeer', { index: 0, card: receiver.card })
  await child.call('admit', { index: 0, registers: circle.statements, from: receiver.id })
  const publishing = await child.call('publishMany', { index: 0, circle: circle.id, slices })
  await child.call('stop', { index: 0 })
  let copies = 0
  return {
    sender,
    receiver,
    circle,
    bulletins: slices.length,
    indicators,
    publishing,
    emptyReceiver: async () => {
      copies += 1
      const home = `${receiver.home}-${copies}`
      await cp(receiver.home, home, { recursive: true })
      return home
    }
  }
}

/** Bytes of the files under a folder. */
export async function bytesUnder(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size))
  return sizes.reduce((total, size) => total + size, 0)
}
