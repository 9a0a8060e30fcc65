import { parse } from 'tldts'
import { createMemo } from './memo.ts'

/** Reserved for examples (RFC 2606 §2): documents, demonstrations and tests write them, so they count as existing. */
const RESERVED = /\.(?:example|test)$/

/** True if a name, in normal form, ends in a top-level domain that exists. */
export const hasKnownSuffix = createMemo(
  (domain: string): boolean =>
    RESERVED.test(domain) || parse(domain, { extractHostname: false, validateHostname: false }).isIcann === true
)
