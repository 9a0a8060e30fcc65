import type { PeerId, PeerUpdate } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import type { InstitutionId, NodeKey } from '@tocsin/model'
import { MAX_RECORD } from './constants.ts'
import { describe } from './errors.ts'
import type { Host } from './host.ts'
import { nodeKeyOf, peerIdOf } from './node-key.ts'
import type { Log, RecordShelf } from './ports.ts'

/** Keeps the newest signed record of each peer over restarts: a peer that moved while we were up is found again later. */
export interface ShelfKeeper {
  /** Puts what was kept into the host, verified again, and begins to keep. */
  start(): Promise<void>
  /** The allow-list changed: former peers' addresses are forgotten. */
  apply(): void
  stop(): Promise<void>
}

export interface ShelfKeeperDeps {
  readonly host: Host
  readonly shelf: RecordShelf
  /** The gate. */
  admits(peer: PeerId): InstitutionId | undefined
  readonly log: Log
}

export function createShelfKeeper({ host, shelf, admits, log }: ShelfKeeperDeps): ShelfKeeper {
  const { peerStore } = host
  /** Node key → addresses of its record on the shelf. A record of the same addresses is not written again. */
  const kept = new Map<NodeKey, string>()
  const writing = new Set<Promise<void>>()

  function write(work: Promise<void>): void {
    // A full disk: the record is still known until this node stops, and the store tells of the disk.
    const done = work
      .catch((error) => log.debug(describe(error), 'the record of a peer could not be kept'))
      .finally(() => writing.delete(done))
    writing.add(done)
  }

  async function restore(bytes: Uint8Array): Promise<void> {
    const { peer, addresses } = read(bytes)
    const nodeKey = nodeKeyOf(peer)
    if (nodeKey === undefined) return
    kept.set(nodeKey, addresses)
    if (admits(peer) !== undefined) await peerStore.consumePeerRecord(bytes, { expectedPeer: peer })
  }

  function updated({ detail: { peer } }: { readonly detail: PeerUpdate }): void {
    const nodeKey = nodeKeyOf(peer.id)
    const bytes = peer.peerRecordEnvelope
    if (nodeKey === undefined || bytes === undefined || bytes.byteLength > MAX_RECORD) return
    if (admits(peer.id) === undefined) return
    try {
      const { addresses } = read(bytes)
      if (kept.get(nodeKey) === addresses) return
      kept.set(nodeKey, addresses)
      write(shelf.keep(nodeKey, bytes))
    } catch (error) {
      // What a listener throws would end the process.
      log.debug(describe(error), 'the record of a peer could not be read')
    }
  }

  function apply(): void {
    for (const nodeKey of kept.keys()) {
      if (admits(peerIdOf(nodeKey)) !== undefined) continue
      kept.delete(nodeKey)
      write(shelf.forget(nodeKey))
    }
  }

  return {
    async start() {
      for (const bytes of await shelf.load()) {
        try {
          await restore(bytes)
        } catch (error) {
          // Of another version, or damaged: cards and neighbours remain.
          log.debug(describe(error), 'the kept record of a peer could not be read')
        }
      }
      apply()
      host.addEventListener('peer:update', updated)
    },
    apply,
    async stop() {
      host.removeEventListener('peer:update', updated)
      await Promise.all(writing)
    }
  }
}

function read(bytes: Uint8Array): { readonly peer: PeerId; readonly addresses: string } {
  const envelope = RecordEnvelope.createFromProtobuf(bytes)
  const { multiaddrs } = PeerRecord.createFromProtobuf(envelope.payload)
  return { peer: peerIdFromPublicKey(envelope.publicKey), addresses: multiaddrs.map(String).sort().join(' ') }
}
