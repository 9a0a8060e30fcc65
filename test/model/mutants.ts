/** The model with one rule altered in its text: whoever compares must notice, or the rule is compared by nothing. */

import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import type { Model } from './compare.ts'

/** What is altered, where, and how. */
export const MUTANTS: readonly (readonly [rule: string, file: 'roster' | 'hop', from: string, to: string])[] = [
  ['an older number counts', 'roster', 'Math.max(...all', 'Math.min(...all'],
  ['of a fork one side is chosen', 'roster', '.size === 1 ? top', '.size > 0 ? top'],
  ['one vouches for oneself', 'roster', "s.kind === 'vouch' && aboutAnother(s)", "s.kind === 'vouch'"],
  ['a vouch ends before its last day', 'roster', 'day <= s.expires', 'day < s.expires'],
  ['a vouch never ends', 'roster', ' && day <= s.expires', ''],
  ['the oldest vouches count', 'roster', 'b.number - a.number', 'a.number - b.number'],
  ['of one number the higher subject counts', 'roster', 'a.subject < b.subject', 'a.subject > b.subject'],
  ['a crowd of vouches counts', 'roster', 'OPEN_VOUCHES = 32', 'OPEN_VOUCHES = 320'],
  ['the charter’s quota of open vouches is not heard', 'roster', 'charter.openVouches ?? OPEN_VOUCHES', 'OPEN_VOUCHES'],
  ['the charter’s quota lets one more vouch count', 'roster', 'slice(0, most)', 'slice(0, most + 1)'],
  ['a newcomer is one since its first vouch', 'roster', '[charter.k - 1] ??', '[0] ??'],
  [
    'a newcomer is one since its last vouch',
    'roster',
    'numbers.sort((a, b) => a - b)',
    'numbers.sort((a, b) => b - a)'
  ],
  ['vouches of later ranks make a newcomer older', 'roster', ' && earlier.has(s.author)).map', ').map'],
  ['statements of another circle count', 'roster', 'held.filter((s) => s.circle === charter.circle)', 'held'],
  [
    'one founder alone revokes itself',
    'roster',
    "s.kind === 'revocation' && aboutAnother(s)",
    "s.kind === 'revocation'"
  ],
  ['a lifted revocation counts', 'roster', ' && !s.lifted', ''],
  ['any name is accepted', 'roster', ' && s.text === charter.name', ''],
  ['nobody resigns', 'roster', ".filter((s) => s.kind === 'resignation')", '.filter(() => false)'],
  ['nobody returns', 'roster', 'back.number > s.number', 'false'],
  ['an acceptance of the same number returns', 'roster', 'back.number > s.number', 'back.number >= s.number'],
  [
    'founders need not accept',
    'roster',
    'new Set(accepted.filter((who) => charter.founders.includes(who)))',
    'new Set(charter.founders)'
  ],
  ['fewer than k founders strike', 'roster', 'votes >= charter.k &&', ''],
  ['half of the founders strike', 'roster', 'votes > founders', 'votes >= founders'],
  ['a struck founder comes back by vouches', 'roster', '!struck.has(who)', '(rank === 1 || !struck.has(who))'],
  [
    'k − 1 vouches admit',
    'roster',
    'count(vouches, earlier, who) >= charter.k',
    'count(vouches, earlier, who) >= charter.k - 1'
  ],
  [
    'newcomers vouch for each other',
    'roster',
    'count(vouches, earlier, who)',
    'count(vouches, new Set(accepted), who)'
  ],
  [
    'k − 1 members strike',
    'roster',
    'count(revocations, earlier, subject) >= charter.k',
    'count(revocations, earlier, subject) >= charter.k - 1'
  ],
  [
    'anybody strikes newcomers',
    'roster',
    'count(revocations, earlier, subject) >=',
    'count(revocations, new Set(accepted), subject) >='
  ],
  ['GREEN may name a circle', 'hop', "(tlp === 'GREEN' ||", "tlp === 'GREEN' || ("],
  ['an author does not get its own back', 'hop', 'if (to === author) return true\n  const signed', 'const signed'],
  ['RED is relayed', 'hop', "if (tlp === 'RED') return from === author && ", "if (tlp === 'RED') return "],
  ['RED goes to anybody', 'hop', 'return from === author && to === stream.recipient', 'return from === author'],
  [
    'AMBER+STRICT is relayed',
    'hop',
    "if (tlp === 'AMBER+STRICT') return from === author &&",
    "if (tlp === 'AMBER+STRICT') return"
  ],
  ['AMBER+STRICT flows from the expelled', 'hop', 'areMembers(circle, author, to)', 'areMembers(circle, to)'],
  [
    'AMBER goes through anybody',
    'hop',
    'signed.some((circle) => areMembers(circle, author, from, to))',
    'signed.some((circle) => areMembers(circle, author, to))'
  ],
  [
    'AMBER goes to anybody',
    'hop',
    'signed.some((circle) => areMembers(circle, author, from, to))',
    'signed.some((circle) => areMembers(circle, author, from))'
  ],
  [
    'AMBER of the expelled flows',
    'hop',
    'signed.some((circle) => areMembers(circle, author, from, to))',
    'signed.some((circle) => areMembers(circle, from, to))'
  ],
  [
    'GREEN needs no shared circle',
    'hop',
    'view.circles.some((circle) => areMembers(circle, author, from, to))',
    '[author, from, to].every((who) => view.circles.some((circle) => areMembers(circle, who)))'
  ],
  ['CLEAR is taken from strangers', 'hop', 'return view.peers.has(author) || view', 'return true || view'],
  ['who helps an author to recover is accused', 'hop', 'if (to === author) return false\n', ''],
  ['a RED relay is no offence', 'hop', "(tlp === 'AMBER+STRICT' || tlp === 'RED') &&", "tlp === 'AMBER+STRICT' &&"],
  ['rosters that differ make an offence', 'hop', 'circle !== undefined && sameDigest &&', 'circle !== undefined &&'],
  ['a struck founder stays at the table', 'hop', " && at !== 'struck'", ''],
  ['a founder who left stays at the table', 'hop', " && at !== 'left'", ''],
  [
    'founders are not heard before they accept',
    'hop',
    'if (named(from, sender) && named(to, receiver)) return true',
    ''
  ],
  [
    'a candidate is served by any member',
    'hop',
    "receiver === 'candidate') return vouchedFor(circle, from, to)",
    "receiver === 'candidate') return true"
  ],
  [
    'a candidate speaks to any member',
    'hop',
    "receiver === 'member') return vouchedFor(circle, to, from)",
    "receiver === 'member') return true"
  ],
  ['a voucher who is no member hands the circle on', 'hop', 'self === to && (receiver', '(receiver'],
  ['a newcomer takes no word', 'hop', 'return mayBeNew && ', 'return false && '],
  ['who left is taken for a newcomer', 'hop', ' && !circle.roster.left.has(to)', ''],
  ['who left vouches', 'hop', ' && !circle.roster.left.has(from) && vouchedFor', ' && vouchedFor'],
  ['everybody is heard', 'hop', "return at !== 'outsider' && (kind", 'return true || (kind'],
  [
    'a struck founder is not heard',
    'hop',
    ' || circle.charter.founders.includes(author)) return true',
    ') return true'
  ],
  [
    'a candidate vouches aloud',
    'hop',
    "return at !== 'outsider' && (kind === 'acceptance' || kind === 'resignation')",
    "return at !== 'outsider'"
  ],
  ['the struck begin again', 'hop', " || sender === 'struck') return false", ') return false'],
  ['a vouch goes to whoever asks', 'hop', 'return register.subject === to && ', 'return '],
  ['an outsider accepts aloud', 'hop', "(sender !== 'outsider' && (receiver", '((receiver'],
  ['a card goes to whoever asks', 'hop', ' && takesPart(circle, to)', ''],
  ['a card of anybody is relayed', 'hop', 'takesPart(circle, author) && ', ''],
  [
    'one may not have one’s own card back',
    'hop',
    '(from === author || to === author) return true',
    '(from === author) return true'
  ],
  ['an unknown charter is refused', 'hop', "return kind === 'charter'\n", 'return false\n'],
  ['statements of an unknown circle are taken', 'hop', "return kind === 'charter'\n", 'return true\n']
]

const read = (file: string) => readFileSync(new URL(`./${file}.ts`, import.meta.url), 'utf8')
const asUrl = (source: string) => `data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(source))}`

/** Throws where the text to alter is not there, or is there twice: a mutant that alters nothing proves nothing. */
export async function mutant(file: 'roster' | 'hop', from: string, to: string): Promise<Model> {
  const source = { roster: read('roster'), hop: read('hop') }
  if (source[file].split(from).length !== 2) throw new Error(`${file}.ts does not say once: ${from}`)
  source[file] = source[file].replace(from, () => to)
  const [roster, hop] = await Promise.all([import(asUrl(source.roster)), import(asUrl(source.hop))])
  return { ...roster, ...hop }
}
