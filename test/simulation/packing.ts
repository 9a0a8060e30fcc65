/**
 * A batch is packed for each peer that gets it, unpacked by each of them, and one process runs them all: what zstd made of
 * some bytes is remembered, since it is a function of these bytes and of nothing else. What no node of this process packed
 * is unpacked by zstd itself.
 */
import { syncBuiltinESMExports } from 'node:module'
import zlib from 'node:zlib'
import { toLatin1 } from '@tocsin/journal'

/** Bytes up to which a batch is remembered, and how many. */
const LARGEST = 16_384
const MOST = 8_000
/** Of so many packed batches one is unpacked by zstd all the same. */
const SAMPLE = 32

const packed = new Map<string, Buffer>()
const unpacked = new Map<string, Uint8Array>()
let made = 0

type Pack = (raw: Uint8Array, options: zlib.ZstdOptions) => Buffer
type Unpack = (bytes: Uint8Array, options: zlib.ZstdOptions) => unknown

/** @returns gives node:zlib back as it was */
export function rememberPacking(): () => void {
  const library = zlib as unknown as { zstdCompressSync: Pack; zstdDecompressSync: Unpack }
  const { zstdCompressSync, zstdDecompressSync } = library
  library.zstdCompressSync = (raw, options) => {
    if (raw.length > LARGEST) return zstdCompressSync(raw, options)
    const id = toLatin1(raw)
    const known = packed.get(id)
    if (known !== undefined) return known
    const bytes = zstdCompressSync(raw, options)
    if (packed.size >= MOST) {
      packed.clear()
      unpacked.clear()
    }
    packed.set(id, bytes)
    made += 1
    if (made % SAMPLE !== 0) unpacked.set(toLatin1(bytes), Uint8Array.from(raw))
    return bytes
  }
  library.zstdDecompressSync = (bytes, options) => {
    const raw = bytes.length > LARGEST ? undefined : unpacked.get(toLatin1(bytes))
    if (raw === undefined || raw.length > (options.maxOutputLength ?? 0)) return zstdDecompressSync(bytes, options)
    return { buffer: Buffer.from(raw), engine: { bytesWritten: bytes.length } }
  }
  syncBuiltinESMExports()
  return () => {
    Object.assign(library, { zstdCompressSync, zstdDecompressSync })
    syncBuiltinESMExports()
  }
}
