import { parse } from 'tldts'

/** Reserved for examples (RFC 2606 §2): documents, demonstrations and tests write them, so they count as existing. */
const RESERVED = /\.(?:example|test)$/

/** True if a name, in normal form, ends in a top-level domain that exists. */
export function hasKnownSuffix(domain: string): boolean {
  if (RESERVED.test(domain)) return true
  return parse(domain, { extractHostname: false, validateHostname: false }).isIcann === true
}
