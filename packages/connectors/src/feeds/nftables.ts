import type { FeedInfo } from '../feed.ts'
import { type Lines, lineFeed } from '../line-feed.ts'
import type { FeedRow } from '../rows.ts'

/** Values a command: enough for the cost of a command not to matter. */
const ELEMENTS = 1_000

const SET = 'flags interval; auto-merge;'

/**
 * For `nft -f`, which applies the whole file or nothing: two sets in a table of our own, emptied and filled again.
 * Ranges that touch or overlap are merged by the kernel.
 */
export const NFTABLES: FeedInfo = lineFeed({
  name: 'nftables',
  title: { en: 'nftables sets', fr: 'Ensembles nftables' },
  mediaType: 'text/plain; charset=utf-8',
  extension: 'nft',
  use: 'block',
  actsAtOnce: true,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
  types: ['ipv4', 'ipv6', 'cidr'],
  comment: '# ',
  head: () => `add table inet tocsin
add set inet tocsin malicious4 { type ipv4_addr; ${SET} }
add set inet tocsin malicious6 { type ipv6_addr; ${SET} }
flush set inet tocsin malicious4
flush set inet tocsin malicious6
`,
  writer: () => {
    let open: string | undefined
    let count = 0
    const line = ({ value }: FeedRow): Lines => {
      const set = value.includes(':') ? 'malicious6' : 'malicious4'
      const goesOn = set === open && count < ELEMENTS
      const before = goesOn ? '' : `${open === undefined ? '' : '}\n'}add element inet tocsin ${set} {\n`
      count = goesOn ? count + 1 : 1
      open = set
      return `${before}${value},\n`
    }
    return { line, end: () => (open === undefined ? '' : '}\n') }
  }
})
