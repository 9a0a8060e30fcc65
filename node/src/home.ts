/** The one folder of an institution. Secrets are files of their own, readable by their owner alone. */
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { NodeError } from './errors.ts'

export interface Home {
  readonly dir: string
  readonly config: string
  /** Root and next node key: age-encrypted, or plain where the operator said so. May live elsewhere. */
  readonly rootKey: string
  readonly nodeKey: string
  readonly card: string
  readonly adminToken: string
  readonly store: string
  /** A new node key that takes effect at the next start; absent otherwise. */
  readonly rotation: string
  /** Which operators are never blocked; written at init, editable. */
  readonly neverBlock: string
  /** Files that the node keeps up to date; absent where there are none. */
  readonly feeds: string
  /** Where sources are fetched from, with their secrets; absent where there are none. */
  readonly sources: string
}

/** @param dir `--home`, else TOCSIN_HOME, else ~/.tocsin */
export function homeAt(dir: string | undefined, env: NodeJS.ProcessEnv = process.env): Home {
  const root = dir ?? env.TOCSIN_HOME ?? join(homedir(), '.tocsin')
  return {
    dir: root,
    config: join(root, 'config.toml'),
    rootKey: join(root, 'root.key'),
    nodeKey: join(root, 'node.key'),
    card: join(root, 'card.tocsin'),
    adminToken: join(root, 'admin-token'),
    store: join(root, 'store'),
    rotation: join(root, 'rotation.json'),
    neverBlock: join(root, 'never-block.txt'),
    feeds: join(root, 'feeds.toml'),
    sources: join(root, 'sources.json')
  }
}

/** `config.toml` is written last: a home without it, but with something of an institution, is half made. */
export function stateOf(home: Home): 'absent' | 'half-made' | 'whole' {
  if (existsSync(home.config)) return 'whole'
  const { rootKey, nodeKey, card, adminToken, neverBlock, store } = home
  return [rootKey, nodeKey, card, adminToken, neverBlock, store].some(existsSync) ? 'half-made' : 'absent'
}

/** What an operator is told of a home without config.toml. */
export function halfMade(home: Home): NodeError {
  const advice = existsSync(home.store)
    ? 'config.toml is missing: put it back'
    : 'an earlier init did not finish: remove what it left and run it again'
  return new NodeError('home-damaged', `${home.dir}: ${advice}`, { path: home.config })
}

/** The folder, closed to others; an empty one that was there before is closed too. */
export async function createHome(home: Home): Promise<void> {
  await mkdir(home.dir, { recursive: true, mode: 0o700 })
  if ((await readdir(home.dir)).length === 0) await chmod(home.dir, 0o700)
}

/** Closes the folder of the database, whose files are as open as the umask says and hold every TLP. */
export async function closeStore(home: Home): Promise<void> {
  await mkdir(home.store, { recursive: true, mode: 0o700 })
  await chmod(home.store, 0o700)
}

/** Files that hold a secret and that others of this machine may read. `more`: such files named by the configuration. */
export async function openToOthers(home: Home, more: readonly string[] = []): Promise<string[]> {
  const { config, rootKey, nodeKey, adminToken } = home
  const modes = await Promise.all(
    [config, rootKey, nodeKey, adminToken, home.rotation, home.sources, ...more].map(async (path) => ({
      path,
      // The root key may be elsewhere.
      mode: (await stat(path).catch(() => undefined))?.mode ?? 0
    }))
  )
  return modes.filter(({ mode }) => (mode & 0o077) !== 0).map(({ path }) => path)
}

/** Writes a file that only its owner reads, fails when it exists, and returns once it is on disk. */
export async function writeSecret(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The same in the place of what is there: either the old or the new content stands, whatever happens meanwhile. */
export async function replaceSecret(path: string, content: string | Uint8Array): Promise<void> {
  const fresh = `${path}.new`
  const file = await open(fresh, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export async function readHomeFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new NodeError('home-damaged', `cannot read ${path}`, { path, cause: code })
  }
}
