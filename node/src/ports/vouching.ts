/** The fold, explained to people: why somebody is in a circle or not, who waits, and which vouches end soon. */
import type { PendingView, VouchView, WhyView } from '@tocsin/api'
import type { CircleId, InstitutionId } from '@tocsin/model'
import { type Replica, ReplicaError } from '@tocsin/replica'
import {
  DISCOUNT_CODES,
  dayOf,
  type Explanation,
  explainMember,
  foldRoster,
  type Roster,
  type Statement,
  type VouchStatement,
  type Weighed
} from '@tocsin/trust'
import { circleRef, institutionView } from './names.ts'
import { iso } from './views.ts'

const DAY = 86_400_000
/** Days before and after its end in which a vouch is listed to be renewed. */
const NOTICE_DAYS = 30

/** A circle as of today, folded anew: the roster that the node holds may be of yesterday until its next tick. */
function circleToday(replica: Replica, circle: CircleId) {
  const charter = replica.book.charter(circle)
  if (charter === undefined) throw new ReplicaError('unknown-circle', 'no such circle', { circle })
  const statements = [...replica.book.statements(circle)]
  const day = dayOf(replica.world.now())
  const roster = foldRoster(circle, charter, statements, day)
  const explain = (id: InstitutionId): Explanation => explainMember(circle, charter, statements, day, id)
  return { charter, roster, statements, day, explain }
}

/** Why `id` stands where it stands. Throws ReplicaError `unknown-circle`. */
export function whyView(replica: Replica, circle: CircleId, id: InstitutionId): WhyView {
  const { charter, explain } = circleToday(replica, circle)
  const { standing, founder, rank, own, vouches, revocations, missing } = explain(id)
  return {
    circle: circleRef(replica, circle),
    threshold: charter.threshold,
    institution: institutionView(replica, id),
    standing,
    founder,
    ...(rank === undefined ? {} : { rank }),
    own: own.map((weighed) => ({ ...weighedView(replica, weighed), kind: weighed.statement.kind })),
    vouches: vouches.map((weighed) => vouchView(replica, weighed)),
    revocations: revocations.map((weighed) => ({
      ...weighedView(replica, weighed),
      reason: weighed.statement.value.reason
    })),
    missing
  }
}

/** Who is not in yet, and which vouches must be renewed. Throws ReplicaError `unknown-circle`. */
export function pendingView(replica: Replica, circle: CircleId): PendingView {
  const today = circleToday(replica, circle)
  const { charter, roster, explain } = today
  const waiting = [...roster.founders].filter((id) => !roster.members.has(id) && !roster.struck.has(id))
  return {
    circle: circleRef(replica, circle),
    threshold: charter.threshold,
    newcomers: [...waiting, ...roster.candidates.keys()].map((id) => {
      const { founder, vouches, missing } = explain(id)
      const counting = vouches.filter(({ discount }) => discount === undefined)
      return {
        ...institutionView(replica, id),
        founder,
        vouches: counting.map((weighed) => vouchView(replica, weighed)),
        missing
      }
    }),
    expiring: expiringVouches(replica, circle, today),
    changed: changedCards(replica, today)
  }
}

/** Who renamed itself, or claims another domain, since it was vouched for (DESIGN §7). */
function changedCards(replica: Replica, { roster, explain }: ReturnType<typeof circleToday>): PendingView['changed'] {
  const self = replica.identity.institution
  return [...roster.members.keys(), ...roster.candidates.keys()].flatMap((id) => {
    const card = replica.book.card(id)
    if (card === undefined) return []
    return explain(id).vouches.flatMap(({ discount, statement: { author, value } }) => {
      const isSame = value.name === card.name && sameSet(value.domains, card.domains)
      if (discount !== undefined || isSame) return []
      return {
        subject: institutionView(replica, id),
        by: institutionView(replica, author),
        how: value.how,
        vouched: { name: value.name, domains: [...value.domains] },
        card: { name: card.name, domains: [...card.domains] },
        ours: author === self
      }
    })
  })
}

function sameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one))
}

function expiringVouches(
  replica: Replica,
  circle: CircleId,
  { charter, roster, statements, day, explain }: ReturnType<typeof circleToday>
): PendingView['expiring'] {
  const rosters = new Map<number, Roster>()
  const rosterOn = (then: number): Roster => {
    const known = rosters.get(then) ?? foldRoster(circle, charter, statements, then)
    rosters.set(then, known)
    return known
  }
  /** Without a renewal it is no member, from the day after, or already. */
  const isNeeded = ({ subject, value }: VouchStatement): boolean => {
    if (roster.struck.has(subject) || roster.resigned.has(subject)) return false
    return !rosterOn(Math.max(day, value.expires + 1)).members.has(subject)
  }
  const subjects = new Set([...roster.members.keys(), ...roster.candidates.keys(), ...roster.founders])
  return [...subjects]
    .flatMap((id) => explain(id).vouches)
    .filter(({ discount, statement: { value } }) => {
      const left = value.expires - day
      return discount === undefined ? left <= NOTICE_DAYS : discount === 'expired' && left >= -NOTICE_DAYS
    })
    .map(({ statement }) => ({
      subject: institutionView(replica, statement.subject),
      by: institutionView(replica, statement.author),
      how: statement.value.how,
      expires: endOf(statement.value.expires),
      daysLeft: statement.value.expires - day,
      ours: statement.author === replica.identity.institution,
      needed: isNeeded(statement)
    }))
    .sort((a, b) => a.daysLeft - b.daysLeft)
}

function weighedView(replica: Replica, { statement, discount }: Weighed<Statement>): Omit<WhyView['own'][0], 'kind'> {
  return {
    by: institutionView(replica, statement.author),
    counts: discount === undefined,
    ...(discount === undefined ? {} : { code: discount, explanation: DISCOUNT_CODES[discount] })
  }
}

function vouchView(replica: Replica, weighed: Weighed<VouchStatement>): VouchView {
  const { name, domains, how, checkedAt, expires } = weighed.statement.value
  return {
    ...weighedView(replica, weighed),
    name,
    domains: [...domains],
    how,
    checkedAt: iso(checkedAt),
    expires: endOf(expires)
  }
}

/** The last moment of a day. */
function endOf(day: number): string {
  return iso((day + 1) * DAY - 1)
}
