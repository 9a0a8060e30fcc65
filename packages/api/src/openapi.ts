import swagger from '@fastify/swagger'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { Door } from './door.ts'
import { scopeOf } from './scopes.ts'
import { ProblemDocument } from './views.ts'

const PROBLEM = { description: 'Refused', content: { 'application/problem+json': { schema: ProblemDocument } } }

/** OpenAPI 3.1 at `/openapi.json`, made from the same schemas that validate. */
export async function addOpenapi(app: Door, version: string): Promise<void> {
  // Before swagger's own hook, which reads what stands here.
  app.addHook('onRoute', (route) => {
    const scope = scopeOf(String(route.method), route.url)
    const basic = route.config?.basic === true
    const security = scope === 'open' ? [] : [{ bearer: [] }, ...(basic ? [{ basic: [] }] : [])]
    const { response, ...schema } = route.schema ?? {}
    const answers = typeof response === 'object' ? response : {}
    route.schema = {
      ...schema,
      security,
      ...(scope === undefined || scope === 'open' ? {} : { description: `Scope: ${scope}.` }),
      response: { ...answers, '4xx': PROBLEM, '5xx': PROBLEM }
    }
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tocsin',
        version,
        description: 'The local door of a Tocsin node.',
        license: { name: 'EUPL-1.2' }
      },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, basic: { type: 'http', scheme: 'basic' } }
      }
    },
    exposeHeadRoutes: true,
    transform: jsonSchemaTransform
  })
}

/** The document itself. */
export function openapiRoute(app: Door): void {
  app.get('/openapi.json', { schema: { summary: 'This description', hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(app.swagger())
  )
}
