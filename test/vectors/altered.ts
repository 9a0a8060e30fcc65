/**
 * Cases altered at random, with what the packages make of them: where the protocol reader comes to something else, one
 * of the two, or the document, is wrong.
 */
import { createHash } from 'node:crypto'
import { concatBytes, fromHex, toHex, utf8 } from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import { type Case, codeOf, plainJson } from './case.ts'
import { root } from './records.ts'
import { RUNS } from './run.ts'
import { circleOf, idOf, TODAY } from './world.ts'

/** Uniform numbers from a seed: 0 ≤ next(n) < n. */
export function createDice(seed: string): (sides: number) => number {
  let state = utf8(seed)
  return (sides) => {
    state = new Uint8Array(createHash('sha256').update(state).digest())
    return Buffer.from(state).readUIntBE(0, 6) % sides
  }
}

type Dice = (sides: number) => number
const pick = <T>(dice: Dice, items: readonly T[]): T => {
  const item = items[dice(items.length)]
  if (item === undefined) throw new Error('nothing to choose from')
  return item
}

/** The case with its outcome by the packages. */
export async function settled(kind: string, name: string, input: Case['input']): Promise<Case> {
  try {
    return { kind, name, input, result: plainJson(await RUNS[kind]?.(input as never)) }
  } catch (error) {
    return { kind, name, input, error: codeOf(error) }
  }
}

// Bytes that mean something to some parser.
const TELLING = [
  0x00, 0x01, 0x02, 0x17, 0x18, 0x1b, 0x40, 0x5f, 0x60, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xf4, 0xf6, 0xf9, 0xff
]

function alteredBytes(hex: string, dice: Dice): string {
  const bytes = [...fromHex(hex)]
  for (let turns = 1 + dice(2); turns > 0; turns--) {
    const at = dice(bytes.length + 1)
    const how = dice(6)
    if (how < 2) bytes[Math.min(at, Math.max(0, bytes.length - 1))] = dice(2) === 0 ? pick(dice, TELLING) : dice(256)
    else if (how === 2) bytes.splice(at, 1 + dice(3))
    else if (how === 3) bytes.splice(at, 0, pick(dice, TELLING))
    else if (how === 4) bytes.splice(at, 0, ...bytes.slice(at, at + 1 + dice(40)))
    else bytes[at % Math.max(1, bytes.length)] = (bytes[at % Math.max(1, bytes.length)] ?? 0) ^ (1 << dice(8))
  }
  return toHex(Uint8Array.from(bytes))
}

const LETTERS = [
  '.',
  '-',
  '_',
  '@',
  ':',
  '/',
  '\\',
  ' ',
  '0',
  '1',
  'a',
  'A',
  'é',
  'e\u0301',
  'ß',
  'İ',
  '\u00a0',
  '\u202e',
  '\ufeff',
  '🔔',
  '?',
  '#',
  '%',
  '[',
  'xn--',
  '\n',
  '=',
  '+',
  '|'
]

function alteredText(text: string, dice: Dice): string {
  const letters = [...text]
  for (let turns = 1 + dice(2); turns > 0; turns--) {
    const at = dice(letters.length + 1)
    letters.splice(at, dice(3), ...(dice(3) === 0 ? [] : [pick(dice, LETTERS)]))
  }
  return letters.join('')
}

/** A value whose header is left as it was, signed again: what lies behind the signature is reached. */
function resigned(register: string, dice: Dice): string {
  const header = fromHex(register.slice(0, 284))
  const value = fromHex(alteredBytes(register.slice(284, -128), dice))
  new DataView(header.buffer).setUint32(138, value.length)
  const unsigned = concatBytes(header, value)
  return toHex(concatBytes(unsigned, root.sign(concatBytes(utf8('tocsin/register/1\0'), unsigned))))
}

/** Which field of a kind is altered, and as what. */
const BYTES: Readonly<Record<string, readonly string[]>> = {
  cbor: ['hex'],
  body: ['hex'],
  descriptor: ['hex'],
  'entry-header': ['hex'],
  'entry-link': ['next', 'descriptor'],
  'hop-proof': ['hex'],
  'fork-proof': ['hex'],
  frame: ['hex'],
  batch: ['packed'],
  push: ['hex'],
  evidence: ['hex'],
  register: ['hex'],
  ed25519: ['signature', 'publicKey'],
  large: ['chunks', 'header']
}
const TEXTS: Readonly<Record<string, string>> = { 'did-key': 'id', indicator: 'value', 'card-text': 'text' }

/** Another case from a given one; undefined where its kind is not altered so. */
export function altered(one: Case, dice: Dice): Case['input'] | undefined {
  const textField = TEXTS[one.kind]
  if (textField !== undefined) {
    const text = alteredText(String(one.input[textField]), dice)
    // No CBOR text begins with a byte order mark.
    return text.isWellFormed() && !text.startsWith('\ufeff') ? { ...one.input, [textField]: text } : undefined
  }
  const field = pick(dice, BYTES[one.kind] ?? [''])
  const given = one.input[field]
  if (typeof given !== 'string') return undefined
  const isOurs = one.kind === 'register' && !('error' in one)
  return { ...one.input, [field]: isOurs && dice(4) > 0 ? resigned(given, dice) : alteredBytes(given, dice) }
}

const NAMES = ['Reims', 'Valenciennes', 'Toulouse', 'A', 'B', 'C', 'D', 'E']
const circle = circleOf(NAMES.slice(0, 3), 2)
// Each is signed once: what differs from scene to scene is which are held.
const statements = NAMES.flatMap((author) => [
  ...[1, 2].map((number) => circle.accepts(author, number)),
  circle.accepts(author, 2, 'esr-eu'),
  ...[1, 2, 3].map((number) => circle.resigns(author, number)),
  ...NAMES.filter((subject) => subject !== author).flatMap((subject) => [
    circle.vouches(author, subject, { number: 1 }),
    circle.vouches(author, subject, { number: 1, name: 'other' }),
    circle.vouches(author, subject, { number: 2, expires: TODAY - 1 }),
    circle.vouches(author, subject, { number: 3, domains: ['a.example', 'b.example'] }),
    circle.revokes(author, subject, 1),
    circle.revokes(author, subject, 2, true)
  ])
])
// What admits is drawn more often than what confuses.
const common = statements.filter((_, index) => index % 6 === 0)

/** A circle in which anything may have been said. */
export function randomRoster(dice: Dice): Case['input'] {
  const held = [
    ...Array.from({ length: 20 + dice(50) }, () => pick(dice, common)),
    ...Array.from({ length: dice(25) }, () => pick(dice, statements))
  ]
  return { charter: circle.charter, statements: [...new Set(held)], day: TODAY + dice(2) }
}

/** A roster of the hop rules in which everybody stands somewhere, and a question about it. */
export function randomHop(dice: Dice): { kind: string; input: Case['input'] } {
  const ids = NAMES.map(idOf)
  const some = (odds: number): InstitutionId[] => ids.filter(() => dice(10) < odds)
  const [members, struck] = [some(4), some(1)]
  const outside = ids.filter((id) => !members.includes(id))
  const candidates = Object.fromEntries(
    outside
      .filter(() => dice(2) === 0)
      .map((id) => [
        id,
        { vouchedBy: members.filter(() => dice(3) === 0), claimedBy: outside.filter(() => dice(5) === 0) }
      ])
  )
  const roster = {
    members,
    founders: some(3),
    candidates,
    struck: struck.filter((id) => !members.includes(id)),
    resigned: outside.filter(() => dice(5) === 0)
  }
  const known = ['c1', 'c2'].map((byte) => byte.repeat(32))
  const [author, from, about] = [pick(dice, ids), pick(dice, ids), pick(dice, ids)]
  const to = pick(
    dice,
    ids.filter((id) => id !== from)
  )
  const tlp = pick(dice, ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'])
  const named = dice(8) === 0 ? dice(4) : tlp.startsWith('AMBER') ? 1 : tlp === 'RED' ? 2 : 0
  const stream = {
    author,
    tlp,
    ...(named & 1 ? { circle: pick(dice, known) } : {}),
    ...(named & 2 ? { recipient: about } : {})
  }
  const kind = pick(dice, ['hop', 'hop-register', 'hop-register', 'hop-fork'])
  if (kind === 'hop') {
    const circles = { [known[0] ?? '']: members, ...(dice(2) === 0 ? { [known[1] ?? '']: some(5) } : {}) }
    return { kind, input: { stream, from, to, circles, peers: some(3) } }
  }
  const circles = { [known[0] ?? '']: roster }
  if (kind === 'hop-fork') return { kind, input: { stream, from, to, circles } }
  const what = pick(dice, ['card', 'charter', 'acceptance', 'vouch', 'revocation', 'resignation'])
  const register = {
    kind: what,
    author: dice(3) === 0 ? from : author,
    ...(what === 'card' ? {} : { circle: dice(8) === 0 ? known[1] : known[0] }),
    ...(what === 'vouch' || what === 'revocation' ? { subject: dice(2) === 0 ? to : about } : {})
  }
  return { kind, input: { register, from, to, circles, asker: pick(dice, ['from', 'to']) } }
}

/** So many of each sort. */
export async function buildAltered(
  cases: readonly Case[],
  counts: { altered: number; rosters: number; hops: number },
  seed: string
): Promise<Case[]> {
  const dice = createDice(seed)
  const made: Promise<Case>[] = []
  const usable = cases.filter(({ kind }) => kind in BYTES || kind in TEXTS)
  const kinds = [...new Set(usable.map(({ kind }) => kind))]
  for (let tries = 0; made.length < counts.altered; tries++) {
    const kind = pick(dice, kinds)
    const input = altered(
      pick(
        dice,
        usable.filter((one) => one.kind === kind)
      ),
      dice
    )
    if (input !== undefined) made.push(settled(kind, `altered ${tries}`, input))
  }
  for (let index = 0; index < counts.rosters; index++)
    made.push(settled('roster', `random ${index}`, randomRoster(dice)))
  for (let index = 0; index < counts.hops; index++) {
    const { kind, input } = randomHop(dice)
    made.push(settled(kind, `random ${index}`, input))
  }
  return Promise.all(made)
}
