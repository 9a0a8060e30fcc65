/** Sources that this node fetches by itself: when, how often, and what is remembered of it. */
import type { ApiPorts } from '@tocsin/api'
import { TocsinError } from '@tocsin/model'
import type { Log } from '@tocsin/network'
import type { World } from '@tocsin/replica'
import { NodeError, type NodeErrorCode } from '../errors.ts'
import type { AccessFile } from './access.ts'
import { pollDocument } from './document.ts'
import { type Answer, fetchSource, type Login } from './fetch.ts'
import { pollMispFeed } from './misp-feed.ts'
import { type Reach, readPollUrl } from './reach.ts'
import { spool } from './spool.ts'
import { pollTaxii } from './taxii.ts'
import type { Cursor, PollWork } from './work.ts'

type PollInput = NonNullable<Parameters<ApiPorts['sources']['add']>[0]['poll']>
export type PollKind = PollInput['kind']

/** What a source's row remembers. */
export interface PollRow {
  readonly kind: PollKind
  /** Without its query, which may hold a key. */
  readonly shown: string
  /** s. */
  readonly every: number
  readonly auth: 'none' | 'bearer' | 'basic'
  readonly nextAt: number
  /** Rounds that failed since the last that did not. */
  readonly failures: number
  readonly error?: string | undefined
  readonly lastAt?: number
  readonly okAt?: number
  readonly cursor: Cursor
}

/** The sources, as their rounds need them. */
export interface PolledSources {
  polled(): Iterable<{ readonly name: string; readonly poll: PollRow }>
  /** Writes over a part of what is remembered; nothing where the source has ended. */
  remember(name: string, change: Partial<PollRow>): Promise<void>
  seen(name: string, part: string): string | undefined
  see(name: string, part: string, state: string): Promise<void>
  note(name: string, code: NodeErrorCode, place: string): void
  /** @throws NodeError drafts-full */
  take(name: string, body: AsyncIterable<Uint8Array>): Promise<void>
}

export interface Rounds {
  /** Begins what is due, and does not wait for it. */
  tick(): void
  isBusy(name: string): boolean
  /** Breaks off a round, and waits until nothing of it is left. */
  end(name: string): Promise<void>
  stop(): Promise<void>
}

export interface RoundsDeps {
  readonly world: World
  readonly log: Log
  readonly reach: Reach
  readonly access: AccessFile
  /** Where bodies may be kept aside: nobody else's. */
  readonly folder: string
}

/** s. */
export const EVERY_USUAL = 900
const LONGEST_PAUSE = 86_400
/** Of one source; a round that takes longer goes on with the next one. */
const ROUND_MS = 15 * 60_000
const REQUEST_MS = 120_000
/** Bytes of one round, all its answers together. */
const ROUND_BYTES = 256 * 1024 * 1024
const AT_ONCE = 4

const KINDS: Readonly<Record<PollKind, (work: PollWork) => Promise<void>>> = {
  taxii: pollTaxii,
  'misp-feed': pollMispFeed,
  url: pollDocument
}

/** What each kind is read with. */
export const IMPORT_OF: Readonly<Partial<Record<PollKind, string>>> = { taxii: 'stix', 'misp-feed': 'misp' }

export function createRounds({ world, log, reach, access, folder }: RoundsDeps, sources: PolledSources): Rounds {
  const busy = new Map<string, { readonly done: Promise<void>; readonly off: AbortController }>()

  const unwritten = new Map<string, number>()

  async function round(name: string, poll: PollRow, signal: AbortSignal): Promise<void> {
    const clock = AbortSignal.timeout(ROUND_MS)
    const outcome = await attempt(name, poll, AbortSignal.any([signal, clock])).catch((error: unknown) => {
      if (clock.aborted) return new NodeError('poll-timeout')
      if (error instanceof TocsinError) return error
      log.warn({ source: name, kind: (error as Error)?.name }, 'a round failed')
      return new TocsinError('internal', 'a round failed')
    })
    // Broken off by ourselves: the source did nothing wrong, and is due again.
    if (signal.aborted) return
    const now = world.now()
    if (outcome === undefined) {
      const nextAt = now + jittered(poll.every)
      return sources.remember(name, { nextAt, failures: 0, error: undefined, lastAt: now, okAt: now })
    }
    const { code, facts } = outcome
    log.warn({ source: name, code, answered: facts.answered, cause: facts.cause }, 'a source could not be fetched')
    const asked = typeof facts.wait === 'number' ? facts.wait : 0
    const pause = Math.max(asked, Math.min(LONGEST_PAUSE, poll.every * 2 ** Math.min(poll.failures, 20)))
    const nextAt = now + jittered(pause)
    return sources.remember(name, { nextAt, failures: poll.failures + 1, error: code, lastAt: now })
  }

  async function attempt(name: string, poll: PollRow, signal: AbortSignal): Promise<undefined> {
    const known = access.get(name)
    if (known === undefined) throw new NodeError('poll-access-missing')
    const login: Login | undefined =
      known.secret === undefined
        ? undefined
        : { secret: known.secret, ...(known.user === undefined ? {} : { user: known.user }) }
    let spent = 0
    const counted = async function* (body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of body) {
        spent += chunk.length
        yield chunk
      }
    }
    await KINDS[poll.kind]({
      url: readPollUrl(known.url, reach),
      cursor: poll.cursor,
      get: async (url, headers, most): Promise<Answer> => {
        const answer = await fetchSource(url, { headers, login, most, timeout: REQUEST_MS, reach, signal })
        return { ...answer, body: counted(answer.body) }
      },
      spool: (body) => spool(body, folder),
      take: async (body) => {
        signal.throwIfAborted()
        await sources.take(name, body)
      },
      keep: async (cursor) => {
        signal.throwIfAborted()
        await sources.remember(name, { cursor })
      },
      seen: (part) => sources.seen(name, part),
      see: async (part, state) => {
        signal.throwIfAborted()
        await sources.see(name, part, state)
      },
      note: (code, place) => sources.note(name, code, place),
      isFull: () => spent > ROUND_BYTES
    })
    return undefined
  }

  /** ms of so many seconds, up to a tenth more: forty nodes that were started together do not ask together for ever. */
  function jittered(seconds: number): number {
    const share = Buffer.from(world.random(2)).readUInt16BE() / 65_536
    return Math.round(seconds * 1000 * (1 + share / 10))
  }

  async function broken(name: string): Promise<void> {
    const found = busy.get(name)
    found?.off.abort()
    await found?.done
  }

  return {
    tick: () => {
      const now = world.now()
      for (const { name, poll } of sources.polled()) {
        if (busy.size >= AT_ONCE) return
        // A clock that was put back must not make a source wait for years.
        if ((unwritten.get(name) ?? 0) > now) continue
        const isDue = now >= poll.nextAt || poll.nextAt - now > 2 * 1000 * Math.max(LONGEST_PAUSE, poll.every)
        if (!isDue || busy.has(name)) continue
        const off = new AbortController()
        const done = round(name, poll, off.signal)
          .catch((error: unknown) => {
            // A full disk here must not make us ask the server every second.
            unwritten.set(name, world.now() + 60_000)
            log.warn({ source: name, code: (error as { code?: string }).code ?? 'internal' }, 'a round is not on disk')
          })
          .finally(() => busy.delete(name))
        busy.set(name, { done, off })
      }
    },
    isBusy: (name) => busy.has(name),
    end: broken,
    stop: async () => {
      await Promise.all([...busy.keys()].map(broken))
    }
  }
}
