/**
 * feeds.toml of the home: the files that this node keeps up to date. It names programs to be run, so it is the operator's
 * own file, written by `tocsin feed add` at the home and never over HTTP: a stolen token must run nothing.
 */
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { FEED_NAMES } from '@tocsin/connectors'
import { INDICATOR_TYPE_NAMES, THREATS, TLPS, USES } from '@tocsin/model'
import { parse, stringify } from 'smol-toml'
import { z } from 'zod'
import { NodeError } from '../errors.ts'
import { type Home, replaceSecret } from '../home.ts'

const Absolute = z
  .string()
  .max(4096)
  .refine((path) => isAbsolute(path) && !path.includes('\0'), 'a path from the root on')

export const FEED_NAME: RegExp = /^[a-z0-9][a-z0-9._-]{0,62}$/
export const FEED_NAME_SAYS = 'lower-case letters, digits, dots and hyphens'

export const FileFeedSchema = z.strictObject({
  name: z.string().regex(FEED_NAME, FEED_NAME_SAYS),
  format: z.enum(FEED_NAMES),
  file: Absolute,
  /** Program and arguments, run without a shell after the file changed. */
  command: z
    .tuple([Absolute], z.string().max(4096))
    .refine((words) => words.every((word) => !word.includes('\0')), 'no NUL')
    .optional(),
  /** s: a command that takes longer is ended. */
  timeout: z.int().min(1).max(3600).default(30),
  use: z.enum(USES).optional(),
  max_tlp: z.enum(TLPS).exclude(['RED']).default('AMBER'),
  types: z.array(z.enum(INDICATOR_TYPE_NAMES)).min(1).optional(),
  threat: z.enum(THREATS).optional(),
  author: z.string().max(300).optional(),
  min_confidence: z.int().min(0).max(100).optional(),
  /** Days. */
  max_age: z.number().positive().max(36_500).optional(),
  zone: z.string().max(200).optional(),
  comments: z.boolean().optional(),
  limit: z.int().min(1).max(10_000_000).optional()
})

/** One file that the node keeps up to date. */
export type FileFeed = z.infer<typeof FileFeedSchema>

const ListSchema = z
  .strictObject({ feed: z.array(FileFeedSchema).max(64).default([]) })
  .refine(({ feed }) => new Set(feed.map(({ name }) => name)).size === feed.length, 'two feeds of one name')
  .refine(({ feed }) => new Set(feed.map(({ file }) => file)).size === feed.length, 'two feeds for one file')

/** Mode bits by which somebody else could have his program run by the node. */
const WRITABLE_BY_OTHERS = 0o022

/** What tells one state of the file from another; undefined if there is none. */
export async function stampOf(home: Home): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs, mode } = await stat(home.feeds)
    return `${ino} ${size} ${mtimeMs} ${mode}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(home, error)
  }
}

/** The feeds of the home, none if there is no file. @throws NodeError feeds-invalid */
export async function readFileFeeds(home: Home): Promise<readonly FileFeed[]> {
  let text: string
  try {
    const { mode } = await stat(home.feeds)
    if ((mode & WRITABLE_BY_OTHERS) !== 0) throw invalid(home, 'others of this machine can write it: chmod 600')
    text = await readFile(home.feeds, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error instanceof NodeError ? error : unreadable(home, error)
  }
  let raw: unknown
  try {
    raw = parse(text)
  } catch (error) {
    throw invalid(home, String((error as Error).message).split('\n')[0] ?? '')
  }
  return checked(home, raw)
}

/** @throws NodeError feeds-invalid, feed-exists */
export async function addFileFeed(home: Home, feed: z.input<typeof FileFeedSchema>): Promise<FileFeed> {
  const before = await readFileFeeds(home)
  if (before.some(({ name }) => name === feed.name)) throw new NodeError('feed-exists', undefined, { name: feed.name })
  const after = checked(home, { feed: [...before, feed] })
  await write(home, after)
  return after.at(-1) as FileFeed
}

/** Leaves the file that the feed wrote where it is. @throws NodeError feeds-invalid, feed-not-found */
export async function removeFileFeed(home: Home, name: string): Promise<void> {
  const before = await readFileFeeds(home)
  const after = before.filter((feed) => feed.name !== name)
  if (after.length === before.length) throw new NodeError('feed-not-found', undefined, { name })
  await write(home, after)
}

async function write(home: Home, feeds: readonly FileFeed[]): Promise<void> {
  const head =
    '# Files that this node keeps up to date: see docs/configuration.md. Read again as soon as it changes.\n\n'
  await replaceSecret(home.feeds, head + stringify({ feed: feeds.map((feed) => withoutAbsent(feed)) }))
}

/** TOML knows no null. */
function withoutAbsent(feed: FileFeed): Record<string, unknown> {
  return Object.fromEntries(Object.entries(feed).filter(([, value]) => value !== undefined))
}

function checked(home: Home, raw: unknown): readonly FileFeed[] {
  const parsed = ListSchema.safeParse(raw)
  if (parsed.success) return parsed.data.feed
  const [issue] = parsed.error.issues
  throw invalid(home, `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'invalid'}`)
}

function invalid(home: Home, reason: string): NodeError {
  return new NodeError('feeds-invalid', `${home.feeds}: ${reason}`, { path: home.feeds, reason })
}

function unreadable(home: Home, error: unknown): NodeError {
  return invalid(home, String((error as NodeJS.ErrnoException).code ?? 'unreadable'))
}
