/**
 * Introductions (DESIGN §7): a card becomes a peer only by its comparison number, and this door never tells a
 * stranger's number whole. Either all nine groups come from whoever heard them, or the door shows six groups and the
 * three others must be typed. Which three is drawn at random for each card and stays so until the node restarts, so
 * that asking again shows nothing new.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ApiError } from './errors.ts'
import type { IntroductionView } from './joining-views.ts'
import type { CardView, PeerView } from './views.ts'

/** Groups of a comparison number, and how many of them must be typed. */
const GROUPS = 9
const ASKED = 3
/** Wrong answers after which an introduction is over: a slip of the ear or two, and no search. */
const TRIES = 3
/** ms that an introduction waits for its telephone call. */
const PATIENCE = 60 * 60_000
/** Introductions under way at one time; the oldest gives way. */
const MOST = 64

/** What an introduction needs of the rooms behind the door. */
export interface IntroductionDeps {
  readonly inspectCard: (text: string) => Promise<CardView>
  /** 27 digits in nine groups, of the institution of a card. */
  readonly comparison: (institution: string) => Promise<string>
  readonly add: (cardText: string) => Promise<PeerView>
  /** ms since epoch. */
  readonly now?: () => number
  /** Decides which groups are asked; 32 random bytes of this process unless given. */
  readonly secret?: Uint8Array
}

export interface Introductions {
  /** Adds the institution of a card whose whole number was heard. Throws `number-mismatch`. */
  whole(cardText: string, number: string): Promise<PeerView>
  /** Six groups shown, three asked. */
  begin(cardText: string): Promise<IntroductionView>
  /** The three groups in order. Throws `number-mismatch` with `triesLeft`, and `unknown-introduction` once over. */
  answer(id: string, groups: readonly string[]): Promise<PeerView>
}

interface Open {
  readonly cardText: string
  readonly expected: string
  readonly until: number
  triesLeft: number
}

/** Creates the introductions of one door. */
export function createIntroductions(deps: IntroductionDeps): Introductions {
  const { inspectCard, comparison, add, now = Date.now, secret = randomBytes(32) } = deps
  const open = new Map<string, Open>()

  return {
    async whole(cardText, number) {
      const card = await inspectCard(cardText)
      if (!sameDigits(digitsOf(await comparison(card.id)), digitsOf(number))) throw new ApiError('number-mismatch', 422)
      return add(cardText)
    },
    async begin(cardText) {
      const card = await inspectCard(cardText)
      const groups = (await comparison(card.id)).split(' ')
      const asked = askedGroups(secret, card.id)
      const id = randomBytes(16).toString('hex')
      const expected = asked.map((place) => groups[place - 1]).join('')
      const [oldest] = open.keys()
      if (open.size >= MOST && oldest !== undefined) open.delete(oldest)
      open.set(id, { cardText, expected, until: now() + PATIENCE, triesLeft: TRIES })
      const shown = groups.map((group, index) => (asked.includes(index + 1) ? null : group))
      return { id, card, shown, asked, triesLeft: TRIES }
    },
    async answer(id, groups) {
      const introduction = open.get(id)
      if (introduction === undefined || introduction.until < now()) {
        open.delete(id)
        throw new ApiError('unknown-introduction', 404)
      }
      if (!sameDigits(introduction.expected, groups.join(''))) {
        introduction.triesLeft -= 1
        const { triesLeft } = introduction
        if (triesLeft === 0) open.delete(id)
        throw new ApiError('number-mismatch', 422, undefined, { triesLeft })
      }
      open.delete(id)
      return add(introduction.cardText)
    }
  }
}

/** Three places of nine, counted from 1, in order; the same for one institution as long as the secret lives. */
function askedGroups(secret: Uint8Array, institution: string): number[] {
  const drawn = (place: number) => createHmac('sha256', secret).update(`${place} ${institution}`).digest('hex')
  return Array.from({ length: GROUPS }, (_, index) => ({ place: index + 1, draw: drawn(index + 1) }))
    .sort((a, b) => (a.draw < b.draw ? -1 : 1))
    .slice(0, ASKED)
    .map(({ place }) => place)
    .sort((a, b) => a - b)
}

function digitsOf(number: string): string {
  return number.replaceAll(/\D/g, '')
}

/** In a time that does not tell where two numbers of one length differ. */
function sameDigits(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
