/**
 * A new entry costs a relay some hundred bytes instead of six, and more than half of what it costs is signed words that
 * both sides know: header and hop proof name the stream, the entry before, the seq, the hash of the body, both institutions.
 * A push leaves them out. The receiver writes them again and has the very bytes that were signed, to keep and to show;
 * the beginning of the entry's id tells it whether it has. If not, it holds another entry before this one, which is nobody's
 * offence: it asks for the entry whole.
 */
import { concatBytes, entryHeaderBytes, fromHex, institutionKey, parseSignedHeader, toHex } from '@tocsin/journal'
import { type EntryId, entryKindCode, type InstitutionId, type StreamId } from '@tocsin/model'
import { joinHopProof, restOfHopProof } from '@tocsin/trust'
import { type ReadEntry, readHeader } from './batch-bytes.ts'
import { compress, decompress } from './compression.ts'
import { HEAD_ID_BYTES, LIVE_BODY } from './constants.ts'
import { DICTIONARY } from './dictionary.ts'
import { SyncError } from './errors.ts'
import type { PushFrame, StreamName } from './frames.ts'
import type { WireEntry } from './ports.ts'

interface Restored {
  readonly entry: ReadEntry
  readonly proof: Uint8Array
}

/** Whether an entry can be pushed so. */
export function isShort({ body }: WireEntry, seq: number): boolean {
  return seq > 1 && body !== null && body.length <= LIVE_BODY
}

/** Makes the pushes of one direction: each says only what the one before did not. */
export function createShortener(): (stream: StreamName, entry: WireEntry, proof: Uint8Array) => PushFrame {
  let said: Uint8Array | undefined
  return (stream, { header, body }, proof) => {
    if (body === null) throw new SyncError('internal', 'An entry without its body cannot be pushed.')
    const { header: fields, id, signature } = parseSignedHeader(header)
    const { roster, time, signature: signed } = restOfHopProof(proof)
    const isSame = said !== undefined && Buffer.compare(said, roster) === 0
    said = roster
    return {
      type: 'push',
      stream,
      seq: fields.seq,
      clock: fields.clock,
      kind: typeof fields.kind === 'number' ? fields.kind : entryKindCode(fields.kind),
      keepUntil: fields.keepUntil,
      signature,
      check: fromHex(id.slice(0, 2 * HEAD_ID_BYTES)),
      roster: isSame ? null : roster,
      time,
      proof: signed,
      bodyLength: body.length,
      packed: compress(body, DICTIONARY)
    }
  }
}

/**
 * Reads the pushes of one direction: entry and proof as they were signed, undefined where `previous`, the entry before as
 * it is held here, is not the one that it follows. Throws `bad-compression`, `bad-batch`, `unexpected-frame`.
 */
export function createRestorer(
  peer: InstitutionId,
  self: () => InstitutionId
): (frame: PushFrame, stream: StreamId, previous: EntryId | undefined) => Restored | undefined {
  let said: Uint8Array | undefined
  let keys: { readonly from: Uint8Array; readonly to: Uint8Array } | undefined
  return (frame, stream, previous) => {
    const { seq, clock, kind, keepUntil, time } = frame
    const roster = frame.roster ?? said
    if (roster === undefined) throw new SyncError('unexpected-frame', 'No push before said the roster.')
    // Its own bytes: a view would hold the whole frame.
    said = frame.roster?.slice() ?? said
    if (previous === undefined) return undefined
    const body = decompress(frame.packed, frame.bodyLength, DICTIONARY)
    const header = headerOf({ stream, seq, previous, clock, kind, keepUntil }, body, frame.signature)
    const signed = readHeader(header)
    if (!signed.id.startsWith(toHex(frame.check))) return undefined
    keys ??= { from: institutionKey(peer), to: institutionKey(self()) }
    const about = { ...keys, stream, first: seq, last: seq, lastId: signed.id }
    return {
      entry: { header, body, signed },
      proof: joinHopProof(about, { roster, time, signature: frame.proof })
    }
  }
}

function headerOf(fields: Parameters<typeof entryHeaderBytes>[0], body: Uint8Array, signature: Uint8Array): Uint8Array {
  return concatBytes(entryHeaderBytes(fields, body), signature)
}
