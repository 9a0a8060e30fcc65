import type { CircleId, StreamId } from '@tocsin/model'
import type { Descriptors } from './descriptors.ts'
import type { Desk } from './desk.ts'

/**
 * This link in the broadcast trees of Plumtree (Leitão, Pereira, Rodrigues: Epidemic Broadcast Trees, SRDS 2007): one tree
 * per circle for its AMBER streams, one for GREEN and CLEAR. A link starts eager; a copy that nobody needed makes it lazy
 * (prune), an announced entry that does not come by another way makes it eager again (graft). RED and AMBER+STRICT are
 * never relayed and know no tree: the author pushes to each.
 */
export interface Tree {
  /** True if new entries of this stream are pushed over this link, false if they are announced. */
  isEager(stream: StreamId): boolean
  /** The peer pushed what we hold or are being given already. */
  duplicate(stream: StreamId): void
  /** The peer had it from elsewhere. */
  pruned(stream: StreamId): void
  /** Asks the peer to push again. */
  graft(stream: StreamId): void
  grafted(stream: StreamId): void
  /** Something new of it came over this link. */
  received(stream: StreamId, isWanted: boolean): void
  /** How many trees this link is lazy in. */
  lazy(): number
}

/** Grafts whose stream is not known here yet; the oldest gives way. */
const MAX_GRAFTED = 64
const PRUNE_LEAST_MS = 1000

export function createTree(desk: Pick<Desk, 'send' | 'now'>, descriptors: Pick<Descriptors, 'of'>): Tree {
  // At most one for each circle of a stream that we hold.
  const lazy = new Set<CircleId | 'open'>()
  const prunedAt = new Map<CircleId | 'open', number>()
  const grafted = new Set<StreamId>()

  const treeOf = (stream: StreamId): CircleId | 'open' | undefined => {
    const descriptor = descriptors.of(stream)?.descriptor
    if (descriptor === undefined || descriptor.tlp === 'RED' || descriptor.tlp === 'AMBER+STRICT') return undefined
    return descriptor.tlp === 'AMBER' ? descriptor.circle : 'open'
  }

  const makeEager = (stream: StreamId): void => {
    const tree = treeOf(stream)
    if (tree !== undefined) lazy.delete(tree)
  }

  return {
    isEager(stream) {
      const tree = treeOf(stream)
      return tree === undefined || !lazy.has(tree)
    },
    duplicate(stream) {
      const tree = treeOf(stream)
      if (tree === undefined) return
      lazy.add(tree)
      // What the peer had sent before it hears of it needs no second one.
      if (desk.now() - (prunedAt.get(tree) ?? -Infinity) < PRUNE_LEAST_MS) return
      prunedAt.set(tree, desk.now())
      desk.send({ type: 'prune', stream })
    },
    pruned(stream) {
      const tree = treeOf(stream)
      if (tree !== undefined) lazy.add(tree)
    },
    graft(stream) {
      makeEager(stream)
      const [oldest] = grafted
      if (oldest !== undefined && grafted.size >= MAX_GRAFTED) grafted.delete(oldest)
      grafted.add(stream)
      desk.send({ type: 'graft', stream })
    },
    grafted: makeEager,
    received(stream, isWanted) {
      if (grafted.delete(stream) || !isWanted) makeEager(stream)
    },
    lazy: () => lazy.size
  }
}
