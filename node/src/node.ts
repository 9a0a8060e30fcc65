/** The one wiring file: reads top-down in the order of starting, and stops in reverse. */
import { randomBytes } from 'node:crypto'
import { createApi } from '@tocsin/api'
import { currentNodeKeys, nodeKey as nodeKeyOf, openRegister, parseCardText, signingKey } from '@tocsin/journal'
import { parseNeverBlock } from '@tocsin/model'
import { createNetwork, type Log, type Network, systemClock } from '@tocsin/network'
import { createReplica, createThreadReader, type Replica, type World } from '@tocsin/replica'
import { openStore } from '@tocsin/store'
import type { SyncSession } from '@tocsin/sync'
import type { Logger } from 'pino'
import { circlesOf } from './circles.ts'
import { type Config, readConfig } from './config.ts'
import { startDns } from './dns/index.ts'
import { createDomainCheck } from './domain-check.ts'
import { NodeError } from './errors.ts'
import { explain } from './explain.ts'
import { startFileFeeds } from './file-feeds/index.ts'
import { closeStore, type Home, openToOthers, readHomeFile } from './home.ts'
import { readNodeSeed } from './keys-at-rest.ts'
import { networkKeyPath, networkOptions } from './network-options.ts'
import { startNotifications } from './notifications.ts'
import { keepCardFile } from './own-card-file.ts'
import { createPorts } from './ports/index.ts'
import { createRecordShelf } from './record-shelf.ts'
import { enforce, unstage } from './rotation.ts'
import { createSessions } from './sessions.ts'
import { createTraffic } from './traffic.ts'
import { VERSION } from './version.ts'

export interface RunningNode extends AsyncDisposable {
  readonly replica: Replica
  readonly network: Network
  /** Base URL of the local door. */
  readonly api: string
  readonly feeds?: string
  /** Port of the DNS door. */
  readonly dns?: number
}

export interface NodeOptions {
  readonly home: Home
  readonly log: Logger
  readonly world?: World
  /** ms; how long a publish waits for a peer to confirm the head of an earlier run's stream. */
  readonly headPatience?: number
  /** Sees each exchange as it is made, so that frames can be counted from outside (scripts/bench). */
  readonly tap?: (session: SyncSession) => SyncSession
}

const systemWorld: World = {
  now: () => Date.now(),
  steady: () => performance.now(),
  random: (bytes) => randomBytes(bytes)
}
/** Once a second: the day's roster, waiting publishes, erasures. */
const TICK_MS = 1000

/** @throws NodeError, StoreError, NetworkError: with everything that had started stopped again */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { home, log } = options
  const tapped = options.tap ?? ((session) => session)
  const world = options.world ?? systemWorld
  await using stack = new AsyncDisposableStack()

  const config = await readConfig(home)
  const staged = await enforce(home)
  const seed = await readNodeSeed(home)
  const adminSecret = (await readHomeFile(home.adminToken)).toString('utf8').trim()
  // Half a write, or somebody's `admin`: what opens everything is never short.
  if (adminSecret.length < 32)
    throw new NodeError('home-damaged', 'the admin token is too short', { path: home.adminToken })
  const neverBlockText = await readHomeFile(home.neverBlock)
  const neverBlock = parseNeverBlock(neverBlockText.toString('utf8'))
  const card = openRegister(parseCardText((await readHomeFile(home.card)).toString('utf8')))
  const key = signingKey(seed)
  const nodeKey = nodeKeyOf(key.publicKey)
  if (card.register.kind !== 'card' || !currentNodeKeys(card.register.value, world.now()).includes(nodeKey)) {
    throw new NodeError('home-damaged', 'the card does not certify this node key', { path: home.card })
  }

  const keyPath = networkKeyPath(home, config)
  for (const path of await openToOthers(home, keyPath === undefined ? [] : [keyPath]))
    log.warn({ path }, 'others of this machine can read this file: chmod 600')
  await closeStore(home)
  const store = await openStore({ path: home.store })
  stack.defer(() => store.close())

  const identity = {
    institution: card.register.author,
    key,
    nodeKey,
    instance: Buffer.from(world.random(16)).toString('hex')
  }
  const reader = createThreadReader()
  stack.defer(() => reader.close())
  const replica = await createReplica({
    identity,
    world,
    store,
    reader,
    ...(options.headPatience === undefined ? {} : { headPatience: options.headPatience })
  })
  stack.defer(() => replica.flush())
  await replica.admitRegisters([card.bytes], undefined)
  if (staged.length > 0) {
    await replica.admitRegisters(staged, undefined)
    await unstage(home)
    log.info({ nodeKey }, 'the node key was changed')
  }

  stack.defer(
    keepCardFile(home, replica, card.register.number, (error) =>
      log.error({ code: (error as NodeJS.ErrnoException).code, path: home.card }, 'the card cannot be written')
    )
  )

  const sessions = createSessions(replica)
  const traffic = createTraffic()
  const network = createNetwork(await networkOptions(home, config, seed), {
    allow: {
      institutionOf: (linkKey) => replica.peers().find((peer) => peer.nodeKeys.includes(linkKey))?.institution,
      peers: replica.peers
    },
    circles: circlesOf(replica),
    shelf: createRecordShelf(store),
    session: (peer) => tapped(traffic.through(sessions.open(peer))),
    admit: sessions.admit,
    admitRegisters: sessions.admitRegisters,
    onReport: (peer, report) => sessions.report(peer, report, network),
    onConfirmed: (peer, { stream, seq, id }) => replica.confirmed(peer, stream, seq, id),
    clock: systemClock,
    random: Math.random,
    log: roomLog(log, 'network')
  })
  stack.defer(
    replica.watch((event) => {
      if (event.type === 'entries')
        network.notifyAppended({
          streams: event.streams as never,
          registers: [],
          ...(event.from === undefined ? {} : { from: event.from })
        })
      else if (event.type === 'registers')
        network.notifyAppended({
          streams: [],
          registers: event.addresses,
          ...(event.from === undefined ? {} : { from: event.from }),
          ...(event.to === undefined ? {} : { to: event.to })
        })
      else if (event.type === 'roster-changed') network.rosterChanged()
      else if (event.type === 'allow-list-changed') network.allowListChanged()
      else log.warn({ code: event.alarm.code }, 'alarm')
    })
  )

  const startedAt = world.now()
  let ready = false
  const {
    ports,
    views,
    feedContents,
    homeRecord,
    tick: tickPorts,
    stop: stopPorts
  } = await createPorts({
    replica,
    adminSecret,
    neverBlock,
    detectNeeds: config.use.detect_needs,
    domainCheck: createDomainCheck(config.domain_check),
    startedAt,
    folder: home.dir,
    log: roomLog(log, 'drafts'),
    sources: { accessPath: home.sources, allow: config.sources.allow },
    links: () => network.status(),
    addresses: () => network.addresses(),
    fileFeeds: () => fileFeeds.status(),
    counters: () =>
      new Map([
        ...sessions.counts(),
        ...traffic.counts(),
        ...network.counts(),
        ...notifications.counts(),
        ...fileFeeds.counts(),
        ...(dns?.counts() ?? [])
      ]),
    notReady: () => (ready ? undefined : 'starting')
  })
  stack.defer(() => stopPorts())
  await homeRecord.settings(config, neverBlockText)
  const notifications = startNotifications(config.notify, views, roomLog(log, 'notify'))
  stack.defer(() => notifications.stop())
  const fileFeeds = startFileFeeds({
    home,
    feeds: ports.feeds,
    contents: feedContents,
    onList: (feeds) => homeRecord.feeds(feeds),
    now: world.now,
    log: roomLog(log, 'feeds')
  })
  stack.defer(() => fileFeeds.stop())

  const dns =
    config.dns === undefined
      ? undefined
      : await listening(startDns(config.dns, { replica, contents: feedContents, log: roomLog(log, 'dns') }), [
          config.dns
        ])
  stack.defer(() => dns?.stop())

  await network.start()
  stack.defer(() => network.stop())
  const api = createApi({
    ports,
    listen: config.api,
    ...feedsDoor(config),
    log: log.child({ room: 'api' }),
    explain,
    version: VERSION
  })
  stack.defer(() => api.stop())
  const { address, feedsAddress } = await listening(api.start(), [config.api, config.api.feeds])

  let round: Promise<void> | undefined
  const ticking = setInterval(() => {
    round ??= tick(replica, tickPorts, log).finally(() => {
      round = undefined
    })
  }, TICK_MS)
  stack.defer(async () => {
    clearInterval(ticking)
    await round
  })
  ready = true
  log.info({ institution: identity.institution, api: address, addresses: network.addresses() }, 'ready')

  const running = stack.move()
  return {
    replica,
    network,
    api: address,
    ...(feedsAddress === undefined ? {} : { feeds: feedsAddress }),
    ...(dns === undefined ? {} : { dns: dns.port }),
    [Symbol.asyncDispose]: () => running.disposeAsync()
  }
}

async function tick(replica: Replica, tickPorts: () => Promise<void>, log: Logger): Promise<void> {
  try {
    await tickPorts()
    const swept = await replica.tick()
    if (swept !== undefined && swept.bodies + swept.streams > 0) log.info({ ...swept }, 'erased what was due')
  } catch (error) {
    log.error({ code: (error as { code?: string }).code ?? 'internal' }, 'the round of the second failed')
  }
}

function feedsDoor(config: Config): { feedsListen?: { host: string; port: number; allow: string[] } } {
  return config.api.feeds === undefined ? {} : { feedsListen: config.api.feeds }
}

interface Listen {
  readonly host: string
  readonly port: number
}

async function listening<T>(starting: Promise<T>, doors: readonly (Listen | undefined)[]): Promise<T> {
  try {
    return await starting
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { port?: number }
    // Two doors can fail: the error says at which port.
    const { host, port: configured } = doors.find((door) => door?.port === port) ?? doors[0] ?? { host: '', port }
    const facts = { host, port, cause: code }
    if (code === 'EADDRINUSE')
      throw new NodeError('address-in-use', `another program listens at ${host}:${port}`, facts)
    if (code === 'EADDRNOTAVAIL' || code === 'EACCES' || code === 'ENOTFOUND')
      throw new NodeError('address-unusable', `this node cannot listen at ${host}:${port ?? configured}`, facts)
    throw error
  }
}

function roomLog(log: Logger, room: string): Log {
  return log.child({ room })
}
