import { readerOf, secretOf } from '../auth.ts'
import type { Door } from '../door.ts'
import { ApiError } from '../errors.ts'
import { liveText } from '../live.ts'
import type { ApiPorts } from '../ports.ts'
import { EventsQuery } from '../requests.ts'
import { type OpenAnswers, streamOf } from '../streams.ts'

/** What arrives, as server-sent events. */
export function eventRoute(
  app: Door,
  ports: Pick<ApiPorts, 'events' | 'authenticate'>,
  answers: OpenAnswers,
  heartbeat: number
): void {
  app.get(
    '/v1/events',
    {
      schema: {
        summary: 'What arrives, live; after Last-Event-ID (or ?after) first what was missed',
        querystring: EventsQuery,
        produces: ['text/event-stream']
      }
    },
    async (request, reply) => {
      const reader = readerOf(request)
      const after = lastEventId(request.headers['last-event-id']) ?? request.query.after
      const signal = answers.stream(reply)
      const secret = secretOf(request.headers.authorization, false) ?? ''
      const events = ports.events(reader, { signal, ...(after === undefined ? {} : { after }) })
      const stillAllowed = async () => (await ports.authenticate(secret)) !== undefined
      reply.type('text/event-stream').header('x-accel-buffering', 'no')
      return reply.send(streamOf(liveText(events, { signal, heartbeat, stillAllowed })))
    }
  )
}

function lastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  if (typeof header === 'string' && /^\d{1,16}$/.test(header)) return Number(header)
  const problems = [{ path: 'last-event-id', code: 'invalid-format', message: 'an id that this stream gave' }]
  throw new ApiError('invalid-request', 400, 'Last-Event-ID is not an id of this stream', {
    where: 'headers',
    problems
  })
}
