import {
  type DecodedDescriptor,
  decodeDescriptor,
  encodeDescriptor,
  nodeKey,
  prepareRegister,
  proveNodeKey,
  type SignedHeader,
  type SigningKey,
  type StreamDescriptor,
  sealEntry,
  sha256,
  signingKey,
  signRegister,
  utf8
} from '@tocsin/journal'
import type { EntryId } from '@tocsin/model'
import { type HopProof, type HopProofFields, parseHopProof, sealHopProof } from './hop-proof.ts'
import { accepts, CIRCLE, charterOf, DAY, fold, institution, rootKey } from './test-fixtures.ts'

/** The first millisecond of the day. */
export const NOW = DAY * 86_400_000
const QUARTER = 219 // of NOW: 20 000 days are 54 years and 9 months
const MEMBERS = ['author', 'relay', 'receiver']
/** Author, relay and receiver are its members. */
export const roster = fold(
  charterOf(MEMBERS, 2),
  MEMBERS.map((name) => accepts(name))
)

/** The node key of an institution, always the same. */
export function node(name: string): SigningKey {
  return signingKey(sha256(utf8(`node of ${name}`)))
}

/** The card of an institution; a key with `until` is one it has retired. */
export function card(name: string, keys: { key: SigningKey; until?: number }[] = [{ key: node(name) }]): Uint8Array {
  const root = rootKey(name)
  const nodeKeys = keys.map(({ key, until }) => ({
    key: nodeKey(key.publicKey),
    from: 0,
    ...(until === undefined ? {} : { until }),
    proof: proveNodeKey(key, root.publicKey)
  }))
  const value = {
    name,
    domains: [],
    contact: '',
    addresses: [],
    nodeKeys,
    next: nodeKey(node(`next ${name}`).publicKey)
  }
  return signRegister(prepareRegister({ kind: 'card', author: institution(name), number: 1, value }), root).bytes
}

/** A stream of an institution; AMBER+STRICT unless said otherwise. */
export function streamOf(author: string, change: Partial<StreamDescriptor> = {}): DecodedDescriptor {
  const labels = { tlp: 'AMBER+STRICT' as const, circle: CIRCLE }
  return decodeDescriptor(
    encodeDescriptor({
      author: institution(author),
      nodeKey: nodeKey(node(author).publicKey),
      incarnation: '0f'.repeat(16),
      quarter: QUARTER,
      kind: 'log',
      ...(change.tlp === undefined ? labels : {}),
      ...change
    } as StreamDescriptor)
  )
}

/** An entry signed by an institution's node, whoever's the stream. */
export function entryIn(stream: DecodedDescriptor, author: string, body = 'body', seq = 1): SignedHeader {
  const previous = seq === 1 ? null : ('99'.repeat(32) as EntryId)
  const fields = { stream: stream.id, seq, previous, clock: NOW, keepUntil: NOW, kind: 'bulletin' as const }
  return sealEntry(node(author), fields, utf8(body))
}

/** A proof that the relay handed the entry to the receiver, signed by `by`. */
export function proofOf(
  stream: DecodedDescriptor,
  last: SignedHeader,
  change: Partial<HopProofFields> = {},
  by = 'relay'
): HopProof {
  const fields = {
    from: institution('relay'),
    to: institution('receiver'),
    stream: stream.id,
    first: 1,
    last: last.header.seq,
    lastId: last.id,
    day: DAY,
    time: NOW,
    ...change
  }
  return parseHopProof(sealHopProof(node(by), fields))
}
