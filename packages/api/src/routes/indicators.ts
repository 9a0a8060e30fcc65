import { readerOf } from '../auth.ts'
import type { Door } from '../door.ts'
import type { ApiPorts } from '../ports.ts'
import { BulletinQueryInput, LookupInput, ValueQuery } from '../requests.ts'
import { IndicatorHitView, LookupView, listOf, pageOf, TraceView } from '../views.ts'

/** 10,000 values of some hundred bytes. */
const LOOKUP_LIMIT = 4 * 1024 * 1024

/** Finding values: by query, many at once, and how one came here. */
export function indicatorRoutes(app: Door, ports: Pick<ApiPorts, 'indicators'>): void {
  const { indicators } = ports

  app.get(
    '/v1/indicators',
    {
      schema: {
        summary: 'Indicators by value, type, threat, author and time',
        querystring: BulletinQueryInput,
        response: { 200: pageOf(IndicatorHitView) }
      }
    },
    (request) => indicators.search(request.query, readerOf(request))
  )

  app.post(
    '/v1/lookup',
    {
      bodyLimit: LOOKUP_LIMIT,
      schema: {
        summary: 'Many values at once; one result a value, in the order asked',
        body: LookupInput,
        response: { 200: listOf(LookupView) }
      }
    },
    async (request) => ({ items: await indicators.lookup(request.body.values, readerOf(request)) })
  )

  app.get(
    '/v1/trace',
    {
      schema: {
        summary: 'Where a value is, how it came, and what each use may do with it',
        querystring: ValueQuery,
        response: { 200: TraceView }
      }
    },
    (request) => indicators.trace(request.query.value, readerOf(request))
  )
}
