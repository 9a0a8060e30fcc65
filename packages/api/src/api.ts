import type { AddressInfo } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { createFeedDoor, createMainDoor, type RouteSeen } from './app.ts'
import type { Door } from './door.ts'
import type { ApiPorts } from './ports.ts'
import type { Explain } from './problem.ts'
import { type Cidr, createSourceCheck, isLoopback } from './source.ts'

/** Where to listen; port 0 takes a free one. */
export interface Listen {
  readonly host: string
  readonly port: number
}

export interface ApiOptions {
  readonly ports: ApiPorts
  readonly listen: Listen
  /** A listener of its own for firewalls and resolvers on other hosts: `/v1/feeds` and `/healthz` alone. */
  readonly feedsListen?: Listen & { readonly allow: readonly Cidr[] }
  /** A pino logger or one of its shape; no log without it. */
  readonly log?: FastifyBaseLogger
  /** Explains the codes of other rooms' errors, as problem titles. */
  readonly explain?: Explain
  /** Shown in the OpenAPI document. */
  readonly version?: string
  /** ms between heartbeats of the event stream. */
  readonly heartbeat?: number
}

export interface Api {
  readonly app: Door
  readonly feedsApp?: Door
  /** Every route as Fastify registered it, known once the app is ready. */
  readonly routes: readonly RouteSeen[]
  readonly feedRoutes: readonly RouteSeen[]
  /** Listens; the addresses are base URLs with the real ports. Throws what listening throws. */
  start(): Promise<{ readonly address: string; readonly feedsAddress?: string }>
  /** Ends event streams and downloads, lets other requests finish, and closes. */
  stop(): Promise<void>
}

/**
 * The local door over the ports it is handed. Nothing listens before `start`. Throws a RangeError if an allowed
 * range is no address range.
 */
export function createApi(options: ApiOptions): Api {
  const { ports, listen, feedsListen, log, explain = () => undefined, version = '0.1.0', heartbeat } = options
  const main = createMainDoor({
    ports,
    explain,
    log,
    version,
    loopback: isLoopback(listen.host),
    ...(heartbeat === undefined ? {} : { heartbeat })
  })
  const feeds =
    feedsListen === undefined
      ? undefined
      : createFeedDoor({ ports, explain, log, allows: createSourceCheck(feedsListen.allow) })

  return {
    app: main.app,
    ...(feeds === undefined ? {} : { feedsApp: feeds.app }),
    routes: main.routes,
    feedRoutes: feeds?.routes ?? [],
    async start() {
      const address = await open(main.app, listen)
      if (feeds === undefined || feedsListen === undefined) return { address }
      return { address, feedsAddress: await open(feeds.app, feedsListen) }
    },
    async stop() {
      await Promise.all([main.app.close(), feeds?.app.close()])
    }
  }
}

async function open(app: Door, { host, port }: Listen): Promise<string> {
  await app.listen({ host, port })
  const bound = app.server.address() as AddressInfo
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`
}
