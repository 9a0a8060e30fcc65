/** Many small records as bytes beside the heap: a tenth of what their objects take, and nothing for the collector to walk. */

export interface Packed<T> {
  readonly length: number
  /** A record that JSON can say. */
  add(record: T): void
  /** Each record as it was added, in order. What was read is given back as reading goes on: it is read once. */
  drain(): Generator<T>
}

const FIRST = 4 * 1024
const LARGEST = 512 * 1024

/** Pieces that were read, for whoever packs next: what the collector has not come to yet is not asked for again. */
const free: Buffer<ArrayBuffer>[] = []
const MOST_FREE = 8

const piece = (size: number): Buffer<ArrayBuffer> =>
  (size === LARGEST ? free.pop() : undefined) ?? Buffer.allocUnsafeSlow(size)

export function createPacked<T>(): Packed<T> {
  /** Full ones, and how much of each is used. */
  let chunks: Buffer<ArrayBuffer>[] = []
  let open = Buffer.alloc(0)
  let used = 0
  let length = 0

  return {
    get length() {
      return length
    },
    add: (record) => {
      const line = `${JSON.stringify(record)}\n`
      // No character takes more than three octets a UTF-16 unit.
      if (line.length * 3 > open.length - used) {
        const size = Math.max(line.length * 3, Math.min(LARGEST, Math.max(FIRST, open.length * 2)))
        if (used > 0) chunks.push(open.subarray(0, used))
        open = piece(size)
        used = 0
      }
      used += open.write(line, used)
      length += 1
    },
    *drain() {
      const all = [...chunks, open.subarray(0, used)].reverse()
      chunks = []
      open = Buffer.alloc(0)
      used = 0
      length = 0
      for (let chunk = all.pop(); chunk !== undefined; chunk = all.pop()) {
        let from = 0
        for (let to = chunk.indexOf(10); to >= 0; to = chunk.indexOf(10, from)) {
          yield JSON.parse(chunk.toString('utf8', from, to)) as T
          from = to + 1
        }
        if (chunk.buffer.byteLength === LARGEST && free.length < MOST_FREE) free.push(Buffer.from(chunk.buffer))
      }
    }
  }
}
