/** What TAXII 2.1 says about every request and answer: media type (§1.6.8), errors (§3.6). */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Explain, problemFor } from '../problem.ts'

export const TAXII_MEDIA = 'application/taxii+json;version=2.1'
export const STIX_MEDIA = 'application/stix+json;version=2.1'

/** Bytes of what is added at once. */
export const CONTENT_MAX = 8 * 1024 * 1024

/** True if what we answer with is among what is taken; without the header everything is (RFC 9110 §12.5.1). */
export function takesTaxii(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true
  return accept.split(',').some((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const value = (name: string): string | undefined =>
      parameters
        .find((text) => text.startsWith(`${name}=`))
        ?.slice(name.length + 1)
        .replaceAll('"', '')
    if (Number(value('q') ?? 1) === 0) return false
    if (type === '*/*' || type === 'application/*') return true
    return type === 'application/taxii+json' && (value('version') ?? '2.1') === '2.1'
  })
}

/** True for what §1.6.8 has clients send; a version of another standard is another thing. */
export function isTaxii(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? '').split(';').map((text) => text.trim().toLowerCase())
  const version = parameters
    .find((text) => text.startsWith('version='))
    ?.slice(8)
    .replaceAll('"', '')
  return type === 'application/taxii+json' && (version ?? '2.1') === '2.1'
}

/** Answers with a resource of TAXII; the text is made here, so that nothing adds to the media type. */
export function sendTaxii(reply: FastifyReply, resource: object): FastifyReply {
  return reply.header('content-type', TAXII_MEDIA).serializer(JSON.stringify).send(resource)
}

/** The error message of §3.6.1, made of the problem document that this door answers everywhere else. */
export function sendTaxiiError(
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
  explain: Explain
): FastifyReply {
  const { title, detail, status, code, type: _type, ...details } = problemFor(request, thrown, explain)
  reply.code(status).removeHeader('etag')
  return sendTaxii(reply, {
    title,
    ...(detail === undefined ? {} : { description: detail }),
    error_code: code,
    http_status: String(status),
    ...(Object.keys(details).length === 0 ? {} : { details })
  })
}
