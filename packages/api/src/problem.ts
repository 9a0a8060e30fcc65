/**
 * Errors as RFC 9457 problem details. A `TocsinError` is an answer: its code, message and facts go out. Anything else
 * is our bug: `internal`, and never its message, which may quote a peer's text or a secret.
 */
import { STATUS_CODES } from 'node:http'
import { TocsinError } from '@tocsin/model'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { Door } from './door.ts'
import { API_ERRORS, ApiError, type ApiErrorCode } from './errors.ts'
import { whereabouts } from './log.ts'
import type { ProblemDocument, ProblemView } from './views.ts'

/** The one-line explanation of a code, if some room's error table has it. */
export type Explain = (code: string) => string | undefined

/** Members that facts may not replace (RFC 9457 §3.1). */
const RESERVED = new Set(['type', 'title', 'status', 'detail', 'code', 'instance'])

const isApiCode = (code: string): code is ApiErrorCode => Object.hasOwn(API_ERRORS, code)

/** The HTTP status of a room's error, by the class its code belongs to. */
export function statusOf(error: TocsinError): number {
  if (error instanceof ApiError) return error.status
  if (error.code === 'not-found' || error.code.startsWith('unknown-')) return 404
  // The request lacks a field that its route can do without otherwise.
  if (error.code === 'type-needed') return 400
  if (error.code.startsWith('ambiguous-')) return 409
  if (error.code.startsWith('forbidden-')) return 403
  return 422
}

/** The problem document of an error that is an answer. */
export function problemOf(error: TocsinError, explain: Explain): ProblemDocument {
  const status = statusOf(error)
  const facts = Object.entries(error.facts).filter(([name, value]) => !RESERVED.has(name) && isPlain(value))
  return {
    ...Object.fromEntries(facts),
    type: `urn:tocsin:error:${error.code}`,
    title: (isApiCode(error.code) ? API_ERRORS[error.code] : explain(error.code)) ?? STATUS_CODES[status] ?? 'Refused',
    status,
    detail: error.message,
    code: error.code
  }
}

/** Keys and signatures live in byte arrays: a fact is text, number, truth value or a list or record of those. */
function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return true
  if (Array.isArray(value)) return value.every(isPlain)
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.values(value).every(isPlain)
}

/** `a.b[3]` of an issue's path: what a person looks for in his file. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number' || /^\d+$/.test(String(key))) return `${text}[${String(key)}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}

interface Validated {
  readonly validation: readonly { keyword: string; instancePath: string; message?: string; params: object }[]
  readonly validationContext?: string | undefined
}

/** What this file reads of a zod issue; `keys` of an unknown field, `errors` of each branch of a union. */
interface Issue {
  readonly code: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
  readonly errors?: readonly (readonly Issue[])[]
}

/** An issue as problems: an unknown field is named itself, and of a union only the branch that came nearest. */
export function problemsOf(issue: Issue, base: readonly PropertyKey[] = []): ProblemView[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys' && issue.keys !== undefined) {
    return issue.keys.map((key) => ({
      path: pathText([...path, key]),
      code: 'unknown-field',
      message: 'no such field'
    }))
  }
  const nearest = issue.errors?.toSorted((a, b) => a.length - b.length)[0]
  if (nearest !== undefined) return nearest.flatMap((inner) => problemsOf(inner, path))
  return [{ path: pathText(path), code: issue.code.replaceAll('_', '-'), message: issue.message }]
}

/** Every validation problem with its path. */
function invalidRequest(error: Validated): ApiError {
  const where = error.validationContext ?? 'body'
  const problems = error.validation.flatMap(({ keyword, instancePath, message = 'not valid', params }) =>
    problemsOf({ ...params, code: keyword, path: instancePath.split('/').filter((step) => step !== ''), message })
  )
  return new ApiError('invalid-request', 400, `${where}: ${problems.length} problem(s)`, { where, problems })
}

/** Fastify's own refusals (body, media type, URL) in our words. */
function fromFastify(error: Error): ApiError | undefined {
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined
  if (status === 413) return new ApiError('body-too-large', 413)
  if (status === 415) return new ApiError('unsupported-media-type', 415)
  if (status === 400) return new ApiError('malformed-body', 400)
  return new ApiError('invalid-request', status)
}

/** Any thrown thing as an error that can be answered; undefined for a bug of ours. */
function answerable(error: unknown): TocsinError | undefined {
  if (error instanceof TocsinError) return error
  if (hasZodFastifySchemaValidationErrors(error)) return invalidRequest(error as Validated)
  return error instanceof Error ? fromFastify(error) : undefined
}

/** The problem document of any thrown thing; logs what is a bug of ours. */
export function problemFor(request: FastifyRequest, thrown: unknown, explain: Explain): ProblemDocument {
  const known = answerable(thrown)
  if (known === undefined) {
    request.log.error({ route: request.routeOptions.url, ...whereabouts(thrown) }, 'request failed')
  }
  return problemOf(known ?? new ApiError('internal', 500), explain)
}

/** Answers with the problem document of an error. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
  explain: Explain
): FastifyReply {
  const problem = problemFor(request, thrown, explain)
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .removeHeader('etag')
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem)
}

/** Makes every failure of a door a problem document. */
export function answerProblems(app: Door, explain: Explain): void {
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error, explain))
}
