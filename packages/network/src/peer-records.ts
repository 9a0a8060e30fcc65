import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { lpStream } from '@libp2p/utils'
import type { InstitutionId } from '@tocsin/model'
import { type Budget, createBudget } from './budget.ts'
import type { Clock } from './clock.ts'
import {
  MAX_RECORD,
  MAX_RECORDS_PER_STREAM,
  RECORD_AHEAD_MS,
  RECORDS_AGAIN_MS,
  RECORDS_BUDGET,
  RECORDS_PAUSE_MS,
  RECORDS_PER_SECOND,
  RECORDS_PROTOCOL,
  RECORDS_STREAM_MS,
  RECORDS_STREAMS
} from './constants.ts'
import { describe, NETWORK_ERRORS, NetworkError, type NetworkErrorCode, wrap } from './errors.ts'
import type { Host } from './host.ts'
import { nodeKeyOf, peerIdOf } from './node-key.ts'
import type { AllowedPeer, Circles, Log } from './ports.ts'

/** Hands signed peer records on between neighbours, so that a node that moved is found by peers it has lost. */
export interface PeerRecords {
  start(): Promise<void>
  /** Rosters or the allow-list changed: neighbours may hear of others than before. */
  apply(): void
  stop(): Promise<void>
}

export interface PeerRecordsDeps {
  readonly host: Host
  readonly circles: Circles
  peers(): readonly AllowedPeer[]
  /** The gate. */
  admits(peer: PeerId): InstitutionId | undefined
  /** A newer record of a peer came from a neighbour. */
  onNewer(institution: InstitutionId): void
  /** A neighbour's hand-over was refused. */
  onRefused(code: NetworkErrorCode): void
  readonly clock: Clock
  readonly log: Log
}

interface Neighbour {
  readonly peer: PeerId
  /** Subject → its addresses as this neighbour last told or heard them. */
  readonly told: Map<string, string>
  readonly waiting: Set<string>
  handing: Promise<void> | undefined
  /** When the next hand-over may begin; ms since 1970. */
  notBefore: number
  cancel(): void
  /** Records that it may still send. */
  readonly budget: Budget
}

interface Told {
  readonly bytes: Uint8Array
  /** In comparable form. */
  readonly addresses: string
}

/**
 * A neighbour is told the newest record of each peer with which both it and this node share one circle (so it learns of
 * nobody whom its own roster does not name), and this node's own; when it links, and when something changed. What it
 * hands over is taken if it is signed by the node key of a peer of ours and newer than what we have.
 */
export function createPeerRecords(deps: PeerRecordsDeps): PeerRecords {
  const { host, circles, admits, clock, log } = deps
  const { peerStore, privateKey } = host.services.inside.inside
  const neighbours = new Map<string, Neighbour>()
  /** What the peer store holds, read once for each change of it: every roster change asks for all of them. */
  const held = new Map<string, { readonly record: Told | undefined }>()
  let changes = 0
  const self = host.peerId.toString()
  let own: Told | undefined
  let stopped = false

  function mayHear(neighbour: PeerId, subject: string): boolean {
    const listener = admits(neighbour)
    if (listener === undefined) return false
    if (subject === self) return true
    const about = admits(peerIdFromString(subject))
    if (about === undefined || about === listener) return false
    const shared = circles.sharedWith(about)
    return circles.sharedWith(listener).some((circle) => shared.includes(circle))
  }

  async function recordOf(subject: string): Promise<Told | undefined> {
    if (subject === self) return await ownRecord()
    const known = held.get(subject)
    if (known !== undefined) return known.record
    const before = changes
    const peer = peerIdFromString(subject)
    const bytes = (await peerStore.has(peer)) ? (await peerStore.get(peer)).peerRecordEnvelope : undefined
    const record =
      bytes === undefined || bytes.byteLength > MAX_RECORD ? undefined : { bytes, addresses: addressesIn(bytes) }
    if (changes === before) held.set(subject, { record })
    return record
  }

  /** Sealed anew only when the addresses changed: the number of a record is the time of its sealing. */
  async function ownRecord(): Promise<Told> {
    const multiaddrs = host.getMultiaddrs().map((address) => address.decapsulate(`/p2p/${self}`))
    const record = new PeerRecord({ peerId: host.peerId, multiaddrs })
    const addresses = addressesOf(record)
    if (own?.addresses !== addresses)
      own = { bytes: (await RecordEnvelope.seal(record, privateKey)).marshal(), addresses }
    return own
  }

  function subjects(): string[] {
    return [self, ...deps.peers().flatMap(({ nodeKeys }) => nodeKeys.map((key) => peerIdOf(key).toString()))]
  }

  function offer(neighbour: Neighbour, names: Iterable<string>): void {
    for (const name of names) neighbour.waiting.add(name)
    schedule(neighbour)
  }

  function schedule(neighbour: Neighbour): void {
    neighbour.cancel()
    if (stopped || neighbour.handing !== undefined || neighbour.waiting.size === 0) return
    neighbour.cancel = clock.after(Math.max(0, neighbour.notBefore - clock.now()), () => {
      neighbour.notBefore = clock.now() + RECORDS_PAUSE_MS
      neighbour.handing = handOver(neighbour).finally(() => {
        neighbour.handing = undefined
        schedule(neighbour)
      })
    })
  }

  async function handOver(neighbour: Neighbour): Promise<void> {
    const names = [...neighbour.waiting]
    neighbour.waiting.clear()
    try {
      const news = await newsFor(neighbour, names)
      const [connection] = host.getConnections(neighbour.peer)
      if (news.size === 0 || connection === undefined) return
      await send(connection, [...news.values()])
      for (const [name, { addresses }] of news) neighbour.told.set(name, addresses)
    } catch (error) {
      log.debug(describe(error), 'peer records could not be handed over')
      for (const name of names) neighbour.waiting.add(name)
      neighbour.notBefore = clock.now() + RECORDS_AGAIN_MS
    }
  }

  /** Records that it may hear and does not know; what is too much for one hand-over waits for the next. */
  async function newsFor(neighbour: Neighbour, names: readonly string[]): Promise<Map<string, Told>> {
    const news = new Map<string, Told>()
    for (const name of names) {
      if (news.size === MAX_RECORDS_PER_STREAM) neighbour.waiting.add(name)
      else if (mayHear(neighbour.peer, name)) {
        const record = await recordOf(name)
        if (record !== undefined && neighbour.told.get(name) !== record.addresses) news.set(name, record)
      }
    }
    return news
  }

  async function send(connection: Connection, records: readonly Told[]): Promise<void> {
    const signal = AbortSignal.timeout(RECORDS_STREAM_MS)
    const stream = await connection.newStream(RECORDS_PROTOCOL, { signal, runOnLimitedConnection: true })
    try {
      const frames = lpStream(stream)
      for (const { bytes } of records) await frames.write(bytes, { signal })
      await stream.close({ signal })
    } catch (error) {
      stream.abort(wrap(error, 'stream-reset'))
      throw error
    }
  }

  async function take(stream: Stream, connection: Connection): Promise<void> {
    const neighbour = neighbourOf(connection.remotePeer)
    try {
      if (admits(connection.remotePeer) === undefined) throw refused('not-allowed')
      const frames = lpStream(stream, { maxDataLength: MAX_RECORD })
      const signal = AbortSignal.timeout(RECORDS_STREAM_MS)
      for (let taken = 0; ; taken += 1) {
        const bytes = await nextFrame(stream, () => frames.read({ signal }))
        if (bytes === undefined) break
        if (taken === MAX_RECORDS_PER_STREAM || !neighbour.budget.spend()) throw refused('records-flood')
        await consume(bytes, neighbour)
      }
      await stream.close({ signal })
    } catch (error) {
      const failure = wrap(error, 'stream-reset')
      stream.abort(failure)
      if (failure.code !== 'stream-reset') deps.onRefused(failure.code)
      log.debug({ peer: admits(connection.remotePeer), code: failure.code }, 'peer records were refused')
    }
  }

  async function consume(bytes: Uint8Array, from: Neighbour): Promise<void> {
    let signer: PeerId
    let record: PeerRecord
    try {
      const envelope = RecordEnvelope.createFromProtobuf(bytes)
      signer = peerIdFromPublicKey(envelope.publicKey)
      record = PeerRecord.createFromProtobuf(envelope.payload)
    } catch (error) {
      throw wrap(error, 'bad-record')
    }
    if (!record.peerId.equals(signer)) throw refused('bad-record')
    const institution = nodeKeyOf(signer) === undefined ? undefined : admits(signer)
    // No peer of ours, or no longer; or a clock that runs ahead, whose record would outlive the true ones.
    if (institution === undefined || Number(record.seqNumber) > clock.now() + RECORD_AHEAD_MS) return
    from.told.set(signer.toString(), addressesOf(record))
    let newer: boolean
    try {
      // Verifies the signature; false for one that is not newer.
      newer = await peerStore.consumePeerRecord(bytes, { expectedPeer: signer })
    } catch (error) {
      throw wrap(error, 'bad-record')
    }
    if (newer) deps.onNewer(institution)
  }

  function neighbourOf(peer: PeerId): Neighbour {
    const name = peer.toString()
    const known = neighbours.get(name)
    if (known !== undefined) return known
    const fresh: Neighbour = {
      peer,
      told: new Map(),
      waiting: new Set(),
      handing: undefined,
      notBefore: 0,
      cancel: () => {},
      budget: createBudget(RECORDS_BUDGET, RECORDS_PER_SECOND, clock)
    }
    neighbours.set(name, fresh)
    return fresh
  }

  function tellAll(names: readonly string[]): void {
    for (const neighbour of neighbours.values()) offer(neighbour, names)
  }

  const listeners = {
    'peer:identify': ({ detail: { peerId } }: { readonly detail: { readonly peerId: PeerId } }) => {
      if (admits(peerId) !== undefined) offer(neighbourOf(peerId), subjects())
    },
    'peer:disconnect': ({ detail: peer }: CustomEvent<PeerId>) => {
      neighbours.get(peer.toString())?.cancel()
      neighbours.delete(peer.toString())
    },
    // From its own identify, or from another neighbour.
    'peer:update': ({ detail }: HostEvents['peer:update']) => {
      changes += 1
      held.delete(detail.peer.id.toString())
      if (detail.peer.peerRecordEnvelope !== undefined) tellAll([detail.peer.id.toString()])
    },
    // Own listeners began or ended: an address at a relay, mostly.
    'transport:listening': () => tellAll([self]),
    'transport:close': () => tellAll([self])
  }

  return {
    async start() {
      await host.handle(RECORDS_PROTOCOL, take, {
        maxInboundStreams: RECORDS_STREAMS,
        maxOutboundStreams: RECORDS_STREAMS,
        runOnLimitedConnection: true
      })
      for (const [name, listener] of Object.entries(listeners))
        host.addEventListener(name as keyof HostEvents, listener as () => void)
    },
    apply() {
      const present = new Set(subjects())
      for (const name of held.keys()) if (!present.has(name)) held.delete(name)
      tellAll(subjects())
    },
    async stop() {
      stopped = true
      for (const [name, listener] of Object.entries(listeners))
        host.removeEventListener(name as keyof HostEvents, listener as () => void)
      for (const neighbour of neighbours.values()) neighbour.cancel()
      await Promise.all([...neighbours.values()].map(({ handing }) => handing))
    }
  }
}

type HostEvents = import('@libp2p/interface').Libp2pEvents

function addressesIn(envelope: Uint8Array): string {
  return addressesOf(PeerRecord.createFromProtobuf(RecordEnvelope.createFromProtobuf(envelope).payload))
}

function addressesOf(record: PeerRecord): string {
  return record.multiaddrs
    .map((address) => address.toString())
    .sort()
    .join(' ')
}

/** The next frame, or undefined when the other side ended in good order. */
async function nextFrame(
  stream: Stream,
  read: () => Promise<{ subarray(): Uint8Array }>
): Promise<Uint8Array | undefined> {
  try {
    return (await read()).subarray()
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    if (name === 'UnexpectedEOFError' && stream.remoteWriteStatus === 'closed') return undefined
    throw wrap(
      error,
      name === 'InvalidDataLengthError' || name === 'InvalidDataLengthLengthError' ? 'frame-too-long' : 'stream-reset'
    )
  }
}

function refused(code: NetworkErrorCode): NetworkError {
  return new NetworkError(code, NETWORK_ERRORS[code])
}
