import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, FastifySchemaCompiler, RawServerDefault } from 'fastify'
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'

/** A Fastify instance whose routes are typed by their zod schemas. */
export type Door = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

/**
 * Validates query and parameters by their schemas and leaves the body to `read`: its schema only documents it. For
 * bodies that are bytes, or that have a parser which reports more than zod would.
 */
export function readBodyWith<T>(read: (body: unknown) => unknown): FastifySchemaCompiler<T> {
  return ({ schema, method, url, httpPart }) => {
    if (httpPart === 'body') return (body) => ({ value: read(body) })
    if (!(schema instanceof z.ZodType)) throw new TypeError(`${method} ${url}: not a zod schema`)
    return validatorCompiler({ schema, method, url })
  }
}
