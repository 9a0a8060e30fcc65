/** Everything the HTTP door asks for, over the real rooms. */
import type { ApiPorts, FileFeedView } from '@tocsin/api'
import type { NeverBlock, Pap } from '@tocsin/model'
import type { Log, PeerStatus } from '@tocsin/network'
import { createBulletinReader, createIndicatorReader, type Replica } from '@tocsin/replica'
import type { DomainCheck } from '../domain-check.ts'
import { createDrafts } from '../drafts/ports.ts'
import { createHomeRecord, type HomeRecord } from '../home-record.ts'
import { audienceView } from './audience.ts'
import { createBulletinPorts } from './bulletins.ts'
import { createCirclePorts } from './circles.ts'
import { createEventsPort } from './events.ts'
import { createExceptions } from './exceptions.ts'
import { createExtractPort } from './extract.ts'
import { createFeedPorts, type FeedContents } from './feeds.ts'
import { createIndicatorPorts } from './indicators.ts'
import { createMispPorts } from './misp/ports.ts'
import { createOwnStreamPorts } from './own-streams.ts'
import { createPeoplePorts } from './people.ts'
import { createSightingPorts } from './sightings.ts'
import { createEvidencePort, createStatusPort } from './status.ts'
import { createTaxiiPort } from './taxii/pages.ts'
import { createTokens } from './tokens.ts'
import type { ViewDeps } from './views.ts'

export interface PortDeps {
  readonly replica: Replica
  readonly adminSecret: string
  readonly neverBlock: NeverBlock
  readonly detectNeeds: Pap
  readonly domainCheck: DomainCheck
  readonly startedAt: number
  /** The home: what must not be left behind, nor be read by others, is written there. */
  readonly folder: string
  readonly log: Log
  /** Of what is fetched for sources. */
  readonly sources: { readonly accessPath: string; readonly allow: readonly string[] }
  readonly links: () => readonly PeerStatus[]
  readonly addresses: () => readonly string[]
  readonly fileFeeds: () => readonly FileFeedView[]
  readonly counters: () => ReadonlyMap<string, number>
  readonly notReady: () => string | undefined
}

/** The ports, and what the doors that are not HTTP see of the replica. */
export interface Ports {
  readonly ports: ApiPorts
  readonly views: ViewDeps
  readonly feedContents: FeedContents
  readonly homeRecord: HomeRecord
  /** What is due: once a second. */
  tick(): Promise<void>
  stop(): Promise<void>
}

export async function createPorts(deps: PortDeps): Promise<Ports> {
  const { replica } = deps
  const { store, streams, book, identity, world } = replica
  const bulletins = createBulletinReader({ store, streams, book, self: identity.institution, now: world.now })
  const indicators = createIndicatorReader({ store, book, bulletins, now: world.now })
  const views: ViewDeps = { replica, bulletins, indicators, detectNeeds: deps.detectNeeds }
  const exceptions = await createExceptions(replica)
  const tokens = await createTokens(replica, deps.adminSecret)
  const drafts = await createDrafts({ views, log: deps.log, ...deps.sources })
  const version = countChanges(replica, () => indicators.networksChanged())
  const feeds = createFeedPorts({ ...views, exceptions, neverBlock: deps.neverBlock, version, folder: deps.folder })
  const ports: ApiPorts = {
    authenticate: tokens.authenticate,
    bulletins: createBulletinPorts(views),
    sightings: createSightingPorts(views),
    extract: createExtractPort(replica),
    indicators: createIndicatorPorts(views),
    events: createEventsPort(views),
    ...createPeoplePorts({ replica, links: deps.links, domainCheck: deps.domainCheck }),
    circles: createCirclePorts(replica),
    audience: async (query) => audienceView(replica, query),
    exceptions: exceptions.ports,
    feeds: feeds.ports,
    ...drafts.ports,
    taxii: createTaxiiPort({ ...views, exceptions, neverBlock: deps.neverBlock }),
    misp: createMispPorts({ ...views, exceptions, neverBlock: deps.neverBlock, version, folder: deps.folder }),
    fileFeeds: deps.fileFeeds,
    tokens: tokens.ports,
    ownStreams: createOwnStreamPorts({ replica, links: deps.links }),
    evidence: createEvidencePort(replica),
    status: createStatusPort(deps),
    notReady: deps.notReady
  }
  const homeRecord = createHomeRecord(replica, tokens)
  return { ports, views, feedContents: feeds.contents, homeRecord, tick: drafts.tick, stop: drafts.stop }
}

/** A version that moves with everything that can change what a feed holds. */
function countChanges(replica: Replica, onNetworks: () => void): () => string {
  let changes = 0
  replica.watch((event) => {
    if (event.type !== 'entries' && event.type !== 'roster-changed' && event.type !== 'registers') return
    // Receipts, every few seconds, and in no feed.
    if (event.type === 'registers' && event.to !== undefined) return
    changes += 1
    if (event.type === 'entries') onNetworks()
  })
  return () => String(changes)
}
