import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { CliError } from './errors.ts'

/** The bytes of a file, or of standard input for `-`. Throws CliError `file-unreadable`. */
export async function readInput(file: string, stdin: Readable): Promise<NonSharedBuffer> {
  try {
    return file === '-' ? await buffer(stdin) : await readFile(file)
  } catch (error) {
    throw new CliError('file-unreadable', undefined, { file, reason: errno(error) })
  }
}

/** As readInput, as text without a byte order mark. */
export async function readInputText(file: string, stdin: Readable): Promise<string> {
  return (await readInput(file, stdin)).toString('utf8').replace(/^\uFEFF/, '')
}

/** Writes a file that was not there. Throws CliError `file-unwritable`, with reason EEXIST where it was. */
export async function writeNew(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx' })
  } catch (error) {
    throw new CliError('file-unwritable', undefined, { file, reason: errno(error) })
  }
}

/**
 * What is there to be replaced, if anything. A rename would put a file in the place of `/dev/null`, and whoever reads a pipe
 * would wait for ever. Throws CliError `file-unwritable`.
 */
export async function regularAt(file: string): Promise<Stats | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() === false) throw new CliError('file-unwritable', undefined, { file, reason: 'EFTYPE' })
  return found
}

/** Writes a small file whole or not at all. Throws CliError `file-unwritable`. */
export async function writeWhole(file: string, content: string, mode = 0o600): Promise<void> {
  await regularAt(file)
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    throw new CliError('file-unwritable', undefined, { file, reason: errno(error) })
  } finally {
    await rm(temporary, { force: true })
  }
}

/** `ENOENT` and the like. */
export function errno(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
