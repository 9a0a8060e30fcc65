/** What was truly signed in this world, whoever holds it: the simulation's own record, taken at the source. */
import {
  bodyHashOf,
  decodeDescriptor,
  openBody,
  parseSignedHeader,
  type StreamDescriptor,
  toHex
} from '@tocsin/journal'
import type { Retraction } from '@tocsin/model'
import { keys } from '@tocsin/store'
import type { Process } from './sim-node.ts'

export interface Signed {
  readonly id: string
  readonly stream: string
  readonly seq: number
  readonly previous: string | null
  readonly kind: string
  readonly clock: number
  readonly keepUntil: number
  readonly bodyHash: string
  /** 128 hex digits; Ed25519 gives one for one message. */
  readonly signature: string
  /** Of a retraction: the entries that it names. */
  readonly targets: readonly string[]
  /** Node that signed it. */
  readonly by: number
}

export interface Stream {
  readonly id: string
  readonly descriptor: StreamDescriptor
  /** Entries by place; two where the author forked. */
  readonly at: Map<number, Signed[]>
  /** Lowest place with two entries, or 1 where another stream continues the same predecessor. */
  forkedAt: number | undefined
  /** Last place that its root key called genuine, once it did. */
  closedAt: number | undefined
}

export interface Ledger {
  readonly entries: ReadonlyMap<string, Signed>
  readonly streams: ReadonlyMap<string, Stream>
  /** Takes down what this process signed; answers a conflict with what the same author signed before. */
  sign(process: Process, stream: string, seq: number): { signed: Signed; conflict?: string }
  /** Its author signed something else for this place and showed it to somebody. */
  equivocated(stream: string, seq: number): void
  stream(id: string): Stream | undefined
  closes(stream: string, last: number): void
}

export function createLedger(): Ledger {
  const entries = new Map<string, Signed>()
  const streams = new Map<string, Stream>()
  const successors = new Map<string, string[]>()

  function streamOf(process: Process, id: string): Stream {
    const known = streams.get(id)
    if (known !== undefined) return known
    const bytes = process.store.get(keys.descriptor(id))
    if (bytes === undefined) throw new Error(`no descriptor of ${id}`)
    const { descriptor } = decodeDescriptor(bytes)
    const made: Stream = { id, descriptor, at: new Map(), forkedAt: undefined, closedAt: undefined }
    streams.set(id, made)
    return made
  }

  return {
    entries,
    streams,
    stream: (id) => streams.get(id),
    closes: (id, last) => {
      const stream = streams.get(id)
      if (stream !== undefined) stream.closedAt = last
    },
    equivocated: (id, seq) => {
      const stream = streams.get(id)
      if (stream !== undefined) stream.forkedAt = Math.min(stream.forkedAt ?? seq, seq)
    },
    sign: (process, id, seq) => {
      const stream = streamOf(process, id)
      const bytes = process.store.get(keys.header(id, seq))
      if (bytes === undefined) throw new Error(`no header ${id} ${seq}`)
      const { header, id: entry, signature } = parseSignedHeader(bytes)
      const known = entries.get(entry)
      if (known !== undefined) return { signed: known }
      const body = process.store.get(keys.body(id, seq))
      const opened = header.kind === 'retraction' && body !== undefined ? openBody('retraction', body) : undefined
      const signed: Signed = {
        id: entry,
        stream: id,
        seq,
        previous: header.previous,
        kind: String(header.kind),
        clock: header.clock,
        keepUntil: header.keepUntil,
        bodyHash: body === undefined ? header.bodyHash : bodyHashOf(body),
        signature: toHex(signature),
        targets: opened?.ok === true ? (opened.value as Retraction).targets : [],
        by: process.node.index
      }
      entries.set(entry, signed)
      const beside = stream.at.get(seq) ?? []
      stream.at.set(seq, [...beside, signed])
      let conflict: string | undefined
      // Behind its closing nothing counts, be it one entry or two.
      if (beside.length > 0 && seq <= (stream.closedAt ?? seq)) {
        stream.forkedAt = Math.min(stream.forkedAt ?? seq, seq)
        conflict = `two entries at ${id} ${seq}`
      }
      const before = stream.descriptor.predecessor?.stream
      if (seq === 1 && before !== undefined) {
        const all = successors.get(before) ?? []
        successors.set(before, [...new Set([...all, id])])
        if (all.length > 0 && !all.includes(id)) {
          for (const other of [...all, id]) {
            const twin = streams.get(other)
            if (twin !== undefined) twin.forkedAt = 1
          }
          conflict ??= `two streams after ${before}`
        }
      }
      return { signed, ...(conflict === undefined ? {} : { conflict }) }
    }
  }
}
