import { TocsinError } from '@tocsin/model'
import { exitStatusOf, Problem } from './errors.ts'
import { translateIfKnown } from './language.ts'
import { safeJson } from './safe.ts'
import type { Session } from './session.ts'

interface Listed {
  readonly path: string
  readonly code: string
  readonly message: string
}

/**
 * Says what failed and what to do, on standard error, and returns the exit status. With `--json` it is the problem
 * document. A bug of ours shows where it is.
 */
export function failureShown(session: Session, error: unknown): 1 | 2 {
  const { env, screen, t } = session
  if (!(error instanceof TocsinError)) {
    screen.note(`tocsin: ${t('bug')}`)
    env.stderr.write(`${safeJson(error instanceof Error ? error.stack : String(error))}\n`)
    return 1
  }
  const status = exitStatusOf(error.code)
  const document = error instanceof Problem ? error.facts : { ...error.facts, code: error.code, detail: error.message }
  if (session.json()) {
    env.stderr.write(`${safeJson(document)}\n`)
    return status
  }
  const facts = textFacts(error)
  // The catalogue says our own codes in the user's language; the node's details come in English.
  const said = error instanceof Problem ? undefined : translateIfKnown(t, `error-${error.code}`, facts)
  screen.note(`tocsin: ${said ?? error.message} (${error.code})`)
  for (const { path, code, message } of listOf(error))
    screen.note(`  ${path === '' ? '·' : path}: ${message} (${code})`)
  for (const name of ['candidates', 'bulletins', 'feeds', 'imports', 'reason']) {
    const fact = error.facts[name]
    if (Array.isArray(fact)) screen.note(`  ${fact.map(String).join(', ')}`)
    else if (typeof fact === 'string' && said?.includes(fact) !== true) screen.note(`  ${fact}`)
  }
  const advice = translateIfKnown(t, `advice-${error.code}`, facts)
  if (advice !== undefined) screen.note(`  → ${advice}`)
  return status
}

function listOf({ facts }: TocsinError): readonly Listed[] {
  const { problems } = facts
  return Array.isArray(problems) ? (problems as readonly Listed[]) : []
}

function textFacts({ facts }: TocsinError): Record<string, string | number> {
  const plain = Object.entries(facts).filter((row): row is [string, string | number] =>
    /string|number/.test(typeof row[1])
  )
  return Object.fromEntries(plain)
}
