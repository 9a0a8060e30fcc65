/** For tests: what a round uses of the node, with a memory as a source's row is one. */
import { tmpdir } from 'node:os'
import { NodeError } from '../errors.ts'
import { fetchSource, wholeText } from './fetch.ts'
import { createReach } from './reach.ts'
import { spool } from './spool.ts'
import type { Cursor, PollWork } from './work.ts'

export function createMemory(url: string, poll: (work: PollWork) => Promise<void>, take: (text: string) => void) {
  const kept: Cursor[] = []
  const notes: string[] = []
  const seen = new Map<string, string>()
  let isFull = false
  return {
    /** Each place that was remembered, the latest last. */
    kept,
    notes,
    seen,
    /** Whether there is no room for what comes. */
    fill: (now: boolean) => {
      isFull = now
    },
    poll: () =>
      poll({
        url: new URL(url),
        cursor: kept.at(-1) ?? {},
        get: (to, headers, most) => {
          const signal = new AbortController().signal
          return fetchSource(to, { headers, most, timeout: 20_000, reach: createReach(), signal })
        },
        spool: (body) => spool(body, tmpdir()),
        take: async (body) => {
          if (isFull) throw new NodeError('drafts-full')
          take(await wholeText(body))
        },
        keep: async (cursor) => void kept.push(cursor),
        seen: (part) => seen.get(part),
        see: async (part, state) => void seen.set(part, state),
        note: (code, place) => void notes.push(`${code} ${place}`),
        isFull: () => false
      })
  }
}
