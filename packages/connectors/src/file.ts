import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { chmod, chown, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { contentHash } from './hash.ts'
import { HEAD, headed } from './head.ts'
import { movingSerial, serialOf, withoutSerial } from './serial.ts'

/** Of a file that did not exist: bulletins are not for everybody on the machine; an operator's own mode is kept. */
const NEW_FILE_MODE = 0o640

/** Written at a time, bytes: a turn of the thread pool for each piece costs more than the piece. */
const WRITTEN = 512 * 1024

/** What became of a file; `hash` is `contentHash` of what it holds now. */
export interface Written {
  readonly changed: boolean
  readonly hash: string
}

/**
 * Replaces a file by a text in pieces, or leaves it alone (not even its times move) if the content is the same but for
 * a zone's serial. A reader sees the old file or the whole new one: it is written beside it, flushed to disk, renamed,
 * and the directory flushed. Mode and, where allowed, owner and group are kept; a symbolic link stays one. If the
 * pieces fail, the old file stands and the error is thrown on. @throws with code `EFTYPE` for a device, a pipe or a socket
 */
export async function writeFileAtomic(path: string, pieces: AsyncIterable<string>): Promise<Written> {
  const target = await followed(path)
  const old = await regular(target)
  const directory = dirname(target)
  const temporary = join(directory, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    // Readable by nobody else until it has the old file's mode.
    const handle = await open(temporary, 'wx', 0o600)
    let hash: string
    try {
      hash = await written(pieces, handle)
      if (old !== undefined && hash === (await contentHash(readText(target)))) return { changed: false, hash }
      await handle.sync()
    } finally {
      await handle.close()
    }
    // Owner first: chown clears set-id bits. Only root may give files away, anybody may to a group of his own.
    if (old !== undefined) await chown(temporary, old.uid, old.gid).catch(notPermitted)
    await chmod(temporary, old === undefined ? NEW_FILE_MODE : old.mode & 0o7777)
    await rename(temporary, target)
    await syncDirectory(directory)
    return { changed: true, hash }
  } finally {
    await rm(temporary, { force: true })
  }
}

/**
 * `writeFileAtomic` for a feed: where the content of a zone changed but its serial would not be newer than the file's
 * (another node made it, or a clock went back), the serial is moved on, so that the consumer takes it. `now` in ms.
 */
export async function writeFeedFile(path: string, pieces: AsyncIterable<string>, now: number): Promise<Written> {
  await regular(path)
  return writeFileAtomic(path, movingSerial(pieces, await serialInFile(path), now))
}

/** The serial of the zone in a file; undefined if there is no such file or no serial in it. */
export async function serialInFile(path: string): Promise<number | undefined> {
  const handle = await open(path, 'r').catch(absent)
  if (handle === undefined) return undefined
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0)
    return serialOf(buffer.toString('utf8', 0, bytesRead))
  } finally {
    await handle.close()
  }
}

/** Puts the pieces into the file and gives their `contentHash`. One write is on its way while the next is made. */
async function written(pieces: AsyncIterable<string>, handle: FileHandle): Promise<string> {
  const hash = createHash('sha256')
  let bytes = Buffer.allocUnsafeSlow(WRITTEN)
  let other = Buffer.allocUnsafeSlow(WRITTEN)
  /** Of `bytes` what is filled, and what of that is in the hash. */
  let used = 0
  let hashed = 0
  let isHead = true
  let writing: Promise<void> = Promise.resolve()
  const write = async (): Promise<void> => {
    hash.update(bytes.subarray(hashed, used))
    await writing
    writing = handle.appendFile(bytes.subarray(0, used))
    // Heard where it is waited for.
    writing.catch(() => undefined)
    ;[bytes, other, used, hashed] = [other, bytes, 0, 0]
  }
  try {
    for await (const piece of headed(pieces, (head) => head)) {
      // A unit of UTF-16 is at most three bytes of UTF-8.
      const most = 3 * piece.length
      if (used + most > bytes.length) await write()
      if (most > bytes.length) bytes = Buffer.allocUnsafeSlow(most)
      used += bytes.write(piece, used)
      if (!isHead) continue
      hash.update(withoutSerial(piece))
      hashed = used
      isHead = false
    }
    await write()
    await writing
  } finally {
    // Nobody closes the file under a write.
    await writing.catch(() => undefined)
  }
  return hash.digest('hex')
}

async function* readText(path: string): AsyncGenerator<string> {
  for await (const piece of createReadStream(path, { encoding: 'utf8' })) yield String(piece)
}

/** A rename would put a file in the place of `/dev/null`, and whoever reads a pipe would wait for ever. */
async function regular(path: string): Promise<Stats | undefined> {
  const found = await stat(path).catch(absent)
  if (found?.isFile() === false) throw Object.assign(new Error(`${path} is no regular file`), { code: 'EFTYPE' })
  return found
}

async function followed(path: string): Promise<string> {
  return (await realpath(path).catch(absent)) ?? path
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

function notPermitted(error: unknown): undefined {
  if (codeOf(error) !== 'EPERM') throw error
}
