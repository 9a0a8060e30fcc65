/** How each kind of case runs against the packages. Adding a kind here adds it to README.md. */
import {
  admitKey,
  bodyHashOf,
  bodyMatches,
  CHUNK,
  checkLink,
  chunkHashes,
  comparisonNumber,
  createViaSealer,
  decode,
  decodeDescriptor,
  encode,
  encodeDescriptor,
  fromHex,
  institutionId,
  institutionKey,
  openBody,
  openRegister,
  openVia,
  parseCardText,
  parseSignedHeader,
  prepareRegister,
  signedHeaderBytes,
  signingKey,
  toHex,
  verify,
  verifyEraseNow,
  verifyHeader
} from '@tocsin/journal'
import { type EntryId, entryKindOf, type InstitutionId, type NodeKey, type StreamId, type Verdict } from '@tocsin/model'
import { openInstance } from '@tocsin/replica'
import {
  bucketDigests,
  bucketOf,
  createLargeIn,
  createRestorer,
  DICTIONARY,
  decodeFrame,
  decompress,
  differenceOf,
  differingBuckets,
  digestOf,
  encodeFrame,
  markRows,
  readHeader,
  sketchOf,
  unpackEntries,
  writeMarks
} from '@tocsin/sync/testing'
import {
  checkHopProof,
  createRosterView,
  forkProofSigned,
  hopProofSignedBy,
  mayHop,
  mayHopFork,
  mayHopRegister,
  parseForkProof,
  parseHopProof,
  type Roster,
  rosterDigest,
  sealHopProof,
  verifyEvidence
} from '@tocsin/trust'
import { type DigestRow, rowsOf } from './build-digest.ts'
import { forkJson } from './build-fork.ts'
import { frameJson } from './build-frame.ts'
import type { HopInput, RosterInput } from './build-hop.ts'
import { type FreshnessInput, freshnessIn, presenceHex } from './build-presence.ts'
import { foldHex, rosterJson } from './build-roster.ts'
import { bytesOf, Refused } from './case.ts'
import { author, bulletinId } from './records.ts'
import { streamOf } from './world.ts'

/** Runs one input: returns what comes out, or throws an error with the code that refuses it. */
export type Run = (input: never) => unknown

const allowed = (verdict: Verdict): true => {
  if (!verdict.allowed) throw new Refused(verdict.code)
  return true
}
const good = (holds: boolean, code?: string): true => {
  if (!holds) throw new Refused(code)
  return true
}
const same = (made: Uint8Array, given: Uint8Array): void => {
  if (toHex(made) !== toHex(given)) throw new Error('what was accepted encodes to other bytes')
}

interface Hex {
  readonly hex: string
}

export const RUNS: Readonly<Record<string, Run>> = {
  'did-key': ({ id }: { id: string }) => {
    const key = institutionKey(id)
    if (institutionId(key) !== id) throw new Error('another spelling')
    return { key: toHex(key) }
  },
  'comparison-number': async ({ key }: { key: string }) => ({ number: await comparisonNumber(fromHex(key)) }),
  'card-text': ({ text }: { text: string }) => ({ hex: toHex(parseCardText(text)) }),
  ed25519: ({ publicKey, message, signature }: { publicKey: string; message: string; signature: string }) =>
    good(verify(admitKey(fromHex(publicKey)), fromHex(message), fromHex(signature))),
  cbor: ({ hex, ...limits }: { hex: string; maxBytes: number; maxDepth: number; maxItems: number }) => {
    const value = decode(bytesOf(hex), limits)
    same(encode(value), bytesOf(hex))
    return value
  },
  descriptor: ({ hex }: Hex) => {
    const { descriptor, id } = decodeDescriptor(fromHex(hex))
    same(encodeDescriptor(descriptor), fromHex(hex))
    return { id, descriptor }
  },
  'entry-header': ({ hex }: Hex) => {
    const signed = parseSignedHeader(fromHex(hex))
    same(signedHeaderBytes(signed), fromHex(hex))
    return { id: signed.id, header: signed.header }
  },
  'entry-signature': ({ descriptor, hex }: { descriptor: string; hex: string }) => {
    const { nodeKey } = decodeDescriptor(fromHex(descriptor)).descriptor
    return good(verifyHeader(admitKey(fromHex(nodeKey)), parseSignedHeader(fromHex(hex))), 'bad-signature')
  },
  'entry-link': ({ descriptor, previous, next }: { descriptor: string; previous: string | null; next: string }) => {
    const before = previous === null ? null : parseSignedHeader(fromHex(previous))
    return allowed(checkLink(before, parseSignedHeader(fromHex(next)), decodeDescriptor(fromHex(descriptor))))
  },
  'body-hash': ({ body }: { body: unknown }) => {
    const bytes = bytesOf(body)
    return { hash: bodyHashOf(bytes), chunks: toHex(chunkHashes(bytes)) }
  },
  'body-match': ({ hex, body }: { hex: string; body: string }) =>
    good(bodyMatches(parseSignedHeader(fromHex(hex)).header, fromHex(body)), 'body-mismatch'),
  body: ({ kind, hex }: { kind: number; hex: unknown }) => {
    const opened = openBody(entryKindOf(kind) ?? kind, bytesOf(hex))
    if (!opened.ok) throw new Refused(opened.code)
    return opened.value
  },
  indicator: (indicator: { type: string; value: string }) => {
    const sighting = { bulletin: bulletinId, author, indicator, kind: 'sighting', count: 1 }
    const opened = openBody('sighting', encode([new Uint8Array(16), 1, sighting]))
    if (!opened.ok) throw new Refused(opened.code)
    return true
  },
  register: ({ hex }: { hex: unknown }) => {
    const bytes = bytesOf(hex)
    const { register, address, hash } = openRegister(bytes)
    same(prepareRegister(register), bytes.subarray(0, -64))
    return { address, hash, register }
  },
  'erase-now': (it: { author: InstitutionId; targets: EntryId[]; eraseNow: string }) =>
    good(verifyEraseNow(it.author, it.targets, it.eraseNow)),
  'instance-proof': ({ hex, nodeKey }: { hex: string; nodeKey: NodeKey }) => {
    const opened = openInstance(fromHex(hex), nodeKey)
    if (opened === undefined) throw new Refused()
    return opened
  },
  'hop-proof': ({ hex }: Hex) => {
    const { bytes, ...fields } = parseHopProof(fromHex(hex))
    // Whoever signs it: the fields come out in the same places.
    const again = sealHopProof({ publicKey: bytes, sign: () => bytes.subarray(189), agree: () => undefined }, fields)
    same(again, bytes)
    return fields
  },
  'hop-proof-signature': ({ hex, nodeKey }: { hex: string; nodeKey: string }) =>
    good(hopProofSignedBy(parseHopProof(fromHex(hex)), admitKey(fromHex(nodeKey)))),
  'hop-proof-check': (it: { hex: string; batch: Parameters<typeof checkHopProof>[1]; now: number }) =>
    allowed(checkHopProof(parseHopProof(fromHex(it.hex)), it.batch, it.now)),
  hop: ({ stream, from, to, circles, peers, anyClearAuthor }: HopInput) => {
    const rosters = Object.entries(circles).map(([circle, members]) =>
      rosterOf(circle, { members, founders: [], candidates: {}, struck: [], resigned: [] })
    )
    const view = createRosterView({ rosters, peers, ...(anyClearAuthor === undefined ? {} : { anyClearAuthor }) })
    return allowed(mayHop(stream as Parameters<typeof mayHop>[0], from, to, view))
  },
  'hop-register': (it: {
    register: Parameters<typeof mayHopRegister>[0]
    from: InstitutionId
    to: InstitutionId
    circles: Record<string, RosterInput>
    asker: 'from' | 'to'
  }) => {
    const rosters = Object.entries(it.circles).map(([circle, roster]) => rosterOf(circle, roster))
    const view = createRosterView({ rosters, peers: [] })
    return allowed(mayHopRegister(it.register, it.from, it.to, view, it[it.asker]))
  },
  'hop-fork': (it: Omit<HopInput, 'circles'> & { circles: Record<string, RosterInput> }) => {
    const rosters = Object.entries(it.circles).map(([circle, roster]) => rosterOf(circle, roster))
    const stream = it.stream as Parameters<typeof mayHop>[0]
    return allowed(mayHopFork(stream, it.from, it.to, createRosterView({ rosters, peers: [] })))
  },
  'fork-proof': ({ hex }: Hex) => forkJson(parseForkProof(fromHex(hex))),
  'fork-proof-signature': ({ hex }: Hex) => good(forkProofSigned(parseForkProof(fromHex(hex))), 'bad-signature'),
  roster: ({ charter, statements, day }: { charter: string; statements: string[]; day: number }) => {
    const roster = rosterJson(foldHex(charter, statements, day))
    const reversed = rosterJson(foldHex(charter, [...statements, ...statements.toReversed()], day))
    if (JSON.stringify(roster) !== JSON.stringify(reversed)) throw new Error('the order of statements shows')
    return roster
  },
  'roster-digest': (it: { circle: never; day: number; members: InstitutionId[] }) => ({
    digest: rosterDigest(it.circle, it.day, it.members)
  }),
  evidence: ({ hex, card }: { hex: string; card: string }) => {
    const verdict = verifyEvidence(fromHex(hex), fromHex(card))
    if (!verdict.ok) throw new Refused(verdict.code)
    const { kind, accused, code, at } = verdict.evidence
    return { kind, accused, code, at, doubtful: verdict.doubtful }
  },
  frame: ({ hex }: { hex: unknown }) => {
    const frame = decodeFrame(bytesOf(hex))
    // What a later minor version adds is not ours to write.
    if (frame.type !== 'hello' || frame.minor === 0) same(encodeFrame(frame), bytesOf(hex))
    return frameJson(frame)
  },
  batch: (it: { packed: unknown; rawLength: number; stream: StreamId; first: number; count: number }) => {
    const raw = decompress(bytesOf(it.packed), it.rawLength)
    return unpackEntries(raw, it.stream, it.first, it.count).map(({ header, body }) => ({
      header: toHex(header),
      body: body && toHex(body)
    }))
  },
  push: (it: PushInput) => {
    const restore = createRestorer(it.from, () => it.to)
    const read = (hex: string) => {
      const frame = decodeFrame(fromHex(hex))
      if (frame.type !== 'push') throw new Refused('unexpected-frame')
      return restore(frame, it.stream, it.previous ?? undefined)
    }
    if (it.before !== undefined) read(it.before)
    const restored = read(it.hex)
    if (restored === undefined) return null
    const { entry, proof } = restored
    return { header: toHex(entry.header), body: toHex(entry.body ?? new Uint8Array()), proof: toHex(proof) }
  },
  dictionary: () => ({ hex: toHex(DICTIONARY) }),
  large: ({ header, chunks }: { header: string; chunks: string }) => {
    largeOf(header, chunks)
    return true
  },
  chunk: (it: { header: string; chunks: string; index: number; bytes: unknown }) => {
    const { large, signed, last } = largeOf(it.header, it.chunks)
    const size = signed.header.bodyLength
    // The chunks before it, as the body of one repeated byte has them.
    for (let index = 0; index < Math.min(it.index, last); index++)
      large.chunk(1, index, new Uint8Array(Math.min(CHUNK, size - index * CHUNK)).fill(0x5a))
    large.chunk(1, it.index, bytesOf(it.bytes))
    return true
  },
  'via-seal': (it: { seed: string; nodeKey: NodeKey; stream: StreamId; seq: number; via: InstitutionId }) => {
    const sealer = createViaSealer(fromHex(it.seed))
    return { key: toHex(sealer.key), via: toHex(sealer.seal(it)) }
  },
  via: (it: ViaInput) => {
    const sealed = { stream: it.stream, seq: it.seq, via: fromHex(it.via) }
    const via = openVia(signingKey(fromHex(it.seed)), fromHex(it.key), sealed, it.institutions)
    if (via === undefined) throw new Refused()
    return { via }
  },
  presence: (it: { charter: string; statements: string[]; day: number }) =>
    presenceHex(it.charter, it.statements, it.day),
  freshness: (it: FreshnessInput) => {
    const { code } = freshnessIn(it)
    return good(code === undefined, code)
  },
  digest: ({ rows }: { rows: DigestRow[] }) => ({ digest: toHex(digestOf(rowsOf(rows))) }),
  sketch: ({ salt, rows }: { salt: string; rows: DigestRow[] }) => {
    return { marks: toHex(sketchOf(markRows(rowsOf(rows), fromHex(salt)))) }
  },
  difference: (it: { salt: string; rows: DigestRow[]; marks: string }) => {
    const marked = markRows(rowsOf(it.rows), fromHex(it.salt))
    const found = differenceOf(marked, fromHex(it.marks))
    if (found === undefined) return { told: null }
    const theirs = found.theirs.toSorted((a, b) => a - b)
    return { told: { keys: found.ours.map(({ key }) => key).sort(), marks: toHex(writeMarks(theirs)) } }
  },
  bucket: ({ key }: { key: string }) => ({ bucket: bucketOf(key) }),
  buckets: ({ rows }: { rows: DigestRow[] }) => ({ buckets: toHex(bucketDigests(rowsOf(rows))) }),
  mask: ({ a, b }: { a: string; b: string }) => ({ mask: toHex(differingBuckets(fromHex(a), fromHex(b))) })
}

function rosterOf(circle: string, it: RosterInput): Roster {
  const place = { rank: 0, vouchedBy: [], coverage: 'claimed' as const, domains: [] }
  return {
    circle: circle as Roster['circle'],
    name: '',
    threshold: 1,
    day: 0,
    digest: '',
    members: new Map(it.members.map((id) => [id, place])),
    founders: new Set(it.founders),
    candidates: new Map(
      Object.entries(it.candidates).map(([id, candidate]) => [
        id as InstitutionId,
        { ...candidate, accepted: true, missing: 1 }
      ])
    ),
    struck: new Map(it.struck.map((id) => [id, []])),
    resigned: new Set(it.resigned)
  }
}

interface ViaInput {
  readonly seed: string
  readonly key: string
  readonly stream: StreamId
  readonly seq: number
  readonly via: string
  readonly institutions: readonly InstitutionId[]
}

interface PushInput {
  readonly hex: string
  readonly before?: string
  readonly stream: StreamId
  readonly previous: EntryId | null
  readonly from: InstitutionId
  readonly to: InstitutionId
}

/** A large body on its way in, announced. */
function largeOf(header: string, chunks: string) {
  const signed = readHeader(fromHex(header))
  const frame = {
    type: 'large',
    id: 1,
    stream: signed.header.stream,
    header: fromHex(header),
    descriptor: null,
    proof: new Uint8Array(0),
    chunks: fromHex(chunks)
  } as const
  const large = createLargeIn()
  large.announce(frame, signed)
  large.begin(frame, streamOf('Reims', { tlp: 'GREEN' }), signed)
  return { large, signed, last: chunks.length / 64 - 1 }
}
