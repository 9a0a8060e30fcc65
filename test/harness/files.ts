import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files under the folder, at any depth, in whose bytes any of the markers stands: what erasure is judged by. */
export function filesWith(folder: string, markers: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = read(path)
      return bytes !== undefined && markers.some((marker) => bytes.includes(marker))
    })
}

/** Undefined for a file that a compaction took away in between. */
function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
