import type { Claim } from './claims.ts'
import type { Collector } from './collector.ts'
import type { Part } from './part.ts'

const BULLET = /^[\s>*•·–-]{0,12}/

/**
 * In a plain list — nearly every line one word, and half of them indicators — a line that is nothing is a mistake
 * worth reporting. In prose it is prose.
 */
export function reportUnreadLines(part: Part, collector: Collector): void {
  const { view } = part
  const words: Claim[] = []
  let filled = 0
  for (let start = 0; start < view.length; ) {
    const newline = view.indexOf('\n', start)
    const end = newline < 0 ? view.length : newline
    const from = start + (BULLET.exec(view.slice(start, Math.min(end, start + 16)))?.[0].length ?? 0)
    const to = end - (view.charAt(end - 1) === '\r' ? 1 : 0)
    if (to > from) {
      filled++
      if (to - from <= 512 && !/\s/.test(view.slice(from, to).trimEnd())) words.push([from, to])
    }
    start = end + 1
  }
  if (words.length < 3 || words.length < filled * 0.8) return
  const unread = words.filter(([from, to]) => !collector.touches(part, ...part.range(from, to)))
  if (unread.length * 2 > words.length) return
  for (const [from, to] of unread) collector.refuse(part, 'unrecognised', from, to)
}
