/** What TAXII needs from the node. */
import type { Use } from '@tocsin/model'
import type { Reader } from '../reader.ts'

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

export interface TaxiiPort {
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
