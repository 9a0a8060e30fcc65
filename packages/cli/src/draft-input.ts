/** From a file to a draft: JSON as it is, texts and mails through the node's extraction. */
import { extname } from 'node:path'
import type { Readable } from 'node:stream'
import type { ExtractionView } from '@tocsin/api'
import type { DraftInput } from '@tocsin/model'
import type { Client } from './client.ts'
import { CliError } from './errors.ts'
import { readInput } from './files.ts'

export type InputKind = 'json' | 'mail' | 'text'

/** A draft, and where it came from a text, what was found there and what was left out. */
export interface ReadDraft {
  readonly draft: DraftInput
  readonly extraction?: ExtractionView
}

/** Longest title of a bulletin. */
const TITLE = 200

const EXTENSIONS: Readonly<Record<string, InputKind>> = { '.json': 'json', '.eml': 'mail', '.txt': 'text' }

// The fields that a mail begins with, whichever server or program wrote it.
const MAIL_HEADER =
  /^(?:return-path|received|delivered-to|dkim-signature|arc-[a-z-]+|authentication-results|message-id|mime-version|from|to|subject|date|x-[a-z0-9-]+):/i

/** What a file is: by its name, or for others and standard input by how it begins. */
export function kindOf(file: string, bytes: Buffer): InputKind {
  const named = EXTENSIONS[extname(file).toLowerCase()]
  if (named !== undefined) return named
  const head = bytes.toString('latin1', 0, 4_096).replace(/^\u00EF\u00BB\u00BF/, '')
  if (head.trimStart().startsWith('{')) return 'json'
  const [first = '', second = ''] = head.split(/\r?\n/)
  const isMail = MAIL_HEADER.test(first) && (MAIL_HEADER.test(second) || /^[ \t]/.test(second))
  return isMail ? 'mail' : 'text'
}

/** Reads JSON as a draft; its shape is the node's to judge. Throws CliError `draft-unreadable`. */
export function parseDraftText(text: string): DraftInput {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new CliError('draft-unreadable', undefined, { reason: error instanceof Error ? error.message : '' })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CliError('draft-unreadable')
  return value as DraftInput
}

/** The draft of a file or of standard input. Throws CliError and Problem. */
export async function readDraft(
  file: string,
  stdin: Readable,
  client: Client,
  options: { readonly drop: readonly string[]; readonly context: readonly string[] }
): Promise<ReadDraft> {
  const bytes = await readInput(file, stdin)
  const kind = kindOf(file, bytes)
  if (kind === 'json') return { draft: parseDraftText(bytes.toString('utf8')) }
  const mediaType = kind === 'mail' ? 'message/rfc822' : 'text/plain; charset=utf-8'
  const extraction = await client.postBytes<ExtractionView>('/v1/extract', bytes, mediaType, options)
  return { draft: draftOf(extraction), extraction }
}

/** A draft of what was found. Attachments of a mail are not taken along: they are often a victim's own papers. */
function draftOf({ title, text, lang, found }: ExtractionView): DraftInput {
  return {
    ...(title === undefined ? {} : { title: [...title].slice(0, TITLE).join('') }),
    text,
    ...(lang === undefined ? {} : { lang }),
    indicators: found.map(({ type, value, role }) => ({
      type: type as NonNullable<DraftInput['indicators']>[number]['type'],
      value,
      role: role === 'context' ? 'context' : 'malicious'
    }))
  }
}
