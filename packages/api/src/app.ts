import Fastify, { type FastifyBaseLogger } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { addAuthentication } from './auth.ts'
import type { Door } from './door.ts'
import { ApiError } from './errors.ts'
import { DiscreetLog } from './log.ts'
import { mispAddress } from './misp/address.ts'
import { sendMispError } from './misp/media.ts'
import { addOpenapi, openapiRoute } from './openapi.ts'
import type { ApiPorts } from './ports.ts'
import { answerProblems, type Explain, sendProblem } from './problem.ts'
import { addRecord } from './record.ts'
import { bulletinRoutes } from './routes/bulletins.ts'
import { circleRoutes } from './routes/circles.ts'
import { draftRoutes } from './routes/drafts.ts'
import { eventRoute } from './routes/events.ts'
import { feedRefusalRoute, feedRoute, feedTableRoute } from './routes/feeds.ts'
import { importRoutes } from './routes/imports.ts'
import { indicatorRoutes } from './routes/indicators.ts'
import { keyRoutes } from './routes/keys.ts'
import { mispRoutes } from './routes/misp.ts'
import { mispFeedRoute } from './routes/misp-feed.ts'
import { mispWriteRoutes } from './routes/misp-write.ts'
import { healthRoute, nodeRoutes, readyRoute } from './routes/node.ts'
import { officerRoutes } from './routes/officer.ts'
import { peerRoutes } from './routes/peers.ts'
import { sourceRoutes } from './routes/sources.ts'
import { taxiiRoutes } from './routes/taxii.ts'
import { scopeOf } from './scopes.ts'
import { isLocalHostHeader } from './source.ts'
import { createOpenAnswers, type OpenAnswers } from './streams.ts'
import { sendTaxiiError } from './taxii/media.ts'

/** Bytes of a request body where a route says nothing else. */
const BODY_LIMIT = 1024 * 1024
/** ms in which a request has to be sent whole: a slow sender holds no connection. Answers may take longer. */
const REQUEST_TIMEOUT = 60_000
/** ms between heartbeats of the event stream: below the idle limit of usual proxies. */
const HEARTBEAT = 15_000
/** A did:key has 56 characters, a domain or name at most 300. */
const MAX_PARAM = 300

export interface DoorOptions {
  readonly ports: ApiPorts
  readonly explain: Explain
  readonly log?: FastifyBaseLogger | undefined
}

export interface RouteSeen {
  readonly method: string
  readonly url: string
}

/** The door with every route. `loopback` doors answer to the names of loopback alone. */
export function createMainDoor(options: DoorOptions & { loopback: boolean; version: string; heartbeat?: number }): {
  app: Door
  routes: readonly RouteSeen[]
} {
  const { ports, heartbeat = HEARTBEAT } = options
  const { app, routes, answers } = createDoor(options)
  if (options.loopback) {
    app.addHook('onRequest', async (request) => {
      if (!isLocalHostHeader(request.headers.host)) throw new ApiError('forbidden-host', 403)
    })
  }
  app.register(async (scope: Door) => {
    const guesses = await addAuthentication(scope, ports)
    addRecord(scope, ports)
    await addOpenapi(scope, options.version)
    healthRoute(scope)
    readyRoute(scope, ports)
    openapiRoute(scope)
    bulletinRoutes(scope, ports)
    indicatorRoutes(scope, ports)
    officerRoutes(scope, ports)
    peerRoutes(scope, ports)
    circleRoutes(scope, ports)
    eventRoute(scope, ports, answers, heartbeat)
    feedRoute(scope, ports, answers)
    mispFeedRoute(scope, ports, answers)
    feedRefusalRoute(scope, ports)
    feedTableRoute(scope, ports)
    importRoutes(scope, ports)
    draftRoutes(scope, ports)
    sourceRoutes(scope, ports, guesses)
    mispRoutes(scope, ports, answers, options.explain)
    mispWriteRoutes(scope, ports, options.explain)
    taxiiRoutes(scope, ports, options.explain)
    keyRoutes(scope, ports)
    nodeRoutes(scope, ports)
  })
  return { app, routes }
}

/** The door for firewalls, resolvers and SIEMs: feeds, collections and health, and only for the allowed ranges. */
export function createFeedDoor(options: DoorOptions & { allows: (address: string | undefined) => boolean }): {
  app: Door
  routes: readonly RouteSeen[]
} {
  const { app, routes, answers } = createDoor(options)
  app.addHook('onRequest', async (request) => {
    // The socket's own address: a forwarded one is whatever the sender wrote.
    if (!options.allows(request.raw.socket.remoteAddress)) throw new ApiError('forbidden-source', 403)
  })
  app.register(async (scope: Door) => {
    await addAuthentication(scope, options.ports)
    addRecord(scope, options.ports)
    healthRoute(scope)
    feedRoute(scope, options.ports, answers)
    mispFeedRoute(scope, options.ports, answers)
    mispRoutes(scope, options.ports, answers, options.explain)
    taxiiRoutes(scope, { taxii: options.ports.taxii }, options.explain)
  })
  return { app, routes }
}

function createDoor({ explain, log }: DoorOptions): { app: Door; routes: readonly RouteSeen[]; answers: OpenAnswers } {
  const app: Door = Fastify({
    ...(log === undefined ? { logger: false } : { loggerInstance: log }),
    logController: new DiscreetLog(),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    exposeHeadRoutes: false,
    // After `finish`: a connection on which nothing was ever asked would keep the server open.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PARAM },
    rewriteUrl: ({ method = '', url = '' }) => mispAddress(method, url),
    frameworkErrors: (error, request, reply) => {
      senderFor(request.url)(request, reply, error, explain)
    }
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  answerProblems(app, explain)
  app.setNotFoundHandler((request, reply) =>
    senderFor(request.url)(request, reply, new ApiError('unknown-route', 404), explain)
  )

  const answers = createOpenAnswers()
  const routes: RouteSeen[] = []
  app.addHook('onRoute', (route) => {
    const method = String(route.method)
    const scope = scopeOf(method, route.url)
    if (scope === undefined) throw new Error(`route without a row in ROUTE_SCOPES: ${method} ${route.url}`)
    route.config = { ...route.config, scope }
    routes.push({ method, url: route.url })
  })
  app.addHook('onRequest', async (request, reply) => {
    answers.add(reply)
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
    // RFC 9112 §3.2: Node keeps the first of several, and a proxy before it may have judged by another.
    if (hostLines(request.raw) > 1) throw new ApiError('invalid-request', 400, 'more than one Host header')
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, reader } = request
    const ms = Math.round(reply.elapsedTime)
    request.log.debug(
      { method, route: routeOptions.url, status: reply.statusCode, ms, token: reader?.token },
      'answered'
    )
  })

  app.addHook('preClose', () => answers.finish())
  return { app, routes, answers }
}

/** Where there is no route, and so no handler of its own, an address still says in which shape its client reads errors. */
function senderFor(url: string): typeof sendProblem {
  if (/^\/taxii2(?:[/?]|$)/.test(url)) return sendTaxiiError
  return /^\/misp(?:[/?]|$)/.test(url) ? sendMispError : sendProblem
}

function hostLines({ rawHeaders }: { readonly rawHeaders: readonly string[] }): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length
}
