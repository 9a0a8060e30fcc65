/** What root keys say of streams: one ends at its last entry, as with a key that is changed, or before it, as after a theft. */
import type { StreamId } from '@tocsin/model'
import { closing, SECOND } from '../parties.ts'
import type { Does, Stage } from './stage.ts'

/** The thief's node hears of its end so much later, ms. */
const APART = 20 * SECOND

export function keyDeeds({ world, judge, running, attempt, lasts }: Stage): Does<'close'> {
  /** So that it has something to say that its owner has disowned before. */
  function isolate(node: number): void {
    const mine = [...world.edges.values()].filter(({ a, b }) => a === node || b === node)
    for (const edge of mine) {
      edge.cut += 1
      world.disconnect(edge)
    }
    lasts(APART, () => {
      for (const edge of mine) edge.cut -= 1
      world.connect()
    })
  }

  return {
    close({ node, stream: index, back }) {
      const process = running(node)
      if (process === undefined || process.node.isHostile || judge.isTwinned(process.node)) return false
      const { replica } = process
      const open = [...replica.streams.by(process.node.party.id)].filter(
        ({ id }) => judge.ledger.stream(id)?.forkedAt === undefined && replica.book.closing(id) === undefined
      )
      const held = open[index % Math.max(1, open.length)]
      if (held === undefined) return false
      // What void retractions leave behind is judged by the tests of the replica: an owner who lost some of them waits.
      const isWhole = [...(judge.ledger.stream(held.id)?.at.keys() ?? [])].every((seq) => seq <= held.state.seq)
      if (held.descriptor.kind === 'retraction' && !isWhole) return false
      const last = held.descriptor.kind === 'retraction' ? held.state.seq : Math.max(0, held.state.seq - back)
      const head = last === 0 ? undefined : replica.sync.idAt(held.id as StreamId, last)
      const signed = closing(process.node.party, held, last, head)
      judge.signs(signed)
      // A thief's node does not hear first: the owner hands it to a neighbour, and this one, apart, goes on speaking.
      const neighbour = [...process.ends.values()].map((end) => running(end.other)).find((one) => one !== undefined)
      const at = back === 0 ? process : (neighbour ?? process)
      if (at !== process) isolate(node)
      const from = at === process ? undefined : process.node.party.id
      const told = at.replica.admitRegisters([signed.bytes], from).then(({ accepted }) => {
        if (accepted > 0) judge.ends(held.id, last)
      })
      attempt(at, told)
      return true
    }
  }
}
