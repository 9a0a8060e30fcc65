/**
 * Zstandard as logs hold it: frames one after another (`cat a.zst b.zst`, pzstd), which Node's own stream stops after the
 * first of, and files cut off, which it takes for whole (Node 24.21). So frames are told apart here, by RFC 8878 §3.1.1,
 * and each is unpacked by itself.
 */
import { pipeline, Readable } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import { HuntError } from './errors.ts'

export const ZSTD_MAGIC = 0xfd2fb528
/** Of a frame that holds nothing to unpack (§3.1.2); any last digit. */
const SKIPPED_MAGIC = 0x184d2a50
const DICTIONARY_BYTES = [0, 1, 2, 4] as const
const CHECKSUM_BYTES = 4
const REPEATED_BYTE = 1
const RESERVED = 3

/** The text of all frames. Throws HuntError `log-damaged` after what came before the damage. */
export async function* unpackZstd(source: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  const taker = createTaker(source)
  for (;;) {
    const magic = await taker.take(4)
    if (magic.length === 0) return
    const isWhole = magic.length === 4
    if (isWhole && magic.readUInt32LE() !== ZSTD_MAGIC) {
      if ((magic.readUInt32LE() & 0xfffffff0) !== SKIPPED_MAGIC) throw damaged(file, 'no frame')
      const size = await taker.take(4)
      if (size.length < 4) throw damaged(file, 'cut off')
      let left = size.readUInt32LE()
      for (let some = await taker.some(left); some.length > 0; some = await taker.some(left)) left -= some.length
      if (left > 0) throw damaged(file, 'cut off')
      continue
    }
    const frame = { isCut: !isWhole }
    yield* pipeline(Readable.from(frameBytes(magic, taker, frame)), createZstdDecompress(), () => undefined)
    if (frame.isCut) throw damaged(file, 'cut off')
  }
}

const damaged = (file: string, reason: string): HuntError => new HuntError('log-damaged', { file, reason })

/** The bytes of one frame as they come; `frame.isCut` where the source ends before it does. */
async function* frameBytes(magic: Buffer, taker: Taker, frame: { isCut: boolean }): AsyncGenerator<Buffer> {
  if (frame.isCut) return
  frame.isCut = true
  const [descriptor] = await taker.take(1)
  if (descriptor === undefined) return
  yield Buffer.concat([magic, Buffer.of(descriptor)])
  const isSingle = (descriptor >> 5) & 1
  const contentBytes = [isSingle, 2, 4, 8][descriptor >> 6] as number
  const headerBytes = (isSingle === 1 ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] as number) + contentBytes
  const header = await taker.take(headerBytes)
  yield header
  if (header.length < headerBytes) return
  for (let isLast = false; !isLast; ) {
    const block = await taker.take(3)
    if (block.length < 3) return
    yield block
    const head = block.readUIntLE(0, 3)
    isLast = (head & 1) === 1
    const type = (head >> 1) & 3
    if (type === RESERVED) return
    let left = type === REPEATED_BYTE ? 1 : head >> 3
    while (left > 0) {
      const some = await taker.some(left)
      if (some.length === 0) return
      left -= some.length
      yield some
    }
  }
  if (((descriptor >> 2) & 1) === 1) {
    const checksum = await taker.take(CHECKSUM_BYTES)
    yield checksum
    if (checksum.length < CHECKSUM_BYTES) return
  }
  frame.isCut = false
}

/** Takes bytes from a source in the lengths that are asked for. */
interface Taker {
  /** So many bytes, fewer at the end of the source. For short lengths. */
  take(length: number): Promise<Buffer>
  /** At least one byte and at most so many; none at the end. */
  some(most: number): Promise<Buffer>
}

function createTaker(source: AsyncIterable<Buffer>): Taker {
  const chunks = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  async function some(most: number): Promise<Buffer> {
    while (rest.length === 0 && most > 0) {
      const next = await chunks.next()
      if (next.done === true) return rest
      rest = next.value
    }
    const taken = rest.subarray(0, most)
    rest = rest.subarray(taken.length)
    return taken
  }
  return {
    some,
    async take(length) {
      const first = await some(length)
      if (first.length === length) return first
      const parts = [first]
      let left = length - first.length
      while (left > 0) {
        const more = await some(left)
        if (more.length === 0) break
        parts.push(more)
        left -= more.length
      }
      return Buffer.concat(parts)
    }
  }
}
