import { TocsinError } from '@tocsin/model'

export type StoreErrorCode =
  | 'store-locked'
  | 'store-damaged'
  | 'store-version-unknown'
  | 'store-disk-full'
  | 'store-write-failed'
  | 'store-closed'

/** One line of explanation for each code; docs/errors.md is held equal to it by a test. */
export const STORE_ERRORS: Readonly<Record<StoreErrorCode, string>> = {
  'store-locked': 'Another process has this store open; one process per store, so that a node never forks itself.',
  'store-damaged': 'The store cannot be read. Move its folder aside and start again: peers bring back what they hold.',
  'store-version-unknown': 'The store was written by a later version of Tocsin.',
  'store-disk-full': 'Too little space is left on the disk: nothing is accepted until there is more; reads go on.',
  'store-write-failed':
    'A write did not reach the disk; nothing of it counts. Reads go on; restart the node once mended.',
  'store-closed': 'The store is closed.'
}

export class StoreError extends TocsinError {
  constructor(code: StoreErrorCode, message: string, facts: Record<string, unknown> = {}) {
    super(code, message, facts)
  }
}
