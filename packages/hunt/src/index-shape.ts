import type { Filter, Table } from './table.ts'
import { HUNTED_TYPES, type HuntedType } from './types.ts'

/** Indicators made ready to be found: flat arrays alone, so that threads can share it and a file can hold it. */
export interface HuntIndex {
  /** Start of every hash; drawn at random, so that nobody can publish values that collide here. */
  readonly seed: number
  /** Type of each indicator, as its position in HUNTED_TYPES. */
  readonly types: Uint8Array
  /** The values in normal form, UTF-8, one after another. */
  readonly texts: Uint8Array
  /** Where each value begins in `texts`; one more than there are indicators. */
  readonly offsets: Uint32Array
  /** Next indicator of the same host, + 1. */
  readonly next: Uint32Array
  readonly hosts: Hosts
  readonly names: Table
  /** A bit for each name that some name here lies below. */
  readonly parents: Filter
  readonly nets: Nets
  /** Numbers are indicators. */
  readonly hexes: Table
  readonly links: Table
  /** A bit for each piece end that some link goes on from. */
  readonly linkEdges: Filter
  readonly mails: Table
}

/** Names and addresses to which indicators lead. */
export interface Hosts {
  /** Where its name stands in `texts`. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** First indicator that is this host itself (domain, address, range), + 1. */
  readonly first: Uint32Array
  /** HAS_LINK, HAS_MAIL. */
  readonly flags: Uint8Array
}

export const HAS_LINK = 1
export const HAS_MAIL = 2

/** Addresses and ranges as 128 bits and a length; IPv4 as the mapped addresses of RFC 4291 §2.5.5.2. */
export interface Nets {
  /** Numbers are hosts. */
  readonly table: Table
  /** Four a host; of a name all 0. */
  readonly words: Uint32Array
  readonly lengths: Uint8Array
  /** A bit for each /16 of IPv4 in which there is a range. */
  readonly near: Uint32Array
  /** Lengths of ranges that occur, IPv4's as those of mapped addresses. */
  readonly lengths4: Uint8Array
  readonly lengths6: Uint8Array
  /** Whether there is any IPv6 address or range. */
  readonly any6: boolean
}

/** Told of each find: the indicator's number, and where in the block it begins and ends. */
export type Hit = (indicator: number, start: number, end: number) => void

/** Type and value of an indicator, by the number that adding it gave. Throws RangeError if there is none. */
export function indicatorAt(
  { types, texts, offsets }: Pick<HuntIndex, 'types' | 'texts' | 'offsets'>,
  number: number
): { readonly type: HuntedType; readonly value: string } {
  const type = HUNTED_TYPES[types[number] ?? -1]
  if (type === undefined) throw new RangeError(`there is no indicator ${number}`)
  return { type, value: Buffer.from(texts.subarray(offsets[number], offsets[number + 1])).toString('utf8') }
}
