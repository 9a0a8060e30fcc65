import type { z } from 'zod'
import { type Draft, type DraftErrorCode, DraftSchema } from './draft.ts'
import type { IndicatorErrorCode } from './parsed.ts'

/** One thing that is wrong with a draft. `path` is written as in `indicators[3].value`; empty for the whole. */
export interface DraftProblem {
  readonly path: string
  readonly code: DraftErrorCode | IndicatorErrorCode
  readonly message: string
}

/** A draft, or everything that is wrong with it; `draft` is there if only indicators are, and holds the good ones. */
export type ParsedDraft =
  | { readonly ok: true; readonly draft: Draft }
  | { readonly ok: false; readonly problems: readonly DraftProblem[]; readonly draft?: Draft }

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    // Names of unknown fields come from outside.
    const name = String(part).slice(0, 100)
    const shown = /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name)
    return text === '' ? shown : `${text}.${shown}`
  }, '')
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    input
  )
}

function codeOf(issue: z.core.$ZodIssue, input: unknown): DraftProblem['code'] {
  switch (issue.code) {
    case 'custom':
      return (issue.params?.code as DraftProblem['code'] | undefined) ?? 'bad-value'
    case 'invalid_type':
      return valueAt(input, issue.path) === undefined ? 'missing' : 'bad-type'
    case 'too_big':
      if (issue.origin === 'string') return 'too-long'
      return issue.origin === 'array' ? 'too-many' : 'out-of-range'
    case 'too_small':
      return 'out-of-range'
    case 'invalid_value':
      return valueAt(input, issue.path) === undefined ? 'missing' : 'bad-value'
    default:
      return 'bad-value'
  }
}

function problemsOf(issues: readonly z.core.$ZodIssue[], input: unknown): DraftProblem[] {
  return issues.flatMap((issue): DraftProblem[] => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ path: pathText(issue.path), code: codeOf(issue, input), message: issue.message }]
    }
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      code: 'unknown-field',
      message: 'No such field.'
    }))
  })
}

/**
 * Reads a draft from unknown JSON. Unknown fields are refused, not dropped: a misspelt `tlp` must not publish under a
 * default. Bad indicators are named one by one, and if nothing else is wrong the good ones come back in `draft`.
 */
export function parseDraft(input: unknown): ParsedDraft {
  const parsed = DraftSchema.safeParse(input)
  if (parsed.success) return { ok: true, draft: parsed.data }
  const { issues } = parsed.error
  const problems = problemsOf(issues, input)
  const bad = new Set<number>()
  for (const { path } of issues) {
    const [field, index] = path
    if (field !== 'indicators' || typeof index !== 'number') return { ok: false, problems }
    bad.add(index)
  }
  const { indicators, ...rest } = input as { readonly indicators: readonly unknown[] }
  const kept = indicators.map((_, index) => index).filter((index) => !bad.has(index))
  const good = DraftSchema.safeParse({ ...rest, indicators: kept.map((index) => indicators[index]) })
  if (good.success) return { ok: false, problems, draft: good.data }
  // Contradictions show only once every indicator reads; they are named by their place in what was handed in.
  const later = good.error.issues.map((issue) => ({
    ...issue,
    path: issue.path.map((part, depth) => (depth === 1 && typeof part === 'number' ? (kept[part] ?? part) : part))
  }))
  return { ok: false, problems: [...problems, ...problemsOf(later, input)] }
}
