import { type Draft, type DraftInput, type DraftProblem, parseDraft } from '@tocsin/model'
import { ApiError } from './errors.ts'

/** Bytes: a bulletin may carry 8 MiB of attachments twice over in base64, and its text and indicators. */
export const DRAFT_LIMIT = 24 * 1024 * 1024

/**
 * The draft of a request. Bad lines are refused one by one: a dry run goes on with the good ones, while publishing
 * stops, says which, and gives the good ones back, so that nothing is signed that its author has not seen.
 */
export function readDraft(
  body: unknown,
  dryRun: boolean
): { readonly draft: DraftInput; readonly problems: readonly DraftProblem[] } {
  const parsed = parseDraft(body)
  if (parsed.ok) return { draft: asSaid(parsed.draft, body), problems: [] }
  if (dryRun && parsed.draft !== undefined) return { draft: asSaid(parsed.draft, body), problems: parsed.problems }
  throw new ApiError('invalid-request', 400, `body: ${parsed.problems.length} problem(s)`, {
    where: 'body',
    problems: parsed.problems,
    ...(parsed.draft === undefined ? {} : { draft: parsed.draft })
  })
}

/** Without the confidence that parsing filled in: its author is shown which labels he did not give. */
function asSaid(draft: Draft, body: unknown): DraftInput {
  const { confidence, ...rest } = draft
  return typeof body === 'object' && body !== null && 'confidence' in body ? draft : rest
}
