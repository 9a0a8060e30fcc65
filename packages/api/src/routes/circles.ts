import type { Door } from '../door.ts'
import { PendingView, WhyView } from '../joining-views.ts'
import type { ApiPorts } from '../ports.ts'
import { CircleParams, PrepareInput, RegisterInput, VouchInput, WhyParams } from '../requests.ts'
import { CircleView, listOf, PreparedView, SubmittedView } from '../views.ts'

/** Circles. Statements are made in two steps, since the root key may be nowhere near the node. */
export function circleRoutes(app: Door, { circles }: Pick<ApiPorts, 'circles'>): void {
  app.get(
    '/v1/circles',
    { schema: { summary: 'Circles known here', response: { 200: listOf(CircleView) } } },
    async () => ({
      items: await circles.list()
    })
  )

  app.get(
    '/v1/circles/:circle',
    { schema: { summary: 'One circle, by id or name', params: CircleParams, response: { 200: CircleView } } },
    (request) => circles.show(request.params.circle)
  )

  app.get(
    '/v1/circles/:circle/pending',
    {
      schema: {
        summary: 'Newcomers with what they still lack, and vouches that end soon',
        params: CircleParams,
        response: { 200: PendingView }
      }
    },
    (request) => circles.pending(request.params.circle)
  )

  app.get(
    '/v1/circles/:circle/why/:institution',
    {
      schema: {
        summary: 'The statements that make an institution a member, or that are missing',
        params: WhyParams,
        response: { 200: WhyView }
      }
    },
    (request) => circles.why(request.params.circle, request.params.institution)
  )

  app.post(
    '/v1/circles/prepare',
    {
      schema: {
        summary: 'The bytes of a charter or statement for the root key to sign, and what signing would do',
        body: PrepareInput,
        response: { 200: PreparedView }
      }
    },
    async (request) => {
      switch (request.body.action) {
        case 'create': {
          const { action, ...charter } = request.body
          return circles.prepareCreate(charter)
        }
        case 'accept':
          return circles.prepareAccept(request.body.circle)
        case 'vouch': {
          const { action, ...vouch } = request.body
          return circles.prepareVouch(vouch)
        }
        case 'revoke': {
          const { action, ...revocation } = request.body
          return circles.prepareRevoke(revocation)
        }
      }
    }
  )

  app.post(
    '/v1/vouches',
    {
      schema: {
        summary: 'Prepare a vouch, or take in the signed one',
        body: VouchInput,
        response: { 200: PreparedView, 201: SubmittedView }
      }
    },
    async (request, reply) => {
      if ('register' in request.body) {
        const done = await circles.submit(request.body.register)
        request.act = submittedText(done)
        return reply.code(201).send(done)
      }
      return reply.code(200).send(await circles.prepareVouch(request.body))
    }
  )

  app.post(
    '/v1/registers',
    {
      schema: {
        summary: 'Take in a charter or statement signed by the root key',
        body: RegisterInput,
        response: { 201: SubmittedView }
      }
    },
    async (request, reply) => {
      const done = await circles.submit(request.body.register)
      request.act = submittedText(done)
      return reply.code(201).send(done)
    }
  )
}

function submittedText({ kind, circle, subject }: SubmittedView): string {
  return [kind, circle, subject?.id].filter((part) => part !== undefined).join(' ')
}
