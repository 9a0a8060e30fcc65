/** Asking only for what has changed (RFC 9110 §13.1): what the last answer said of itself goes back with the question. */
import type { Answer } from './fetch.ts'
import type { Cursor } from './work.ts'

/** Longer ones are no use to anybody. */
const MAX_VALIDATOR = 512

export function askedIfChanged({ etag, modified }: Cursor): Record<string, string> {
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(modified === undefined ? {} : { 'if-modified-since': modified })
  }
}

/** Of an answer that was taken whole. */
export function validatorsOf({ headers }: Answer): Cursor {
  const { etag, 'last-modified': modified } = headers
  const fits = (text: string | undefined): text is string => text !== undefined && text.length <= MAX_VALIDATOR
  return { ...(fits(etag) ? { etag } : {}), ...(fits(modified) ? { modified } : {}) }
}
