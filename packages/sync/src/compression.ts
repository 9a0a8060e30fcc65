/** The only place that meets zstd (RFC 8878): one frame per batch, window and output bounded before anything is inflated. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { MAX_RAW } from './constants.ts'
import { SyncError } from './errors.ts'

// 2^20 = MAX_RAW. A 22-byte frame can claim a window of 128 MiB (P2P.md), so the reader refuses what the writer never makes.
const WINDOW_LOG = 20

/** One zstd frame of at most 1 MiB of bytes; `dictionary` is raw content that the reader has too. */
export function compress(raw: Uint8Array, dictionary?: Uint8Array): Uint8Array {
  if (raw.length > MAX_RAW) throw new SyncError('internal', 'A batch is larger than the protocol allows.')
  return zstdCompressSync(raw, {
    // Room for the whole frame (more than ZSTD_compressBound), since Node appends a second, empty frame where the first one
    // fills its output chunks exactly (seen with 24.21: one in 20,000 batches, and the peer refuses what is behind a frame).
    chunkSize: raw.length + (raw.length >> 7) + 1024,
    pledgedSrcSize: raw.length,
    ...(dictionary === undefined ? {} : { dictionary }),
    params: { [constants.ZSTD_c_windowLog]: WINDOW_LOG, [constants.ZSTD_c_contentSizeFlag]: 1 }
  })
}

/**
 * The content of exactly one zstd frame that fills `packed` and inflates to exactly `rawLength` bytes (at most 1 MiB);
 * anything else throws `bad-compression`.
 */
export function decompress(packed: Uint8Array, rawLength: number, dictionary?: Uint8Array): Uint8Array {
  if (rawLength < 1 || rawLength > MAX_RAW) throw bad('an announced length out of range')
  const { raw, consumed } = inflate(packed, rawLength, dictionary)
  if (raw.length !== rawLength) throw bad('another length than announced')
  if (consumed !== packed.length) throw bad('bytes behind the frame')
  return raw
}

function inflate(
  packed: Uint8Array,
  rawLength: number,
  dictionary: Uint8Array | undefined
): { raw: Uint8Array; consumed: number } {
  try {
    const result: unknown = zstdDecompressSync(packed, {
      info: true,
      chunkSize: rawLength + 64,
      maxOutputLength: rawLength,
      ...(dictionary === undefined ? {} : { dictionary }),
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG }
    })
    // With `info`, node:zlib answers { buffer, engine }, which its type declarations leave out.
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } }
    return { raw: new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length), consumed: engine.bytesWritten }
  } catch {
    throw bad('no readable frame within the window')
  }
}

function bad(what: string): SyncError {
  return new SyncError('bad-compression', `A compressed batch holds ${what}.`)
}
