/**
 * The one map of the store: every row there is, as `key → value`. A key is one prefix byte and fixed-width binary
 * parts, big-endian, so that LevelDB's order is the order of sequence numbers, times and arrivals.
 *
 * Replicated (written through `admit` alone)
 *   d stream32                          → descriptor (190 bytes, as signed)
 *   h stream32 seq8                     → signed header (126 + 64 bytes, as signed)
 *   b stream32 seq8                     → body (as hashed); absent once erased
 *   r address32                         → signed register (header ‖ value ‖ signature)
 *   f place32                           → proof of a fork at that place, the earliest one known
 * Derived (rebuilt from the above)
 *   s stream32                          → StreamState
 *   e entry32                           → stream32 seq8 arrival8
 *   a arrival8                          → ArrivalRow: what came, when, via whom, with a bulletin's summary
 *   v type1 hash16 00 arrival8 n2       → IndicatorRow: the one row that an indicator costs; a domain has 8 bytes a zone
 *   u uuid16 arrival8                   → '' : bulletins by their own id
 *   i author32 arrival8                 → '' : bulletins by author
 *   t threat1 arrival8                  → '' : bulletins by threat class
 *   x target32 authority32              → RetractionMark: by that author in that audience, hashed together
 *   z target32 author32 entry32         → DisablingRow: what that entry disables of the target
 *   g uuid16 author32 arrival8          → SightingRow: of that author's bulletin with this id
 *   y due8 stream32 seq8                → '' : bodies to erase at `due`
 * LevelDB copies the first and the last key of a table into its MANIFEST, where no compaction reaches them: what is said
 * stands in values, and in keys as a hash at most.
 * Local (never leaves this node)
 *   l area … 00 name                    → JSON or bytes: peers, tokens, exceptions, evidence, settings, drafts, sources
 *   00, ff                              → '' : ends of the keyspace, written so that compaction merges everything
 */
import { sha256Latin1, utf8 } from '@tocsin/journal'

function key(prefix: string, ...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0))
  out[0] = prefix.charCodeAt(0)
  let at = 1
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

// Ids become keys in one place: a Buffer for each of them costs four times as much (measured).
const bench = Buffer.alloc(64)
const benchBytes = new Uint8Array(bench.buffer, bench.byteOffset, bench.length)

/** Lower-case hex of even length → bytes. */
export function hex(text: string): Uint8Array {
  if (text.length > 2 * bench.length) return new Uint8Array(Buffer.from(text, 'hex'))
  return benchBytes.slice(0, bench.write(text, 0, 'hex'))
}

/** Unsigned 64-bit big-endian of a safe integer. */
export function u64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value)) throw new RangeError('a key holds safe integers alone')
  const out = new Uint8Array(8)
  let left = value
  for (let at = 7; at >= 0; at--) {
    out[at] = left % 256
    left = Math.floor(left / 256)
  }
  return out
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff)
}

/** Reads the u64 at `at`. */
export function readU64(bytes: Uint8Array, at: number): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at))
}

const END = Uint8Array.of(0)
/**
 * A value in a key: its type and 16 bytes of its hash. Never the value itself: LevelDB copies boundary keys into files
 * that no compaction rewrites, and what is erased must be gone from all of them.
 */
export function valuePart(type: number, value: string): Uint8Array {
  const part = Buffer.alloc(17)
  part[0] = type
  part.write(sha256Latin1(value), 1, 16, 'latin1')
  return part
}

/**
 * The same for a value with zones, given as reversed labels (`example.evil.www.`): 8 bytes of hash for each zone from the
 * top down, so that what lies below a name begins like the name. Readers compare values: 8 bytes can meet by chance.
 */
export function zonePart(type: number, labels: string): Uint8Array {
  const zones = [...labels.matchAll(/\./g)].map(({ index }) => labels.slice(0, index + 1))
  const part = Buffer.alloc(1 + 8 * zones.length)
  part[0] = type
  for (const [index, zone] of zones.entries()) part.write(sha256Latin1(zone), 1 + 8 * index, 8, 'latin1')
  return part
}

const uuid = (id: string): Uint8Array => hex(id.replaceAll('-', ''))

export const keys = {
  descriptor: (stream: string) => key('d', hex(stream)),
  header: (stream: string, seq: number) => key('h', hex(stream), u64(seq)),
  body: (stream: string, seq: number) => key('b', hex(stream), u64(seq)),
  register: (address: string) => key('r', hex(address)),
  fork: (place: string) => key('f', hex(place)),
  stream: (stream: string) => key('s', hex(stream)),
  entry: (entry: string) => key('e', hex(entry)),
  arrival: (arrival: number) => key('a', u64(arrival)),
  /** `value` is what `valuePart` or `zonePart` gave. */
  indicator: (value: Uint8Array, arrival: number, index: number) => key('v', value, END, u64(arrival), u16(index)),
  bulletin: (id: string, arrival: number) => key('u', uuid(id), u64(arrival)),
  author: (author: Uint8Array, arrival: number) => key('i', author, u64(arrival)),
  threat: (threat: number, arrival: number) => key('t', Uint8Array.of(threat), u64(arrival)),
  /** `authority` is who may retract it: author and audience (replica's `authorityOf`). */
  retraction: (target: string, authority: Uint8Array) => key('x', hex(target), authority),
  disabling: (target: string, author: Uint8Array, entry: string) => key('z', hex(target), author, hex(entry)),
  sighting: (bulletin: string, author: Uint8Array, arrival: number) => key('g', uuid(bulletin), author, u64(arrival)),
  due: (due: number, stream: string, seq: number) => key('y', u64(due), hex(stream), u64(seq)),
  local: (area: string, name: string) => key('l', utf8(area), END, utf8(name))
}

export interface Range {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

/** Every key that begins with `prefix`. */
export function startingWith(prefix: Uint8Array): Range {
  const end = Uint8Array.from(prefix)
  let last = end.length - 1
  while (last >= 0 && end[last] === 0xff) last -= 1
  if (last < 0) return { gte: prefix, lt: Uint8Array.of(0xff, 0xff) }
  end[last] = (end[last] ?? 0) + 1
  return { gte: prefix, lt: end.subarray(0, last + 1) }
}

export const ranges = {
  streams: () => startingWith(key('s')),
  registers: () => startingWith(key('r')),
  forks: () => startingWith(key('f')),
  arrivals: () => startingWith(key('a')),
  /** Rows of exactly this value. */
  indicator: (value: Uint8Array) => startingWith(key('v', value, END)),
  /** Rows of every name at or below the one of this `zonePart`. */
  indicatorPrefix: (prefix: Uint8Array) => startingWith(key('v', prefix)),
  bulletin: (id: string) => startingWith(key('u', uuid(id))),
  /** `prefix` is hex digits of the id without dashes; an odd last digit is left to the caller to filter. */
  bulletinPrefix: (prefix: string) => startingWith(key('u', hex(prefix.slice(0, prefix.length & ~1)))),
  entryPrefix: (prefix: string) => startingWith(key('e', hex(prefix.slice(0, prefix.length & ~1)))),
  author: (author: Uint8Array) => startingWith(key('i', author)),
  threat: (threat: number) => startingWith(key('t', Uint8Array.of(threat))),
  retractions: (target: string) => startingWith(key('x', hex(target))),
  disablings: (target: string, author: Uint8Array) => startingWith(key('z', hex(target), author)),
  sightings: (bulletin: string, author: Uint8Array) => startingWith(key('g', uuid(bulletin), author)),
  due: (until: number): Range => ({ gte: key('y'), lt: key('y', u64(until + 1)) }),
  local: (area: string) => startingWith(key('l', utf8(area), END))
}

/** The disabling entry that a row `z` is of. */
export function disablingOf(row: Uint8Array): string {
  return Buffer.from(row.subarray(65, 97)).toString('hex')
}

/** The last eight bytes of a key that ends in an arrival number. */
export function arrivalOf(row: Uint8Array): number {
  return readU64(row, row.length - 8)
}
