/** The rows of a bulletin's indicators in one piece of memory: thousands of small arrays cost more than what they hold. */
import { sha256Latin1 } from '@tocsin/journal'

/** Rows one after another, each its key and then its value, all keys of one prefix. */
export interface PackedRows {
  readonly bytes: Uint8Array
  /** Where the first key ends, the first value, the second key, … */
  readonly ends: Uint32Array
}

export interface IndicatorPacker {
  /**
   * One row `v` (keyspace.ts) whose arrival is zero until `setArrival`. `labels` (reversed, each with its dot) for a value
   * with zones. `json`: an IndicatorRow.
   */
  add(type: number, value: string, labels: string | undefined, json: string): void
  done(): PackedRows
}

const PREFIX = 'v'.charCodeAt(0)
const HASH_BYTES = 16
const ZONE_BYTES = 8
/** 00, arrival 8, index 2. */
const TAIL = 11

/** Packs the rows of one bulletin, in the order of its indicators. */
export function createIndicatorPacker(count: number): IndicatorPacker {
  // Memory of its own, not of the pool: a thread can hand it over whole.
  let bytes = Buffer.allocUnsafeSlow(Math.max(1024, count * 128))
  const ends: number[] = []
  // The top of most names is one of a few; deeper zones are seldom met twice.
  const tops = new Map<string, string>()
  let at = 0

  function room(more: number): void {
    if (at + more <= bytes.length) return
    const wider = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, at + more))
    bytes.copy(wider, 0, 0, at)
    bytes = wider
  }

  function zones(labels: string): void {
    for (let dot = labels.indexOf('.'), first = true; dot >= 0; dot = labels.indexOf('.', dot + 1), first = false) {
      room(ZONE_BYTES + TAIL)
      const zone = labels.slice(0, dot + 1)
      let hashed = first ? tops.get(zone) : undefined
      if (hashed === undefined) {
        hashed = sha256Latin1(zone)
        if (first) tops.set(zone, hashed)
      }
      at += bytes.write(hashed, at, ZONE_BYTES, 'latin1')
    }
  }

  return {
    add: (type, value, labels, json) => {
      room(2 + HASH_BYTES + TAIL)
      bytes[at] = PREFIX
      bytes[at + 1] = type
      at += 2
      if (labels === undefined) at += bytes.write(sha256Latin1(value), at, HASH_BYTES, 'latin1')
      else zones(labels)
      bytes.fill(0, at, at + TAIL - 2)
      at += TAIL - 2
      bytes.writeUInt16BE(ends.length >> 1, at)
      at += 2
      ends.push(at)
      // UTF-8 is at most three bytes for each UTF-16 unit.
      room(3 * json.length)
      at += bytes.write(json, at)
      ends.push(at)
    },
    done: () => ({ bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, at), ends: Uint32Array.from(ends) })
  }
}

/** Writes the arrival number into every key. */
export function setArrival({ bytes, ends }: PackedRows, arrival: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const high = Math.floor(arrival / 2 ** 32)
  const low = arrival >>> 0
  for (let index = 0; index < ends.length; index += 2) {
    const end = ends[index] ?? 0
    view.setUint32(end - 10, high)
    view.setUint32(end - 6, low)
  }
}

/** Every row as its key and value, views into the one piece of memory. */
export function* rowsOf({
  bytes,
  ends
}: PackedRows): Generator<{ readonly key: Uint8Array; readonly value: Uint8Array }> {
  let start = 0
  for (let index = 0; index < ends.length; index += 2) {
    const middle = ends[index] ?? 0
    const end = ends[index + 1] ?? 0
    yield { key: bytes.subarray(start, middle), value: bytes.subarray(middle, end) }
    start = end
  }
}
