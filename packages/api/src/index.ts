export { type Api, type ApiOptions, createApi, type Listen } from './api.ts'
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
export type {
  DomainCheckView,
  IntroductionView,
  OwnCardView,
  PendingView,
  VouchView,
  WhyView
} from './joining-views.ts'
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
  DraftQuery,
  FeedQuery,
  FeedRefusal,
  ImportSettings,
  LiveEvent,
  MispEvent,
  MispEventsAsked,
  MispFeedFile,
  OpenFeed,
  Page,
  Reader,
  Scope,
  SightingInput,
  SightingQuery,
  SightingsChange,
  SourceInput,
  TaxiiFilter,
  TaxiiItem,
  TaxiiPlace,
  UseDone
} from './ports.ts'
export type { AudienceView, ExtractionView, PublishView, ReceiptsView } from './publish-views.ts'
export { ROUTE_SCOPES, type RouteKey, type RouteScope } from './scopes.ts'
export type { CountView, SightingAddedView, SightingView } from './sighting-views.ts'
export { type Cidr, isLoopback } from './source.ts'
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
