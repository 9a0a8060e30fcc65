/** What the routes take: strict, so that a misspelt field is refused with its path instead of being ignored. */
import {
  INDICATOR_TYPE_NAMES,
  LEAST_CONTRIBUTORS,
  MAX_CONTRIBUTORS,
  PAPS,
  parseTlp,
  QuotasSchema,
  SIGHTING_KINDS,
  THREATS,
  TLPS,
  USES
} from '@tocsin/model'
import { z } from 'zod'

/** Greatest number of values of one look-up. */
export const LOOKUP_MAX = 10_000
/** Greatest and usual number of items of a page. */
export const PAGE_MAX = 1_000
export const PAGE_DEFAULT = 100

const Name = z.string().trim().min(1).max(300)
const Value = z.string().trim().min(1).max(4_096)
const Reason = z.string().trim().min(1).max(1_000)
const Iso = z.iso.datetime({ offset: true })

/** TLP in any usual spelling; `TLP:WHITE` is CLEAR. */
const TlpInput = z.string().transform((text, context) => {
  const tlp = parseTlp(text)
  if (tlp !== undefined) return tlp
  context.addIssue({ code: 'custom', message: `one of ${TLPS.join(', ')}` })
  return z.NEVER
})

/** A moment as ISO 8601 date or date and time, to ms since epoch. */
const Moment = z.union([Iso, z.iso.date()]).transform((text) => Date.parse(text))

const Whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most))

/** `?flag`, `?flag=true` or `?flag=1`. */
const Flag = z.enum(['', 'true', '1', 'false', '0']).transform((text) => text === '' || text === 'true' || text === '1')

/** `?x=a&x=b`; one value comes as plain text. */
const Many = <T extends z.ZodType<string>>(item: T, most: number) =>
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(item).max(most))

export const IdParams = z.strictObject({ id: z.string().min(4).max(64) })
export const AttachmentParams = z.strictObject({
  id: z.string().min(4).max(64),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits')
})

export const BulletinQueryInput = z.strictObject({
  text: z.string().max(1_000).exactOptional(),
  value: Value.exactOptional(),
  type: z.enum(INDICATOR_TYPE_NAMES).exactOptional(),
  threat: z.enum(THREATS).exactOptional(),
  author: Name.exactOptional(),
  tlp: TlpInput.exactOptional(),
  since: Moment.exactOptional(),
  until: Moment.exactOptional(),
  state: z.enum(['live', 'all']).exactOptional(),
  cursor: z.string().max(500).exactOptional(),
  limit: Whole(1, PAGE_MAX).default(PAGE_DEFAULT),
  order: z.enum(['newest', 'arrival']).exactOptional()
})

export const PublishQuery = z.strictObject({ dryRun: Flag.exactOptional() })
export const RetractionInput = z.strictObject({
  reason: Reason,
  /** The root key's signature over what `retraction/prepare` gave. */
  eraseNow: z
    .string()
    .regex(/^[0-9a-f]{128}$/, '128 hex digits')
    .exactOptional()
})
export const DisablingInput = z.strictObject({ values: z.array(Value).min(1).max(4_096), reason: Reason })

export const SightingInput = z.strictObject({
  value: Value,
  type: z.enum(INDICATOR_TYPE_NAMES).exactOptional(),
  bulletin: z.string().min(4).max(64).exactOptional(),
  kind: z.enum(['sighting', 'false-positive', 'expiration']),
  count: z.number().int().min(1).max(1_000_000_000).exactOptional(),
  at: Iso.exactOptional(),
  comment: z.string().max(500).exactOptional(),
  /** To the author of the bulletin alone. */
  private: z.boolean().exactOptional()
})

export const SightingQueryInput = z.strictObject({
  author: Name.exactOptional(),
  since: Moment.exactOptional(),
  until: Moment.exactOptional(),
  cursor: z.string().max(500).exactOptional(),
  limit: Whole(1, PAGE_MAX).default(PAGE_DEFAULT)
})

export const CountInput = z.strictObject({
  value: Value,
  type: z.enum(INDICATOR_TYPE_NAMES).exactOptional(),
  bulletin: z.string().min(4).max(64).exactOptional(),
  /** Least institutions that the count speaks of, and least step to an earlier one. */
  least: z.number().int().min(LEAST_CONTRIBUTORS).max(MAX_CONTRIBUTORS).exactOptional()
})

export const ExtractQuery = z.strictObject({
  drop: Many(Value, 256).default([]),
  context: Many(Value, 256).default([])
})
export const LookupInput = z.strictObject({ values: z.array(z.string().max(8_192)).min(1).max(LOOKUP_MAX) })
export const ValueQuery = z.strictObject({ value: Value })
export const ExceptionQuery = z.strictObject({ value: Value, type: z.enum(INDICATOR_TYPE_NAMES).exactOptional() })
export const UsesQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{17}$/, 'a cursor of this list')
    .exactOptional(),
  limit: Whole(1, PAGE_MAX).default(PAGE_DEFAULT)
})
export const EventsQuery = z.strictObject({ after: Whole(0, Number.MAX_SAFE_INTEGER).exactOptional() })

export const AudienceQueryInput = z.strictObject({
  tlp: TlpInput,
  circle: Name.exactOptional(),
  to: Many(Name, 64).exactOptional()
})

export const ExceptionInput = z.strictObject({
  value: Value,
  type: z.enum(INDICATOR_TYPE_NAMES).exactOptional(),
  reason: Reason,
  until: Iso.exactOptional()
})

export const FeedParams = z.strictObject({ name: z.string().max(32) })
export const FeedQueryInput = z.strictObject({
  use: z.enum(USES).exactOptional(),
  types: z
    .preprocess(
      (value) => (Array.isArray(value) ? value : [value]).flatMap((text) => String(text).split(',')),
      z.array(z.enum(INDICATOR_TYPE_NAMES)).min(1).max(INDICATOR_TYPE_NAMES.length)
    )
    .exactOptional(),
  threat: z.enum(THREATS).exactOptional(),
  author: Name.exactOptional(),
  minConfidence: Whole(0, 100).exactOptional(),
  /** ms. */
  maxAge: Whole(0, Number.MAX_SAFE_INTEGER).exactOptional(),
  zone: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*\.?$/i, 'a zone name')
    .max(200)
    .exactOptional(),
  comments: Flag.exactOptional(),
  limit: Whole(1, 10_000_000).exactOptional()
})

export const ImportParams = z.strictObject({ name: z.string().max(32) })
/** `field=place`, as often as there are fields. */
const MappingInput = Many(
  z
    .string()
    .min(3)
    .max(300)
    .regex(/^[a-zA-Z]+=/, 'FIELD=PLACE'),
  32
).transform((pairs) =>
  Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
)
/** A label of WHATWG Encoding. */
const Charset = z.string().min(1).max(40)
/** Labels for objects that carry none; whole documents and lines that are refused leave the rest. */
export const ImportQuery = z.strictObject({
  dryRun: Flag.exactOptional(),
  tlp: TlpInput.exactOptional(),
  pap: z.enum(PAPS).exactOptional(),
  circle: Name.exactOptional(),
  threat: z.enum(THREATS).exactOptional(),
  confidence: Whole(0, 100).exactOptional(),
  map: MappingInput.exactOptional(),
  charset: Charset.exactOptional(),
  /** Sightings to the authors of the bulletins alone. */
  private: Flag.exactOptional()
})

export const SourceParams = z.strictObject({ name: z.string().max(32) })
export const SourceInput = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'lower-case letters, digits and hyphens'),
  import: z.string().max(32),
  policy: z.enum(['review', 'publish']),
  tlp: TlpInput.exactOptional(),
  pap: z.enum(PAPS).exactOptional(),
  circle: Name.exactOptional(),
  threat: z.enum(THREATS).exactOptional(),
  confidence: z.number().int().min(0).max(100).exactOptional(),
  map: z.record(z.string().max(64), z.string().max(300)).exactOptional(),
  charset: Charset.exactOptional(),
  /** Sightings to the authors of the bulletins alone. */
  private: z.boolean().exactOptional(),
  /** The one that the sending tool has already; else the node makes one. */
  token: z.string().min(20).max(256).exactOptional(),
  /** What the node fetches by itself. */
  poll: z
    .strictObject({
      kind: z.enum(['taxii', 'misp-feed', 'url']),
      url: z.string().max(2_048),
      /** s. */
      every: z.number().int().min(60).max(604_800).exactOptional(),
      /** Then `secret` is a password. */
      user: z
        .string()
        .max(256)
        .regex(/^[^:\p{Cc}]+$/u, 'no colon')
        .exactOptional(),
      secret: z
        .string()
        .max(4_096)
        .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, 'printable ASCII')
        .exactOptional()
    })
    .exactOptional()
})

export const DraftQueryInput = z.strictObject({
  state: z.enum(['open', 'all']).default('open'),
  source: Name.exactOptional(),
  cursor: z.string().max(500).exactOptional(),
  limit: Whole(1, PAGE_MAX).default(PAGE_DEFAULT)
})
/** What the officer saw: a draft that has changed meanwhile is not taken for it. */
const Version = z.string().regex(/^[0-9a-f]{16}$/, '16 hex digits')
export const DraftEditQuery = z.strictObject({ version: Version.exactOptional() })
/** What is left of a draft of sightings; what is left out of one stays as it was, but for kind and comment. */
export const SightingsChangeInput = z.strictObject({
  private: z.boolean().exactOptional(),
  sightings: z
    .array(
      z.strictObject({
        bulletin: z.string().min(4).max(64),
        author: z.string().max(128).exactOptional(),
        type: z.enum(INDICATOR_TYPE_NAMES),
        value: Value,
        kind: z.enum(SIGHTING_KINDS).exactOptional(),
        count: z.number().int().min(1).max(1_000_000_000).exactOptional(),
        comment: z.string().max(500).exactOptional()
      })
    )
    .min(1)
    .max(1_000)
})
export const AcceptQuery = z.strictObject({ version: Version.exactOptional(), dryRun: Flag.exactOptional() })

const CardText = z.string().min(1).max(65_536)
export const CardInput = z.strictObject({ card: CardText })
/** What our own card is to say from now on; what is left out stays. */
export const CardChangeInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100).exactOptional(),
    contact: z.string().trim().max(200).exactOptional(),
    domains: z.array(z.string().trim().min(1).max(253)).max(64).exactOptional(),
    /** Multiaddr texts. */
    addresses: z
      .array(z.string().regex(/^\/[\x21-\x7e]{1,254}$/, 'a multiaddr, /dns4/…/tcp/4470'))
      .max(16)
      .exactOptional()
  })
  .refine((change) => Object.keys(change).length > 0, 'nothing to change')
/** A number as people write it: digits with spaces, dots or hyphens between. */
const ComparisonText = z
  .string()
  .max(100)
  .regex(/^(?:[\s.-]*\d){27}[\s.-]*$/, '27 digits')
/** The whole number, as the card's owner read it aloud. */
export const PeerInput = z.strictObject({ card: CardText, number: ComparisonText })
export const IntroductionParams = z.strictObject({ id: z.string().regex(/^[0-9a-f]{32}$/, '32 hex digits') })
/** The three groups asked for, in order. */
export const GroupsInput = z.strictObject({ groups: z.array(z.string().regex(/^\d{3}$/, 'three digits')).length(3) })
export const InstitutionParams = z.strictObject({ institution: Name })
export const CircleParams = z.strictObject({ circle: Name })
export const StreamParams = z.strictObject({ stream: z.string().regex(/^[0-9a-f]{64}$/) })
export const WhyParams = z.strictObject({ circle: Name, institution: Name })

const Vouch = z.strictObject({ institution: Name, circle: Name, how: z.enum(['phone', 'in-person', 'domain']) })
/** base64 of a signed register: header and value (at most 32 KiB) and 64 bytes of signature. */
const Signed = z.strictObject({ register: z.base64().min(4).max(50_000) })
export const RegisterInput = Signed
/** What a vouch would say, to be signed, or the signed vouch. */
export const VouchInput = z.union([Signed, Vouch])

/** Statements and charters that the root key is to sign, by what they do. */
export const PrepareInput = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('create'),
    name: z.string().trim().min(1).max(64),
    threshold: z.number().int().min(1).max(64),
    /** By id, name or domain, or the text of a card that is not known here yet. */
    founders: z.array(CardText.trim()).max(64),
    tlp: TlpInput.exactOptional(),
    pap: z.enum(PAPS).exactOptional(),
    erasureDelayMs: z.number().int().min(0).exactOptional(),
    /** How much one author and one peer may hand in; what is left out is as everywhere. */
    quotas: QuotasSchema.exactOptional()
  }),
  z.strictObject({ action: z.literal('accept'), circle: Name }),
  z.strictObject({ action: z.literal('vouch'), ...Vouch.shape }),
  z.strictObject({ action: z.literal('revoke'), institution: Name, circle: Name, reason: Reason })
])

export const TokenInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scope: z.enum(['read', 'publish', 'admin']),
  maxTlp: TlpInput,
  use: z.enum(USES),
  /** The organisation outside the community that this token serves (TLP 2.0: a client). */
  client: z.string().trim().min(1).max(200).exactOptional(),
  expiresAt: Iso.exactOptional()
})
export const TokenParams = z.strictObject({ id: z.string().min(1).max(64) })
