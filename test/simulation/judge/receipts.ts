/** What a node says that it holds: 1 what its circle may hear of, 5 no more than it holds. */
import { type Receipt, streamMark, toHex } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import { broken } from '../broken.ts'
import type { Stream } from '../ledger.ts'
import type { Process } from '../sim-node.ts'
import type { Court } from './court.ts'

/** @returns judges a receipt that this process signed just now */
export function createReceiptCheck({
  ledger,
  recordOf,
  numberOf
}: Court): (process: Process, circle: CircleId, receipt: Receipt) => void {
  const byMark = new Map<string, Stream>()

  /** Streams by the marks that receipts name them with; those signed since the last look are added. */
  function streamAt(mark: string): Stream | undefined {
    if (!byMark.has(mark)) for (const stream of ledger.streams.values()) byMark.set(markOf(stream), stream)
    return byMark.get(mark)
  }

  return ({ node }, circle, { held }) => {
    if (node.isHostile) return
    const { heads } = recordOf(node)
    for (const [mark, seq] of held) {
      const stream = streamAt(toHex(mark))
      if (stream === undefined) broken('5-receipt', node, `a receipt names ${toHex(mark)}, which nobody signed`)
      const { descriptor, id } = stream
      const whose = `${descriptor.tlp} of ${numberOf(descriptor.author)}`
      if (descriptor.tlp === 'RED' || (descriptor.circle !== undefined && descriptor.circle !== circle))
        broken('1-receipt', node, `a receipt to ${circle.slice(0, 8)} names ${whose}`)
      const last = heads.get(id)?.seq ?? 0
      if (seq > last) broken('5-receipt', node, `a receipt says ${seq} of ${whose}, held to ${last}`)
    }
  }
}

const markOf = ({ id }: Stream): string => toHex(streamMark(id as never))
