import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errno, writeWhole } from './files.ts'

/** How far `search --new` got: the moment of arrival of the last bulletin, and those of that moment already shown. */
export interface Seen {
  readonly until: string
  readonly ids: readonly string[]
}

/** Searches whose position is kept; the oldest is forgotten first. */
const KEPT = 64

const fileOf = (home: string): string => join(home, 'search-new.json')

/** The position of a search in this home; undefined if it was never made, or its file is damaged. */
export async function readSeen(home: string, search: string): Promise<Seen | undefined> {
  return (await readAll(home)).get(search)
}

/** Keeps the position of a search. Throws CliError `file-unwritable`. */
export async function writeSeen(home: string, search: string, seen: Seen): Promise<void> {
  const all = await readAll(home)
  all.delete(search)
  const kept = [...all, [search, seen] as const].slice(-KEPT)
  await writeWhole(fileOf(home), `${JSON.stringify(Object.fromEntries(kept))}\n`)
}

async function readAll(home: string): Promise<Map<string, Seen>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(fileOf(home), 'utf8'))
    if (typeof parsed !== 'object' || parsed === null) return new Map()
    return new Map(Object.entries(parsed).filter((row): row is [string, Seen] => isSeen(row[1])))
  } catch (error) {
    // A damaged position costs seeing some bulletins twice.
    if (errno(error) === 'ENOENT' || error instanceof SyntaxError) return new Map()
    throw error
  }
}

function isSeen(value: unknown): value is Seen {
  if (typeof value !== 'object' || value === null || !('until' in value) || !('ids' in value)) return false
  const { until, ids } = value
  return typeof until === 'string' && !Number.isNaN(Date.parse(until)) && Array.isArray(ids)
}
