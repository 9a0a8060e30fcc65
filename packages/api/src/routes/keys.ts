import type { Door } from '../door.ts'
import { OwnStreamsView, OwnStreamView } from '../node-views.ts'
import type { ApiPorts } from '../ports.ts'
import { StreamParams } from '../requests.ts'

/** Our own streams, as a change of the node key needs them. */
export function keyRoutes(app: Door, { ownStreams }: Pick<ApiPorts, 'ownStreams'>): void {
  app.get(
    '/v1/streams',
    {
      schema: {
        summary: 'Our own streams: how far they go here, where they end, and what peers hold that we did not write',
        response: { 200: OwnStreamsView }
      }
    },
    () => ownStreams.list()
  )

  app.post(
    '/v1/streams/:stream/claim',
    {
      schema: {
        summary: 'What peers hold of this stream is ours though this store did not write it: take it back',
        params: StreamParams,
        response: { 200: OwnStreamView }
      }
    },
    (request) => ownStreams.claim(request.params.stream)
  )
}
