import { isBlank } from './chars.ts'
import type { Claim } from './claims.ts'
import type { Collector } from './collector.ts'
import type { Part } from './part.ts'

const BULLETS = '>*•·–-'
const MAX_BULLETS = 12

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
    const from = afterBullets(view, start, end)
    const to = end - (view.charAt(end - 1) === '\r' ? 1 : 0)
    if (to > from) {
      filled++
      if (to - from <= 512 && isOneWord(view, from, to)) words.push([from, to])
    }
    start = end + 1
  }
  if (words.length < 3 || words.length < filled * 0.8) return
  const unread = words.filter(([from, to]) => !collector.touches(part, ...part.range(from, to)))
  if (unread.length * 2 > words.length) return
  for (const [from, to] of unread) collector.refuse(part, 'unrecognised', from, to)
}

function afterBullets(view: string, start: number, end: number): number {
  let at = start
  while (at < end && at - start < MAX_BULLETS && (isBlank(view.charCodeAt(at)) || BULLETS.includes(view.charAt(at))))
    at++
  return at
}

/** No blank but at the end; of a line of prose only the first word is looked at. */
function isOneWord(view: string, from: number, to: number): boolean {
  let at = from
  while (at < to && !isBlank(view.charCodeAt(at))) at++
  return at === to || view.slice(at, to).trimEnd() === ''
}
