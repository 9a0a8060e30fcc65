import { NodeError, type NodeErrorCode } from '../errors.ts'
import type { Answer } from './fetch.ts'
import type { Spooled } from './spool.ts'

/** Where a source was read to, as its kind writes it: opaque to everybody else. */
export type Cursor = Readonly<Record<string, string>>

/** What one round of fetching uses of the node. */
export interface PollWork {
  readonly url: URL
  readonly cursor: Cursor
  get(url: URL, headers: Readonly<Record<string, string>>, most: number): Promise<Answer>
  /** Keeps a body aside, to be looked at before it is taken. */
  spool(body: AsyncIterable<Uint8Array>): Promise<Spooled>
  /** Makes drafts of a body. @throws NodeError drafts-full, of which nothing was lost if the same comes again */
  take(body: AsyncIterable<Uint8Array>): Promise<void>
  /** Called after what came before it was taken, never earlier: after a crash the rest comes again, and is known. */
  keep(cursor: Cursor): Promise<void>
  /** What was remembered of a part of the source, such as an event; nothing where it was never read. */
  seen(part: string): string | undefined
  see(part: string, state: string): Promise<void>
  /** Shown among the latest refusals of the source; costs nothing else. */
  note(code: NodeErrorCode, place: string): void
  /** True once so many bytes came in this round that the rest waits for the next one. */
  isFull(): boolean
}

/** @throws NodeError poll-refused, poll-answer-failed */
export function expectOk({ status, headers, drop }: Answer): void {
  if (status === 200 || status === 206) return
  drop()
  const wait = Number(headers['retry-after'])
  const facts = { answered: status, ...(wait > 0 ? { wait: Math.min(wait, 86_400) } : {}) }
  throw new NodeError(status === 401 || status === 403 ? 'poll-refused' : 'poll-answer-failed', undefined, facts)
}

/**
 * For kinds whose servers say little of their types: anything but a page for people, which is how a proxy or a login asks
 * for a person. @throws NodeError poll-refused, poll-answer-failed, poll-answer-invalid
 */
export function expectData(answer: Answer): void {
  expectOk(answer)
  const { headers, drop } = answer
  if (!/^(?:text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '')) return
  drop()
  throw new NodeError('poll-answer-invalid', 'the answer is a page for people')
}
