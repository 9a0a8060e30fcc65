/** Many nodes of one circle in few processes, linked along a given graph; and the same for gossipsub. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild, type Verbs } from './child.ts'
import { payloadOf, type Slice } from './data.ts'
import { circleOf, type Founder, found } from './homes.ts'
import type { GossipVerbs } from './roles/gossip.ts'
import type { NodeVerbs } from './roles/node.ts'
import { type Edge, neighboursOf } from './topology.ts'
import type { Bench } from './work.ts'

/** One side of the comparison: publishes at a node, and tells when which message came where. */
export interface Swarm extends AsyncDisposable {
  /** Resolves with a name for the message, the moment before, and the bytes that a receiver needs of it. */
  publish(index: number, slice: Slice): Promise<{ readonly id: string; readonly asked: number; readonly bytes: number }>
  /** Resolves once every node has the message, or when its time is over. */
  everywhere(id: string): Promise<void>
  /** For each node: message → moment. */
  seen(): Promise<readonly ReadonlyMap<string, number>[]>
  /** Bytes that all nodes together received over TCP, since the start. */
  received(): Promise<number>
}

/** As many processes as the machine has processors for them, so that neither side waits for the other's. */
const PROCESSES = 2

/** ms after which a message that did not come to everybody counts as lost: gossipsub promises nothing. */
const PATIENCE = 10_000

async function children<V extends Verbs>(role: string, nodes: number): Promise<(index: number) => Child<V>> {
  const all = await Promise.all(Array.from({ length: Math.min(PROCESSES, nodes) }, () => startChild<V>(role)))
  return (index) => all[index % all.length] as Child<V>
}

export async function startNodes(bench: Bench, nodes: number, edges: readonly Edge[]): Promise<Swarm> {
  const founders: Founder[] = []
  for (let index = 0; index < nodes; index++)
    founders.push(await found(join(bench.folder, `swarm-${nodes}`), `node-${index}`))
  const circle = circleOf(founders)
  const neighbours = neighboursOf(nodes, edges)
  const of = await children<NodeVerbs>('node', nodes)
  const indexes = founders.map((_, index) => index)
  const each = async <T>(act: (index: number) => Promise<T>): Promise<T[]> => Promise.all(indexes.map(act))
  for (const [index, { home }] of founders.entries()) await of(index).call('start', { index, home })
  await each(async (index) => {
    const near = (neighbours[index] ?? []).flatMap((one) => founders[one] ?? [])
    for (const { card } of near) await of(index).call('addPeer', { index, card })
    const from = near[0]?.id
    const cards = founders.filter((_, other) => other !== index).map(({ card }) => card)
    if (from !== undefined) await of(index).call('admit', { index, registers: [...circle.statements, ...cards], from })
  })
  bench.say('waiting for the links and for every member …')
  await each((index) => {
    const links = neighbours[index]?.length ?? 0
    return of(index).call('settled', { index, links, circle: circle.id, members: nodes })
  })
  return {
    everywhere: async (id) => {
      await Promise.all([...processesOf(of, nodes)].map((child) => child.call('everywhere', { id, within: PATIENCE })))
    },
    publish: (index, slice) => of(index).call('publish', { index, circle: circle.id, slice }),
    seen: () =>
      each(async (index) => {
        const seen = await of(index).call('seen', { index })
        return new Map([...seen].map(([id, { at }]) => [id, at]))
      }),
    received: () => received(of, nodes),
    [Symbol.asyncDispose]: () => end(of, nodes)
  }
}

/** @param folder for the stores of an application that keeps each message; without one it is kept nowhere */
export async function startGossip(nodes: number, edges: readonly Edge[], folder?: string): Promise<Swarm> {
  const of = await children<GossipVerbs>('gossip', nodes)
  const addresses: string[] = []
  if (folder !== undefined) await mkdir(folder, { recursive: true })
  for (let index = 0; index < nodes; index++) {
    const path = folder === undefined ? undefined : join(folder, `host-${index}`)
    addresses.push(await of(index).call('start', { index, path }))
  }
  for (const [a, b] of edges) await of(a).call('dial', { index: a, addresses: [addresses[b] ?? ''] })
  const neighbours = neighboursOf(nodes, edges)
  await Promise.all(neighbours.map((near, index) => of(index).call('settled', { index, links: near.length })))
  let number = 0
  return {
    everywhere: async (id) => {
      const asked = { number: Number(id), within: PATIENCE }
      await Promise.all([...processesOf(of, nodes)].map((child) => child.call('everywhere', asked)))
    },
    publish: async (index, slice) => {
      number += 1
      const bytes = payloadOf(slice)
      const asked = await of(index).call('publish', { index, number, bytes })
      return { id: String(number), asked, bytes: bytes.length }
    },
    seen: () =>
      Promise.all(
        neighbours.map(async (_, index) => {
          const seen = await of(index).call('seen', { index })
          return new Map([...seen].map(([id, at]) => [String(id), at]))
        })
      ),
    received: () => received(of, nodes),
    [Symbol.asyncDispose]: () => end(of, nodes)
  }
}

async function received(of: (index: number) => Child<Pick<NodeVerbs, 'sockets'>>, nodes: number): Promise<number> {
  const counts = await Promise.all([...processesOf(of, nodes)].map((child) => child.call('sockets', undefined)))
  return counts.reduce((total, one) => total + one.received, 0)
}

async function end(of: (index: number) => AsyncDisposable, nodes: number): Promise<void> {
  await Promise.all([...processesOf(of, nodes)].map((child) => child[Symbol.asyncDispose]()))
}

function processesOf<T>(of: (index: number) => T, nodes: number): Set<T> {
  return new Set(Array.from({ length: nodes }, (_, index) => of(index)))
}
