import { TocsinError } from './errors.ts'

/** What this package throws: code → one line for docs/errors.md. Everything else it answers as a value. */
export const MODEL_ERRORS = {
  'never-block-line': 'A line of never-block.txt is neither a name, an address, a range nor a hash.'
} as const

export type ModelErrorCode = keyof typeof MODEL_ERRORS

/** A fault in what an operator wrote. */
export class ModelError extends TocsinError {
  declare readonly code: ModelErrorCode

  constructor(code: ModelErrorCode, message: string, facts?: Record<string, unknown>) {
    super(code, message, facts)
  }
}
