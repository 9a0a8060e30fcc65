/**
 * What this room needs from the others, named as narrowly as each route uses it. `node` hands in the real thing; the
 * HTTP door itself never touches keys, the store or the network.
 */
import type { DraftInput, Pap, Quotas, Tlp, Use } from '@tocsin/model'
import type { DraftsPort, ImportsPort, SourcesPort } from './draft-ports.ts'
import type { FeedsPort } from './feed-ports.ts'
import type { DomainCheckView, OwnCardView, PendingView, WhyView } from './joining-views.ts'
import type { MispPort } from './misp/ports.ts'
import type {
  EvidenceView,
  ExceptionView,
  FileFeedView,
  OwnStreamsView,
  OwnStreamView,
  StatusView,
  TokenUseView,
  TokenView
} from './node-views.ts'
import type { AudienceView, ExtractionView, PublishView, ReceiptsView } from './publish-views.ts'
import type { Page, Reader, Scope } from './reader.ts'
import type { CountView, SightingView } from './sighting-views.ts'
import type { TaxiiPort } from './taxii/ports.ts'
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
  readonly feeds: FeedsPort
  readonly imports: ImportsPort
  readonly drafts: DraftsPort
  readonly sources: SourcesPort
  readonly taxii: TaxiiPort
  /** Files that the node keeps up to date. */
  fileFeeds(): readonly FileFeedView[]
  readonly misp: MispPort
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
