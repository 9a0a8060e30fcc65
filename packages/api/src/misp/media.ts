import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Explain, problemFor } from '../problem.ts'

/** JSON as MISP's clients read it. */
export function sendMisp(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json').serializer(JSON.stringify).send(body)
}

/** Errors as MISP has them, with our code beside: `name`, `message` and `url`. */
export function sendMispError(
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
  explain: Explain
): FastifyReply {
  const { title, detail, status, code, type: _type, ...details } = problemFor(request, thrown, explain)
  const [url] = request.url.split('?')
  reply.code(status).removeHeader('etag')
  return sendMisp(reply, { name: title, message: detail ?? title, url, code, ...details })
}
