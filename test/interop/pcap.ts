/** Network traffic as a file of tcpdump: what a sensor would have seen, made octet by octet. */
import { isIPv4 } from 'node:net'

/** One end of a flow. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

export interface Capture {
  /** One datagram. */
  datagram(from: Endpoint, to: Endpoint, data: Buffer): void
  /** A whole connection: who opens it says the first part, and so on in turn. */
  connection(client: Endpoint, server: Endpoint, parts: readonly Buffer[]): void
  /** The file, in the classic format of libpcap. */
  file(): Buffer
}

const UDP = 17
const TCP = 6
const FIN = 1
const SYN = 2
const PUSH = 8
const ACK = 16

/** Packets follow each other by a millisecond, from `start` on (s since the epoch). Checksums are left at zero. */
export function createCapture(start: number): Capture {
  const packets: Buffer[] = []

  function add(from: string, to: string, protocol: number, data: Buffer): void {
    const packet = frame(from, to, protocol, data)
    const head = Buffer.alloc(16)
    head.writeUInt32LE(start + Math.floor(packets.length / 1000), 0)
    head.writeUInt32LE((packets.length % 1000) * 1000, 4)
    head.writeUInt32LE(packet.length, 8)
    head.writeUInt32LE(packet.length, 12)
    packets.push(Buffer.concat([head, packet]))
  }

  return {
    datagram: (from, to, data) => {
      const head = Buffer.alloc(8)
      head.writeUInt16BE(from.port, 0)
      head.writeUInt16BE(to.port, 2)
      head.writeUInt16BE(8 + data.length, 4)
      add(from.address, to.address, UDP, Buffer.concat([head, data]))
    },
    connection: (client, server, parts) => {
      const next = { client: 1000, server: 5000 }
      const send = (who: 'client' | 'server', flags: number, data: Buffer = Buffer.alloc(0)): void => {
        const [from, to] = who === 'client' ? [client, server] : [server, client]
        const other = who === 'client' ? 'server' : 'client'
        add(from.address, to.address, TCP, segment(from, to, next[who], flags & ACK ? next[other] : 0, flags, data))
        next[who] += data.length + (flags & (SYN | FIN) ? 1 : 0)
      }
      send('client', SYN)
      send('server', SYN | ACK)
      send('client', ACK)
      for (const [index, part] of parts.entries()) {
        const [who, other] = index % 2 === 0 ? (['client', 'server'] as const) : (['server', 'client'] as const)
        send(who, PUSH | ACK, part)
        send(other, ACK)
      }
      send('client', FIN | ACK)
      send('server', FIN | ACK)
      send('client', ACK)
    },
    file: () => {
      const head = Buffer.alloc(24)
      head.writeUInt32LE(0xa1b2c3d4, 0)
      head.writeUInt16LE(2, 4)
      head.writeUInt16LE(4, 6)
      head.writeUInt32LE(65_535, 16)
      // Ethernet.
      head.writeUInt32LE(1, 20)
      return Buffer.concat([head, ...packets])
    }
  }
}

function segment(from: Endpoint, to: Endpoint, seq: number, ack: number, flags: number, data: Buffer): Buffer {
  const head = Buffer.alloc(20)
  head.writeUInt16BE(from.port, 0)
  head.writeUInt16BE(to.port, 2)
  head.writeUInt32BE(seq, 4)
  head.writeUInt32BE(ack, 8)
  head[12] = 5 << 4
  head[13] = flags
  head.writeUInt16BE(65_535, 14)
  return Buffer.concat([head, data])
}

/** An Ethernet frame around IPv4 or IPv6. */
function frame(from: string, to: string, protocol: number, data: Buffer): Buffer {
  const isFour = isIPv4(from)
  const link = Buffer.concat([Buffer.alloc(12, 2), Buffer.from(isFour ? [0x08, 0x00] : [0x86, 0xdd])])
  if (isFour) {
    const head = Buffer.alloc(20)
    head[0] = 0x45
    head.writeUInt16BE(20 + data.length, 2)
    head[8] = 64
    head[9] = protocol
    Buffer.from(from.split('.').map(Number)).copy(head, 12)
    Buffer.from(to.split('.').map(Number)).copy(head, 16)
    return Buffer.concat([link, head, data])
  }
  const head = Buffer.alloc(8)
  head[0] = 0x60
  head.writeUInt16BE(data.length, 4)
  head[6] = protocol
  head[7] = 64
  return Buffer.concat([link, head, sixteen(from), sixteen(to), data])
}

function sixteen(address: string): Buffer {
  const [left = '', right = ''] = address.split('::')
  const words = (text: string) => (text === '' ? [] : text.split(':'))
  const gap = Array<string>(8 - words(left).length - words(right).length).fill('0')
  return Buffer.from([...words(left), ...gap, ...words(right)].map((word) => word.padStart(4, '0')).join(''), 'hex')
}

/** A question of DNS for the address of a name. */
export function question(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]))
  const head = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, 1, 0, 1])])
}

/** A first message of TLS 1.2 with one cipher suite (1301), asking for this name: its JA3 is of `771,4865,0,,`. */
export function clientHello(name: string): Buffer {
  const host = Buffer.from(name)
  const u16 = (value: number) => Buffer.from([value >> 8, value & 255])
  const entry = Buffer.concat([Buffer.of(0), u16(host.length), host])
  const extension = Buffer.concat([u16(0), u16(entry.length + 2), u16(entry.length), entry])
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    Buffer.of(0),
    Buffer.from([0, 2, 0x13, 0x01]),
    Buffer.from([1, 0]),
    u16(extension.length),
    extension
  ])
  const handshake = Buffer.concat([Buffer.from([1, 0]), u16(body.length), body])
  return Buffer.concat([Buffer.from([22, 3, 1]), u16(handshake.length), handshake])
}
