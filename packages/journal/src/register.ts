import type { CircleId, InstitutionId, NodeKey, StreamId } from '@tocsin/model'
import { concatBytes, copyBytes, equalBytes, fromHex, isZero, sha256Hex, toHex, utf8 } from './bytes.ts'
import { verifyCardProofs } from './card.ts'
import { circleIdOfBytes } from './charter.ts'
import { checkClosing } from './closing.ts'
import { decode, encode } from './codec.ts'
import { admitKey, SIGNATURE_BYTES, type SigningKey, verify } from './ed25519.ts'
import { JournalError } from './errors.ts'
import { readFields, writeFields } from './fields.ts'
import { institutionId, institutionKey } from './institution.ts'
import {
  isNodeRegisterKind,
  type NodeRegisterKind,
  REGISTER_CODES,
  REGISTER_RULES,
  REGISTERS_BY_CODE,
  type RegisterKind,
  type RegisterValues
} from './register-kinds.ts'

/** A signed value of which only the highest number counts. */
export interface RegisterOf<Kind extends RegisterKind> {
  readonly kind: Kind
  readonly author: InstitutionId
  /** The key that signs: the author's root key, or of receipts and presences a node key. */
  readonly signer: NodeKey
  readonly circle?: CircleId
  readonly subject?: InstitutionId
  /** Which stream a closing ends. */
  readonly stream?: StreamId
  /** See `nextRegisterNumber`. */
  readonly number: number
  readonly value: RegisterValues[Kind]
}

/** A register of any kind; `kind` tells the type of `value`. */
export type Register = { [Kind in RegisterKind]: RegisterOf<Kind> }[RegisterKind]

/** What the author of a register decides. The circle of a charter is computed and may be left out. */
export type RegisterFields = {
  [Kind in RegisterKind]: Kind extends NodeRegisterKind ? RegisterOf<Kind> : Omit<RegisterOf<Kind>, 'signer'>
}[RegisterKind]

/** A register that has passed every check that needs no other register. */
export interface SignedRegister {
  readonly register: Register
  /** header ‖ value ‖ signature, as it came. */
  readonly bytes: Uint8Array
  /** Which register this is a version of: SHA-256(kind ‖ author ‖ circle or stream ‖ subject), hex. */
  readonly address: string
  /** SHA-256(header ‖ value), hex. Same address and number with another hash is a fork. */
  readonly hash: string
}

/**
 * version 1 · kind 1 · author root key 32 · signer key 32 · circle 32 (zero if none; of a closing its stream) · subject 32 (zero if none) ·
 * number 8 · value length 4, big-endian; then the value (CBOR), then the signature.
 */
export const REGISTER_HEADER_BYTES = 142
/** Greatest CBOR value of a register. */
export const MAX_REGISTER_VALUE = 32_768
/** Greatest register, bytes. */
export const MAX_REGISTER_BYTES = REGISTER_HEADER_BYTES + MAX_REGISTER_VALUE + SIGNATURE_BYTES
const VERSION = 1
const DOMAIN = utf8('tocsin/register/1\0')

// Deepest is card.nodeKeys[0].key; 64 keys of 4 pairs, 64 domains, 16 addresses leave ample room.
const VALUE_LIMITS = { maxBytes: MAX_REGISTER_VALUE, maxDepth: 4, maxItems: 2048 }

/** The number of a new version: above the last one, and never again one that a restored backup already used. */
export function nextRegisterNumber(last: number | undefined, now: number): number {
  return Math.max((last ?? 0) + 1, now)
}

/**
 * There is one closing of a stream for ever: it bears this number, so a second one is a fork and not a newer version.
 */
export const CLOSING_NUMBER = 1

/** Where a register is kept: SHA-256(kind ‖ author ‖ circle or stream ‖ subject), hex; zeros for what is not named. */
export function registerAddress(
  kind: RegisterKind,
  author: InstitutionId,
  circle?: CircleId | StreamId,
  subject?: InstitutionId
): string {
  const fields = writeFields(97, 'register-circle')
    .uint(REGISTER_CODES[kind], 1)
    .bytes(institutionKey(author), 32)
    .hex(circle, 32)
    .bytes(subject === undefined ? undefined : institutionKey(subject), 32)
  return sha256Hex(fields.done())
}

/** header ‖ value of a register, ready for its key, which may live on another machine; throws what `openRegister` would. */
export function prepareRegister(fields: RegisterFields): Uint8Array {
  const checked = REGISTER_RULES[fields.kind].schema.safeParse(fields.value)
  if (!checked.success) throw badValue(checked.error.issues)
  const value = encode(fields.value)
  const circle = fields.kind === 'charter' ? (fields.circle ?? circleIdOfBytes(value)) : fields.circle
  const author = institutionKey(fields.author)
  const header = writeFields(REGISTER_HEADER_BYTES, 'register-number')
    .uint(VERSION, 1)
    .uint(REGISTER_CODES[fields.kind], 1)
    .bytes(author, 32)
    .hex('signer' in fields && isNodeRegisterKind(fields.kind) ? fields.signer : toHex(author), 32)
    .hex(circle ?? fields.stream, 32)
    .bytes(fields.subject === undefined ? undefined : institutionKey(fields.subject), 32)
    .uint(fields.number, 8)
    .uint(value.length, 4)
    .done()
  const unsigned = concatBytes(header, value)
  readValue(readHeader(unsigned), unsigned)
  return unsigned
}

/** What signing these bytes would say: read again where the key is, which may not be where they were made. */
export function readUnsigned(unsigned: Uint8Array): Register {
  return readValue(readHeader(unsigned), unsigned)
}

/** Signs what `prepareRegister` made; the key must be the signer that the header names. */
export function signRegister(unsigned: Uint8Array, key: SigningKey): SignedRegister {
  return openRegister(concatBytes(unsigned, key.sign(concatBytes(DOMAIN, unsigned))))
}

/**
 * Reads header ‖ value ‖ signature: header, signature, value, and the node keys' proofs on a card, so that no stranger's
 * value is ever decoded. What needs other registers (is the author a member, does the charter bear this name) is
 * trust's question. The bytes are copied.
 */
export function openRegister(given: Uint8Array): SignedRegister {
  const split = given.length - SIGNATURE_BYTES
  if (split < REGISTER_HEADER_BYTES || given.length > MAX_REGISTER_BYTES) {
    throw new JournalError('register-length', undefined, { bytes: given.length })
  }
  const bytes = copyBytes(given)
  const unsigned = bytes.subarray(0, split)
  const header = readHeader(unsigned)
  const signer = admitKey(fromHex(header.signer))
  if (!verify(signer, concatBytes(DOMAIN, unsigned), bytes.subarray(split))) {
    throw new JournalError('register-signature')
  }
  const register = readValue(header, unsigned)
  if (register.kind === 'card') verifyCardProofs(register.value, register.author)
  const address = registerAddress(register.kind, register.author, register.circle ?? register.stream, register.subject)
  return { register, bytes, address, hash: sha256Hex(unsigned) }
}

/** The header alone: all that is read before the signature is known to be good. */
type Header = Omit<RegisterOf<RegisterKind>, 'value'>

function readHeader(unsigned: Uint8Array): Header {
  const fields = readFields(unsigned)
  if (fields.uint(1) !== VERSION) throw new JournalError('register-version', undefined, { version: unsigned[0] })
  const code = fields.uint(1) ?? 0
  const kind = REGISTERS_BY_CODE.get(code)
  if (kind === undefined) throw new JournalError('register-kind', undefined, { code })
  const author = fields.bytes(32)
  const signer = toHex(fields.bytes(32))
  const circle = fields.bytes(32)
  const subject = fields.bytes(32)
  const number = fields.uint(8)
  const length = fields.uint(4) ?? 0
  if (number === undefined || number === 0 || (kind === 'closing' && number !== CLOSING_NUMBER))
    throw new JournalError('register-number')
  if (length > MAX_REGISTER_VALUE || unsigned.length !== REGISTER_HEADER_BYTES + length) {
    throw new JournalError('register-length', undefined, { value: length, bytes: unsigned.length })
  }
  // A card certifies no root key as node key.
  if ((signer === toHex(author)) === isNodeRegisterKind(kind)) throw new JournalError('register-signer')
  const rule = REGISTER_RULES[kind]
  const namesStream = rule.stream === true
  if (isZero(circle) === (rule.circle || namesStream)) throw new JournalError('register-circle')
  if (isZero(subject) === rule.subject || equalBytes(subject, author)) throw new JournalError('register-subject')
  admitKey(author)
  if (rule.subject) admitKey(subject)
  return {
    kind,
    author: institutionId(author),
    signer: signer as NodeKey,
    ...(rule.circle && { circle: toHex(circle) as CircleId }),
    ...(rule.subject && { subject: institutionId(subject) }),
    ...(namesStream && { stream: toHex(circle) as StreamId }),
    number
  }
}

function readValue(header: Header, unsigned: Uint8Array): Register {
  const bytes = unsigned.subarray(REGISTER_HEADER_BYTES)
  const value = decode(bytes, VALUE_LIMITS)
  // An empty byte string is no map, though zod takes it for an object without keys.
  if (value instanceof Uint8Array) throw badValue([])
  const parsed = REGISTER_RULES[header.kind].schema.safeParse(value)
  if (!parsed.success) throw badValue(parsed.error.issues)
  const register = { ...header, value: parsed.data } as Register // kind chose the schema that value has just passed
  if (register.kind === 'charter') {
    if (circleIdOfBytes(bytes) !== register.circle) throw new JournalError('register-circle')
    if (!register.value.founders.includes(register.author)) throw new JournalError('charter-author')
  }
  if (register.kind === 'closing') checkClosing(register.value, register)
  return register
}

function badValue(issues: readonly { readonly path: PropertyKey[]; readonly message: string }[]): JournalError {
  // Paths only: messages and values may repeat what a peer wrote.
  const paths = issues.slice(0, 8).map((issue) => issue.path.map(String).join('.'))
  return new JournalError(
    'register-value',
    `The value breaks the schema of its kind at ${paths.join(', ') || 'its root'}.`,
    { paths }
  )
}
