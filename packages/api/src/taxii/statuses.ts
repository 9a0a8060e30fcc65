import { randomUUID } from 'node:crypto'
import type { ImportedView } from '../draft-views.ts'
import { momentOf } from './cursor.ts'

/** One object of a request; its version is ISO 8601. */
export interface StatusDetail {
  readonly id: string
  readonly version: string
  readonly message?: string
}

/** The status resource of TAXII 2.1 §4.3. Everything is done when it is answered: nothing is ever pending. */
export interface Status {
  readonly id: string
  readonly status: 'complete'
  readonly request_timestamp: string
  readonly total_count: number
  readonly success_count: number
  readonly successes?: readonly StatusDetail[]
  readonly failure_count: number
  readonly failures?: readonly StatusDetail[]
  readonly pending_count: 0
}

/** Requests that are remembered; each is of a few hundred objects at most as usual. */
const REMEMBERED = 256
/** Objects of a request that are named; all are counted. */
const NAMED = 1_000

const PLACE = /^objects\[(\d{1,9})\]/

/** Which objects an import refused, and which not: by their place in the list that was handed in. */
export function statusOf(objects: readonly unknown[], { refused, counts }: ImportedView, at: number): Status {
  const messages = new Map<number, string>()
  for (const { code, message, place } of refused) {
    const index = PLACE.exec(place?.path ?? '')?.[1]
    if (index !== undefined) messages.set(Number(index), `${code}: ${message}`)
  }
  // What is refused as a whole has no place: then nothing of it was taken.
  const whole = counts.refused > 0 && messages.size === 0 ? refused[0] : undefined
  const details = objects.map((object, index): StatusDetail => {
    const message = messages.get(index) ?? (whole === undefined ? undefined : `${whole.code}: ${whole.message}`)
    return { ...named(object), ...(message === undefined ? {} : { message }) }
  })
  const failures = details.filter(({ message }) => message !== undefined)
  const successes = details.filter(({ message }) => message === undefined)
  return {
    id: randomUUID(),
    status: 'complete',
    request_timestamp: momentOf(at * 1000),
    total_count: objects.length,
    success_count: successes.length,
    ...(successes.length === 0 ? {} : { successes: successes.slice(0, NAMED) }),
    failure_count: failures.length,
    ...(failures.length === 0 ? {} : { failures: failures.slice(0, NAMED) }),
    pending_count: 0
  }
}

function named(object: unknown): { readonly id: string; readonly version: string } {
  const { id, modified, created } = (typeof object === 'object' && object !== null ? object : {}) as Record<
    string,
    unknown
  >
  const version = [modified, created].find((text) => typeof text === 'string' && text.length <= 40)
  return {
    id: typeof id === 'string' ? id.slice(0, 300) : '',
    version: typeof version === 'string' ? version : ''
  }
}

/** The last requests, each for the token that made it. */
export interface Statuses {
  add(token: string, status: Status): void
  find(token: string, id: string): Status | undefined
}

export function createStatuses(): Statuses {
  const kept = new Map<string, { readonly token: string; readonly status: Status }>()
  return {
    add(token, status) {
      kept.set(status.id, { token, status })
      const oldest = kept.size > REMEMBERED ? kept.keys().next().value : undefined
      if (oldest !== undefined) kept.delete(oldest)
    },
    find(token, id) {
      const found = kept.get(id)
      return found?.token === token ? found.status : undefined
    }
  }
}
