/** The one folder of an institution. Secrets are files of their own, readable by their owner alone. */
import { existsSync } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
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
  /** Which operators are never blocked; written at init, editable. */
  readonly neverBlock: string
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
    neverBlock: join(root, 'never-block.txt')
  }
}

export function isInitialised(home: Home): boolean {
  return existsSync(home.nodeKey) || existsSync(home.config)
}

export async function createHome(home: Home): Promise<void> {
  await mkdir(home.dir, { recursive: true, mode: 0o700 })
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

export async function readHomeFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new NodeError('home-damaged', `cannot read ${path}`, { path, cause: code })
  }
}
