import { TocsinError } from '@tocsin/model'

/** Codes of the HTTP door's own refusals; those of the rooms behind it pass through unchanged. */
export type ApiErrorCode =
  | 'body-too-large'
  | 'client-token-too-wide'
  | 'forbidden-host'
  | 'forbidden-scope'
  | 'forbidden-source'
  | 'internal'
  | 'invalid-request'
  | 'limited-admin-token'
  | 'malformed-body'
  | 'not-acceptable'
  | 'not-ready'
  | 'number-mismatch'
  | 'too-many-failed-authentications'
  | 'source-unavailable'
  | 'unauthenticated'
  | 'event-not-taken'
  | 'unknown-attribute'
  | 'unknown-collection'
  | 'unknown-event'
  | 'unknown-feed'
  | 'unknown-import'
  | 'unknown-introduction'
  | 'unknown-object'
  | 'unknown-route'
  | 'unknown-status'
  | 'unsupported-media-type'

/** One line on each code; held equal to docs/errors.md. */
export const API_ERRORS: Readonly<Record<ApiErrorCode, string>> = {
  'body-too-large': 'The request body is larger than this route takes.',
  'client-token-too-wide':
    'A client reads, up to TLP:AMBER and never AMBER+STRICT, and its token expires within 400 days.',
  'forbidden-host': 'The Host header names something else than this machine: refused against DNS rebinding.',
  'forbidden-scope': 'The token is valid, but its scope does not reach this route.',
  'forbidden-source': 'The address asking is in none of the source ranges that the feed listener allows.',
  internal: 'Something failed inside the node; its log says where.',
  'invalid-request': 'The request does not have the shape of this route; each problem is listed with its path.',
  'limited-admin-token': 'An admin token can make any other token, so it cannot be limited in TLP or use.',
  'malformed-body': 'The request body cannot be read as what its Content-Type says.',
  'not-acceptable': 'The Accept header takes nothing that this route answers with.',
  'not-ready': 'The node is up but cannot serve yet.',
  'number-mismatch': 'This is not the comparison number of the card; nothing was trusted.',
  'too-many-failed-authentications': 'Too many wrong tokens came from this address; wait as Retry-After says.',
  'source-unavailable': 'The node could not take this item now; its log says why, and the sender may try again.',
  unauthenticated: 'The request carries no token, or one that this node does not know.',
  'event-not-taken': 'Nothing of the MISP event could be taken; each refusal is listed with its place.',
  'unknown-attribute': 'There is no MISP attribute of this id, as far as the token may see.',
  'unknown-collection': 'There is no TAXII collection of this id.',
  'unknown-event': 'There is no MISP event of this id, as far as the token may see.',
  'unknown-feed': 'There is no feed of this name.',
  'unknown-import': 'There is no import of this name.',
  'unknown-introduction':
    'No such introduction is under way: it ended, or three answers were wrong. Begin again with the card.',
  'unknown-object': 'The TAXII collection holds no object of this id, as far as the token may see.',
  'unknown-route': 'There is nothing at this method and path.',
  'unknown-status': 'No such request of this token is remembered: the last 256 are, until the node stops.',
  'unsupported-media-type': 'The Content-Type is not one that this route takes.'
}

/** A refusal of the HTTP door itself; `status` is the HTTP status that it is answered with. */
export class ApiError extends TocsinError {
  readonly status: number

  constructor(code: ApiErrorCode, status: number, message?: string, facts: Record<string, unknown> = {}) {
    super(code, message ?? API_ERRORS[code], facts)
    this.status = status
  }
}
