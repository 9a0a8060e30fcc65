import { TocsinError } from '@tocsin/model'

/** Stable codes of the errors that this room throws. */
export type HuntErrorCode = 'log-unreadable' | 'log-is-folder' | 'log-damaged' | 'log-encoding'

export const HUNT_ERRORS: Readonly<Record<HuntErrorCode, string>> = {
  'log-unreadable': 'A log cannot be opened or read.',
  'log-is-folder': 'A folder is searched with --recursive alone.',
  'log-damaged': 'A compressed log is cut off or damaged; what was found before that place stands.',
  'log-encoding': 'A log is written in UTF-16, which is not searched: convert it to UTF-8.'
}

/** One log that cannot be searched to its end; the others are. */
export class HuntError extends TocsinError {
  constructor(code: HuntErrorCode, facts: Record<string, unknown> = {}) {
    super(code, HUNT_ERRORS[code], facts)
  }
}

/** `ENOENT` and the like. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
