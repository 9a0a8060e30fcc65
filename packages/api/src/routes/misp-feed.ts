/** A MISP feed: what a MISP fetches on its own, one event a bulletin. */
import { z } from 'zod'
import { readerOf } from '../auth.ts'
import type { Door } from '../door.ts'
import { ApiError } from '../errors.ts'
import type { ApiPorts } from '../ports.ts'
import type { OpenAnswers } from '../streams.ts'
import { sendFeed } from './feeds.ts'

const FILES = { 'manifest.json': 'manifest', 'hashes.csv': 'hashes' } as const

const FileParams = z.strictObject({ file: z.string().max(64) })

/** `manifest.json`, `hashes.csv` and `<uuid>.json`, the token as Bearer or Basic. */
export function mispFeedRoute(app: Door, { misp }: Pick<ApiPorts, 'misp'>, answers: OpenAnswers): void {
  app.get(
    '/v1/misp-feed/:file',
    {
      config: { basic: true },
      schema: {
        summary: 'A file of the MISP feed: manifest.json, hashes.csv, or an event by its uuid',
        params: FileParams,
        produces: ['application/json', 'text/csv']
      }
    },
    async (request, reply) => {
      const { file } = request.params
      const uuid = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json$/.exec(file)?.[1]
      const wanted = Object.hasOwn(FILES, file) ? FILES[file as keyof typeof FILES] : undefined
      const asked = wanted ?? (uuid === undefined ? undefined : { event: uuid })
      const found = asked === undefined ? undefined : await misp.feed(asked, readerOf(request))
      if (found === undefined) throw new ApiError('unknown-event', 404)
      return sendFeed(found, request, reply, answers)
    }
  )
}
