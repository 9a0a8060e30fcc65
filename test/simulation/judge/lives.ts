/** 3: whatever a process told anybody that it holds is there when the next one starts, and at rest. */
import { parseSignedHeader } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import { keys, readRow, type StreamState } from '@tocsin/store'
import { broken } from '../broken.ts'
import type { Process } from '../sim-node.ts'
import type { Court } from './court.ts'
import type { Intake } from './intake.ts'

export interface Lives {
  started(process: Process): void
  /** Nothing changed but by what was seen to come in. */
  checkHeads(process: Process): void
}

export function createLives({ recordOf, isGone }: Court, intake: Intake): Lives {
  function started(process: Process): void {
    const { node, store, replica } = process
    const record = recordOf(node)
    for (const [id, head] of record.heads) {
      const held = replica.streams.get(id as StreamId)
      const header = store.get(keys.header(id, head.seq))
      if (held === undefined && isGone(process, id)) record.heads.delete(id)
      else if (
        held === undefined ||
        held.state.seq < head.seq ||
        header === undefined ||
        parseSignedHeader(header).id !== head.id
      )
        broken('3-durable', node, `${id} was held up to ${head.seq}, now ${held?.state.seq ?? 'not at all'}`)
    }
    for (const [address, number] of record.registers) {
      const held = replica.book.get(address)?.register.number
      if (held === undefined || held < number) broken('3-durable', node, `a register fell from ${number} to ${held}`)
    }
    // What reached the disk and was not told any more.
    for (const { id, state } of replica.streams.all()) {
      const before = record.heads.get(id)?.seq ?? 0
      for (let seq = before + 1; seq <= state.seq; seq++) intake.took(process, id, seq)
    }
  }

  function checkHeads(process: Process): void {
    const { node, store, replica } = process
    const record = recordOf(node)
    for (const [id, head] of record.heads) {
      const held = replica.streams.get(id as StreamId)
      const row = store.get(keys.stream(id))
      const state = row === undefined ? undefined : readRow<StreamState>(row)
      if (held === undefined && state === undefined) {
        if (isGone(process, id)) record.heads.delete(id)
        else broken('3-durable', node, `${id} is gone`)
      } else if (held?.state.seq !== head.seq || state?.seq !== head.seq || state.head !== head.id)
        broken('3-durable', node, `${id} stands at ${held?.state.seq}, ${state?.seq} on disk, ${head.seq} was seen`)
    }
  }

  return { started, checkHeads }
}
