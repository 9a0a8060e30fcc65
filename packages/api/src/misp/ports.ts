/** What MISP’s interface and feed need from the node. */
import type { OpenFeed } from '../feed-ports.ts'
import type { Reader } from '../reader.ts'

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

export interface MispPort {
  /** A file of the feed layout: `manifest.json`, `hashes.csv` or an event by its uuid; undefined if it holds none. */
  feed(file: MispFeedFile, reader: Reader): Promise<OpenFeed | undefined>
  /** Every event that the reader may see, in order of arrival. */
  events(reader: Reader, asked?: MispEventsAsked): AsyncIterable<MispEvent>
  /** By its uuid, or by the arrival of its bulletin. */
  event(id: string | number, reader: Reader): Promise<MispEvent | undefined>
  /** Types and categories, in the shape of MISP's describeTypes. */
  describeTypes(): object
}
