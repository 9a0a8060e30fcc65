import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes a file in `folder`, for its owner alone, and takes its name away at once: no crash leaves it behind. */
export async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `.${randomBytes(6).toString('hex')}.tmp`)
  const file = await open(path, 'wx+', 0o600)
  try {
    await rm(path)
  } catch (error) {
    await file.close()
    throw error
  }
  return file
}
