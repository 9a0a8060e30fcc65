import { z } from 'zod'
import type { Door } from '../door.ts'
import { createIntroductions } from '../introductions.ts'
import { DomainCheckView, IntroductionView, OwnCardView } from '../joining-views.ts'
import type { ApiPorts } from '../ports.ts'
import {
  CardChangeInput,
  CardInput,
  GroupsInput,
  InstitutionParams,
  IntroductionParams,
  PeerInput
} from '../requests.ts'
import { CardView, listOf, PeerView, PreparedView } from '../views.ts'

/** Cards, introductions and the allow-list. */
export function peerRoutes(
  app: Door,
  ports: Pick<ApiPorts, 'card' | 'prepareCard' | 'inspectCard' | 'comparison' | 'checkDomains' | 'peers'>
): void {
  const { peers } = ports
  const introductions = createIntroductions({ ...ports, add: (text) => peers.add(text) })

  app.get('/v1/card', { schema: { summary: 'Our own card and its number', response: { 200: OwnCardView } } }, () =>
    ports.card()
  )

  app.post(
    '/v1/card/prepare',
    {
      schema: {
        summary: 'The bytes of a card with another name, contact, domains or addresses for the root key to sign',
        body: CardChangeInput,
        response: { 200: PreparedView }
      }
    },
    (request) => ports.prepareCard(request.body)
  )

  app.post(
    '/v1/cards',
    { schema: { summary: 'Read a card without trusting it', body: CardInput, response: { 200: CardView } } },
    (request) => ports.inspectCard(request.body.card)
  )

  app.post(
    '/v1/cards/domains',
    {
      schema: {
        summary: 'Ask the DNS and the web what the domains of a card publish about it',
        body: CardInput,
        response: { 200: listOf(DomainCheckView) }
      }
    },
    async (request) => ({ items: await ports.checkDomains(request.body.card) })
  )

  app.post(
    '/v1/introductions',
    {
      schema: {
        summary: 'Begin to compare the number of a card: six groups are shown, three are asked for',
        body: CardInput,
        response: { 201: IntroductionView }
      }
    },
    async (request, reply) => reply.code(201).send(await introductions.begin(request.body.card))
  )

  app.post(
    '/v1/introductions/:id',
    {
      schema: {
        summary: 'The three groups as they were heard; right ones put the institution on the allow-list',
        params: IntroductionParams,
        body: GroupsInput,
        response: { 201: PeerView }
      }
    },
    async (request, reply) => {
      const peer = await introductions.answer(request.params.id, request.body.groups)
      request.act = `${peer.id} ${peer.name}`
      return reply.code(201).send(peer)
    }
  )

  app.get('/v1/peers', { schema: { summary: 'The allow-list', response: { 200: listOf(PeerView) } } }, async () => ({
    items: await peers.list()
  }))

  app.post(
    '/v1/peers',
    {
      schema: {
        summary: 'Put an institution on the allow-list, with the whole number that it read aloud on the telephone',
        body: PeerInput,
        response: { 201: PeerView }
      }
    },
    async (request, reply) => {
      const peer = await introductions.whole(request.body.card, request.body.number)
      request.act = `${peer.id} ${peer.name}`
      return reply.code(201).send(peer)
    }
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
    '/v1/peers/:institution/domains',
    {
      schema: {
        summary: 'Ask the DNS and the web what the domains of a peer publish about its card',
        params: InstitutionParams,
        response: { 200: listOf(DomainCheckView) }
      }
    },
    async (request) => ({ items: await peers.checkDomains(request.params.institution) })
  )
}
