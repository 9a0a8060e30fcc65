/** What DNS messages are made of, as numbers (RFC 1035 §3.2, §4.1; RFC 1995; RFC 5936; RFC 6891; RFC 8945). */

export const TYPE = { NS: 2, CNAME: 5, SOA: 6, OPT: 41, TSIG: 250, IXFR: 251, AXFR: 252 } as const
export const CLASS = { IN: 1, ANY: 255 } as const
export const OPCODE = { QUERY: 0, NOTIFY: 4 } as const
export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, REFUSED: 5, NOTAUTH: 9 } as const

/** Octets of a message's header (RFC 1035 §4.1.1). */
export const HEADER = 12

/** A pointer to the name of the question, which always stands right behind the header (RFC 1035 §4.1.4). */
export const QUESTION_NAME = Buffer.from([0xc0, HEADER])

/** A name (dotted, ASCII, no escapes, final dot or none) uncompressed, in the canonical lower case of RFC 4034 §6.2. */
export function wireName(name: string): Buffer {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.')
  const parts = labels.filter((label) => label !== '').flatMap((label) => [Buffer.of(label.length), Buffer.from(label)])
  return Buffer.concat([...parts, Buffer.of(0)])
}

/** Octets of the uncompressed name at `offset`; undefined if it is compressed, cut off or beyond 255 octets. */
export function nameLength(bytes: Buffer, offset: number): number | undefined {
  for (let at = offset; at < bytes.length && at - offset < 255; ) {
    const length = bytes[at] ?? 0
    if (length > 63) return undefined
    at += length + 1
    if (length === 0) return at - offset
  }
  return undefined
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

/** 48 bits, as TSIG counts seconds. */
export function u48(value: number): Buffer {
  const bytes = Buffer.alloc(6)
  bytes.writeUIntBE(value, 0, 6)
  return bytes
}
