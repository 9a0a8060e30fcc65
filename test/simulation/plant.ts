/** Loads the code with one mutation in it: the text of one file is changed on its way into this process, nowhere else. */
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Mutation } from './mutations.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** To be called before anything of the packages is imported. @throws RangeError where `find` does not occur exactly once */
export function plant({ name, file, find, replace }: Pick<Mutation, 'name' | 'file' | 'find' | 'replace'>): {
  isPlanted(): boolean
} {
  const target = pathToFileURL(join(ROOT, file)).href
  let isPlanted = false
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context)
      if (url !== target) return loaded
      const text = String(typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array))
      const parts = text.split(find)
      if (parts.length !== 2) throw new RangeError(`${name}: ${parts.length - 1} places in ${file} are to be changed`)
      isPlanted = true
      return { ...loaded, source: parts.join(replace) }
    }
  })
  return { isPlanted: () => isPlanted }
}
