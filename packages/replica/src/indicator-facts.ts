/** What is known of an indicator, and what a reader of indicators answers. */
import type { Indicator, IndicatorType, InstitutionId } from '@tocsin/model'
import type { HeldBulletin, Sight } from './bulletins.ts'

export type IndicatorState = 'live' | 'disabled' | 'retracted' | 'expired' | 'contested'

export interface IndicatorFacts {
  readonly state: IndicatorState
  readonly disabled: boolean
  readonly contested: boolean
  readonly counts: {
    readonly sighting: number
    readonly falsePositive: number
    readonly expiration: number
    /** Institutions that told the author alone, as its newest count says; 0 without one. */
    readonly private: number
  }
  /** ms: latest sighting, which renews an indicator's lifetime (DESIGN §6). */
  readonly renewedAt?: number
  /**
   * Arrival of the word after which it stands as it does: the newest disabling, else the newest word against it where it
   * is contested, else the sighting that renewed it last. Of words about this bulletin's own id alone.
   */
  readonly since: { readonly disabled?: number; readonly contested?: number; readonly renewed?: number }
}

export interface IndicatorHit {
  readonly indicator: Indicator
  readonly held: HeldBulletin
}

export interface JudgedIndicator {
  readonly type: IndicatorType
  readonly value: string
  /** ISO 8601. */
  readonly validUntil?: string | undefined
}

export type FactsOf = (indicator: JudgedIndicator) => IndicatorFacts

/** What the author of a bulletin knows of who saw an indicator and told it alone. */
export interface PrivateSightings {
  /** Institutions with a voice here that have not said so to the audience, each once. */
  readonly contributors: number
  /** Every number that was published. */
  readonly published: readonly number[]
}

export interface IndicatorReader {
  /** Bulletins that say exactly this value; with `within` a domain's subdomains and, for an address, networks that hold it. */
  lookup(
    type: IndicatorType,
    value: string,
    sight: Sight,
    options?: { readonly within?: boolean; readonly limit?: number }
  ): Promise<IndicatorHit[]>
  /**
   * What is known of the indicators of one bulletin: its disablings and sightings are read once. With `sight`, only
   * from sightings that may be seen: one about an AMBER+STRICT bulletin comes to its author as RED.
   */
  factsOf(held: HeldBulletin, sight?: Pick<Sight, 'maxTlp'>): Promise<FactsOf>
  /** Of a bulletin of ours: what came to us alone about one indicator, as far as a reader may see it. */
  privateSightings(
    held: HeldBulletin,
    indicator: Pick<JudgedIndicator, 'type' | 'value'>,
    sight: Pick<Sight, 'maxTlp'>
  ): Promise<PrivateSightings>
  /** True where `by` has signed exactly this sighting: whoever was cut short asks before he signs it again. */
  said(
    held: HeldBulletin,
    sighting: Pick<JudgedIndicator, 'type' | 'value'> & { readonly count: number; readonly at: number },
    by: InstitutionId
  ): Promise<boolean>
  /** To be called when bulletins with networks among their indicators came or went. */
  networksChanged(): void
}
