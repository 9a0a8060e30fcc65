/**
 * The base of every error that Tocsin throws on purpose. `code` is stable API (kebab-case, explained in the package's
 * own table and in docs/errors.md); `message` is for people and may change; `facts` carry what a caller needs to act.
 */
export class TocsinError extends Error {
  readonly code: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, facts: Record<string, unknown> = {}) {
    super(message)
    this.name = new.target.name
    this.code = code
    this.facts = facts
  }
}

/** The answer of a rule: allowed, or refused with the stable code of the rule that refused. */
export type Verdict<C extends string = string> =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: C }
