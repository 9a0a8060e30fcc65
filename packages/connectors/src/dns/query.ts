/** Reads what somebody sends to our DNS door: bounded before it is decoded, and nothing taken on trust. */
import { type Answer, decode } from 'dns-packet'
import { readTsig, type Tsig } from './tsig.ts'
import { CLASS, HEADER, nameLength, RCODE } from './wire.ts'

/** Octets: a name and a key of 255 each, the SOA of an IXFR, options and a TSIG record fit well. */
export const MAX_QUERY = 2048

export interface DnsQuery {
  readonly id: number
  readonly opcode: number
  /** Name, type and class as they came, for the answer to repeat. */
  readonly question: Buffer
  /** The question's name: uncompressed, letters as they came. */
  readonly name: Buffer
  readonly type: number
  readonly isInternet: boolean
  /** The serial that the asker of an IXFR has (RFC 1995 §3). */
  readonly serial: number | undefined
  /** The asker speaks EDNS (RFC 6891) and is to be told that we do. */
  readonly edns: boolean
  readonly tsig: Tsig | undefined
  /** The message without its TSIG record: what the MAC covers. */
  readonly unsigned: Buffer
}

/** A query; or the message that is all the answer it gets, none for what must not be answered. */
export type ReadQuery =
  | { readonly ok: true; readonly query: DnsQuery }
  | { readonly ok: false; readonly reply: Buffer | undefined }

/** Never throws. What is an answer itself gets none: two servers could talk for ever. */
export function readQuery(message: Buffer): ReadQuery {
  if (message.length < HEADER || message.length > MAX_QUERY || isResponse(message)) {
    return { ok: false, reply: undefined }
  }
  const query = parse(message)
  return query === undefined ? { ok: false, reply: malformed(message) } : { ok: true, query }
}

export function isResponse(message: Buffer): boolean {
  return ((message[2] ?? 0) & 0x80) !== 0
}

function parse(message: Buffer): DnsQuery | undefined {
  const named = nameLength(message, HEADER)
  if (message.readUInt16BE(4) !== 1 || named === undefined || message.length < HEADER + named + 4) return undefined
  const read = readSections(message)
  if (read === undefined) return undefined
  const questionEnd = HEADER + named + 4
  return {
    ...read,
    id: message.readUInt16BE(0),
    opcode: ((message[2] ?? 0) >> 3) & 15,
    question: message.subarray(HEADER, questionEnd),
    name: message.subarray(HEADER, HEADER + named),
    type: message.readUInt16BE(questionEnd - 4),
    isInternet: message.readUInt16BE(questionEnd - 2) === CLASS.IN
  }
}

/** What stands behind the question; undefined if it is malformed. */
export function readSections(
  message: Buffer
): { serial: number | undefined; edns: boolean; tsig: Tsig | undefined; unsigned: Buffer } | undefined {
  try {
    const { authorities = [], answers = [], additionals = [] } = decode(message)
    // RFC 8945 §5.1: the last of the whole message, and the only one.
    const all = [...answers, ...authorities, ...additionals]
    const signatures = all.filter(({ type }) => type === 'TSIG')
    const last = additionals.at(-1)
    if (
      decode.bytes !== message.length ||
      signatures.length > 1 ||
      (signatures.length === 1 && last?.type !== 'TSIG')
    ) {
      return undefined
    }
    const [first] = authorities
    const serial = first?.type === 'SOA' ? first.data.serial : undefined
    const edns = additionals.some(({ type }) => type === 'OPT')
    if (last?.type !== 'TSIG') return { serial, edns, tsig: undefined, unsigned: message }
    const tsig = tsigOf(last)
    return tsig === undefined ? undefined : { serial, edns, tsig, unsigned: withoutLast(message) }
  } catch {
    return undefined
  }
}

function tsigOf(record: Answer): Tsig | undefined {
  if (!('data' in record) || !Buffer.isBuffer(record.data)) return undefined
  // dns-packet takes the first bit of a class for one of multicast DNS.
  const isPlain = 'class' in record && record.class === 'ANY' && record.flush === false && record.ttl === 0
  return isPlain ? readTsig(record.name, record.data) : undefined
}

/** Decoding all but the last record says where that one begins. */
function withoutLast(message: Buffer): Buffer {
  const shorter = Buffer.from(message)
  shorter.writeUInt16BE(message.readUInt16BE(HEADER - 2) - 1, HEADER - 2)
  decode(shorter)
  return shorter.subarray(0, decode.bytes)
}

/** A header that says FORMERR and repeats nothing but id, opcode and RD (RFC 1035 §4.1.1). */
function malformed(message: Buffer): Buffer {
  const reply = Buffer.alloc(HEADER)
  message.copy(reply, 0, 0, 2)
  reply[2] = 0x80 | ((message[2] ?? 0) & 0x79)
  reply[3] = RCODE.FORMERR
  return reply
}
