import type { CircleId, EntryId, InstitutionId, NodeKey, StreamId, Tlp } from '@tocsin/model'
import { copyBytes, isZero, sha256Hex } from './bytes.ts'
import { admitKey } from './ed25519.ts'
import { JournalError } from './errors.ts'
import { readFields, writeFields } from './fields.ts'
import { institutionId, institutionKey } from './institution.ts'

/** What a stream carries: bulletins, sightings and attachments, or the retractions of its author for one audience. */
export type StreamKind = 'log' | 'retraction'

/** Who may hold a stream, and who writes it. Fixed by the origin; every entry is signed over the hash of it. */
export interface StreamDescriptor {
  readonly author: InstitutionId
  readonly nodeKey: NodeKey
  /** 128 random bits, 32 lower-case hex digits. */
  readonly incarnation: string
  /** Quarters since 1970; the clock of every entry lies in it. */
  readonly quarter: number
  readonly kind: StreamKind
  readonly tlp: Tlp
  /** With AMBER and AMBER+STRICT only. */
  readonly circle?: CircleId
  /** With RED only. */
  readonly recipient?: InstitutionId
  /** The stream of the same author and audience before this one, so that a withheld tail shows. */
  readonly predecessor?: { readonly stream: StreamId; readonly seq: number; readonly head: EntryId }
}

/** A descriptor with the bytes that were hashed: keep and forward those. */
export interface DecodedDescriptor {
  readonly descriptor: StreamDescriptor
  readonly bytes: Uint8Array
  readonly id: StreamId
}

/**
 * version 1 · author root key 32 · node key 32 · incarnation 16 · quarter 2 · kind 1 · TLP 1 · flags 1 · audience 32 ·
 * predecessor: stream 32, seq 8, head 32. Big-endian; what a flag does not announce is zero.
 */
export const DESCRIPTOR_BYTES = 190
const VERSION = 1

const KIND_CODES: Readonly<Record<StreamKind, number>> = { log: 1, retraction: 2 }
const TLP_CODES: Readonly<Record<Tlp, number>> = { CLEAR: 1, GREEN: 2, AMBER: 3, 'AMBER+STRICT': 4, RED: 5 }
const KINDS = byCode(KIND_CODES)
const TLPS_BY_CODE = byCode(TLP_CODES)

const HAS_CIRCLE = 1
const HAS_RECIPIENT = 2
const HAS_PREDECESSOR = 4

/** What each TLP must name, exactly: labels that contradict the audience are refused, never guessed. */
const AUDIENCE_FLAG: Readonly<Record<Tlp, number>> = {
  CLEAR: 0,
  GREEN: 0,
  AMBER: HAS_CIRCLE,
  'AMBER+STRICT': HAS_CIRCLE,
  RED: HAS_RECIPIENT
}

/** The 190 bytes of a descriptor; throws what `decodeDescriptor` would, so that nothing is sealed that cannot be read. */
export function encodeDescriptor(descriptor: StreamDescriptor): Uint8Array {
  const { circle, recipient, predecessor } = descriptor
  const flags =
    (circle === undefined ? 0 : HAS_CIRCLE) |
    (recipient === undefined ? 0 : HAS_RECIPIENT) |
    (predecessor === undefined ? 0 : HAS_PREDECESSOR)
  // Checked here too: with both named, only one would be written.
  if ((flags & (HAS_CIRCLE | HAS_RECIPIENT)) !== AUDIENCE_FLAG[descriptor.tlp])
    throw new JournalError('descriptor-audience')
  const fields = writeFields(DESCRIPTOR_BYTES, 'descriptor-field')
    .uint(VERSION, 1)
    .bytes(institutionKey(descriptor.author), 32)
    .hex(descriptor.nodeKey, 32)
    .hex(descriptor.incarnation, 16)
    .uint(descriptor.quarter, 2)
    .uint(KIND_CODES[descriptor.kind], 1)
    .uint(TLP_CODES[descriptor.tlp], 1)
    .uint(flags, 1)
  if (recipient === undefined) fields.hex(circle, 32)
  else fields.bytes(institutionKey(recipient), 32)
  const bytes = fields
    .hex(predecessor?.stream, 32)
    .uint(predecessor?.seq ?? 0, 8)
    .hex(predecessor?.head, 32)
    .done()
  decodeDescriptor(bytes)
  return bytes
}

/**
 * Reads a descriptor and admits its keys. Throws on any byte that another encoding could have had: one descriptor, one
 * id. The given bytes are copied.
 */
export function decodeDescriptor(given: Uint8Array): DecodedDescriptor {
  if (given.length !== DESCRIPTOR_BYTES) throw new JournalError('descriptor-length', undefined, { bytes: given.length })
  const bytes = copyBytes(given)
  const fields = readFields(bytes)
  if (fields.uint(1) !== VERSION) throw new JournalError('descriptor-version', undefined, { version: bytes[0] })
  const author = fields.bytes(32)
  const node = fields.bytes(32)
  const incarnation = fields.hex(16)
  const quarter = fields.uint(2) ?? 0
  const kind = KINDS.get(fields.uint(1) ?? 0)
  if (kind === undefined) throw new JournalError('descriptor-kind')
  const tlp = TLPS_BY_CODE.get(fields.uint(1) ?? 0)
  if (tlp === undefined) throw new JournalError('descriptor-tlp')
  const flags = fields.uint(1) ?? 0
  const audience = fields.bytes(32)
  if (flags > 7) throw new JournalError('descriptor-flags', undefined, { flags })
  if ((flags & (HAS_CIRCLE | HAS_RECIPIENT)) !== AUDIENCE_FLAG[tlp]) throw new JournalError('descriptor-audience')
  if ((AUDIENCE_FLAG[tlp] === 0) !== isZero(audience)) throw new JournalError('descriptor-flags')
  const predecessor = readPredecessor(fields.bytes(72), (flags & HAS_PREDECESSOR) !== 0)
  const nodeKey = admitKey(node).hex
  admitKey(author)
  if (tlp === 'RED') admitKey(audience)
  const descriptor: StreamDescriptor = {
    author: institutionId(author),
    nodeKey,
    incarnation,
    quarter,
    kind,
    tlp,
    ...(AUDIENCE_FLAG[tlp] === HAS_CIRCLE && { circle: readFields(audience).hex(32) as CircleId }),
    ...(tlp === 'RED' && { recipient: institutionId(audience) }),
    ...(predecessor && { predecessor })
  }
  return { descriptor, bytes, id: sha256Hex(bytes) as StreamId }
}

function readPredecessor(bytes: Uint8Array, announced: boolean): StreamDescriptor['predecessor'] {
  if (!announced) {
    if (!isZero(bytes)) throw new JournalError('descriptor-flags')
    return undefined
  }
  const fields = readFields(bytes)
  const stream = fields.bytes(32)
  const seq = fields.uint(8)
  const head = fields.bytes(32)
  if (seq === undefined || seq === 0 || isZero(stream) || isZero(head)) throw new JournalError('descriptor-predecessor')
  return { stream: readFields(stream).hex(32) as StreamId, seq, head: readFields(head).hex(32) as EntryId }
}

function byCode<Name extends string>(codes: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map((Object.keys(codes) as Name[]).map((name) => [codes[name], name]))
}
