/**
 * What this room needs from the others, named as narrowly as each route uses it. `node` hands in the real thing; the
 * HTTP door itself never touches keys, the store or the network.
 */
import type { DraftInput, Pap, Quotas, Threat, Tlp, Use } from '@tocsin/model'
import type {
  DraftSummaryView,
  DraftView,
  ImportedView,
  ImportView,
  SightedView,
  SourceCreatedView,
  SourceView
} from './draft-views.ts'
import type { DomainCheckView, OwnCardView, PendingView, WhyView } from './joining-views.ts'
import type {
  EvidenceView,
  ExceptionView,
  FeedFormatView,
  FileFeedView,
  OwnStreamsView,
  OwnStreamView,
  StatusView,
  TokenUseView,
  TokenView
} from './node-views.ts'
import type { AudienceView, ExtractionView, PublishView, ReceiptsView } from './publish-views.ts'
import type { CountView, SightingView } from './sighting-views.ts'
import type {
  BulletinSummaryView,
  BulletinView,
  CardView,
  CircleView,
  IndicatorHitView,
  InstitutionView,
  PeerView,
  PreparedView,
  TraceView
} from './views.ts'

export type Scope = 'read' | 'publish' | 'admin'

/** Who asks: a token's rights. Every read is cut to `maxTlp` and to what PAP allows for `use` (DESIGN §6). */
export interface Reader {
  readonly token: string
  readonly scope: Scope
  readonly maxTlp: Tlp
  readonly use: Use
  /** Somebody outside the community: what it fetches is kept. */
  readonly isClient?: boolean
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Opaque cursor of the next page; none at the end. */
  readonly next?: string
}

export interface BulletinQuery {
  /** Free text: title, text, tags and values, every word must occur. */
  readonly text?: string
  /** Exact value (any defanging); subdomains of a domain too. */
  readonly value?: string
  readonly type?: string
  readonly threat?: string
  /** Institution id, name or domain. */
  readonly author?: string
  readonly tlp?: Tlp
  /** ms since epoch, by time of arrival. */
  readonly since?: number
  readonly until?: number
  readonly state?: 'live' | 'all'
  readonly cursor?: string
  readonly limit: number
  /** Newest first (default) or in order of arrival. */
  readonly order?: 'newest' | 'arrival'
}

export interface FeedQuery {
  readonly use?: Use
  readonly types?: readonly string[]
  readonly threat?: string
  readonly author?: string
  readonly minConfidence?: number
  /** ms. */
  readonly maxAge?: number
  readonly zone?: string
  /** Whether a format that has comments traces its lines in them; so it does unless told not to. */
  readonly comments?: boolean
  /** Most values, the best kept: highest confidence first, then newest. */
  readonly limit?: number
}

/** What the operator sets for objects that say nothing themselves, and where a format's fields are. */
export interface ImportSettings {
  readonly tlp?: Tlp
  readonly pap?: Pap
  /** Name or id. */
  readonly circle?: string
  readonly threat?: Threat
  /** 0…100 */
  readonly confidence?: number
  readonly map?: Readonly<Record<string, string>>
  /** Of a text without a byte order mark that is no UTF-8: a label of WHATWG Encoding. */
  readonly charset?: string
  /** Of sightings: to the authors of the bulletins alone. */
  readonly private?: boolean
}

export interface SourceInput extends ImportSettings {
  readonly name: string
  readonly import: string
  readonly policy: 'review' | 'publish'
  readonly token?: string
  /** What the node fetches by itself, `every` so many seconds; `secret` is a Bearer token, or the password of `user`. */
  readonly poll?: {
    readonly kind: 'taxii' | 'misp-feed' | 'url'
    readonly url: string
    readonly every?: number
    readonly user?: string
    readonly secret?: string
  }
}

/** What a draft of sightings is to hold from now on, of what it holds: the rest is dropped. */
export interface SightingsChange {
  /** To the authors of the bulletins alone, or to whoever may hold them; else as it was. */
  readonly private?: boolean
  readonly sightings: readonly {
    readonly bulletin: string
    /** Of the bulletin; needed where two chose one id. */
    readonly author?: string
    readonly type: string
    readonly value: string
    readonly kind?: 'sighting' | 'false-positive' | 'expiration'
    /** At most what was met. */
    readonly count?: number
    readonly comment?: string
  }[]
}

export interface DraftQuery {
  readonly state: 'open' | 'all'
  readonly source?: string
  readonly cursor?: string
  readonly limit: number
}

export interface OpenFeed {
  readonly mediaType: string
  readonly etag: string
  readonly body: AsyncIterable<string>
}

/** What the feed left out and the rule, for `export --refused` and the feed's status. */
export interface FeedRefusal {
  readonly type: string
  readonly value: string
  readonly bulletin: string
  readonly code: string
}

/** Where an object stands in a collection: arrival in µs, which is when it was added, and its number there. */
export interface TaxiiPlace {
  readonly arrival: number
  readonly index: number
}

/** Which objects of a collection are wanted; every one if nothing is named. */
export interface TaxiiFilter {
  readonly ids?: readonly string[]
  readonly types?: readonly string[]
  /** ms since the epoch. */
  readonly versions?: readonly number[]
}

/** One object of a collection in its newest version. */
export interface TaxiiItem {
  readonly place: TaxiiPlace
  readonly id: string
  /** ISO 8601. */
  readonly version: string
  readonly object: Readonly<Record<string, unknown>>
}

/** What bounds the events that are gone through. */
export interface MispEventsAsked {
  /** ms, by arrival. */
  readonly since?: number
  /** Only those with an indicator that is one of these. */
  readonly values?: readonly string[]
}

/** A file of a MISP feed. */
export type MispFeedFile = 'manifest' | 'hashes' | { readonly event: string }

/** An attribute in MISP's core format. */
export interface MispAttribute {
  readonly uuid: string
  readonly type: string
  readonly category: string
  readonly to_ids: boolean
  readonly distribution: string
  /** Seconds since the epoch. */
  readonly timestamp: string
  readonly deleted: boolean
  readonly disable_correlation: boolean
  readonly value: string
  readonly comment: string
}

interface MispOrg {
  readonly uuid: string
  readonly name: string
}

/** A bulletin as a MISP event; what was taken back is in it as deleted. */
export interface MispEvent {
  /** Of the bulletin, in µs. */
  readonly arrival: number
  readonly head: {
    readonly uuid: string
    readonly info: string
    /** YYYY-MM-DD */
    readonly date: string
    /** Seconds since the epoch. */
    readonly timestamp: string
    readonly publish_timestamp: string
    readonly published: boolean
    readonly analysis: string
    readonly threat_level_id: string
    readonly distribution: string
    readonly Org: MispOrg
    readonly Orgc: MispOrg
    readonly Tag: readonly { readonly name: string; readonly colour?: string }[]
  }
  readonly attributes: readonly MispAttribute[]
}

export interface LiveEvent {
  /** Order of arrival; `Last-Event-ID`. */
  readonly id: number
  readonly type: 'bulletin' | 'retraction' | 'disabling' | 'sighting'
  readonly data: unknown
}

export interface AudienceQuery {
  readonly tlp: Tlp
  readonly circle?: string
  readonly to?: readonly string[]
}

export interface SightingQuery {
  /** Of bulletins of this institution: id, name or domain. */
  readonly author?: string
  /** ms since epoch, by time of arrival. */
  readonly since?: number
  readonly until?: number
  readonly cursor?: string
  readonly limit: number
}

export interface SightingInput {
  readonly value: string
  readonly type?: string
  readonly bulletin?: string
  readonly kind: 'sighting' | 'false-positive' | 'expiration'
  readonly count?: number
  /** ISO 8601. */
  readonly at?: string
  readonly comment?: string
  /** To the author of the bulletin alone. */
  readonly private?: boolean
}

export interface CountInput {
  readonly value: string
  readonly type?: string
  readonly bulletin?: string
  readonly least?: number
}

/** What our own card is to say from now on; what is left out stays. */
export interface CardChange {
  readonly name?: string
  readonly contact?: string
  readonly domains?: readonly string[]
  readonly addresses?: readonly string[]
}

/** How a request that is on record ended. */
export type UseDone = (more: Partial<Pick<TokenUseView, 'about' | 'status' | 'bytes'>>) => Promise<void>

export interface ApiPorts {
  authenticate(secret: string): Promise<Reader | undefined>

  bulletins: {
    publish(draft: DraftInput, reader: Reader, options: { readonly dryRun: boolean }): Promise<PublishView>
    list(query: BulletinQuery, reader: Reader): Promise<Page<BulletinSummaryView>>
    /** By id or unique prefix of a bulletin or entry id. */
    get(id: string, reader: Reader): Promise<BulletinView>
    receipts(id: string, reader: Reader): Promise<ReceiptsView>
    attachment(
      id: string,
      sha256: string,
      reader: Reader
    ): Promise<{ readonly name: string; readonly data: Uint8Array }>
    /** `eraseNow` is the root key's signature (hex) over what `prepareErasure` gave. */
    retract(
      id: string,
      input: { readonly reason: string; readonly eraseNow?: string },
      reader: Reader
    ): Promise<BulletinSummaryView>
    /** base64 of the bytes that the root key signs for `--erase-now`. */
    prepareErasure(id: string, reader: Reader): Promise<{ readonly message: string }>
    disable(
      id: string,
      input: { readonly values: readonly string[]; readonly reason: string },
      reader: Reader
    ): Promise<BulletinSummaryView>
  }
  sightings: {
    /** In order of arrival, those that still say something. */
    list(query: SightingQuery, reader: Reader): Promise<Page<SightingView>>
    add(
      input: SightingInput,
      reader: Reader
    ): Promise<{ readonly entry: string; readonly bulletin: string; readonly audience: AudienceView }>
    /** How many institutions told us alone that they saw an indicator of a bulletin of ours. */
    count(input: CountInput, reader: Reader, options: { readonly dryRun: boolean }): Promise<CountView>
  }
  extract(input: {
    readonly bytes: Uint8Array
    readonly mail: boolean
    readonly drop: readonly string[]
    readonly context: readonly string[]
  }): Promise<ExtractionView>
  indicators: {
    search(query: BulletinQuery, reader: Reader): Promise<Page<IndicatorHitView>>
    /** One result a value, in order; what cannot be read as any type has no types. */
    lookup(
      values: readonly string[],
      reader: Reader
    ): Promise<
      readonly {
        readonly value: string
        readonly types: readonly string[]
        readonly hits: readonly IndicatorHitView[]
      }[]
    >
    trace(value: string, reader: Reader): Promise<TraceView>
  }
  /** Ends when `signal` aborts. Events after `after`, then live ones. */
  events(reader: Reader, options: { readonly after?: number; readonly signal: AbortSignal }): AsyncIterable<LiveEvent>

  card(): Promise<OwnCardView>
  /** Our card with a change, for the root key to sign. */
  prepareCard(change: CardChange): Promise<PreparedView>
  /** Reads a card without trusting it. */
  inspectCard(text: string): Promise<CardView>
  /** The number that an institution reads aloud: 27 digits in nine groups. Never sent of anybody but ourselves. */
  comparison(institution: string): Promise<string>
  /** What the domains of a card publish about it; asks the DNS and the web. */
  checkDomains(cardText: string): Promise<readonly DomainCheckView[]>
  peers: {
    list(): Promise<readonly PeerView[]>
    /** Called once the number was compared (`introductions.ts`), and by nothing else. */
    add(cardText: string): Promise<PeerView>
    remove(institution: string): Promise<void>
    /** As `checkDomains`, of the newest card held. */
    checkDomains(institution: string): Promise<readonly DomainCheckView[]>
  }
  circles: {
    list(): Promise<readonly CircleView[]>
    /** By id or name. */
    show(circle: string): Promise<CircleView>
    pending(circle: string): Promise<PendingView>
    why(circle: string, institution: string): Promise<WhyView>
    prepareCreate(input: {
      readonly name: string
      readonly threshold: number
      /** By id, name or domain, or the text of a card. */
      readonly founders: readonly string[]
      readonly tlp?: Tlp
      readonly pap?: Pap
      readonly erasureDelayMs?: number
      readonly quotas?: Quotas
    }): Promise<PreparedView>
    prepareAccept(circle: string): Promise<PreparedView>
    prepareVouch(input: {
      readonly institution: string
      readonly circle: string
      readonly how: 'phone' | 'in-person' | 'domain'
    }): Promise<PreparedView>
    prepareRevoke(input: {
      readonly institution: string
      readonly circle: string
      readonly reason: string
    }): Promise<PreparedView>
    /** A signed register (base64) made from one of the above. */
    submit(
      register: string
    ): Promise<{ readonly kind: string; readonly circle?: string; readonly subject?: InstitutionView }>
  }
  audience(query: AudienceQuery): Promise<AudienceView>
  exceptions: {
    list(): Promise<readonly ExceptionView[]>
    add(
      input: { readonly value: string; readonly type?: string; readonly reason: string; readonly until?: string },
      reader: Reader
    ): Promise<ExceptionView>
    remove(value: string, type?: string): Promise<void>
  }
  feeds: {
    readonly table: readonly FeedFormatView[]
    open(name: string, query: FeedQuery, reader: Reader): Promise<OpenFeed>
    refused(name: string, query: FeedQuery, reader: Reader): Promise<readonly FeedRefusal[]>
  }
  readonly imports: {
    list(): readonly ImportView[]
    /** Reads the body as it comes. @throws TocsinError for settings that make no sense; nothing for what stands in it */
    run(
      name: string,
      body: AsyncIterable<Uint8Array>,
      settings: ImportSettings,
      reader: Reader,
      options: { readonly dryRun: boolean }
    ): Promise<ImportedView>
  }
  /** Each draft by id or unique prefix. `version`: of what was seen, else whatever it is now. */
  readonly drafts: {
    list(query: DraftQuery, reader: Reader): Promise<Page<DraftSummaryView>>
    get(id: string, reader: Reader): Promise<DraftView>
    /** Of a bulletin another draft, of sightings what is left of them. */
    edit(
      id: string,
      content: DraftInput | SightingsChange,
      reader: Reader,
      options: { readonly version?: string }
    ): Promise<DraftView>
    /** The ordinary publish, or report, which closes the draft. */
    accept(
      id: string,
      reader: Reader,
      options: { readonly version?: string; readonly dryRun: boolean }
    ): Promise<PublishView | SightedView>
    discard(id: string, reader: Reader): Promise<void>
  }
  readonly sources: {
    list(): Promise<readonly SourceView[]>
    /** @throws TocsinError not-found */
    get(name: string): Promise<SourceView>
    add(input: SourceInput, reader: Reader): Promise<SourceCreatedView>
    remove(name: string, reader: Reader): Promise<void>
    /** Fetches now what is fetched otherwise when its time comes; does not wait for it. */
    poll(name: string): Promise<SourceView>
    /** True where the items of this source carry its token in themselves. */
    carriesToken(name: string): boolean
    /** Undefined for a token that is not the source's, and for a source that is not. */
    deliver(name: string, token: string | undefined, body: AsyncIterable<Uint8Array>): Promise<ImportedView | undefined>
  }
  taxii: {
    /**
     * At most `limit` objects of the collection of a use after a place, in order of arrival; `next` is the place to go on
     * after, absent at the end. What an object refers to (author, marking) comes once a page, before it.
     */
    page(
      use: Use,
      query: { readonly after?: TaxiiPlace; readonly limit: number; readonly filter: TaxiiFilter },
      reader: Reader
    ): Promise<{ readonly items: readonly TaxiiItem[]; readonly next?: TaxiiPlace }>
  }
  /** Files that the node keeps up to date. */
  fileFeeds(): readonly FileFeedView[]
  misp: {
    /** A file of the feed layout: `manifest.json`, `hashes.csv` or an event by its uuid; undefined if it holds none. */
    feed(file: MispFeedFile, reader: Reader): Promise<OpenFeed | undefined>
    /** Every event that the reader may see, in order of arrival. */
    events(reader: Reader, asked?: MispEventsAsked): AsyncIterable<MispEvent>
    /** By its uuid, or by the arrival of its bulletin. */
    event(id: string | number, reader: Reader): Promise<MispEvent | undefined>
    /** Types and categories, in the shape of MISP's describeTypes. */
    describeTypes(): object
  }
  tokens: {
    create(input: {
      readonly name: string
      readonly scope: Scope
      readonly maxTlp: Tlp
      readonly use: Use
      readonly client?: string
      /** ISO 8601. */
      readonly expiresAt?: string
    }): Promise<TokenView & { readonly secret: string }>
    list(): Promise<readonly TokenView[]>
    revoke(id: string): Promise<void>
    /** What a client fetched and what was done with a token, newest first. */
    uses(id: string): Promise<readonly TokenUseView[]>
    /** Of all tokens and of the home itself. */
    allUses(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<TokenUseView>>
    /** Keeps one request; what it resolves to is told what was not known yet. */
    used(token: string, use: Pick<TokenUseView, 'route' | 'about' | 'status'>): Promise<UseDone>
  }
  readonly ownStreams: {
    list(): Promise<OwnStreamsView>
    /** @throws TocsinError not-found */
    claim(stream: string): Promise<OwnStreamView>
  }
  evidence(): Promise<readonly EvidenceView[]>
  status(): Promise<StatusView>
  /** Undefined when ready, else why not. */
  notReady(): string | undefined
}
