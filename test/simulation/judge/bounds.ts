/** 8: memory per peer is bounded, whatever a peer sends. */
import { broken } from '../broken.ts'
import type { Process } from '../sim-node.ts'

const EVIDENCE_MOST = 10_000
const ALARMS_MOST = 256

export function checkBounds(process: Process): void {
  const { node, replica } = process
  if (node.isHostile) return
  for (const end of process.ends.values()) {
    const state = end.session.state()
    const over =
      state.pendingCost > 4 * 2 ** 20 ||
      state.wanted > 512 ||
      state.missing > 32_768 ||
      state.declinedByUs > 4096 ||
      state.declinedByPeer > replica.streams.size * 2 + 4096 ||
      state.largeIn > 10 * 2 ** 20 ||
      state.largeOut > 10 * 2 ** 20
    if (over) broken('8-memory', node, `for ${end.other}: ${JSON.stringify(state)}`)
  }
  if (replica.shelf.count > EVIDENCE_MOST || replica.alarms().length > ALARMS_MOST)
    broken('8-memory', node, `${replica.shelf.count} evidences, ${replica.alarms().length} alarms`)
}
