import { DraftSchema } from '@tocsin/model'
import { readerOf } from '../auth.ts'
import { type Door, readBodyWith } from '../door.ts'
import { DRAFT_LIMIT, readDraft } from '../draft-body.ts'
import type { ApiPorts } from '../ports.ts'
import { PublishView, ReceiptsView } from '../publish-views.ts'
import {
  AttachmentParams,
  BulletinQueryInput,
  DisablingInput,
  IdParams,
  PublishQuery,
  RetractionInput
} from '../requests.ts'
import { BulletinSummaryView, BulletinView, ErasureView, pageOf } from '../views.ts'

/** 4,096 values of 2 KiB, rounded down to what anybody needs. */
const DISABLING_LIMIT = 4 * 1024 * 1024

/** Publishing, reading, retracting and disabling. */
export function bulletinRoutes(app: Door, ports: Pick<ApiPorts, 'bulletins'>): void {
  const { bulletins } = ports

  app.post(
    '/v1/bulletins',
    {
      bodyLimit: DRAFT_LIMIT,
      // The draft's own parser reports every bad line and keeps the good ones; zod alone would stop at the shape.
      validatorCompiler: readBodyWith((body) => body),
      schema: {
        summary: 'Publish a bulletin, or with dryRun show what publishing it would do',
        querystring: PublishQuery,
        body: DraftSchema,
        response: { 200: PublishView, 201: PublishView }
      }
    },
    async (request, reply) => {
      const dryRun = request.query.dryRun === true
      const { draft, problems } = readDraft(request.body, dryRun)
      const view = await bulletins.publish(draft, readerOf(request), { dryRun })
      if (!dryRun && view.id !== undefined) reply.code(201).header('location', `/v1/bulletins/${view.id}`)
      return { ...view, problems: [...problems, ...view.problems] }
    }
  )

  app.get(
    '/v1/bulletins',
    {
      schema: {
        summary: 'Bulletins by text, value, type, threat, author, TLP and time',
        querystring: BulletinQueryInput,
        response: { 200: pageOf(BulletinSummaryView) }
      }
    },
    (request) => bulletins.list(request.query, readerOf(request))
  )

  app.get(
    '/v1/bulletins/:id',
    { schema: { summary: 'One bulletin, by id or unique prefix', params: IdParams, response: { 200: BulletinView } } },
    (request) => bulletins.get(request.params.id, readerOf(request))
  )

  app.get(
    '/v1/bulletins/:id/receipts',
    {
      schema: {
        summary: 'Who says that it holds a bulletin; of ours also via whom, and who is missing',
        params: IdParams,
        response: { 200: ReceiptsView }
      }
    },
    (request) => bulletins.receipts(request.params.id, readerOf(request))
  )

  app.get(
    '/v1/bulletins/:id/attachments/:sha256',
    {
      schema: {
        summary: 'The bytes of an attachment, as they were attached',
        params: AttachmentParams,
        produces: ['application/octet-stream']
      }
    },
    async (request, reply) => {
      const { id, sha256 } = request.params
      const { name, data } = await bulletins.attachment(id, sha256, readerOf(request))
      // Malware samples: never shown or run by a browser, whatever they claim to be.
      return reply
        .type('application/octet-stream')
        .header('content-disposition', `attachment; filename*=UTF-8''${rfc8187(name)}`)
        .header('content-security-policy', "sandbox; default-src 'none'")
        .send(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    }
  )

  app.post(
    '/v1/bulletins/:id/retraction',
    {
      schema: {
        summary: 'Take a bulletin of ours out of use, and erase it after the delay',
        params: IdParams,
        body: RetractionInput,
        response: { 200: BulletinSummaryView }
      }
    },
    (request) => bulletins.retract(request.params.id, request.body, readerOf(request))
  )

  app.post(
    '/v1/bulletins/:id/retraction/prepare',
    {
      schema: {
        summary: 'The bytes that the root key signs to erase without delay',
        params: IdParams,
        response: { 200: ErasureView }
      }
    },
    (request) => bulletins.prepareErasure(request.params.id, readerOf(request))
  )

  app.post(
    '/v1/bulletins/:id/disabling',
    {
      bodyLimit: DISABLING_LIMIT,
      schema: {
        summary: 'Take single indicators of a bulletin of ours out of use',
        params: IdParams,
        body: DisablingInput,
        response: { 200: BulletinSummaryView }
      }
    },
    (request) => bulletins.disable(request.params.id, request.body, readerOf(request))
  )
}

/** A file name as an extended parameter (RFC 8187 §3.2.1), which leaves nothing to interpret. */
function rfc8187(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`
  )
}
