/** Our own streams as the operator sees them before he retires a key, settles a fork or takes lost entries back. */
import type { ApiPorts, OwnStreamView } from '@tocsin/api'
import { type DecodedDescriptor, toHex } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import type { PeerStatus } from '@tocsin/network'
import { type Replica, ReplicaError } from '@tocsin/replica'

export function createOwnStreamPorts(deps: {
  readonly replica: Replica
  readonly links: () => readonly PeerStatus[]
}): ApiPorts['ownStreams'] {
  const { replica } = deps
  const { streams, book, foreign, identity } = replica

  function viewOf({ id, bytes, descriptor }: DecodedDescriptor): OwnStreamView {
    const held = streams.get(id)
    const seen = foreign.get(id)
    const closing = book.closing(id)
    const { nodeKey, kind, tlp, circle, recipient } = descriptor
    const certified = book.card(identity.institution)?.nodeKeys.find(({ key }) => key === nodeKey)
    const isOver = certified === undefined || (certified.until ?? Number.POSITIVE_INFINITY) <= replica.world.now()
    // What a claim brought back is held now; only what lies beyond is still foreign.
    const beyond = seen !== undefined && seen.seq > (held?.state.seq ?? 0) ? seen : undefined
    return {
      id,
      descriptor: toHex(bytes),
      nodeKey,
      key: isOver ? 'retired' : 'current',
      kind,
      tlp,
      ...(circle === undefined ? {} : { circle }),
      ...(recipient === undefined ? {} : { recipient }),
      seq: held?.state.seq ?? 0,
      ...(held === undefined ? {} : { head: held.state.head }),
      ...(held?.state.forkedAt === undefined ? {} : { forkedAt: held.state.forkedAt }),
      ...(beyond === undefined ? {} : { foreign: { seq: beyond.seq, claimed: beyond.claimed } }),
      ...(closing === undefined ? {} : { closed: closing === 'contested' ? 'contested' : closing.last })
    }
  }

  function find(id: string): DecodedDescriptor {
    const held = streams.get(id as StreamId)
    if (held?.descriptor.author === identity.institution) return held
    const seen = foreign.get(id as StreamId)
    if (seen === undefined) throw new ReplicaError('not-found', 'no stream of ours has this id', { stream: id })
    return seen.stream
  }

  return {
    list: async () => {
      const all = new Map<string, DecodedDescriptor>()
      for (const { stream } of foreign.all()) all.set(stream.id, stream)
      for (const held of streams.by(identity.institution)) all.set(held.id, held)
      return {
        items: [...all.values()].map(viewOf),
        linked: deps.links().filter(({ connected }) => connected).length
      }
    },
    claim: async (id) => {
      const stream = find(id)
      await replica.claim(stream.id)
      return viewOf(stream)
    }
  }
}
