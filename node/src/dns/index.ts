/** The DNS door: our response policy zone for the resolvers of the house, by transfer, told by NOTIFY. Off by default. */
import { createDnsDoor, createPolicyZone, RPZ_TTL, type TsigKey, zoneName } from '@tocsin/connectors'
import type { Log } from '@tocsin/network'
import type { Replica } from '@tocsin/replica'
import type { Config } from '../config.ts'
import type { FeedContents } from '../ports/feeds.ts'
import { keepZone } from './contents.ts'
import { createSecondaries } from './secondaries.ts'
import { openDnsSockets } from './sockets.ts'

type DnsConfig = NonNullable<Config['dns']>

export interface Dns {
  readonly port: number
  /** Questions and NOTIFYs by what became of them, each behind `dns:`. */
  counts(): ReadonlyMap<string, number>
  stop(): Promise<void>
}

export interface DnsDeps {
  readonly replica: Replica
  readonly contents: FeedContents
  readonly log: Log
}

/** Resolves when the sockets listen; the zone follows, and until it is there questions get SERVFAIL. */
export async function startDns(config: DnsConfig, { replica, contents, log }: DnsDeps): Promise<Dns> {
  const counts = new Map<string, number>()
  const count = (outcome: string): void => {
    counts.set(`dns:${outcome}`, (counts.get(`dns:${outcome}`) ?? 0) + 1)
  }
  const { now, random } = replica.world
  const facts = { name: zoneName(config.zone), ttl: RPZ_TTL }
  const keys = config.keys.map(({ name, secret }): TsigKey => ({ name, secret: Buffer.from(secret, 'base64') }))
  const zone = createPolicyZone()
  const answer = createDnsDoor({ facts, zone, keys, now })
  const sockets = await openDnsSockets({ host: config.host, port: config.port, answer, count })
  const secondaries = createSecondaries({
    facts,
    secondaries: config.notify.map(({ host, port, key }) => ({
      host,
      port,
      key: keys.find(({ name }) => name === key)
    })),
    from: ['0.0.0.0', '::'].includes(config.host) ? undefined : config.host,
    now,
    random,
    count
  })
  const kept = keepZone({
    facts,
    zone,
    contents,
    query: {
      types: config.types,
      minConfidence: config.min_confidence,
      ...(config.threat === undefined ? {} : { threat: config.threat }),
      ...(config.max_age_days === undefined ? {} : { maxAge: config.max_age_days * DAY_MS })
    },
    reader: { token: 'dns', scope: 'read', maxTlp: config.max_tlp, use: 'block' },
    replica,
    log,
    onMoved: (serial) => {
      log.debug({ serial, zone: facts.name }, 'the zone moved')
      secondaries.tell(serial)
    }
  })
  return {
    port: sockets.port,
    counts: () => counts,
    stop: async () => {
      await kept.stop()
      await secondaries.stop()
      await sockets.stop()
    }
  }
}

const DAY_MS = 86_400_000
