import type { Connection, PeerId, Stream } from '@libp2p/interface'
import type { InstitutionId, NodeKey } from '@tocsin/model'
import { DEFAULT_BACKOFF } from './backoff.ts'
import { type CircleDhts, createCircleDhts } from './circle-dhts.ts'
import { STABLE_MS, SYNC_PROTOCOL } from './constants.ts'
import { connect, within } from './dial.ts'
import { describe, NETWORK_ERRORS, NetworkError, wrap } from './errors.ts'
import { createGate } from './gate.ts'
import { createHost, type Host } from './host.ts'
import { createLinks } from './links.ts'
import { protectorOf } from './network-key.ts'
import { nodeKeyOf } from './node-key.ts'
import { createPeerRecords, type PeerRecords } from './peer-records.ts'
import type { AllowedPeer, Network, NetworkDeps, NetworkOptions, PeerStatus } from './ports.ts'
import { createShelfKeeper, type ShelfKeeper } from './record-shelf.ts'
import { createRedial, type Redial } from './redial.ts'
import { keepReservations, type Reservations } from './relay.ts'
import { runSession } from './session-run.ts'
import { createStreamChannel } from './stream-channel.ts'
import { createTurnstile, type Turnstile } from './turnstile.ts'

/** All that is kept for one allow-listed peer while the network runs. */
interface Watch {
  peer: AllowedPeer
  readonly redial: Redial
  readonly turnstile: Turnstile
  lastError?: { code: string; at: number }
}

/** The host while it runs, with what is built on it. */
interface Running {
  readonly host: Host
  readonly self: NodeKey
  readonly dhts: CircleDhts
  readonly records: PeerRecords
  readonly shelf: ShelfKeeper | undefined
  readonly reservations: Reservations | undefined
  listening: boolean
}

/** Links this node with every peer of its allow-list and with nobody else; one session a peer. */
export function createNetwork(options: NetworkOptions, deps: NetworkDeps): Network {
  const { allow, clock, log } = deps
  const watches = new Map<InstitutionId, Watch>()
  const refusals = new Map<string, number>()
  const relays = new Set(options.relays)
  let running: Running | undefined

  const gate = createGate({
    institutionOf: (nodeKey) => allow.institutionOf(nodeKey),
    connectionsOf: (peerId) => running?.host.getConnections(peerId).length ?? 0,
    servesRelay: options.servesRelay === true,
    relays
  })

  const links = createLinks((link, end) => {
    const watch = watches.get(link.institution)
    if (watch === undefined) return
    watch.lastError = { code: end.code, at: clock.now() }
    watch.redial.linkEnded(end.linked && end.lived >= STABLE_MS)
  })

  /** A stream of either direction: asks the gate again, then the tie-break, then pumps. */
  function take(stream: Stream, connection: Connection, direction: 'inbound' | 'outbound'): void {
    const remote = nodeKeyOf(connection.remotePeer)
    const institution = gate.admits(connection.remotePeer)
    const watch = institution === undefined ? undefined : watches.get(institution)
    if (running === undefined || remote === undefined || institution === undefined || watch === undefined) {
      const refusal = new NetworkError('not-allowed', NETWORK_ERRORS['not-allowed'])
      stream.abort(refusal)
      throw refusal
    }
    const opener = direction === 'outbound' ? running.self : remote
    const address = connection.remoteAddr.toString()
    const kept = links.offer({ institution, remote, opener, direction, address, openedAt: clock.now() }, () =>
      runSession({
        peer: institution,
        channel: createStreamChannel(stream),
        session: deps.session(institution),
        world: deps,
        turnstile: watch.turnstile,
        clock,
        log
      })
    )
    if (!kept) stream.abort(new NetworkError('duplicate-link', NETWORK_ERRORS['duplicate-link']))
  }

  /** Tries the current key at all addresses known, then the next one. */
  async function dial(institution: InstitutionId, signal: AbortSignal): Promise<void> {
    const peer = watches.get(institution)?.peer
    if (peer === undefined) return
    let failure: NetworkError | undefined
    for (const nodeKey of peer.nodeKeys) {
      try {
        return await dialKey(peer, nodeKey, signal)
      } catch (error) {
        failure ??= wrap(error, 'dial-failed')
        if (signal.aborted) break
      }
    }
    throw failure ?? new NetworkError('no-address', NETWORK_ERRORS['no-address'])
  }

  async function dialKey(peer: AllowedPeer, key: NodeKey, stop: AbortSignal) {
    if (running === undefined) throw new NetworkError('not-started', NETWORK_ERRORS['not-started'])
    const { host, dhts } = running
    const connection = await connect({ host, find: dhts.find }, peer, key, stop)
    // The peer may have been quicker.
    if (links.get(peer.institution) !== undefined) return
    let stream: Stream
    try {
      const open = (signal: AbortSignal) =>
        connection.newStream(SYNC_PROTOCOL, { signal, runOnLimitedConnection: true })
      stream = await within(stop, open, 'stream-failed')
    } catch (error) {
      // Half-dead, or denied by the peer after it looked open: keeping it would make the next dial return it again.
      if (links.get(peer.institution) === undefined) connection.abort(wrap(error, 'stream-failed'))
      throw error
    }
    take(stream, connection, 'outbound')
  }

  function watchPeer(peer: AllowedPeer): void {
    const { institution } = peer
    const redial = createRedial({
      linked: () => links.get(institution) !== undefined,
      dial: (signal) => dial(institution, signal),
      onFailure(error) {
        const { code, facts } = wrap(error, 'dial-failed')
        const watch = watches.get(institution)
        if (watch !== undefined) watch.lastError = { code, at: clock.now() }
        log.debug({ peer: institution, code, ...facts }, 'dial failed')
      },
      clock,
      random: deps.random,
      backoff: options.backoff ?? DEFAULT_BACKOFF
    })
    watches.set(institution, { peer, redial, turnstile: createTurnstile() })
    if (running?.listening) redial.wake()
  }

  function applyAllowList(): void {
    if (running === undefined) return
    const { self } = running
    const others = allow.peers().filter((peer) => !peer.nodeKeys.includes(self))
    const listed = new Map(others.map((peer) => [peer.institution, peer]))
    for (const [institution, watch] of watches) {
      if (listed.has(institution)) continue
      watches.delete(institution)
      void watch.redial.stop()
    }
    links.drop(
      (link) => !watches.has(link.institution) || allow.institutionOf(link.remote) !== link.institution,
      'not-allowed'
    )
    // libp2p asked the gate when the connection opened and never again.
    for (const connection of running.host.getConnections()) {
      const institution = gate.admits(connection.remotePeer)
      if (institution !== undefined && listed.has(institution)) continue
      connection.abort(new NetworkError('not-allowed', NETWORK_ERRORS['not-allowed']))
    }
    for (const [institution, peer] of listed) {
      const watch = watches.get(institution)
      if (watch === undefined) {
        watchPeer(peer)
      } else if (!samePeer(watch.peer, peer)) {
        watch.peer = peer
        watch.redial.wake()
      }
    }
    running.dhts.apply()
    running.records.apply()
    running.shelf?.apply()
  }

  function isMyRelay(peer: PeerId): boolean {
    const institution = gate.admits(peer)
    return institution !== undefined && relays.has(institution)
  }

  async function build(): Promise<Running> {
    const host = await createHost({
      ...options,
      gater: gate.gater,
      ...(options.networkKey === undefined ? {} : { protector: protectorOf(options.networkKey) }),
      ...(relays.size === 0 ? {} : { isMyRelay })
    })
    const self = nodeKeyOf(host.peerId)
    if (self === undefined) throw new NetworkError('listen-failed', 'the node key is not an Ed25519 key')
    const { inside } = host.services.inside
    const { circles } = deps
    return {
      host,
      self,
      listening: false,
      dhts: createCircleDhts({ host, inside, circles, admits: gate.admits, clock, log }),
      records: createPeerRecords({
        host,
        circles,
        peers: () => [...watches.values()].map(({ peer }) => peer),
        admits: gate.admits,
        onNewer: (institution) => {
          if (links.get(institution) === undefined) watches.get(institution)?.redial.wake()
        },
        onRefused: (code) => refusals.set(code, (refusals.get(code) ?? 0) + 1),
        clock,
        log
      }),
      shelf:
        deps.shelf === undefined ? undefined : createShelfKeeper({ host, shelf: deps.shelf, admits: gate.admits, log }),
      reservations: relays.size === 0 ? undefined : keepReservations({ host, inside, isMyRelay, clock, log })
    }
  }

  return {
    async start() {
      if (running !== undefined) return
      const built = await build()
      const { host, dhts, records, shelf, reservations } = built
      // Not host.use(): in libp2p 3.3 every inbound stream adds its handler to the registered middleware for good.
      await host.handle(SYNC_PROTOCOL, (stream, connection) => take(stream, connection, 'inbound'), {
        maxInboundStreams: 4,
        maxOutboundStreams: 4,
        // A relay that is none of ours may set limits: a session that is cut goes on over the next connection.
        runOnLimitedConnection: true
      })
      await dhts.start()
      await records.start()
      await shelf?.start()
      // Before listening, so that a peer which dials in the first moment is known already.
      running = built
      applyAllowList()
      try {
        await host.start()
      } catch (error) {
        running = undefined
        watches.clear()
        reservations?.stop()
        await Promise.all([dhts.stop(), records.stop(), shelf?.stop()])
        throw wrap(error, 'listen-failed')
      }
      running.listening = true
      for (const watch of watches.values()) watch.redial.wake()
    },
    async stop() {
      if (running === undefined) return
      const { host, dhts, records, shelf, reservations } = running
      running = undefined
      reservations?.stop()
      const loops = [...watches.values()].map((watch) => watch.redial.stop())
      watches.clear()
      await Promise.all([...loops, links.closeAll('stopping'), dhts.stop(), records.stop(), shelf?.stop()])
      await host.stop()
    },
    addresses: () => running?.host.getMultiaddrs().map((address) => address.toString()) ?? [],
    notifyAppended({ to, ...appended }) {
      const hearers = to === undefined ? links.all() : to.flatMap((peer) => links.get(peer) ?? [])
      for (const link of hearers) link.run.tell({ type: 'appended', ...appended, now: clock.now() })
    },
    notifyTwin(peer, twin) {
      links.get(peer)?.run.tell({ type: 'twin', ...twin, now: clock.now() })
    },
    rosterChanged() {
      for (const link of links.all()) link.run.tell({ type: 'roster-changed', now: clock.now() })
      running?.dhts.apply()
      running?.records.apply()
    },
    allowListChanged() {
      try {
        applyAllowList()
      } catch (error) {
        log.warn({ code: 'not-allowed', reason: describe(error).reason }, 'the allow-list could not be applied')
        throw error
      }
    },
    status: () => [...watches.values()].map((watch) => statusOf(watch)),
    counts: () => new Map([...links.counts(), ...refusals])
  }

  function statusOf({ peer, redial, lastError }: Watch): PeerStatus {
    const link = links.get(peer.institution)
    const since = link?.run.linkedSince()
    return {
      institution: peer.institution,
      connected: since !== undefined,
      failures: redial.failures(),
      ...(since === undefined ? {} : { since }),
      ...(lastError === undefined ? {} : { lastError }),
      ...(link === undefined
        ? {}
        : { address: link.address, direction: link.direction, nodeKey: link.remote, session: link.run.state() })
    }
  }
}

function samePeer(a: AllowedPeer, b: AllowedPeer): boolean {
  return JSON.stringify([a.nodeKeys, a.addresses]) === JSON.stringify([b.nodeKeys, b.addresses])
}
