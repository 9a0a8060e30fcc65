import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DraftInput } from '@tocsin/model'
import { parseDraftText } from './draft-input.ts'
import { CliError } from './errors.ts'
import { errno } from './files.ts'

/**
 * Opens a draft in the user's editor and reads what he made of it. The editor's name may carry arguments (`code -w`);
 * no shell sees it or the file. Attachments stay out of the file: nobody edits base64. Throws CliError
 * `editor-failed`, `draft-unreadable`.
 */
export async function editDraft(draft: DraftInput, editor: string | undefined): Promise<DraftInput> {
  const { attachments, ...rest } = draft
  const edited = (await editJson(rest, editor)) as DraftInput
  return attachments === undefined ? edited : { ...edited, attachments }
}

/** An object as it was made to be in the editor; its shape is the node's to judge. Throws as `editDraft`. */
export async function editJson(value: object, editor: string | undefined): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-'))
  const file = join(folder, 'draft.json')
  try {
    await writeFile(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
    await runEditor(editor ?? 'vi', file)
    return parseDraftText(await readFile(file, 'utf8'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runEditor(editor: string, file: string): Promise<void> {
  const [command = 'vi', ...args] = editor.trim().split(/\s+/)
  const child = spawn(command, [...args, file], { stdio: 'inherit', shell: false })
  const outcome = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(errno(error)))
    child.once('exit', (code, signal) => resolve(code === 0 ? '' : String(signal ?? code)))
  })
  if (outcome !== '') throw new CliError('editor-failed', undefined, { editor: command, reason: outcome })
}
