import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { CircleId, InstitutionId } from '@tocsin/model'
import { type Budget, createBudget } from './budget.ts'
import { type CircleDht, createCircleDht, dhtId } from './circle-dht.ts'
import type { Clock } from './clock.ts'
import {
  KAD_ANSWER_BYTES,
  KAD_BUDGET,
  KAD_PER_SECOND,
  KAD_PROTOCOL,
  KAD_QUESTION_BYTES,
  KAD_STREAMS,
  LOOKUP_MS
} from './constants.ts'
import { describe, NETWORK_ERRORS, NetworkError } from './errors.ts'
import type { Inside } from './inside.ts'
import type { Circles, Log } from './ports.ts'

/** The private DHTs of this node's circles, one each. */
export interface CircleDhts {
  start(): Promise<void>
  /** Follows the rosters: circles begin and end, members come in and go out, on open connections too. */
  apply(): void
  /** Where the members of all circles shared with it say that a peer is. */
  find(institution: InstitutionId, peer: PeerId, signal: AbortSignal): Promise<Multiaddr[]>
  stop(): Promise<void>
}

export interface CircleDhtsDeps {
  readonly host: Libp2p
  readonly inside: Inside
  readonly circles: Circles
  /** The gate. */
  admits(peer: PeerId): InstitutionId | undefined
  readonly clock: Clock
  readonly log: Log
}

/**
 * All circles speak under one protocol; the first 32 bytes of a stream say which (`dhtId`). A protocol of its own for
 * each circle would stand in everybody's identify, be the same text at two members that a bystander links with, and
 * tell whoever tries it whether this node has it. So a stream for a circle that is not here and one from a peer that is
 * no member end the same way.
 */
export function createCircleDhts(deps: CircleDhtsDeps): CircleDhts {
  const { host, inside, circles, admits, clock, log } = deps
  const running = new Map<CircleId, CircleDht>()
  const serving = new Map<Stream, { readonly circle: CircleId; readonly peer: PeerId }>()
  const budgets = new Map<string, Budget>()
  let work = Promise.resolve()
  let behind = false
  let stopped = false

  function isMember(circle: CircleId, peer: PeerId): boolean {
    const institution = admits(peer)
    return institution !== undefined && circles.sharedWith(institution).includes(circle)
  }

  async function open(circle: CircleId, peer: PeerId, signal?: AbortSignal): Promise<Stream> {
    const [connection] = host.getConnections(peer)
    if (connection === undefined || !isMember(circle, peer)) throw refusal()
    const stream = await connection.newStream(KAD_PROTOCOL, {
      runOnLimitedConnection: true,
      maxOutboundStreams: KAD_STREAMS,
      ...(signal === undefined ? {} : { signal })
    })
    bounded(stream, KAD_ANSWER_BYTES)
    stream.send(dhtId(circle))
    return stream
  }

  function budgetOf(peer: PeerId): Budget {
    const name = peer.toString()
    const budget = budgets.get(name) ?? createBudget(KAD_BUDGET, KAD_PER_SECOND, clock)
    budgets.set(name, budget)
    return budget
  }

  async function take(stream: Stream, connection: Connection): Promise<void> {
    try {
      if (!budgetOf(connection.remotePeer).spend()) throw refusal()
      bounded(stream, KAD_QUESTION_BYTES)
      const bytes = byteStream(stream)
      const id = Buffer.from((await bytes.read({ bytes: 32, signal: AbortSignal.timeout(LOOKUP_MS) })).subarray())
      const circle = [...running.keys()].find((candidate) => id.equals(dhtId(candidate)))
      const dht = circle === undefined ? undefined : running.get(circle)
      if (circle === undefined || dht === undefined || !isMember(circle, connection.remotePeer)) throw refusal()
      serving.set(stream, { circle, peer: connection.remotePeer })
      stream.addEventListener('close', () => serving.delete(stream), { once: true })
      await dht.serve(bytes.unwrap(), connection)
    } catch (error) {
      stream.abort(error instanceof Error ? error : refusal())
      log.debug(describe(error), 'a lookup was refused or broke')
    }
  }

  async function follow(): Promise<void> {
    behind = false
    const own = new Set(stopped ? [] : circles.own())
    for (const [circle, dht] of running) {
      if (own.has(circle)) continue
      running.delete(circle)
      await dht.stop()
    }
    for (const circle of own) {
      if (running.has(circle)) continue
      const dht = await createCircleDht({
        circle,
        inside,
        isMember: (peer) => isMember(circle, peer),
        open: (peer, signal) => open(circle, peer, signal)
      })
      running.set(circle, dht)
    }
    for (const [circle, dht] of running)
      for (const peer of host.getPeers()) {
        if (isMember(circle, peer)) dht.joined(peer)
        else dht.left(peer)
      }
  }

  function apply(): void {
    for (const [stream, { circle, peer }] of serving) if (!isMember(circle, peer)) stream.abort(refusal())
    // One round that has not begun sees what this one would.
    if (behind) return
    behind = true
    work = work
      .then(follow)
      .catch((error) => log.warn({ reason: describe(error).reason }, 'the lookups of a circle could not be changed'))
  }

  function identified({ detail: { peerId } }: { readonly detail: { readonly peerId: PeerId } }): void {
    for (const [circle, dht] of running) if (isMember(circle, peerId)) dht.joined(peerId)
  }

  function disconnected({ detail: peer }: CustomEvent<PeerId>): void {
    for (const dht of running.values()) dht.left(peer)
    // Kept while it is on the list: hanging up would be a new budget otherwise.
    if (admits(peer) === undefined) budgets.delete(peer.toString())
  }

  return {
    async start() {
      await host.handle(KAD_PROTOCOL, take, {
        maxInboundStreams: KAD_STREAMS,
        maxOutboundStreams: KAD_STREAMS,
        runOnLimitedConnection: true
      })
      host.addEventListener('peer:identify', identified)
      host.addEventListener('peer:disconnect', disconnected)
    },
    apply,
    async find(institution, peer, signal) {
      const shared = circles.sharedWith(institution).flatMap((circle) => running.get(circle) ?? [])
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(LOOKUP_MS)])
      return (await Promise.all(shared.map((dht) => dht.find(peer, deadline)))).flat()
    },
    async stop() {
      stopped = true
      host.removeEventListener('peer:identify', identified)
      host.removeEventListener('peer:disconnect', disconnected)
      apply()
      await work
    }
  }
}

function refusal(): NetworkError {
  return new NetworkError('not-allowed', NETWORK_ERRORS['not-allowed'])
}

/** Ends a stream that brings more than a question or an answer can be, before anything of it is decoded. */
function bounded(stream: Stream, most: number): void {
  let arrived = 0
  stream.addEventListener('message', ({ data }) => {
    arrived += data.byteLength
    if (arrived > most) stream.abort(new NetworkError('frame-too-long', NETWORK_ERRORS['frame-too-long']))
  })
}
