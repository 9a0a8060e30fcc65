/** The node's own hand on files: each is written anew when what is in it changed, and its consumer is told. */
import { stat } from 'node:fs/promises'
import type { ApiPorts, FeedQuery, FileFeedView, Reader } from '@tocsin/api'
import { FEEDS, writeFeedFile } from '@tocsin/connectors'
import type { Log } from '@tocsin/network'
import type { Home } from '../home.ts'
import type { FeedContents } from '../ports/feeds.ts'
import { runCommand } from './command.ts'
import { type FileFeed, readFileFeeds, stampOf } from './list.ts'

export interface FileFeeds {
  /** How each stands, in the order of feeds.toml. */
  status(): readonly FileFeedView[]
  counts(): ReadonlyMap<string, number>
  stop(): Promise<void>
}

export interface FileFeedDeps {
  readonly home: Home
  readonly feeds: Pick<ApiPorts['feeds'], 'open'>
  readonly contents: Pick<FeedContents, 'version' | 'leftOut'>
  /** Told of the list whenever it was read anew. */
  readonly onList: (feeds: readonly FileFeed[]) => Promise<void>
  readonly now: () => number
  readonly log: Log
}

/** ms: how often it is asked whether anything changed. */
const ASK_MS = 200
/** ms: indicators end by the clock, so a feed is looked at again at least so often. */
const LOOK_MS = 60_000
/** A feed that takes long to write is written less often: at most this part of the time. */
const SHARE = 1 / 4
/** ms: a consumer that could not be told is told again, and a file that could not be written is tried again. */
const RETRY_MS = 60_000

interface Kept {
  readonly feed: FileFeed
  /** Version and time of the last look. */
  version?: string
  lookedAt?: number
  /** ms that it took. */
  tookMs: number
  /** Tag and place of what stands in the file. */
  etag?: string
  stamp?: string
  writtenAt?: number
  /** The consumer knows of what is in the file; not so at the start, since nobody remembers whether it was told. */
  told: boolean
  /** How many it leaves out, by rule. */
  leftOut?: Readonly<Record<string, number>>
  fault?: { readonly code: string; readonly detail: string }
}

/** Starts to keep the files of feeds.toml up to date. Faults of one feed hold up no other; none is thrown. */
export function startFileFeeds(deps: FileFeedDeps): FileFeeds {
  const { home, log, now } = deps
  const stopping = new AbortController()
  const counts = new Map<string, number>()
  let kept: readonly Kept[] = []
  let stamp: string | undefined
  let listFault: string | undefined

  const count = (what: string): void => {
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }

  async function readList(): Promise<void> {
    let found: string | undefined
    try {
      found = await stampOf(home)
      if (found === stamp) return
      const feeds = await readFileFeeds(home)
      const before = new Map(kept.map((one) => [JSON.stringify(one.feed), one]))
      // Only what is new or was changed begins anew.
      kept = feeds.map((feed) => before.get(JSON.stringify(feed)) ?? { feed, told: false, tookMs: 0 })
      listFault = undefined
      await deps.onList(feeds)
    } catch (error) {
      // What stood there goes on until the file can be read again.
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== listFault) log.warn({ path: home.feeds, reason }, 'feeds.toml cannot be read')
      listFault = reason
    }
    stamp = found
  }

  const isDue = (one: Kept): boolean => {
    if (one.lookedAt === undefined) return true
    const since = now() - one.lookedAt
    if (since < one.tookMs / SHARE) return false
    // What is new is written even where the consumer could not be told of what was there before.
    return one.version !== deps.contents.version() || since >= (one.fault === undefined ? LOOK_MS : RETRY_MS)
  }

  async function look(one: Kept): Promise<void> {
    const { feed } = one
    const began = now()
    // Before it is read: what comes meanwhile is looked at next time.
    one.version = deps.contents.version()
    one.lookedAt = began
    try {
      await write(one).finally(() => {
        one.tookMs = now() - began
      })
      await tell(one)
      delete one.fault
    } catch (error) {
      const fault = faultOf(error)
      if (fault.code !== one.fault?.code || fault.detail !== one.fault.detail) {
        log.warn({ feed: feed.name, code: fault.code }, 'a file feed is not up to date')
      }
      one.fault = fault
      count(fault.code)
    }
  }

  async function write(one: Kept): Promise<void> {
    const { feed } = one
    const { etag, body } = await deps.feeds.open(feed.format, queryOf(feed), readerOf(feed))
    // Somebody else may have written or removed the file.
    let changed: boolean
    try {
      if (etag === one.etag && one.stamp !== undefined && (await placeOf(feed.file)) === one.stamp) return
      changed = (await writeFeedFile(feed.file, body, now())).changed
    } finally {
      // A body that nobody came to read is given up; one that was read does not mind.
      await body[Symbol.asyncIterator]().return?.()
    }
    if (changed) {
      one.told = false
      one.writtenAt = now()
      count('written')
    }
    // As the operator sees it: he is told of what the labels keep back, too.
    const whole: Reader = { ...readerOf(feed), scope: 'admin', use: 'hunt' }
    one.leftOut = await deps.contents.leftOut(feed.format, { ...queryOf(feed), use: readerOf(feed).use }, whole)
    one.etag = etag
    const place = await placeOf(feed.file)
    if (place !== undefined) one.stamp = place
  }

  async function tell(one: Kept): Promise<void> {
    const { feed } = one
    if (one.told || feed.command === undefined) return
    const ended = await runCommand(feed.command, {
      timeoutMs: feed.timeout * 1000,
      signal: stopping.signal,
      env: { TOCSIN_FEED: feed.name, TOCSIN_FILE: feed.file }
    })
    if (!ended.ok) throw new CommandFailed(ended.status, ended.said)
    one.told = true
    count('told')
  }

  let working: Promise<void> | undefined
  async function round(): Promise<void> {
    await readList()
    // One after the other: two large feeds at once would need the memory of both.
    for (const one of kept) {
      if (stopping.signal.aborted) return
      if (isDue(one)) await look(one)
    }
  }
  const timer = setInterval(() => {
    working ??= round().finally(() => {
      working = undefined
    })
  }, ASK_MS)

  return {
    status: () => kept.map(viewOf),
    counts: () => counts,
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      await working
    }
  }
}

class CommandFailed extends Error {
  readonly status: string
  readonly said: string

  constructor(status: string, said: string) {
    super(`the command ended with ${status}`)
    this.status = status
    this.said = said
  }
}

function faultOf(error: unknown): { code: string; detail: string } {
  if (error instanceof CommandFailed)
    return { code: 'feed-command-failed', detail: `${error.status} ${error.said}`.trim() }
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return { code: 'feed-file-unwritable', detail: code }
  return { code: typeof code === 'string' ? code : 'internal', detail: '' }
}

function queryOf(feed: FileFeed): FeedQuery {
  return {
    ...(feed.use === undefined ? {} : { use: feed.use }),
    ...(feed.types === undefined ? {} : { types: feed.types }),
    ...(feed.threat === undefined ? {} : { threat: feed.threat }),
    ...(feed.author === undefined ? {} : { author: feed.author }),
    ...(feed.min_confidence === undefined ? {} : { minConfidence: feed.min_confidence }),
    ...(feed.max_age === undefined ? {} : { maxAge: feed.max_age * 86_400_000 }),
    ...(feed.zone === undefined ? {} : { zone: feed.zone }),
    ...(feed.comments === undefined ? {} : { comments: feed.comments }),
    ...(feed.limit === undefined ? {} : { limit: feed.limit })
  }
}

/** The same rights as a token of this use and TLP would have. */
function readerOf(feed: FileFeed): Reader {
  return {
    token: `feed ${feed.name}`,
    scope: 'read',
    maxTlp: feed.max_tlp,
    use: feed.use ?? FEEDS[feed.format].use
  }
}

async function placeOf(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined)
  return found === undefined ? undefined : `${found.ino} ${found.size} ${found.mtimeMs}`
}

function viewOf({ feed, lookedAt, writtenAt, told, fault, tookMs, leftOut }: Kept): FileFeedView {
  const iso = (ms: number): string => new Date(ms).toISOString()
  return {
    name: feed.name,
    format: feed.format,
    file: feed.file,
    use: feed.use ?? FEEDS[feed.format].use,
    maxTlp: feed.max_tlp,
    state: fault !== undefined ? 'failed' : lookedAt === undefined ? 'waiting' : 'current',
    ...(lookedAt === undefined ? {} : { lookedAt: iso(lookedAt), tookMs }),
    ...(writtenAt === undefined ? {} : { writtenAt: iso(writtenAt) }),
    ...(leftOut === undefined ? {} : { leftOut: { ...leftOut } }),
    ...(feed.command === undefined ? {} : { told }),
    ...(fault === undefined ? {} : { code: fault.code, detail: fault.detail.slice(0, 500) })
  }
}
