import type { IndicatorType } from '@tocsin/model'

/** What logs are searched for, and how each type is found. Positions in this list stand in the index: append only. */
export const HUNTED_TYPES = [
  'ipv4',
  'ipv6',
  'cidr',
  'domain',
  'url',
  'email',
  'md5',
  'sha1',
  'sha256',
  'sha512',
  'ja3',
  'jarm',
  'x509-sha1',
  'x509-sha256'
] as const satisfies readonly IndicatorType[]

export type HuntedType = (typeof HUNTED_TYPES)[number]

/** True for a type that `hunt` searches for; the others are told to the caller and left out. */
export function isHunted(type: IndicatorType): type is HuntedType {
  return (HUNTED_TYPES as readonly IndicatorType[]).includes(type)
}

/** Hexadecimal digits of the types that are found as such. */
export const DIGITS: Readonly<Partial<Record<HuntedType, number>>> = {
  md5: 32,
  ja3: 32,
  sha1: 40,
  'x509-sha1': 40,
  jarm: 62,
  sha256: 64,
  'x509-sha256': 64,
  sha512: 128
}
