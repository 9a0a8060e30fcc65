/** Where sources are fetched from and with what secret: a file of its own, readable by its owner alone. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { NodeError } from '../errors.ts'
import { replaceSecret } from '../home.ts'

const Access = z.strictObject({
  url: z.string(),
  user: z.string().exactOptional(),
  secret: z.string().exactOptional()
})
export type Access = z.infer<typeof Access>

export interface AccessFile {
  get(name: string): Access | undefined
  set(name: string, access: Access): Promise<void>
  drop(name: string): Promise<void>
}

/** @throws NodeError home-damaged */
export async function openAccessFile(path: string): Promise<AccessFile> {
  const all = await read(path)
  // One write after the other: each holds what was said before it.
  let writing: Promise<void> = Promise.resolve()
  const write = (): Promise<void> => {
    const now = writing.then(() => replaceSecret(path, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`))
    writing = now.catch(() => undefined)
    return now
  }
  return {
    get: (name) => all.get(name),
    set: async (name, access) => {
      all.set(name, access)
      await write()
    },
    drop: async (name) => {
      if (all.delete(name)) await write()
    }
  }
}

async function read(path: string): Promise<Map<string, Access>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return new Map()
    throw new NodeError('home-damaged', `cannot read ${path}`, { path, cause: code })
  }
  try {
    return new Map(Object.entries(z.record(z.string(), Access).parse(JSON.parse(text))))
  } catch {
    // Not the reason: it would quote a secret.
    throw new NodeError('home-damaged', `${path} is not as it must be`, { path })
  }
}
