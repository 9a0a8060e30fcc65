export { type Api, type ApiOptions, createApi, type Listen } from './api.ts'
export type { DraftQuery, ImportSettings, SightingsChange, SourceInput } from './draft-ports.ts'
export type {
  DraftSummaryView,
  DraftView,
  ImportedView,
  ImportView,
  RemarkView,
  SightedView,
  SightingDraftView,
  SourceCreatedView,
  SourceView,
  TakenView
} from './draft-views.ts'
export { API_ERRORS, ApiError, type ApiErrorCode } from './errors.ts'
export type { FeedQuery, FeedRefusal, OpenFeed } from './feed-ports.ts'
export type {
  DomainCheckView,
  IntroductionView,
  OwnCardView,
  PendingView,
  VouchView,
  WhyView
} from './joining-views.ts'
export type { MispEvent, MispEventsAsked, MispFeedFile } from './misp/ports.ts'
export type {
  EvidenceView,
  ExceptionView,
  FeedFormatView,
  FeedRefusalView,
  FileFeedView,
  OwnStreamsView,
  OwnStreamView,
  StatusView,
  TokenCreatedView,
  TokenUseView,
  TokenView
} from './node-views.ts'
export type {
  ApiPorts,
  AudienceQuery,
  BulletinQuery,
  CardChange,
  LiveEvent,
  SightingInput,
  SightingQuery,
  UseDone
} from './ports.ts'
export type { AudienceView, ExtractionView, PublishView, ReceiptsView } from './publish-views.ts'
export type { Page, Reader, Scope } from './reader.ts'
export { ROUTE_SCOPES, type RouteKey, type RouteScope } from './scopes.ts'
export type { CountView, SightingAddedView, SightingView } from './sighting-views.ts'
export { type Cidr, isLoopback } from './source.ts'
export type { TaxiiFilter, TaxiiItem, TaxiiPlace } from './taxii/ports.ts'
export type {
  BulletinSummaryView,
  BulletinView,
  CardView,
  CircleView,
  ErasureView,
  IndicatorHitView,
  IndicatorView,
  InstitutionView,
  LookupView,
  PeerView,
  PreparedView,
  ProblemDocument,
  ProblemView,
  SubmittedView,
  TraceView
} from './views.ts'
