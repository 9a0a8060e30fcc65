/** The records of a policy zone in messages: owners end in a pointer to the zone's name in the question. */
import { type Answer, encode, type SoaAnswer } from 'dns-packet'
import { RPZ_CONTACT, RPZ_HOST, RPZ_TIMERS } from '../feeds/rpz.ts'
import { CLASS, HEADER, QUESTION_NAME, TYPE, u16 } from './wire.ts'

/** What of a zone does not change. `ttl` in seconds. */
export interface ZoneFacts {
  readonly name: string
  readonly ttl: number
}

/**
 * Octets of the records in one message. A TSIG record, the question and the header have room behind it in the 65535
 * of a message over TCP (RFC 1035 §4.2.2).
 */
const MESSAGE = 60_000

/** As `dns-packet` writes the record's data; the owner is the pointer. */
export function soaRecord({ ttl }: ZoneFacts, serial: number): Buffer {
  const data = { mname: RPZ_HOST, rname: RPZ_CONTACT, serial, ...RPZ_TIMERS, minimum: ttl }
  return atApex({ type: 'SOA', name: '.', ttl, class: 'IN', data } satisfies SoaAnswer)
}

export function nsRecord({ ttl }: ZoneFacts): Buffer {
  return atApex({ type: 'NS', name: '.', ttl, class: 'IN', data: RPZ_HOST })
}

/** A record of the root's, moved to the name of the question. */
function atApex(record: Answer): Buffer {
  const written = encode({ answers: [record] })
  return Buffer.concat([QUESTION_NAME, written.subarray(HEADER + 1)])
}

/** `owner CNAME .`; the owner is relative, ASCII, and has no empty label. */
export function policyRecord(owner: string, { ttl }: ZoneFacts): Buffer {
  // Length octet and labels, pointer 2, type 2, class 2, TTL 4, length 2, the root 1.
  const record = Buffer.allocUnsafe(owner.length + 1 + 13)
  record.write(owner, 1, 'latin1')
  let label = 0
  for (let at = 1; at <= owner.length + 1; at += 1) {
    if (at <= owner.length && record[at] !== 0x2e) continue
    record[label] = at - label - 1
    label = at
  }
  QUESTION_NAME.copy(record, label)
  record.writeUInt16BE(TYPE.CNAME, label + 2)
  record.writeUInt16BE(CLASS.IN, label + 4)
  record.writeUInt32BE(ttl, label + 6)
  record.writeUInt16BE(1, label + 10)
  record[label + 12] = 0
  return record
}

/** What all messages of one answer share. */
export interface AnswerHead {
  readonly id: number
  readonly opcode: number
  readonly rcode: number
  /** Whether we speak for the name of the question (AA, RFC 1035 §4.1.1). */
  readonly authoritative: boolean
  readonly question: Buffer
  readonly edns: boolean
}

/** One message: the question again, these records, and an OPT record for who sent one (RFC 6891 §6.1.1). */
export function answerMessage(head: AnswerHead, records: readonly Buffer[]): Buffer {
  const { id, opcode, rcode, authoritative, question, edns } = head
  const flags = 0x8000 | (opcode << 11) | (authoritative ? 0x0400 : 0) | rcode
  const counts = [1, records.length, 0, edns ? 1 : 0]
  const header = Buffer.concat([id, flags, ...counts].map(u16))
  return Buffer.concat([header, question, ...records, ...(edns ? [OPT] : [])])
}

/** Root, OPT, 1232 octets of UDP (what passes everywhere), no flags, no options. */
const OPT = Buffer.concat([Buffer.of(0), u16(TYPE.OPT), u16(1232), Buffer.alloc(4), u16(0)])

/** Records in as few messages as they fit into. */
export function* packed(head: AnswerHead, records: Iterable<Buffer>): Generator<Buffer> {
  let size = 0
  let some: Buffer[] = []
  for (const record of records) {
    if (size + record.length > MESSAGE) {
      yield answerMessage(head, some)
      some = []
      size = 0
    }
    some.push(record)
    size += record.length
  }
  yield answerMessage(head, some)
}
