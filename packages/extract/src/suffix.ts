import { parse } from 'tldts'
import { createMemo } from './memo.ts'

/** Reserved for examples (RFC 2606 §2): documents, demonstrations and tests write them, so they count as existing. */
const RESERVED = new Set(['example', 'test'])

/** True if a name of two labels at least, in normal form, ends in a top-level domain that exists. */
export function hasKnownSuffix(domain: string): boolean {
  const last = domain.slice(domain.lastIndexOf('.') + 1)
  // Of a country the Public Suffix List may hold only what is below it: 'co.za', and no 'za'.
  return isTopLevel(last) || (last.length === 2 && isListed(domain))
}

const isTopLevel = createMemo((label: string): boolean => RESERVED.has(label) || isListed(`a.${label}`))

function isListed(domain: string): boolean {
  return parse(domain, { extractHostname: false, validateHostname: false }).isIcann === true
}
