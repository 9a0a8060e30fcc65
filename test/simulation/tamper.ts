/**
 * A node that turned against the others: its own replica and session are real, what lies between them and the wire is not.
 * It withholds, reorders, rewrites, forwards what it may not, replays, floods and signs in other names.
 */
import { parseSignedHeader, sealEntry, signedHeaderBytes } from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import type { Row, SyncReplica, WireEntry } from '@tocsin/sync'
import { encodeFrame } from '@tocsin/sync/testing'
import { DAY } from './parties.ts'
import type { Chance } from './random.ts'
import type { Process, SimNode } from './sim-node.ts'
import type { World } from './world.ts'

export interface Tamper {
  /** What its sessions see of its replica. */
  port(process: Process, peer: InstitutionId): SyncReplica
  /** What becomes of a frame on its way out. */
  send(to: number, frame: Uint8Array, send: (frame: Uint8Array) => void): void
  tick(process: Process): void
}

/** Frames kept to be sent again. */
const KEPT = 64
/** Bytes of a frame of which some dozens are more than any credit. */
const BULKY = 60_000

export function tampered(node: SimNode, world: World, chance: Chance): Tamper {
  const old: Uint8Array[] = []
  // The largest sort of frame that each peer was sent, to be sent again and again.
  const bulky = new Map<number, Uint8Array>()
  let held: Uint8Array | undefined

  function flip(bytes: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(bytes)
    const at = chance.below(copy.length)
    copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8))
    return copy
  }

  /** An own entry signed once more, to be kept longer than any charter allows. */
  function overlong({ header, body }: WireEntry): WireEntry {
    const signed = parseSignedHeader(header)
    if (body === null || chance.odds(0.5)) return { header, body }
    const fields = { ...signed.header, keepUntil: signed.header.clock + 4000 * DAY }
    world.equivocates(fields.stream, fields.seq)
    return { header: signedHeaderBytes(sealEntry(node.party.node, fields, body)), body }
  }

  function entryOf(entry: WireEntry, isOwn: boolean): WireEntry {
    if (node.mode === 'withhold-bodies') return { ...entry, body: null }
    if (node.mode === 'overlong') return isOwn ? overlong(entry) : entry
    if (node.mode !== 'rewrite' || chance.odds(0.5)) return entry
    // The signature and the fields under it, or the body.
    return chance.odds(0.5) || entry.body === null
      ? { ...entry, header: flip(entry.header) }
      : { ...entry, body: flip(entry.body) }
  }

  return {
    port: (process, peer) => {
      const { sync, book, streams } = process.replica
      const isLoose = (): boolean => node.mode === 'misforward'
      return {
        ...sync,
        sharedCircles: (other) => (isLoose() ? book.circles() : sync.sharedCircles(other)),
        rows: (other, scope) => {
          const rows = sync.rows(other, scope)
          if (node.mode === 'withhold') return rows.filter(({ key }) => Number.parseInt(key.slice(0, 1), 16) % 2 === 0)
          if (!isLoose()) return rows
          const known = new Set(rows.map(({ key }) => key))
          const more: Row[] = [...streams.all()]
            .filter(({ id, descriptor }) => !known.has(id) && (descriptor.circle ?? 'direct') === scope)
            .map(({ id, state, descriptor }) => ({
              kind: 'stream',
              key: id,
              number: state.seq,
              hash: state.head,
              order: descriptor.kind === 'retraction' ? 3 : 4,
              newest: state.clock
            }))
          return [...rows, ...more]
        },
        maySend: (other, stream) =>
          isLoose() && streams.get(stream) !== undefined ? { allowed: true } : sync.maySend(other, stream),
        maySendRegister: (other, address) => (isLoose() ? { allowed: true } : sync.maySendRegister(other, address)),
        read: (stream, first, most) => {
          const entries = sync.read(stream, first, most)
          if (node.mode === 'withhold' && peer.length % 2 === 0) return []
          const isOwn = streams.get(stream)?.descriptor.author === node.party.id
          return entries.map((entry) => entryOf(entry, isOwn))
        }
      }
    },
    send: (to, frame, send) => {
      if (frame.length > BULKY) bulky.set(to, frame)
      if (chance.odds(0.2)) {
        if (old.length >= KEPT) old.splice(chance.below(KEPT), 1)
        old.push(frame)
      }
      if (node.mode === 'drop' && chance.odds(0.2)) return
      if (node.mode === 'reorder' && held === undefined && chance.odds(0.3)) {
        held = frame
        return
      }
      send(node.mode === 'rewrite' && chance.odds(0.02) ? flip(frame) : frame)
      if (held !== undefined) {
        const late = held
        held = undefined
        send(late)
      }
    },
    tick: (process) => {
      const { mode } = node
      if (mode !== 'flood' && mode !== 'replay' && mode !== 'forge') return
      for (const end of process.ends.values()) {
        const large = mode === 'flood' ? bulky.get(end.other) : undefined
        for (let index = 0; large !== undefined && index < 80; index++)
          world.inject(process.node.index, end.other, large)
        for (let index = 0; index < (mode === 'flood' ? 12 : 3); index++) {
          const frame = mode === 'replay' ? chance.pick(old) : made()
          if (frame !== undefined) world.inject(process.node.index, end.other, frame)
        }
      }
    }
  }

  function made(): Uint8Array {
    const id = Buffer.from(chance.bytes(32)).toString('hex')
    const stream = id as StreamId
    switch (chance.below(7)) {
      case 0:
        return encodeFrame({ type: 'want', wants: [{ stream, from: 1, describe: true }] })
      case 1:
        return encodeFrame({
          type: 'have',
          lazy: chance.odds(0.5),
          heads: [
            { stream: chance.odds(0.8) ? stream : chance.below(8), seq: 1 + chance.below(1000), id: id.slice(32) }
          ]
        })
      case 2:
        return encodeFrame({ type: 'want-registers', addresses: [id] })
      case 3:
        return encodeFrame({ type: 'decline', kind: 'stream', key: id, code: 'nonsense', resets: 0 })
      case 4:
        return encodeFrame({ type: 'digests', reset: true, digests: [{ scope: 'direct', digest: chance.bytes(32) }] })
      case 5:
        return encodeFrame({ type: 'heartbeat' })
      default:
        return chance.bytes(1 + chance.below(200))
    }
  }
}
