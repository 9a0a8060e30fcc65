import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HuntError, reasonOf } from './errors.ts'

/** A log's name, or why there is none under a name that was given. */
export type LogName = { readonly name: string } | { readonly name: string; readonly error: HuntError }

/**
 * The logs that these names mean: `-` is standard input; a folder means, where that is wanted, every file below it, in the
 * order of their names. As `grep -r` does, links are followed where they were named and not where they were met.
 */
export async function* logsOf(names: readonly string[], recursive: boolean): AsyncGenerator<LogName> {
  for (const name of names) {
    if (name === '-') {
      yield { name }
      continue
    }
    const found = await stat(name).catch(
      (error: unknown) => new HuntError('log-unreadable', { file: name, reason: reasonOf(error) })
    )
    if (found instanceof HuntError) yield { name, error: found }
    else if (!found.isDirectory()) yield { name }
    else if (recursive) yield* logsBelow(name)
    else yield { name, error: new HuntError('log-is-folder', { file: name }) }
  }
}

async function* logsBelow(folder: string): AsyncGenerator<LogName> {
  const entries: { readonly name: string; readonly isFolder: boolean }[] = []
  try {
    for await (const entry of await opendir(folder)) {
      // Pipes and devices would never end.
      if (entry.isDirectory() || entry.isFile()) entries.push({ name: entry.name, isFolder: entry.isDirectory() })
    }
  } catch (error) {
    yield { name: folder, error: new HuntError('log-unreadable', { file: folder, reason: reasonOf(error) }) }
    return
  }
  for (const { name, isFolder } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (isFolder) yield* logsBelow(join(folder, name))
    else yield { name: join(folder, name) }
  }
}
