/** What LevelDB itself does not notice when it opens a folder, so that damage is found at start and not weeks later. */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from './errors.ts'

/** Every table ends with it, little-endian (LevelDB, table_format.md); a truncated one does not. */
const TABLE_MAGIC = Buffer.from('57fb808b247547db', 'hex')

/** More than a first start can have written before it was killed, bytes. */
const FIRST_ROWS = 1024

/** What stands in the folder before LevelDB opens it, and possibly tidies it up. */
export interface Found {
  /** Rows were written here: the row that says the format must be among them. */
  readonly held: boolean
  readonly cut: readonly CutTable[]
}

/** A table without its end: damage if LevelDB still uses it once open, else the rest of a compaction that was killed. */
export interface CutTable {
  readonly name: string
  /** Tells the same file from another that LevelDB has made under its name since. */
  readonly mark: string
}

/**
 * To be asked before the database is opened.
 * @throws StoreError store-damaged: data and no CURRENT, over which LevelDB would begin anew
 */
export async function lookAtFiles(path: string): Promise<Found> {
  const names: string[] = await readdir(path).catch(() => [])
  const tables = names.filter((name) => /\.(ldb|sst)$/.test(name))
  const held = tables.length > 0 || (await hasLog(path, names))
  if (held && !names.includes('CURRENT'))
    throw new StoreError('store-damaged', 'the store has lost its CURRENT file', { path })
  const cut: CutTable[] = []
  for (const name of tables) {
    if (!(await isWhole(join(path, name)))) cut.push({ name, mark: await markOf(join(path, name)) })
  }
  return { held, cut }
}

/** To be asked once it is open, when LevelDB has removed what it does not use. @throws StoreError store-damaged */
export async function refuseCutTables(path: string, cut: readonly CutTable[]): Promise<void> {
  for (const { name, mark } of cut) {
    if (mark !== '' && (await markOf(join(path, name))) === mark)
      throw new StoreError('store-damaged', 'a table of the store is cut', { name })
  }
}

async function hasLog(path: string, names: readonly string[]): Promise<boolean> {
  for (const name of names.filter((one) => one.endsWith('.log')))
    if ((await stat(join(path, name))).size > FIRST_ROWS) return true
  return false
}

async function markOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? '' : `${found.ino}/${found.size}/${found.mtimeMs}`
}

async function isWhole(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const end = Buffer.alloc(TABLE_MAGIC.length)
    if (size < end.length) return false
    await file.read(end, 0, end.length, size - end.length)
    return end.equals(TABLE_MAGIC)
  } finally {
    await file.close()
  }
}
