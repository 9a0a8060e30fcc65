/** What the door says of the node itself: its tokens, streams, feeds, evidence and state. */
import { z } from 'zod'
import { InstitutionView, Iso, TlpText, UseText } from './views.ts'

export const ExceptionView = z.object({
  type: z.string(),
  value: z.string(),
  reason: z.string(),
  createdAt: Iso,
  until: Iso.optional(),
  by: z.string()
})
export type ExceptionView = z.infer<typeof ExceptionView>

export const TokenView = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.enum(['read', 'publish', 'admin']),
  maxTlp: TlpText,
  use: UseText,
  createdAt: Iso,
  lastUsedAt: Iso.optional(),
  /** The organisation outside the community that this token serves; what it fetches is kept. */
  client: z.string().optional(),
  expiresAt: Iso.optional()
})
export type TokenView = z.infer<typeof TokenView>

/** One request of a client, or an act that changed the node, as it was answered. */
export const TokenUseView = z.object({
  at: Iso,
  /** Name of the token; `admin` is the home's own, `home` whoever writes the files of the home. */
  token: z.string(),
  /** `GET /v1/feeds/:name`; of the home's files what was done: `feed add`, `config change`. */
  route: z.string(),
  /** The feed, the bulletin or the thing that was made, changed or ended. */
  about: z.string().optional(),
  /** 0 of an act whose end is not known: the node ended in its midst. */
  status: z.number().int(),
  /** Bytes of the answer that left, headers included; 0 until it has, and where the node ended before. */
  bytes: z.number().int()
})
export type TokenUseView = z.infer<typeof TokenUseView>

export const EvidenceView = z.object({
  id: z.string(),
  kind: z.string(),
  code: z.string(),
  accused: InstitutionView,
  at: Iso,
  /** base64 of the evidence bundle that a third party can verify offline. */
  bundle: z.string(),
  /** base64 of the newest card of the accused that this node holds: what a third party verifies the bundle against. */
  card: z.string().optional()
})
export type EvidenceView = z.infer<typeof EvidenceView>

/** One of our own streams. */
export const OwnStreamView = z.object({
  id: z.string(),
  /** hex: what a closing of it carries. */
  descriptor: z.string(),
  nodeKey: z.string(),
  /** `retired` once our card ended its node key. */
  key: z.enum(['current', 'retired']),
  kind: z.enum(['log', 'retraction']),
  tlp: TlpText,
  circle: z.string().exactOptional(),
  recipient: z.string().exactOptional(),
  /** Last entry that this store holds; 0: none. */
  seq: z.int(),
  head: z.string().exactOptional(),
  /** First place that two entries claim. */
  forkedAt: z.int().exactOptional(),
  /** Peers hold more of it, up to there at least, which this store did not write. */
  foreign: z.object({ seq: z.int(), claimed: z.boolean() }).exactOptional(),
  /** Where our root key ended it. */
  closed: z.union([z.int(), z.literal('contested')]).exactOptional()
})
export type OwnStreamView = z.infer<typeof OwnStreamView>

/** `linked`: how many peers could tell by now what they hold of us. */
export const OwnStreamsView = z.object({ items: z.array(OwnStreamView), linked: z.int() })
export type OwnStreamsView = z.infer<typeof OwnStreamsView>

export const StatusView = z.object({
  institution: InstitutionView,
  version: z.string(),
  startedAt: Iso,
  now: Iso,
  addresses: z.array(z.string()),
  peers: z.object({ known: z.number().int(), connected: z.number().int() }),
  circles: z.number().int(),
  streams: z.number().int(),
  bulletins: z.number().int(),
  indicators: z.number().int(),
  evidence: z.number().int(),
  /** Things an operator should act on, each with a stable code. */
  alarms: z.array(z.object({ code: z.string(), message: z.string(), at: Iso })),
  signing: z.object({ ready: z.boolean(), reason: z.string().optional() }),
  counters: z.record(z.string(), z.number())
})
export type StatusView = z.infer<typeof StatusView>

/** One format of feeds. */
export const FeedFormatView = z.object({
  name: z.string(),
  title: z.object({ en: z.string(), fr: z.string() }),
  mediaType: z.string(),
  /** Of a file, without the dot. */
  extension: z.string(),
  /** What it is for unless another use is asked for. */
  use: UseText,
  /** Indicators that it can carry. */
  types: z.array(z.string()),
  /** Parameters that only some formats heed. */
  options: z.array(z.string()),
  /** Most values unless another limit is asked for. */
  limit: z.number().int().exactOptional()
})
export type FeedFormatView = z.infer<typeof FeedFormatView>

/** A file that the node keeps up to date. */
export const FileFeedView = z.object({
  name: z.string(),
  format: z.string(),
  file: z.string(),
  use: UseText,
  maxTlp: TlpText,
  /** `waiting` until the first look; `failed` with `code` until it succeeds. */
  state: z.enum(['waiting', 'current', 'failed']),
  /** When it was last looked whether anything changed, and how long that took. */
  lookedAt: Iso.exactOptional(),
  tookMs: z.number().exactOptional(),
  /** When the file last changed, since the node started. */
  writtenAt: Iso.exactOptional(),
  /** How many indicators it leaves out, by the code of the rule. */
  leftOut: z.record(z.string(), z.number().int()).exactOptional(),
  /** Whether its command has run for what is in the file; absent without a command. */
  told: z.boolean().exactOptional(),
  code: z.string().exactOptional(),
  detail: z.string().exactOptional()
})
export type FileFeedView = z.infer<typeof FileFeedView>

/** What a feed left out, and by which rule. */
export const FeedRefusalView = z.object({
  type: z.string(),
  value: z.string(),
  bulletin: z.string(),
  code: z.string()
})
export type FeedRefusalView = z.infer<typeof FeedRefusalView>

/** The only time that a token's secret is shown: the node keeps its hash. */
export const TokenCreatedView = TokenView.extend({ secret: z.string() })
export type TokenCreatedView = z.infer<typeof TokenCreatedView>
