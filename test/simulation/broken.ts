/** An invariant that does not hold. `rule` is stable: a shrunk history must break the same one. */
export class Broken extends Error {
  readonly rule: string

  constructor(rule: string, message: string) {
    super(`${rule}: ${message}`)
    this.rule = rule
  }
}

/** Ends the run: this node broke the rule. */
export function broken(rule: string, { index }: { readonly index: number }, message: string): never {
  throw new Broken(rule, `node ${index}: ${message}`)
}
