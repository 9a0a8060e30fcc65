/** What imports, drafts and sources need from the node. */
import type { DraftInput, Pap, Threat, Tlp } from '@tocsin/model'
import type {
  DraftSummaryView,
  DraftView,
  ImportedView,
  ImportView,
  SightedView,
  SourceCreatedView,
  SourceView
} from './draft-views.ts'
import type { PublishView } from './publish-views.ts'
import type { Page, Reader } from './reader.ts'

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

export interface ImportsPort {
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
export interface DraftsPort {
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

export interface SourcesPort {
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
