import {
  type CborLimits,
  CHUNK,
  DESCRIPTOR_BYTES,
  decode,
  encode,
  fromHex,
  SIGNATURE_BYTES,
  SIGNED_HEADER_BYTES
} from '@tocsin/journal'
import type { CircleId, StreamId } from '@tocsin/model'
import {
  BUCKET_DIGEST_BYTES,
  BUCKETS,
  HEAD_ID_BYTES,
  LIVE_BODY,
  MARK_BYTES,
  MAX_BATCH_ENTRIES,
  MAX_FRAME,
  MAX_HEADS_PER_FRAME,
  MAX_LISTED,
  MAX_NAMES,
  MAX_RAW,
  MAX_REGISTERS_PER_FRAME,
  MAX_ROWS_PER_FRAME,
  MAX_SCOPES,
  MAX_WANTS_PER_FRAME,
  PROTOCOL,
  SALT_BYTES,
  SKETCH_BYTES
} from './constants.ts'
import { SyncError } from './errors.ts'
import { type FieldsOf, readItems } from './frame-reader.ts'
import {
  FRAME_CODES,
  type Frame,
  type FrameType,
  type HelloFrame,
  type PushFrame,
  type ScopeDigest,
  type StreamName
} from './frames.ts'
import type { Row, Scope } from './ports.ts'

/** Bounds of what is signed elsewhere and opaque here. */
const MAX_PROOF = 512
const MAX_INSTANCE_PROOF = 256
/** Roster digest and day of a hop proof. */
const ROSTER_BYTES = 36
/** Header, value of 32 KiB and signature (journal/register.ts), with room. */
const MAX_REGISTER = 34 * 1024
/** 9 MiB in chunks of 64 KiB. */
const MAX_CHUNK_LIST = 144 * 32

const TYPES_BY_CODE = new Map<number, FrameType>(
  Object.entries(FRAME_CODES).map(([type, code]) => [code, type as FrameType])
)

/** The bytes of a frame. */
export function encodeFrame(frame: Frame): Uint8Array {
  const body = encode(itemsOf(frame))
  const bytes = new Uint8Array(1 + body.length)
  bytes[0] = FRAME_CODES[frame.type]
  bytes.set(body, 1)
  if (bytes.length > MAX_FRAME) throw new SyncError('internal', 'A frame is longer than the protocol allows.')
  return bytes
}

/** Reads a peer's frame; throws `frame-too-long`, `unknown-frame`, `version-unsupported` (hello) or `bad-frame`. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length > MAX_FRAME) throw new SyncError('frame-too-long', 'A frame is longer than the protocol allows.')
  const type = TYPES_BY_CODE.get(bytes[0] ?? 0)
  if (type === undefined) throw new SyncError('unknown-frame', 'No such frame type.', { type: bytes[0] })
  const fields = readItems(decodeBody(bytes.subarray(1), type))
  const frame = READERS[type](fields)
  // A newer minor version may have put more behind the fields of hello, there alone: later frames follow the smaller minor.
  if (frame.type !== 'hello' || frame.minor <= PROTOCOL.minor) fields.end()
  return frame
}

function decodeBody(body: Uint8Array, type: FrameType): unknown {
  try {
    return decode(body, limitsOf(type))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw new SyncError('bad-frame', 'A frame holds no CBOR within its limits.', { type, cause: code })
  }
}

function limitsOf(type: FrameType): CborLimits {
  const items: Partial<Record<FrameType, number>> = {
    hello: 32 + 3 * MAX_SCOPES,
    digests: 8 + 3 * MAX_SCOPES,
    rows: 16 + 6 * MAX_ROWS_PER_FRAME,
    differences: 16 + 6 * MAX_ROWS_PER_FRAME,
    introduce: 8 + 6 * MAX_ROWS_PER_FRAME,
    have: 8 + 4 * MAX_HEADS_PER_FRAME,
    want: 8 + 4 * MAX_WANTS_PER_FRAME,
    'want-registers': 8 + MAX_REGISTERS_PER_FRAME,
    unavailable: 8 + MAX_WANTS_PER_FRAME + MAX_REGISTERS_PER_FRAME,
    registers: 8 + 3 * MAX_REGISTERS_PER_FRAME
  }
  return { maxBytes: MAX_FRAME, maxDepth: 3, maxItems: items[type] ?? 16 }
}

function itemsOf(frame: Frame): unknown[] {
  switch (frame.type) {
    case 'hello':
      return helloItems(frame)
    case 'accept':
    case 'heartbeat':
      return []
    case 'refuse':
      return [frame.code]
    case 'digests':
      return [frame.reset, digestItems(frame.digests)]
    case 'sketch':
      return [scopeBytes(frame.scope), frame.salt, frame.marks]
    case 'differences':
      return [scopeBytes(frame.scope), frame.answer, frame.marks, frame.rows.map(rowItems)]
    case 'buckets':
      return [scopeBytes(frame.scope), frame.buckets]
    case 'rows':
      return [scopeBytes(frame.scope), frame.mask, frame.answer, frame.last, frame.rows.map(rowItems)]
    case 'introduce':
      return [fromHex(frame.circle, 32), frame.rows.map(rowItems)]
    case 'want':
      return [frame.wants.map((want) => [fromHex(want.stream, 32), want.from, want.describe])]
    case 'want-registers':
      return [frame.addresses.map((address) => fromHex(address, 32))]
    case 'unavailable':
      return [frame.streams.map((key) => fromHex(key, 32)), frame.registers.map((key) => fromHex(key, 32))]
    case 'batch':
      return [
        fromHex(frame.stream, 32),
        frame.first,
        frame.count,
        frame.rawLength,
        frame.descriptor,
        frame.proof,
        frame.packed
      ]
    case 'registers':
      return [frame.registers.map(({ address, bytes }) => [fromHex(address, 32), bytes])]
    case 'large':
      return [frame.id, fromHex(frame.stream, 32), frame.header, frame.descriptor, frame.proof, frame.chunks]
    case 'chunk':
      return [frame.id, frame.index, frame.bytes]
    case 'large-done':
      return [frame.id]
    case 'push':
      return pushItems(frame)
    case 'have':
      return [frame.lazy, frame.heads.map(({ stream, seq, id }) => [nameItem(stream), seq, fromHex(id, HEAD_ID_BYTES)])]
    case 'prune':
    case 'graft':
      return [fromHex(frame.stream, 32)]
    case 'decline':
      return [frame.kind === 'stream', fromHex(frame.key, 32), frame.code, frame.resets]
    case 'credit':
      return [frame.amount]
    case 'twin':
      return [fromHex(frame.instance, 16), frame.proof]
  }
}

function helloItems(frame: HelloFrame): unknown[] {
  const card = [frame.card.number, fromHex(frame.card.hash, 32)]
  const instance = [fromHex(frame.instance, 16), frame.proof]
  return [frame.major, frame.minor, ...card, ...instance, frame.window, frame.clock, digestItems(frame.digests)]
}

const READERS: { readonly [T in FrameType]: (fields: FieldsOf) => Extract<Frame, { type: T }> } = {
  hello: (fields) => ({
    type: 'hello',
    major: readMajor(fields),
    minor: fields.uint(),
    card: { number: fields.uint(), hash: fields.hex(32) },
    instance: fields.hex(16),
    proof: fields.bytes(0, MAX_INSTANCE_PROOF),
    window: fields.uint(),
    clock: fields.uint(),
    digests: readDigests(fields)
  }),
  accept: () => ({ type: 'accept' }),
  refuse: (fields) => ({ type: 'refuse', code: fields.code() }),
  digests: (fields) => ({ type: 'digests', reset: fields.bool(), digests: readDigests(fields) }),
  sketch: (fields) => ({
    type: 'sketch',
    scope: readScope(fields),
    salt: fields.bytes(SALT_BYTES, SALT_BYTES),
    marks: readMarkList(fields, SKETCH_BYTES)
  }),
  differences: (fields) => ({
    type: 'differences',
    scope: readScope(fields),
    answer: fields.bool(),
    marks: readMarkList(fields),
    rows: fields.records(MAX_ROWS_PER_FRAME, readRow)
  }),
  buckets: (fields) => ({
    type: 'buckets',
    scope: readScope(fields),
    buckets: fields.bytes(BUCKETS * BUCKET_DIGEST_BYTES, BUCKETS * BUCKET_DIGEST_BYTES)
  }),
  rows: (fields) => ({
    type: 'rows',
    scope: readScope(fields),
    mask: fields.bytes(BUCKETS / 8, BUCKETS / 8),
    answer: fields.bool(),
    last: fields.bool(),
    rows: fields.records(MAX_ROWS_PER_FRAME, readRow)
  }),
  introduce: (fields) => ({
    type: 'introduce',
    circle: fields.hex(32) as CircleId,
    rows: fields.records(MAX_ROWS_PER_FRAME, readRow)
  }),
  want: (fields) => ({
    type: 'want',
    wants: fields.records(MAX_WANTS_PER_FRAME, (want) => ({
      stream: want.hex(32) as StreamId,
      from: positive(want),
      describe: want.bool()
    }))
  }),
  'want-registers': (fields) => ({
    type: 'want-registers',
    addresses: fields.list(MAX_REGISTERS_PER_FRAME, (item) => item.hex(32))
  }),
  unavailable: (fields) => ({
    type: 'unavailable',
    streams: fields.list(MAX_WANTS_PER_FRAME, (item) => item.hex(32) as StreamId),
    registers: fields.list(MAX_REGISTERS_PER_FRAME, (item) => item.hex(32))
  }),
  batch: (fields) => ({
    type: 'batch',
    stream: fields.hex(32) as StreamId,
    first: positive(fields),
    count: positive(fields, MAX_BATCH_ENTRIES),
    rawLength: positive(fields, MAX_RAW),
    descriptor: readDescriptor(fields),
    proof: fields.bytes(0, MAX_PROOF),
    packed: fields.bytes(1, MAX_FRAME)
  }),
  registers: (fields) => ({
    type: 'registers',
    registers: fields.records(MAX_REGISTERS_PER_FRAME, (item) => ({
      address: item.hex(32),
      bytes: item.bytes(1, MAX_REGISTER)
    }))
  }),
  large: (fields) => ({
    type: 'large',
    id: positive(fields),
    stream: fields.hex(32) as StreamId,
    header: fields.bytes(SIGNED_HEADER_BYTES, SIGNED_HEADER_BYTES),
    descriptor: readDescriptor(fields),
    proof: fields.bytes(0, MAX_PROOF),
    chunks: fields.bytes(32, MAX_CHUNK_LIST)
  }),
  chunk: (fields) => ({ type: 'chunk', id: positive(fields), index: fields.uint(), bytes: fields.bytes(1, CHUNK) }),
  'large-done': (fields) => ({ type: 'large-done', id: positive(fields) }),
  push: (fields) => ({
    type: 'push',
    stream: readName(fields),
    seq: readLater(fields),
    clock: fields.uint(),
    kind: positive(fields, 255),
    keepUntil: fields.uint(),
    signature: fields.bytes(SIGNATURE_BYTES, SIGNATURE_BYTES),
    check: fields.bytes(HEAD_ID_BYTES, HEAD_ID_BYTES),
    roster: fields.nullable((inner) => inner.bytes(ROSTER_BYTES, ROSTER_BYTES)),
    time: fields.uint(),
    proof: fields.bytes(SIGNATURE_BYTES, SIGNATURE_BYTES),
    bodyLength: positive(fields, LIVE_BODY),
    packed: fields.bytes(1, MAX_FRAME)
  }),
  have: (fields) => {
    const lazy = fields.bool()
    const heads = fields.records(MAX_HEADS_PER_FRAME, (head) => ({
      stream: readName(head),
      seq: positive(head),
      id: head.hex(HEAD_ID_BYTES)
    }))
    if (heads.length === 0) throw new SyncError('bad-frame', 'An announcement of nothing.')
    return { type: 'have', lazy, heads }
  },
  prune: (fields) => ({ type: 'prune', stream: fields.hex(32) as StreamId }),
  graft: (fields) => ({ type: 'graft', stream: fields.hex(32) as StreamId }),
  decline: (fields) => ({
    type: 'decline',
    kind: fields.bool() ? 'stream' : 'register',
    key: fields.hex(32),
    code: fields.code(),
    resets: fields.uint()
  }),
  credit: (fields) => ({ type: 'credit', amount: positive(fields) }),
  twin: (fields) => ({ type: 'twin', instance: fields.hex(16), proof: fields.bytes(0, MAX_INSTANCE_PROOF) }),
  heartbeat: () => ({ type: 'heartbeat' })
}

function readMajor(fields: FieldsOf): number {
  const major = fields.uint()
  if (major !== PROTOCOL.major) throw new SyncError('version-unsupported', 'Another major version.', { major })
  return major
}

function positive(fields: FieldsOf, most?: number): number {
  const value = fields.uint(most)
  if (value === 0) throw new SyncError('bad-frame', 'A count or seq is zero.')
  return value
}

function readDescriptor(fields: FieldsOf): Uint8Array | null {
  return fields.nullable((inner) => inner.bytes(DESCRIPTOR_BYTES, DESCRIPTOR_BYTES))
}

/** The first entry of a stream has none before it, and its descriptor goes with it: it is never pushed. */
function readLater(fields: FieldsOf): number {
  const seq = positive(fields)
  if (seq === 1) throw new SyncError('bad-frame', 'A push of a first entry.')
  return seq
}

function readName(fields: FieldsOf): StreamName {
  return fields.isInteger() ? fields.uint(MAX_NAMES - 1) : (fields.hex(32) as StreamId)
}

function pushItems(frame: PushFrame): unknown[] {
  const { seq, clock, kind, keepUntil, signature, check, roster, time, proof, bodyLength, packed } = frame
  const entry = [nameItem(frame.stream), seq, clock, kind, keepUntil, signature, check]
  return [...entry, roster, time, proof, bodyLength, packed]
}

function nameItem(name: StreamName): Uint8Array | number {
  return typeof name === 'number' ? name : fromHex(name, 32)
}

function readScope(fields: FieldsOf): Scope {
  return fields.nullable((inner) => inner.hex(32) as CircleId) ?? 'direct'
}

/** Marks, at most MAX_LISTED; or, where they may be, the cells of so many bytes. */
function readMarkList(fields: FieldsOf, cells = 0): Uint8Array {
  const marks = fields.bytes(0, SKETCH_BYTES)
  const isList = marks.length % MARK_BYTES === 0 && marks.length <= MAX_LISTED * MARK_BYTES
  if (!isList && marks.length !== cells) throw new SyncError('bad-frame', 'A list of marks is cut off or too long.')
  return marks
}

function readDigests(fields: FieldsOf): ScopeDigest[] {
  const digests = fields.records(MAX_SCOPES, (item) => ({ scope: readScope(item), digest: item.bytes(32, 32) }))
  if (new Set(digests.map(({ scope }) => scope)).size !== digests.length) {
    throw new SyncError('bad-frame', 'A scope is named twice.')
  }
  return digests
}

function digestItems(digests: readonly ScopeDigest[]): unknown[] {
  return digests.map(({ scope, digest }) => [scopeBytes(scope), digest])
}

function scopeBytes(scope: Scope): Uint8Array | null {
  return scope === 'direct' ? null : fromHex(scope, 32)
}

function rowItems(row: Row): unknown[] {
  // The other side would take it for a row of the other kind, and ask for what is not there.
  if (kindOfOrder(row.order) !== row.kind)
    throw new SyncError('internal', 'A row of one kind has the order of another.')
  return [row.order, fromHex(row.key, 32), row.number, fromHex(row.hash, 32), row.newest]
}

function readRow(fields: FieldsOf): Row {
  const order = fields.uint(4)
  return {
    kind: kindOfOrder(order),
    order,
    key: fields.hex(32),
    number: positive(fields),
    hash: fields.hex(32),
    newest: fields.uint()
  }
}

function kindOfOrder(order: number): Row['kind'] {
  return order <= 2 ? 'register' : 'stream'
}
