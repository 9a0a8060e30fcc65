import type { Claim } from './claims.ts'
import type { Collector } from './collector.ts'
import { createOpenings, matchesAt } from './openings.ts'
import type { Part } from './part.ts'

const HIVE =
  /(?<![\p{L}\p{N}_\\])(?:Computer\\)?(?:HKEY_(?:LOCAL_MACHINE|CURRENT_USER|CLASSES_ROOT|CURRENT_CONFIG|USERS)|HK(?:LM|CU|CR|CC|U)):?(?=\\)/iuy
const OPENINGS = createOpenings(['Computer', 'HKEY', 'HKLM', 'HKCU', 'HKCR', 'HKCC', 'HKU'])
// A segment of a key: no blank at its ends. Blanks inside ('Windows NT') only where another backslash follows.
const INNER = /\\{1,2}[^\\\s"«»“”<>|:,;][^\\\r\n"«»“”<>|:,;]{0,80}(?=\\)/uy
const LAST = /\\{1,2}[^\\\s"«»“”<>|,;)]{1,255}/uy
const WORDS =
  /((?: (?!Merci|Thanks|Cordialement|Regards|Best)\p{Lu}[\p{L}\p{N}_-]{1,30}){1,3})[.;]?[ \t]{0,4}(?=[\r\n]|$)/uy
const MAX_KEY = 1024

/** Finds Windows registry keys; the hive is label enough. Returns the ranges that they take. */
export function readRegistryKeys(part: Part, collector: Collector): Claim[] {
  const { view } = part
  const claims: Claim[] = []
  // Without a backslash there is no key.
  if (!view.includes('\\')) return claims
  let done = 0
  for (const match of matchesAt(view, HIVE, OPENINGS(view))) {
    if (match.index < done) continue
    const end = keyEnd(view, match.index + match[0].length, match.index + MAX_KEY)
    if (end === undefined) continue
    if (!collector.offer(part, 'regkey', view.slice(match.index, end), match.index, end, { quiet: true })) continue
    claims.push([match.index, end])
    done = end
  }
  return claims
}

function keyEnd(view: string, from: number, most: number): number | undefined {
  let at = from
  for (;;) {
    INNER.lastIndex = at
    const inner = INNER.exec(view)?.[0]
    // 'HKCU\A et HKLM\B': a second hive begins another key; four words are a sentence.
    if (inner === undefined || at > most || /\s(?:\S{1,40}\s){3}|\sHK|\s(?:et|and|ou|or)\s/i.test(inner)) break
    at += inner.length
  }
  LAST.lastIndex = at
  const last = LAST.exec(view)?.[0].replace(/[.:'’!?]{1,8}$/, '')
  let end = last === undefined || last.length < 2 ? at : at + last.length
  // '…\\KX Tools\\Run Once' at the end of a line: more words in capitals belong to the name.
  if (end > at && last !== undefined) {
    WORDS.lastIndex = end
    end += WORDS.exec(view)?.[1]?.length ?? 0
  }
  return end === from ? undefined : end
}
