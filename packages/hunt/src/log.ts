import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { HuntError, reasonOf } from './errors.ts'
import { unpackZstd, ZSTD_MAGIC } from './zstd.ts'

/** A log being read: plain, or unpacked as it comes. */
export interface Log extends AsyncDisposable {
  /** Reads some bytes into `into` from `at` on, and tells how many; 0 at the end. Throws HuntError. */
  read(into: Buffer, at: number): Promise<number>
  /** Bytes of the file on disk, packed if it is; undefined of a pipe. */
  readonly size: number | undefined
  /** How many of them were taken so far. */
  taken(): number
}

const MAGIC_BYTES = 4
/** Read from a packed file at once, in bytes. */
const PACKED = 256 * 1024

/** Opens a file by what it holds, whatever its name. Throws HuntError `log-unreadable`, `log-is-folder`, `log-encoding`. */
export async function openLog(path: string): Promise<Log> {
  const handle = await open(path).catch((error: unknown) => {
    throw new HuntError('log-unreadable', { file: path, reason: reasonOf(error) })
  })
  try {
    const stat = await handle.stat()
    if (stat.isDirectory()) throw new HuntError('log-is-folder', { file: path })
    if (!stat.isFile()) {
      await handle.close()
      return openStream(createReadStream(path))
    }
    const head = Buffer.alloc(MAGIC_BYTES)
    const { bytesRead } = await handle.read(head, 0, MAGIC_BYTES, 0)
    const unpack = unpackerOf(head.subarray(0, bytesRead), path)
    if (unpack === undefined) return plain(handle, stat.size, path)
    const source = handle.createReadStream({ highWaterMark: PACKED, start: 0 })
    return pulled(source, unpack(source), stat.size, path)
  } catch (error) {
    await handle.close().catch(() => undefined)
    if (error instanceof HuntError) throw error
    throw new HuntError('log-unreadable', { file: path, reason: reasonOf(error) })
  }
}

/** Reads what comes through a pipe, standard input for one. Throws HuntError `log-encoding`. */
export async function openStream(source: Readable, name = '-'): Promise<Log> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let head: Buffer = Buffer.alloc(0)
  while (head.length < MAGIC_BYTES) {
    const next = await chunks.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  async function* whole(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
  }
  const unpack = unpackerOf(head, name)
  return pulled(source, unpack === undefined ? whole() : unpack(whole()), undefined, name)
}

type Unpack = (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>

/** How the first bytes ask to be unpacked: gzip (RFC 1952 §2.3.1) or Zstandard (RFC 8878 §3.1.1); not at all if text. */
function unpackerOf(head: Buffer, file: string): Unpack | undefined {
  if (head.length < 2) return undefined
  const mark = head.readUInt16BE()
  if (mark === 0xfffe || mark === 0xfeff) throw new HuntError('log-encoding', { file })
  // A source that fails fails what unpacks it, which whoever reads on is told.
  if (mark === 0x1f8b) return (source) => pipeline(source, createGunzip(), () => undefined)
  if (head.length < MAGIC_BYTES || head.readUInt32LE() !== ZSTD_MAGIC) return undefined
  return (source) => unpackZstd(source, file)
}

function plain(handle: FileHandle, size: number, file: string): Log {
  let taken = 0
  return {
    size,
    taken: () => taken,
    async read(into, at) {
      const { bytesRead } = await handle.read(into, at, into.length - at, null).catch((error: unknown) => {
        throw new HuntError('log-unreadable', { file, reason: reasonOf(error) })
      })
      taken += bytesRead
      return bytesRead
    },
    [Symbol.asyncDispose]: () => handle.close()
  }
}

function pulled(source: Readable, bytes: AsyncIterable<Buffer>, size: number | undefined, file: string): Log {
  const chunks = bytes[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let taken = 0
  return {
    size,
    taken: () => ('bytesRead' in source && typeof source.bytesRead === 'number' ? source.bytesRead : taken),
    async read(into, at) {
      while (rest.length === 0) {
        const next = await chunks.next().catch((error: unknown) => {
          if (error instanceof HuntError) throw error
          const reason = reasonOf(error)
          throw new HuntError(/^(?:Z_|ZSTD_|ERR_)/.test(reason) ? 'log-damaged' : 'log-unreadable', { file, reason })
        })
        if (next.done === true) return 0
        rest = next.value
        taken += rest.length
      }
      const count = rest.copy(into, at)
      rest = rest.subarray(count)
      return count
    },
    async [Symbol.asyncDispose]() {
      source.destroy()
      await chunks.return?.().catch(() => undefined)
    }
  }
}
