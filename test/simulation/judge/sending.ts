/** What a node says, each frame decoded once more: 1 to whom it may be said; 4 nothing that is past its time. */
import { parseSignedHeader } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import { createNamesIn, DICTIONARY, decodeFrame, decompress, type Frame, unpackEntries } from '@tocsin/sync/testing'
import { broken } from '../broken.ts'
import { mayGo } from '../law.ts'
import { DAY, MINUTE } from '../parties.ts'
import type { Process, SimNode } from '../sim-node.ts'
import type { Court } from './court.ts'
import { heardOfFew } from './heard.ts'
import { retractedAt } from './records.ts'
import type { Registers } from './registers.ts'

type Names = ReturnType<typeof createNamesIn>

export type Sends = (process: Process, to: SimNode, bytes: Uint8Array) => void

export function createSending({ ledger, count, recordOf, knowsOf, numberOf }: Court, registers: Registers): Sends {
  const names = new WeakMap<Process, Map<SimNode, Names>>()
  let batches = 0

  function sends(process: Process, to: SimNode, bytes: Uint8Array): void {
    const { node } = process
    if (node.isHostile) return
    const frame: Frame = decodeFrame(bytes)
    count(`frame ${frame.type}`)
    const named = namesOf(process, to, frame.type === 'hello')
    switch (frame.type) {
      case 'batch': {
        offers(process, to, frame.stream, 'sends')
        // Opening each of them once more would cost a tenth of the run.
        batches += 1
        if (batches % 4 !== 0) return
        const raw = unpackEntries(decompress(frame.packed, frame.rawLength), frame.stream, frame.first, frame.count)
        for (const { header, body } of raw) checkOffered(process, header, body)
        return
      }
      case 'large':
        offers(process, to, frame.stream, 'sends')
        return
      case 'push': {
        const stream = named(frame.stream)
        offers(process, to, stream, 'sends')
        const [entry] = process.replica.sync.read(stream, frame.seq, 1)
        if (entry !== undefined)
          checkOffered(process, entry.header, decompress(frame.packed, frame.bodyLength, DICTIONARY))
        return
      }
      case 'have':
        for (const { stream } of frame.heads) speaks(process, to, named(stream))
        return
      case 'rows':
      case 'differences':
        for (const { kind, key } of frame.rows) if (kind === 'stream') speaks(process, to, key)
        return
      case 'want':
        for (const { stream } of frame.wants) asks(process, to, stream)
        return
      case 'registers':
        for (const { address } of frame.registers) registers.goes(process, to, address)
        return
      default:
    }
  }

  /** The numbers of streams are those of one session and direction. */
  function namesOf(process: Process, to: SimNode, isNew: boolean): Names {
    const all = names.get(process) ?? new Map<SimNode, Names>()
    names.set(process, all)
    const known = isNew ? undefined : all.get(to)
    if (known !== undefined) return known
    const made = createNamesIn()
    all.set(to, made)
    return made
  }

  function offers(process: Process, to: SimNode, id: string, how: string): void {
    const stream = ledger.stream(id)
    if (stream === undefined) broken('1-offers', process.node, `${how} an unknown stream ${id}`)
    if (!mayGo(stream.descriptor, process.node.party.id, to.party.id, knowsOf(process)))
      broken(
        '1-offers',
        process.node,
        `${how} ${stream.descriptor.tlp} of ${numberOf(stream.descriptor.author)} to ${to.index}`
      )
    const { circle, author } = stream.descriptor
    const few = circle === undefined || author === to.party.id ? undefined : heardOfFew(process, circle)
    if (few !== undefined)
      broken('1-stale', process.node, `sends what is of ${circle?.slice(0, 8)} and has heard of ${few} others`)
  }

  /** Its being there may be told to whom it may go, or to whom has it. */
  function speaks(process: Process, to: SimNode, id: string): void {
    const stream = ledger.stream(id)
    if (stream === undefined) broken('1-offers', process.node, `speaks of an unknown stream ${id}`)
    const [self, peer] = [process.node.party.id, to.party.id]
    const knows = knowsOf(process)
    if (mayGo(stream.descriptor, self, peer, knows)) return
    // Anybody may bring a stream back to its author: that makes nobody a holder of it.
    if (stream.descriptor.author !== self && mayGo(stream.descriptor, peer, self, knows)) return
    if (recordOf(to).heads.has(id)) return
    broken(
      '1-offers',
      process.node,
      `speaks of ${stream.descriptor.tlp} of ${numberOf(stream.descriptor.author)} to ${to.index}`
    )
  }

  function asks(process: Process, of: SimNode, id: string): void {
    const stream = ledger.stream(id)
    // Of what it does not hold, a node cannot know the audience: the descriptor will tell.
    if (stream === undefined || process.replica.streams.get(id as StreamId) === undefined) return
    if (!mayGo(stream.descriptor, of.party.id, process.node.party.id, knowsOf(process)))
      broken(
        '1-requests',
        process.node,
        `asks ${of.index} for ${stream.descriptor.tlp} of ${numberOf(stream.descriptor.author)}`
      )
  }

  /** 4: a body past its time is not offered. */
  function checkOffered(process: Process, header: Uint8Array, body: Uint8Array | null): void {
    if (body === null) return
    const { id, header: fields } = parseSignedHeader(header)
    const now = process.replica.world.now()
    const since = retractedAt(recordOf(process.node), id)
    if (fields.keepUntil <= now)
      broken('4-offers-overdue', process.node, `${id} was due ${now - fields.keepUntil} ms ago`)
    if (since !== undefined && since + DAY + MINUTE <= now)
      broken('4-offers-retracted', process.node, `${id} was retracted ${now - since} ms ago`)
  }

  return sends
}
