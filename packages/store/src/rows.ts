/** Values of the derived rows (keyspace.ts), kept as JSON texts: few, small, and readable with any tool in an emergency. */

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** How far a stream is held and how it stands. */
export interface StreamState {
  readonly seq: number
  readonly head: string
  /** Author's clock of the head, ms. */
  readonly clock: number
  /** Written by this store under its own key. */
  readonly mine: boolean
  /** The latest keep-until of all its entries, ms: past it the stream is dropped whole. */
  readonly lastKeepUntil: number
  /** First sequence number that counts for nobody, since two entries claim it (DESIGN §4, fork). */
  readonly forkedAt?: number
  /** Last sequence number that counts, since the author's root key ended the stream there (DESIGN §7, closing). */
  readonly closedAt?: number
}

/** A bulletin's summary, kept beside its arrival so that lists need no body. Erased together with the body. */
export interface BulletinSummary {
  readonly id: string
  readonly title: string
  readonly threat: string
  readonly pap: string
  readonly confidence: number
  readonly count: number
  readonly types: readonly string[]
  readonly supersedes?: string
  readonly about?: readonly string[]
}

export interface ArrivalRow {
  readonly stream: string
  readonly seq: number
  readonly entry: string
  readonly kind: string
  /** Author's clock, ms. */
  readonly clock: number
  readonly keepUntil: number
  /** ms, this node's clock. */
  readonly at: number
  /** The peer that brought it; absent for our own. */
  readonly via?: string
  readonly bulletin?: BulletinSummary
  /** The bulletin's own id, once its summary is erased. */
  readonly id?: string
  /** What it had replaced, once its summary is erased: sightings go on to the successor. */
  readonly supersedes?: string
  /** Set where a body is held that this version cannot read, with the reason's code. */
  readonly opaque?: string
  readonly erased?: true
}

/** Optional fields of an indicator; absent ones cost nothing. `r` is 1 for malicious. */
export interface IndicatorRow {
  readonly r: 0 | 1
  readonly c?: string
  readonly f?: string
  readonly l?: string
  readonly u?: string
  /** The value, where the key holds a cut one. */
  readonly v?: string
}

export interface RetractionMark {
  readonly entry: string
  readonly stream: string
  readonly seq: number
  /** ms: when it arrived here. */
  readonly at: number
  /** ms: author's clock of the retraction. */
  readonly clock: number
  /** ms: when the body goes. */
  readonly erasesAt: number
  readonly reason: string
  readonly supersededBy?: string
}

/** `parts` as `valuePart` gives them, in base64. */
export interface DisablingRow {
  readonly parts: readonly string[]
}

export interface SightingRow {
  /** The value's part, in base64. */
  readonly part: string
  readonly kind: 'sighting' | 'false-positive' | 'expiration'
  readonly count: number
  readonly author: string
  readonly entry: string
  /** ms: latest time it was seen, else the entry's clock. */
  readonly at: number
  /** A count: so many institutions told the author alone. */
  readonly contributors?: number
}

export function writeRow(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}

export function readRow<T>(bytes: Uint8Array): T {
  return JSON.parse(decoder.decode(bytes)) as T
}
