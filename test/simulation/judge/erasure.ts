/** 4: a retracted or overdue body is erased in its time. */
import { keys } from '@tocsin/store'
import { broken } from '../broken.ts'
import { DAY, MINUTE } from '../parties.ts'
import type { Process } from '../sim-node.ts'
import type { Court } from './court.ts'
import { retractedAt } from './records.ts'

export function checkErased({ world, ledger, recordOf }: Court, process: Process): void {
  const { node, store, replica } = process
  const now = replica.world.now()
  const record = recordOf(node)
  for (const { id, state } of replica.streams.all()) {
    const stream = ledger.stream(id)
    if (stream === undefined) continue
    const end = replica.book.closing(id)
    for (let seq = 1; seq <= state.seq; seq++) {
      const isEnded = (record.ended.get(id) ?? world.now()) + MINUTE < world.now()
      if (isEnded && typeof end === 'object' && seq > end.last && store.get(keys.body(id, seq)) !== undefined)
        broken('4-closed', node, `the body at ${seq} of ${id} stands, which ends at ${end.last}`)
      const all = stream.at.get(seq) ?? []
      const [signed] = all
      if (signed === undefined || all.length > 1) continue
      if (store.get(keys.body(id, seq)) === undefined) continue
      if (signed.keepUntil + MINUTE < now)
        broken('4-overdue', node, `the body of ${signed.id} is ${now - signed.keepUntil} ms overdue`)
      const at = retractedAt(record, signed.id)
      if (at !== undefined && at + DAY + MINUTE < now && stream.forkedAt === undefined)
        broken('4-retracted', node, `the body of ${signed.id} was to be erased ${now - at - DAY} ms ago`)
    }
  }
}
