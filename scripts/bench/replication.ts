/** One empty node catches up with a full one: two processes, libp2p over loopback, durable and indexed at the end. */
import { startChild } from './child.ts'
import type { Pair } from './prepare.ts'
import type { Profile } from './profiler.ts'
import type { NodeVerbs } from './roles/node.ts'

export interface Replication {
  /** From the receiver's first dial to the last bulletin durable and indexed. */
  readonly ms: number
  readonly delay: { readonly p50: number; readonly p99: number; readonly max: number; readonly peakRss: number }
  /** Bytes of sync frames that reached the receiver. */
  readonly bytes: number
  /** The receiver's home, full now. */
  readonly home: string
  readonly profile?: Profile
}

export async function replicate(pair: Pair, options: { readonly profile?: boolean } = {}): Promise<Replication> {
  const home = await pair.emptyReceiver()
  await using sender = await startChild<NodeVerbs>('node')
  await using receiver = await startChild<NodeVerbs>('node')
  await sender.call('start', { index: 0, home: pair.sender.home })
  await receiver.call('start', { index: 1, home })
  if (options.profile === true) await receiver.call('profile', undefined)
  await receiver.call('watchDelay', undefined)
  const started = await receiver.call('addPeer', { index: 1, card: pair.sender.card })
  const ended = await receiver.call('arrived', { index: 1, from: pair.sender.id, count: pair.bulletins })
  const profile = options.profile === true ? { profile: await receiver.call('profiled', undefined) } : {}
  const delay = await receiver.call('delay', undefined)
  const frames = await receiver.call('frames', { index: 1 })
  const bytes = frames.reduce((total, frame) => total + (frame.direction === 'in' ? frame.bytes : 0), 0)
  return { ms: ended - started, delay, bytes, home, ...profile }
}
