import type { Verdict } from './errors.ts'
import { type Pap, papRank } from './pap.ts'
import type { Tlp } from './tlp.ts'

/** What an indicator may be handed to a tool for, from the quietest use to the most visible (DESIGN §6). */
export const USES = ['hunt', 'detect', 'enrich', 'block', 'release'] as const

/** One use class: of a feed, of a token, of a hunt. */
export type Use = (typeof USES)[number]

/** Why a use is refused: code → one line for docs/errors.md. */
export const USE_ERRORS = {
  'pap-forbids-use': 'The PAP of the bulletin does not permit this use.',
  'tlp-forbids-release': 'Only TLP:CLEAR may be released to the public.'
} as const

export type UseCode = keyof typeof USE_ERRORS

/** Local policy: the strictest PAP under which alert-only rules may still be fed; AMBER unless set. */
export interface UseSettings {
  readonly detectNeeds?: Pap
}

/**
 * The strictest PAP that still permits each use. RED permits what only reads one's own logs; AMBER adds passive
 * cross-checks at third parties and, by the strict reading, alerting; GREEN adds active measures such as blocking.
 */
const LIMITS: Readonly<Record<Use, Pap>> = {
  hunt: 'RED',
  detect: 'AMBER',
  enrich: 'AMBER',
  block: 'GREEN',
  release: 'CLEAR'
}

/**
 * The use rule: may what carries these two labels be used so? Called by every feed, by hunt, and by the API through
 * the use class of each token. A public release needs PAP:CLEAR and TLP:CLEAR; every other use asks the PAP alone,
 * since the audience was decided before the thing arrived here.
 */
export function mayUse(tlp: Tlp, pap: Pap, use: Use, settings: UseSettings = {}): Verdict<UseCode> {
  if (use === 'release' && tlp !== 'CLEAR') return { allowed: false, code: 'tlp-forbids-release' }
  const limit = use === 'detect' ? (settings.detectNeeds ?? LIMITS.detect) : LIMITS[use]
  // An unknown label ranks -1 and must never pass as the loosest one.
  const rank = papRank(pap)
  if (rank < 0 || rank > papRank(limit)) return { allowed: false, code: 'pap-forbids-use' }
  return { allowed: true }
}
