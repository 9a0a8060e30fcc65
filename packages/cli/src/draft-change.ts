/** What the options of `publish` change in a draft. */
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { BulletinView } from '@tocsin/api'
import { type DraftInput, guessTypes, isBulletinId, parseTlp } from '@tocsin/model'
import { type Client, segment } from './client.ts'
import { CliError } from './errors.ts'
import { errno } from './files.ts'

type Given = NonNullable<DraftInput['indicators']>[number]

/** The options, as commander gives them. */
export interface DraftOptions {
  readonly tlp?: string
  readonly pap?: string
  readonly circle?: string
  readonly to?: readonly string[]
  readonly threat?: string
  readonly title?: string
  readonly confidence?: number
  readonly reference?: readonly string[]
  readonly attach?: readonly string[]
  readonly drop?: readonly string[]
  readonly context?: readonly string[]
  readonly about?: readonly string[]
  readonly supersedes?: string
  readonly keepUntil?: string
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.eml': 'message/rfc822',
  '.txt': 'text/plain',
  '.csv': 'text/csv',
  '.html': 'text/html',
  '.json': 'application/json',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.zip': 'application/zip'
}

/**
 * The draft with the options over it: labels replace, lists are added to, `drop` and `context` act on the indicators.
 * Short ids are made whole. Throws CliError `recipients-need-red`, `file-unreadable`, and Problem.
 */
export async function changeDraft(draft: DraftInput, options: DraftOptions, client: Client): Promise<DraftInput> {
  const { tlp, pap, circle, threat, title, confidence, keepUntil, drop = [], context = [] } = options
  const to = options.to ?? draft.to ?? []
  const label = tlp ?? draft.tlp
  if (to.length > 0 && typeof label === 'string' && parseTlp(label) !== 'RED') {
    throw new CliError('recipients-need-red', undefined, { tlp: label })
  }
  const about = await Promise.all((options.about ?? []).map((id) => wholeId(client, id)))
  const supersedes = options.supersedes === undefined ? undefined : await wholeId(client, options.supersedes)
  const attachments = await Promise.all((options.attach ?? []).map(attachmentOf))
  const references = (options.reference ?? []).map(referenceOf)
  // What JSON holds in place of a list is left for the node to refuse with its path.
  const { indicators } = draft
  return {
    ...draft,
    ...(tlp === undefined ? {} : { tlp }),
    ...(pap === undefined ? {} : { pap }),
    ...(circle === undefined ? {} : { circle }),
    ...(threat === undefined ? {} : { threat }),
    ...(title === undefined ? {} : { title }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(keepUntil === undefined ? {} : { keepUntil }),
    ...(supersedes === undefined ? {} : { supersedes }),
    ...(options.to === undefined ? {} : { to: [...options.to] }),
    ...(references.length === 0 || !isList(draft.references)
      ? {}
      : { references: [...(draft.references ?? []), ...references] }),
    ...(attachments.length === 0 || !isList(draft.attachments)
      ? {}
      : { attachments: [...(draft.attachments ?? []), ...attachments] }),
    ...(about.length === 0 || !isList(draft.about) ? {} : { about: [...(draft.about ?? []), ...about] }),
    ...(Array.isArray(indicators) ? { indicators: roles(indicators, drop, context) } : {})
  }
}

/**
 * `URL` or `URL=VERDICT`. A URL with a query has `=` of its own: there the verdict follows `==`.
 */
export function referenceOf(text: string): { url: string; verdict?: string } {
  const mark = text.includes('?') ? '==' : '='
  const at = text.lastIndexOf(mark)
  const verdict = at === -1 ? '' : text.slice(at + mark.length).trim()
  return verdict === '' ? { url: text } : { url: text.slice(0, at), verdict }
}

/** Without the dropped values, and with the role `context` for those named so; values in any defanging. */
export function roles(indicators: readonly Given[], drop: readonly string[], context: readonly string[]): Given[] {
  const dropped = namesOf(drop)
  const told = namesOf(context)
  const isIn = (names: ReadonlySet<string>, { value }: Given): boolean =>
    typeof value === 'string' && [...namesOf([value])].some((name) => names.has(name))
  return indicators
    .filter((it) => !isIn(dropped, it))
    .map((it) => (isIn(told, it) ? { ...it, role: 'context' as const } : it))
}

function isList(value: unknown): boolean {
  return value === undefined || Array.isArray(value)
}

function namesOf(values: readonly string[]): Set<string> {
  return new Set(values.flatMap((value) => [value, ...guessTypes(value).map((guess) => guess.value)]))
}

/** An id as it is, a prefix by asking the node. */
async function wholeId(client: Client, id: string): Promise<string> {
  return isBulletinId(id) ? id : (await client.get<BulletinView>(`/v1/bulletins/${segment(id)}`)).id
}

async function attachmentOf(file: string): Promise<NonNullable<DraftInput['attachments']>[number]> {
  try {
    const base64 = (await readFile(file)).toString('base64')
    const mediaType = MEDIA_TYPES[extname(file).toLowerCase()]
    return { name: basename(file), ...(mediaType === undefined ? {} : { mediaType }), base64 }
  } catch (error) {
    throw new CliError('file-unreadable', undefined, { file, reason: errno(error) })
  }
}
