/** The passphrase of the root key, from wherever the officer keeps it. */
import { readFile } from 'node:fs/promises'
import { password } from '@clack/prompts'
import { openTerminal } from '@tocsin/cli'
import type { CommandEnv } from './commands.ts'

/** Opens the root key when something must be signed: a passphrase from a file, TOCSIN_PASSPHRASE_FILE or the terminal. */
export async function askPassphrase(file: string | undefined, env: CommandEnv): Promise<string | undefined> {
  const from = file ?? process.env.TOCSIN_PASSPHRASE_FILE
  if (from !== undefined) return firstLine(from)
  if (!env.isTTY) return undefined
  const input = openTerminal()
  try {
    const message = env.lang === 'fr' ? 'Phrase secrète de la clé racine' : 'Passphrase of the root key'
    const typed = await password({ message, output: process.stderr, ...(input === undefined ? {} : { input }) })
    return typeof typed === 'string' ? typed : undefined
  } finally {
    input?.destroy()
  }
}

async function firstLine(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).split(/\r?\n/)[0] ?? ''
}
