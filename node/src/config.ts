/** Configuration, read in one place: config.toml, then the environment; checked once, frozen (docs/configuration.md). */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { isLoopback } from '@tocsin/api/source'
import { RPZ_ZONE } from '@tocsin/connectors'
import { isInstitutionId, PAPS, THREATS, TLPS } from '@tocsin/model'
import { parse } from 'smol-toml'
import { z } from 'zod'
import { NodeError } from './errors.ts'
import { type Home, halfMade, stateOf } from './home.ts'

/** `10.1.0.0/16` or a single address. */
const Range = z.string().refine((text) => {
  const [address = '', bits, ...more] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return more.length === 0 && most > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
}, 'an address or a range like 192.0.2.0/24')

/** A name server: `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:53`. */
const NameServer = z.string().refine((text) => {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const isAddress = isIP(text) > 0 || (six !== undefined && isIP(six) === 6) || (four !== undefined && isIP(four) === 4)
  return isAddress && Number(port ?? 53) > 0 && Number(port ?? 53) <= 65_535
}, 'the address of a name server, with a port if it is not 53')

const Listen = z.strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(0).max(65535) })

/** A name of DNS, of a zone or a key: in lower case, as names are compared, and without the final dot. */
const DnsName = z
  .string()
  .toLowerCase()
  .max(200)
  .regex(/^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/, 'a domain name without a dot at its end')

const Address = z.string().refine((text) => isIP(text) > 0, 'an IP address')

/** Octets of a TSIG secret: half of what hmac-sha256 gives (RFC 8945 §8 wants no less than a key as long as the MAC). */
const LEAST_SECRET = 16

const RPZ_TYPES = ['ipv4', 'ipv6', 'cidr', 'domain'] as const

const Dns = z
  .strictObject({
    host: Address.default('127.0.0.1'),
    port: z.int().min(0).max(65535),
    /** Name of the response policy zone. */
    zone: DnsName.default(RPZ_ZONE),
    /** TSIG keys of hmac-sha256, of which whoever asks must hold one. */
    keys: z
      .array(
        z.strictObject({
          name: DnsName,
          /** As `tsig-keygen` writes it; this file is readable by its owner alone. */
          secret: z
            .string()
            .refine(
              (text) => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && Buffer.from(text, 'base64').length >= LEAST_SECRET,
              `${LEAST_SECRET} octets or more, in base64`
            )
        })
      )
      .max(64)
      .default([]),
    /** Secondaries that are told when the zone moves. */
    notify: z
      .array(
        z.strictObject({
          host: Address,
          port: z.int().min(1).max(65535).default(53),
          /** Name of the key that signs what is told. */
          key: DnsName.optional()
        })
      )
      .max(64)
      .default([]),
    /** The greatest TLP in the zone; RED is in no feed. */
    max_tlp: z.enum(TLPS).exclude(['RED']).default('AMBER+STRICT'),
    /** Least confidence, 0 to 100. */
    min_confidence: z.int().min(0).max(100).default(0),
    max_age_days: z.int().min(1).max(3650).optional(),
    threat: z.enum(THREATS).optional(),
    types: z
      .array(z.enum(RPZ_TYPES))
      .min(1)
      .default([...RPZ_TYPES])
  })
  .refine(({ host, keys }) => keys.length > 0 || isLoopback(host), {
    path: ['keys'],
    message: 'a key, unless the door listens at a loopback address'
  })
  .refine(({ keys }) => new Set(keys.map(({ name }) => name)).size === keys.length, {
    path: ['keys'],
    message: 'two keys of one name'
  })
  .refine(({ keys, notify }) => notify.every(({ key }) => key === undefined || keys.some(({ name }) => name === key)), {
    path: ['notify'],
    message: 'the name of a key that stands under dns.keys'
  })

export const ConfigSchema = z.strictObject({
  network: z
    .strictObject({
      /** Multiaddrs to listen at, `/ws` at the end for WebSocket; none where relays are named. */
      listen: z.array(z.string()),
      /** Multiaddrs on the card, where they differ. */
      announce: z.array(z.string()).default([]),
      /** File of a pre-shared network key, from the home folder on. */
      key_file: z.string().min(1).optional(),
      /** Pass connections on between peers. */
      serve_relay: z.boolean().default(false),
      /** Peers through which this node is reached. */
      use_relays: z.array(z.string().refine(isInstitutionId, 'an institution, did:key:z6Mk…')).max(8).default([])
    })
    .refine(({ listen, use_relays }) => listen.length + use_relays.length > 0, {
      path: ['listen'],
      message: 'an address to listen at, or a relay to be reached through'
    }),
  api: z.strictObject({
    ...Listen.shape,
    /** A door of its own for firewalls and resolvers on other hosts: feeds only, from these ranges only. */
    feeds: z.strictObject({ ...Listen.shape, allow: z.array(Range).min(1) }).optional()
  }),
  /** A door for resolvers: the response policy zone by transfer. None where it is absent. */
  dns: Dns.optional(),
  use: z
    .strictObject({
      /** Least PAP for `detect` (DESIGN §6): AMBER is the strict reading. */
      detect_needs: z.enum(PAPS).default('AMBER')
    })
    .default({ detect_needs: 'AMBER' }),
  /** Whether and where `tocsin join` and `tocsin peer check` ask what the domains of a card publish about it. */
  domain_check: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Name servers; the system's where there are none. */
      servers: z.array(NameServer).max(8).default([])
    })
    .default({ enabled: true, servers: [] }),
  /** What the node fetches by itself. */
  sources: z
    .strictObject({
      /** Link-local and other ranges that sources may be fetched from all the same. */
      allow: z.array(Range).max(64).default([])
    })
    .default({ allow: [] }),
  /** Channels that are told of new bulletins; each takes only bulletins of the audience declared here. */
  notify: z
    .array(
      z.strictObject({
        kind: z.literal('rocket-chat'),
        /** Incoming webhook; holds a secret, so this file is readable by its owner alone. */
        url: z.url(),
        /** The greatest TLP that may be told in this channel. */
        tlp: z.enum(TLPS).exclude(['RED']),
        /** The circle whose members, all of them and nobody else, read the channel: name or id. */
        circle: z.string().optional(),
        /** The strictest PAP that may be told there. */
        pap: z.enum(PAPS).default('GREEN'),
        lang: z.enum(['fr', 'en']).default('fr')
      })
    )
    .default([]),
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .default({ level: 'info' })
})

export type Config = z.infer<typeof ConfigSchema>

/** @throws NodeError config-invalid, home-missing */
export async function readConfig(home: Home, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  let text: string
  try {
    text = await readFile(home.config, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT')
      throw new NodeError('home-damaged', `cannot read ${home.config}`, { path: home.config, cause: code })
    if (stateOf(home) === 'half-made') throw halfMade(home)
    throw new NodeError('home-missing', `no institution in ${home.dir} yet: run tocsin init`, { home: home.dir })
  }
  let raw: unknown
  try {
    raw = parse(text)
  } catch (error) {
    throw new NodeError('config-invalid', `${home.config}: ${String((error as Error).message).split('\n')[0]}`, {
      path: home.config
    })
  }
  const parsed = ConfigSchema.safeParse(withEnvironment(raw, env))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const path = issue?.path.map(String).join('.') ?? ''
    throw new NodeError('config-invalid', `${home.config}: ${path}: ${issue?.message ?? 'invalid'}`, { path })
  }
  return frozen(parsed.data)
}

/** Frozen to its leaves: whoever holds the configuration cannot change it for the others. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner)
    Object.freeze(value)
  }
  return value
}

/** What the environment says goes through the same checks as the file. */
function withEnvironment(raw: unknown, { TOCSIN_LOG_LEVEL: level }: NodeJS.ProcessEnv): unknown {
  return level === undefined || typeof raw !== 'object' || raw === null ? raw : { ...raw, log: { level } }
}

/** The file that `tocsin init` writes. */
export function configText(
  listen: readonly string[],
  announce: readonly string[],
  api: { host: string; port: number }
): string {
  const list = (items: readonly string[]): string => `[${items.map((item) => JSON.stringify(item)).join(', ')}]`
  return `# Tocsin, see docs/configuration.md. Restart the node after a change.

[network]
# Where peers connect to this node; /ip4/…/tcp/…/ws is WebSocket.
listen = ${list(listen)}
# What the card tells them instead, for a node behind NAT or a name.
announce = ${list(announce)}
# key_file = "network.key"       # a network key that all peers have: see the guide
# serve_relay = true             # pass connections on between peers
# use_relays = ["did:key:z6Mk…"] # be reached through these peers

[api]
# The local door: command line, page and your own tools.
host = ${JSON.stringify(api.host)}
port = ${api.port}

# [api.feeds]                  # a door of its own for tools on other hosts: feeds and TAXII only
# host = "0.0.0.0"
# port = 8471
# allow = ["192.0.2.0/24"]

# [dns]                        # the response policy zone by transfer, for your resolvers
# host = "192.0.2.10"
# port = 5353
# zone = "rpz.tocsin.invalid"
# keys = [{ name = "resolver-1", secret = "…" }] # from: tsig-keygen -a hmac-sha256 resolver-1
# notify = [{ host = "192.0.2.53", key = "resolver-1" }]

[use]
detect_needs = "AMBER"         # least PAP for detection rules: AMBER is the strict reading

# [[notify]]                   # who is told of new bulletins
# kind = "rocket-chat"
# url = "https://chat.example.org/hooks/ID/TOKEN"
# tlp = "AMBER"                # the greatest TLP of this channel
# circle = "esr-fr"            # its readers are this circle's members, all and nobody else

[log]
level = "info"
`
}
