import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { chmod, chown, type FileHandle, open, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CliError } from './errors.ts'
import { errno, regularAt } from './files.ts'
import { movedSerial, serialOf, withSerial } from './zone-serial.ts'

/** A new feed: readable by its group, as resolvers and firewalls need, and by nobody else. */
const MODE = 0o640
/** Bytes within which a zone has its serial. */
const HEAD = 4_096

/** What became of the file. */
export interface Replaced {
  readonly file: string
  readonly changed: boolean
  /** Of a zone. */
  readonly serial?: number
}

/**
 * Replaces a file by a feed: whole or not at all, on disk before it shows, with the mode and owner that it had. A feed
 * that differs in nothing but the serial leaves the file untouched; otherwise the serial moves forwards. Throws
 * CliError `file-unwritable`, and whatever reading the feed throws (then the old file stands).
 */
export async function replaceFeed(file: string, feed: AsyncIterable<Uint8Array>): Promise<Replaced> {
  const target = await realpath(file).catch(() => file)
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  const old = await regularAt(target)
  const before = await fingerprint(target)
  const handle = await open(temporary, 'wx', 0o600).catch(unwritable(file))
  try {
    const hash = createHash('sha256')
    let serial: number | undefined
    for await (const { head, bytes } of pieces(feed)) {
      const own = head ? serialOf(bytes.toString('latin1')) : undefined
      hash.update(own === undefined ? bytes : zeroed(bytes))
      serial = own === undefined ? serial : movedSerial(own, before?.serial)
      await write(handle, serial === undefined || own === undefined ? bytes : moved(bytes, serial), file)
    }
    if (before !== undefined && hash.digest('hex') === before.hash) {
      return { file, changed: false, ...(before.serial === undefined ? {} : { serial: before.serial }) }
    }
    await settle(handle, { temporary, target, file, old })
    return { file, changed: true, ...(serial === undefined ? {} : { serial }) }
  } finally {
    await handle.close()
    await rm(temporary, { force: true })
  }
}

const zeroed = (head: Buffer): Buffer => moved(head, 0)
const moved = (head: Buffer, serial: number): Buffer =>
  Buffer.from(withSerial(head.toString('latin1'), serial), 'latin1')

/** The feed with its first 4 KiB in one piece, so that the serial is never cut in two. */
async function* pieces(feed: AsyncIterable<Uint8Array>): AsyncGenerator<{ head: boolean; bytes: Buffer }> {
  let held: Buffer[] | undefined = []
  let size = 0
  for await (const piece of feed) {
    if (held === undefined) {
      yield { head: false, bytes: Buffer.from(piece) }
      continue
    }
    held.push(Buffer.from(piece))
    size += piece.byteLength
    if (size < HEAD) continue
    yield { head: true, bytes: Buffer.concat(held) }
    held = undefined
  }
  if (held !== undefined && size > 0) yield { head: true, bytes: Buffer.concat(held) }
}

/** Hash without the serial, and the serial, of what is there; undefined if there is no such file. */
async function fingerprint(file: string): Promise<{ hash: string; serial: number | undefined } | undefined> {
  const hash = createHash('sha256')
  let serial: number | undefined
  try {
    for await (const { head, bytes } of pieces(createReadStream(file))) {
      const own = head ? serialOf(bytes.toString('latin1')) : undefined
      hash.update(own === undefined ? bytes : zeroed(bytes))
      serial ??= own
    }
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    throw new CliError('file-unreadable', undefined, { file, reason: errno(error) })
  }
  return { hash: hash.digest('hex'), serial }
}

async function write(handle: FileHandle, bytes: Buffer, file: string): Promise<void> {
  await handle.writeFile(bytes).catch(unwritable(file))
}

interface Settling {
  readonly temporary: string
  readonly target: string
  /** As it was named. */
  readonly file: string
  readonly old: Stats | undefined
}

/** On disk, with the old file's owner and mode, and then in its place. */
async function settle(handle: FileHandle, { temporary, target, file, old }: Settling): Promise<void> {
  try {
    await handle.sync()
    // Only root may give files away; the mode comes after, because chown clears set-id bits.
    if (old !== undefined) await chown(temporary, old.uid, old.gid).catch(() => undefined)
    await chmod(temporary, old === undefined ? MODE : old.mode & 0o7777)
    await rename(temporary, target)
    const directory = await open(dirname(target), 'r')
    await directory.sync()
    await directory.close()
  } catch (error) {
    unwritable(file)(error)
  }
}

function unwritable(file: string): (error: unknown) => never {
  return (error) => {
    throw new CliError('file-unwritable', undefined, { file, reason: errno(error) })
  }
}
