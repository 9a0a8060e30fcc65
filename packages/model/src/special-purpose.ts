import { rangeOf } from './ip.ts'
import { createRangeSet } from './range-set.ts'

/**
 * The IANA Special-Purpose Address Registries (RFC 6890, RFC 8190 and what was registered since), multicast, and for
 * IPv6 everything outside 2000::/3, the only space that is given out. Some of these are globally reachable; none of
 * them belongs to an attacker.
 */
const SPECIAL_PURPOSE = [
  '0.0.0.0/8', // this network, RFC 791
  '10.0.0.0/8', // private, RFC 1918
  '100.64.0.0/10', // carrier-grade NAT, RFC 6598
  '127.0.0.0/8', // loopback, RFC 1122
  '169.254.0.0/16', // link-local, RFC 3927 (and the metadata services of clouds)
  '172.16.0.0/12', // private, RFC 1918
  '192.0.0.0/24', // IETF protocol assignments, RFC 6890
  '192.0.2.0/24', // documentation, RFC 5737
  '192.31.196.0/24', // AS112, RFC 7535
  '192.52.193.0/24', // AMT, RFC 7450
  '192.88.99.0/24', // 6to4 relays, RFC 7526
  '192.168.0.0/16', // private, RFC 1918
  '192.175.48.0/24', // AS112, RFC 7534
  '198.18.0.0/15', // benchmarking, RFC 2544
  '198.51.100.0/24', // documentation, RFC 5737
  '203.0.113.0/24', // documentation, RFC 5737
  '224.0.0.0/4', // multicast, RFC 5771
  '240.0.0.0/4', // reserved and broadcast, RFC 1112, RFC 8190
  '::/3', // unspecified, loopback, mapped, NAT64 (RFC 6052, RFC 8215), discard-only (RFC 6666), reserved
  '2001::/23', // IETF protocol assignments: Teredo, benchmarking, AMT, ORCHID, DRIP (RFC 2928)
  '2001:db8::/32', // documentation, RFC 3849
  '2002::/16', // 6to4, RFC 3056
  '2620:4f:8000::/48', // AS112, RFC 7534
  '3fff::/20', // documentation, RFC 9637
  '4000::/2', // not given out
  '8000::/1' // not given out, unique local (RFC 4193), link-local (RFC 4291), multicast
]

const SET = createRangeSet(SPECIAL_PURPOSE)

/**
 * True if any address of this address or CIDR range is of special purpose. What cannot be read as one is true too:
 * the answer decides over blocking.
 */
export function isSpecialPurpose(text: string): boolean {
  const range = rangeOf(text)
  return range === undefined || SET.overlaps(range)
}
