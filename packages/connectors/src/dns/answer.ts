/**
 * The whole of our DNS door as a function: a message comes, its answer's messages go. SOA, AXFR and IXFR of one zone;
 * everything else is refused in as many octets as it came in.
 */
import { type DnsQuery, readQuery } from './query.ts'
import { type AnswerHead, answerMessage, packed, soaRecord, type ZoneFacts } from './records.ts'
import { incrementOf, wholeZone } from './transfer.ts'
import { createTsigSigner, type TsigKey, tsigRefusal, verifyTsig } from './tsig.ts'
import { OPCODE, RCODE, TYPE, wireName } from './wire.ts'
import type { PolicyZone } from './zone.ts'

export interface DnsDoorOptions {
  readonly facts: ZoneFacts
  readonly zone: PolicyZone
  /** Whoever asks must hold one of these; with none, the caller lets nobody but this machine in. */
  readonly keys: readonly TsigKey[]
  /** ms since the epoch. */
  readonly now: () => number
}

/** What became of a query: for counters and the log. */
export type DnsOutcome =
  | 'soa'
  | 'axfr'
  | 'ixfr'
  | 'refused'
  | 'not-signed'
  | 'not-ready'
  | 'malformed'
  | 'BADSIG'
  | 'BADKEY'
  | 'BADTIME'
  | 'BADTRUNC'

export interface DnsAnswer {
  readonly outcome: DnsOutcome
  /** Made as they are asked for: a zone is never held as messages. Over UDP at most one. */
  readonly messages: Iterable<Buffer>
}

export type DnsDoor = (message: Buffer, via: 'udp' | 'tcp') => DnsAnswer

export function createDnsDoor({ facts, zone, keys, now }: DnsDoorOptions): DnsDoor {
  const name = wireName(facts.name).toString('latin1')
  const isOurs = (query: DnsQuery): boolean =>
    query.opcode === OPCODE.QUERY && query.isInternet && query.name.toString('latin1').toLowerCase() === name

  /** The records of the answer, or the response code that stands for them. */
  function recordsFor(query: DnsQuery, via: 'udp' | 'tcp'): [DnsOutcome, Iterable<Buffer>] | [DnsOutcome, number] {
    if (!isOurs(query)) return ['refused', RCODE.REFUSED]
    const version = zone.current()
    const soa = () => [soaRecord(facts, version?.serial ?? 0)]
    switch (query.type) {
      case TYPE.SOA:
        return version === undefined ? ['not-ready', RCODE.SERVFAIL] : ['soa', soa()]
      case TYPE.AXFR:
        // RFC 5936 §4.2: not over UDP.
        if (via === 'udp') return ['refused', RCODE.REFUSED]
        return version === undefined ? ['not-ready', RCODE.SERVFAIL] : ['axfr', wholeZone(facts, version)]
      case TYPE.IXFR:
        if (query.serial === undefined) return ['malformed', RCODE.FORMERR]
        if (version === undefined) return ['not-ready', RCODE.SERVFAIL]
        // RFC 1995 §2: what does not fit is one SOA, which sends the asker to TCP. Over UDP nothing larger leaves here.
        return ['ixfr', via === 'udp' ? soa() : incrementOf(facts, zone, version, query.serial)]
      default:
        return ['refused', RCODE.REFUSED]
    }
  }

  return (message, via) => {
    const read = readQuery(message)
    if (!read.ok) return { outcome: 'malformed', messages: read.reply === undefined ? [] : [read.reply] }
    const { query } = read
    const { tsig } = query
    const head = (rcode: number): AnswerHead => ({ ...query, rcode, authoritative: rcode === RCODE.NOERROR })
    if (tsig === undefined) {
      if (keys.length > 0) return { outcome: 'not-signed', messages: [answerMessage(head(RCODE.REFUSED), [])] }
      const [outcome, what] = recordsFor(query, via)
      return { outcome, messages: messagesOf(head, what) }
    }
    const verdict = verifyTsig(query.unsigned, tsig, keys, now())
    if (!verdict.ok) {
      const refusal = answerMessage(head(RCODE.NOTAUTH), [])
      return { outcome: verdict.error, messages: [tsigRefusal(refusal, tsig, verdict, now())] }
    }
    const [outcome, what] = recordsFor(query, via)
    return { outcome, messages: signed(messagesOf(head, what), createTsigSigner(verdict.key, tsig.mac, now)) }
  }
}

function messagesOf(head: (rcode: number) => AnswerHead, what: Iterable<Buffer> | number): Iterable<Buffer> {
  return typeof what === 'number' ? [answerMessage(head(what), [])] : packed(head(RCODE.NOERROR), what)
}

function* signed(messages: Iterable<Buffer>, sign: (message: Buffer) => Buffer): Generator<Buffer> {
  for (const message of messages) yield sign(message)
}
