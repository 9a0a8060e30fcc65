import { z } from 'zod'
import type { Door } from '../door.ts'
import type { ApiPorts } from '../ports.ts'
import { CardInput, CircleParams, InstitutionParams, PrepareInput, RegisterInput, VouchInput } from '../requests.ts'
import { CardView, CircleView, listOf, PeerView, PreparedView, SubmittedView } from '../views.ts'

/** Peers and circles. Statements are made in two steps, since the root key may be nowhere near the node. */
export function circleRoutes(app: Door, ports: Pick<ApiPorts, 'card' | 'inspectCard' | 'peers' | 'circles'>): void {
  const { peers, circles } = ports

  app.get('/v1/card', { schema: { summary: 'Our own card', response: { 200: CardView } } }, () => ports.card())

  app.post(
    '/v1/cards',
    { schema: { summary: 'Read a card without trusting it', body: CardInput, response: { 200: CardView } } },
    (request) => ports.inspectCard(request.body.card)
  )

  app.get('/v1/peers', { schema: { summary: 'The allow-list', response: { 200: listOf(PeerView) } } }, async () => ({
    items: await peers.list()
  }))

  app.post(
    '/v1/peers',
    {
      schema: {
        summary: 'Put an institution on the allow-list, after its number was compared by telephone',
        body: CardInput,
        response: { 201: PeerView }
      }
    },
    async (request, reply) => reply.code(201).send(await peers.add(request.body.card))
  )

  app.delete(
    '/v1/peers/:institution',
    {
      schema: {
        summary: 'Take an institution off the allow-list; its connection ends',
        params: InstitutionParams,
        response: { 204: z.undefined().describe('Removed') }
      }
    },
    async (request, reply) => {
      await peers.remove(request.params.institution)
      return reply.code(204).send()
    }
  )

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
      if ('register' in request.body) return reply.code(201).send(await circles.submit(request.body.register))
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
    async (request, reply) => reply.code(201).send(await circles.submit(request.body.register))
  )
}
