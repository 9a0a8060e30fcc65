/** A replica in memory for the tests of sync: real keys, chains and digests; its admit judges shell and hop as DESIGN §4 and §5 say. */
import {
  bodyMatches,
  concatBytes,
  type DecodedDescriptor,
  decodeDescriptor,
  encodeDescriptor,
  fromHex,
  institutionId,
  nodeKey,
  parseSignedHeader,
  quarterOf,
  type SignedHeader,
  type SigningKey,
  type StreamDescriptor,
  sealEntry,
  sha256Hex,
  signedHeaderBytes,
  signingKey,
  toHex
} from '@tocsin/journal'
import type { CircleId, EntryId, InstitutionId, StreamId } from '@tocsin/model'
import { sealHopProof } from '@tocsin/trust'
import type { IncomingBatch, Outcome, PortVerdict, Row, Scope, SyncReplica, WireEntry } from '../ports.ts'
import { randomBytes } from './random.ts'

/** 2026-11-24T09:00:00Z. */
export const START = Date.UTC(2026, 10, 24, 9)
const DAY = 86_400_000

export interface Held extends WireEntry {
  readonly signed: SignedHeader
}

interface HeldStream {
  readonly decoded: DecodedDescriptor
  readonly entries: Held[]
}

interface HeldRegister {
  readonly number: number
  readonly hash: string
  readonly bytes: Uint8Array
  readonly order: number
  readonly circle: CircleId | undefined
}

export interface MemoryReplica extends SyncReplica {
  readonly institution: InstitutionId
  /** Members by circle, as this replica sees them; change it, then tell the sessions `roster-changed`. */
  readonly circles: Map<CircleId, Set<InstitutionId>>
  readonly streams: Map<StreamId, HeldStream>
  readonly registers: Map<string, HeldRegister>
  /** Codes with which admit ignores whole streams. */
  readonly ignores: Map<StreamId, string>
  /** Codes of everything admit did not accept, in order. */
  readonly refused: string[]
  openStream(options: {
    tlp: 'CLEAR' | 'GREEN' | 'AMBER' | 'RED'
    circle?: CircleId
    recipient?: InstitutionId
    kind?: 'log' | 'retraction'
  }): StreamId
  /** Seals and keeps an entry with a body of these bytes. */
  publish(stream: StreamId, body: Uint8Array, clock?: number): SignedHeader
  setRegister(order: number, subject: string, number: number, circle?: CircleId, value?: Uint8Array): string
  admit(batch: IncomingBatch): Outcome
  /** Answers with the outcome the addresses that were new. */
  admitRegisters(registers: readonly Uint8Array[]): { outcome: Outcome; fresh: string[] }
  /** Heads and registers in one comparable text. */
  summary(filter?: (stream: StreamDescriptor) => boolean): string
  restart(): void
}

export function createMemoryReplica(random: () => number): MemoryReplica {
  const root = signingKey(randomBytes(random, 32))
  const node: SigningKey = signingKey(randomBytes(random, 32))
  const institution = institutionId(root.publicKey)
  const circles = new Map<CircleId, Set<InstitutionId>>()
  const streams = new Map<StreamId, HeldStream>()
  const registers = new Map<string, HeldRegister>()
  const ignores = new Map<StreamId, string>()
  const refused: string[] = []
  // Streams of which something was refused for its hop.
  const shown = new Map<string, StreamDescriptor>()
  const proof = randomBytes(random, 64)
  let instance = toHex(randomBytes(random, 16))

  const isMember = (circle: CircleId | undefined, who: InstitutionId): boolean =>
    circle !== undefined && (circles.get(circle)?.has(who) ?? false)

  const hop = (stream: StreamDescriptor, from: InstitutionId, to: InstitutionId): PortVerdict => {
    if (to === stream.author) return { allowed: true }
    if (stream.tlp === 'RED') {
      return from === stream.author && to === stream.recipient
        ? { allowed: true }
        : { allowed: false, code: 'red-relayed' }
    }
    if (stream.tlp !== 'AMBER') return { allowed: true }
    const all = [from, to, stream.author].every((who) => isMember(stream.circle, who))
    return all ? { allowed: true } : { allowed: false, code: 'amber-sender-not-member' }
  }

  const mayRegister = (register: HeldRegister, peer: InstitutionId): boolean =>
    register.circle === undefined || isMember(register.circle, peer)

  const refuse = (verdict: 'ignore' | 'reject', code: string, have: number, from?: number): Outcome => {
    refused.push(code)
    return { accepted: 0, verdict, code, have, from }
  }

  const headOf = (stream: StreamId): { seq: number; id: EntryId } | undefined => {
    const last = streams.get(stream)?.entries.at(-1)
    return last && { seq: last.signed.header.seq, id: last.signed.id }
  }

  const streamRows = (peer: InstitutionId, scope: Scope): Row[] =>
    [...streams].flatMap(([key, { decoded, entries }]) => {
      const { descriptor } = decoded
      const head = entries.at(-1)
      if (head === undefined || (descriptor.circle ?? 'direct') !== scope) return []
      if (!hop(descriptor, institution, peer).allowed) return []
      const { seq, clock } = head.signed.header
      const order = descriptor.kind === 'retraction' ? 3 : 4
      return [{ kind: 'stream' as const, key, number: seq, hash: head.signed.id, order, newest: clock }]
    })

  const replica: MemoryReplica = {
    institution,
    circles,
    streams,
    registers,
    ignores,
    refused,
    self: () => ({
      institution,
      nodeKey: nodeKey(node.publicKey),
      instance,
      instanceProof: proof,
      card: { number: START, hash: sha256Hex(root.publicKey) }
    }),
    sharedCircles: (peer) =>
      [...circles.keys()].filter((circle) => isMember(circle, peer) && isMember(circle, institution)),
    rows: (peer, scope) => [
      ...streamRows(peer, scope),
      ...[...registers]
        .filter(([, register]) => (register.circle ?? 'direct') === scope && mayRegister(register, peer))
        .map(([key, { number, hash, order }]) => ({ kind: 'register' as const, key, number, hash, order, newest: 0 }))
    ],
    descriptor: (stream) => streams.get(stream)?.decoded.bytes,
    head: headOf,
    idAt: (stream, seq) => streams.get(stream)?.entries[seq - 1]?.signed.id,
    read(stream, firstSeq, maxBytes) {
      const chosen: WireEntry[] = []
      let size = 0
      for (const entry of streams.get(stream)?.entries.slice(firstSeq - 1) ?? []) {
        size += entry.header.length + (entry.body?.length ?? 0)
        if (chosen.length > 0 && size > maxBytes) break
        chosen.push(entry)
      }
      return chosen
    },
    register: (address) => registers.get(address)?.bytes,
    registerHead: (address) => registers.get(address),
    maySend(peer, stream) {
      const held = streams.get(stream)
      return held === undefined
        ? { allowed: false, code: 'unknown-stream' }
        : hop(held.decoded.descriptor, institution, peer)
    },
    maySendRegister(peer, address) {
      const held = registers.get(address)
      return held !== undefined && mayRegister(held, peer) ? { allowed: true } : { allowed: false, code: 'not-member' }
    },
    mayAccept: (peer, descriptor) => hop(descriptor, peer, institution),
    refuses: (peer, key) => {
      const descriptor = shown.get(key)
      const verdict = descriptor === undefined ? undefined : hop(descriptor, peer, institution)
      if (descriptor === undefined || verdict?.allowed !== false) return undefined
      return { code: verdict.code, descriptor }
    },
    hopProof: (to, stream, first, last, lastId) =>
      sealHopProof(node, {
        from: institution,
        to,
        stream,
        first,
        last,
        lastId,
        day: Math.floor(START / DAY),
        time: START
      }),
    openStream({ tlp, circle, recipient, kind = 'log' }) {
      const decoded = decodeDescriptor(
        encodeDescriptor({
          author: institution,
          nodeKey: nodeKey(node.publicKey),
          incarnation: toHex(randomBytes(random, 16)),
          quarter: quarterOf(START),
          kind,
          tlp,
          ...(circle && { circle }),
          ...(recipient && { recipient })
        })
      )
      streams.set(decoded.id, { decoded, entries: [] })
      return decoded.id
    },
    publish(stream, body, clock = START) {
      const held = streams.get(stream)
      if (held === undefined) throw new Error('no such stream')
      const before = held.entries.at(-1)?.signed
      const signed = sealEntry(
        node,
        {
          stream,
          seq: (before?.header.seq ?? 0) + 1,
          previous: before?.id ?? null,
          clock: Math.max(clock, before?.header.clock ?? 0),
          kind: 'attachment',
          keepUntil: START + 30 * DAY
        },
        body
      )
      held.entries.push({ header: signedHeaderBytes(signed), body, signed })
      return signed
    },
    setRegister(order, subject, number, circle, value = new Uint8Array(40)) {
      const bytes = testRegister(order, subject, number, circle, value)
      const { address, ...register } = readTestRegister(bytes)
      registers.set(address, register)
      return address
    },
    admit({ from, descriptor, entries }) {
      const decoded = decodeDescriptor(descriptor)
      const held = streams.get(decoded.id)
      let have = headOf(decoded.id)?.seq ?? 0
      const verdict = hop(decoded.descriptor, from, institution)
      if (!verdict.allowed) {
        shown.set(decoded.id, decoded.descriptor)
        return refuse(decoded.descriptor.tlp === 'RED' ? 'reject' : 'ignore', verdict.code, have)
      }
      const ignored = ignores.get(decoded.id)
      if (ignored !== undefined) return refuse('ignore', ignored, have)
      const chain = held?.entries ?? []
      let accepted = 0
      for (const { header, body } of entries) {
        const signed = parseSignedHeader(header)
        const { seq, previous } = signed.header
        if (seq <= have) {
          if (chain[seq - 1]?.signed.id !== signed.id) return refuse('ignore', 'fork', have)
          continue
        }
        if (seq !== have + 1) return refuse('ignore', 'seq-gap', have)
        if (previous !== (chain.at(-1)?.signed.id ?? null)) return refuse('ignore', 'fork', have, Math.max(1, have))
        if (body === null || !bodyMatches(signed.header, body)) return refuse('reject', 'body-mismatch', have)
        chain.push({ header, body, signed })
        have = seq
        accepted++
      }
      if (held === undefined) streams.set(decoded.id, { decoded, entries: chain })
      return { accepted, verdict: 'accept', have }
    },
    admitRegisters(list) {
      const fresh: string[] = []
      for (const bytes of list) {
        const { address, ...register } = readTestRegister(bytes)
        const held = registers.get(address)
        if (held !== undefined && held.number >= register.number) continue
        registers.set(address, register)
        fresh.push(address)
      }
      return { outcome: { accepted: fresh.length, verdict: 'accept', have: 0 }, fresh }
    },
    summary(filter = () => true) {
      const heads = [...streams]
        .filter(([, { decoded, entries }]) => entries.length > 0 && filter(decoded.descriptor))
        .map(([key]) => `${key} ${headOf(key)?.seq} ${headOf(key)?.id}`)
      const numbers = [...registers].map(([key, { number, hash }]) => `${key} ${number} ${hash}`)
      return [...heads, ...numbers].sort().join('\n')
    },
    restart() {
      instance = toHex(randomBytes(random, 16))
    }
  }
  return replica
}

/** Not the journal's registers: order 1 · has circle 1 · circle 32 · address 32 · number 8 · value. Sync carries bytes. */
function testRegister(
  order: number,
  subject: string,
  number: number,
  circle: CircleId | undefined,
  value: Uint8Array
): Uint8Array {
  const address = sha256Hex(new TextEncoder().encode(`${order} ${circle ?? ''} ${subject}`))
  const fields = new Uint8Array(8)
  new DataView(fields.buffer).setBigUint64(0, BigInt(number))
  const flags = Uint8Array.of(order, circle === undefined ? 0 : 1)
  return concatBytes(flags, fromHex(circle ?? '00'.repeat(32)), fromHex(address), fields, value)
}

function readTestRegister(bytes: Uint8Array): HeldRegister & { address: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    order: bytes[0] ?? 0,
    circle: bytes[1] === 1 ? (toHex(bytes.subarray(2, 34)) as CircleId) : undefined,
    address: toHex(bytes.subarray(34, 66)),
    number: Number(view.getBigUint64(66)),
    hash: sha256Hex(bytes),
    bytes
  }
}
