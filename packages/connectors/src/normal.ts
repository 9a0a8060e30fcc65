import { isIPv4 } from 'node:net'
import { type IndicatorType, parseIndicator } from '@tocsin/model'

const NAME = /^(?!-)(?!.*(?:^|\.)xn--)(?:[a-z0-9_-]{1,63}\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const HEX: Readonly<Partial<Record<IndicatorType, RegExp>>> = {
  md5: /^[0-9a-f]{32}$/,
  sha1: /^[0-9a-f]{40}$/,
  sha256: /^[0-9a-f]{64}$/
}

/**
 * True for a value in the normal form of its type: what else a consumer reads as something wider, or not at all (host
 * bits in a range, a wildcard in a name). The replica holds no other; a feed that writes rules asks all the same.
 */
export function isNormal(type: IndicatorType, value: string): boolean {
  // The commonest forms without the whole parser, which gives the same answer (property test).
  if (type === 'ipv4') return isIPv4(value)
  if (type === 'domain' && value.length <= 253 && NAME.test(value)) return true
  const hex = HEX[type]
  if (hex !== undefined) return hex.test(value)
  const parsed = parseIndicator(type, value)
  return parsed.ok && parsed.value === value
}
