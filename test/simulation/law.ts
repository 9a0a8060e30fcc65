/**
 * Who belongs to a circle and who may hold a stream, told once more and as plainly as can be, from DESIGN §§5 and 7: the
 * simulation must not ask the code under test whether it is right. Slow, and only ever asked through a memo.
 */
import type { SignedRegister, StreamDescriptor } from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'

export interface Statements {
  readonly circle: CircleId
  readonly name: string
  readonly founders: readonly InstitutionId[]
  readonly threshold: number
  readonly statements: readonly SignedRegister[]
  /** Days since the epoch. */
  readonly day: number
}

/** An author's open vouches beyond this many do not count, oldest first. */
const OPEN_VOUCHES = 32

/** The members of a circle, from nothing but the statements and the day. */
export function membersOf({ circle, name, founders, threshold, statements, day }: Statements): Set<InstitutionId> {
  const counting = newest(statements.filter(({ register }) => register.circle === circle))
  const all = (kind: string): SignedRegister[] => counting.filter(({ register }) => register.kind === kind)
  const accepted = new Set<InstitutionId>()
  for (const { register } of all('acceptance')) {
    if (register.kind !== 'acceptance' || register.value.name !== name) continue
    const left = all('resignation').some(
      (other) => other.register.author === register.author && other.register.number >= register.number
    )
    if (!left) accepted.add(register.author)
  }
  const open = new Map<InstitutionId, { subject: InstitutionId; number: number }[]>()
  for (const { register } of all('vouch')) {
    if (register.kind !== 'vouch' || register.subject === undefined || register.value.expires < day) continue
    const list = open.get(register.author) ?? []
    open.set(register.author, list)
    list.push({ subject: register.subject, number: register.number })
  }
  const vouched = new Set<string>()
  for (const [author, list] of open) {
    list.sort((a, b) => b.number - a.number || (a.subject < b.subject ? -1 : 1))
    for (const { subject } of list.slice(0, OPEN_VOUCHES)) vouched.add(`${author} ${subject}`)
  }
  const revoked = new Set<string>()
  for (const { register } of all('revocation'))
    if (register.kind === 'revocation' && register.value.lifted !== true)
      revoked.add(`${register.author} ${register.subject}`)
  const count = (said: ReadonlySet<string>, by: Iterable<InstitutionId>, of: InstitutionId): number =>
    [...by].filter((author) => author !== of && said.has(`${author} ${of}`)).length

  const first = founders.filter((id) => accepted.has(id))
  const struck = new Set<InstitutionId>()
  const members = new Set<InstitutionId>()
  for (const id of first) {
    const against = count(revoked, first, id)
    if (against >= threshold && against * 2 > first.length) struck.add(id)
    else members.add(id)
  }
  for (;;) {
    const earlier = [...members]
    const placed: InstitutionId[] = []
    for (const id of accepted) {
      if (members.has(id) || struck.has(id) || count(vouched, earlier, id) < threshold) continue
      if (count(revoked, earlier, id) >= threshold) struck.add(id)
      else placed.push(id)
    }
    if (placed.length === 0) return members
    for (const id of placed) members.add(id)
  }
}

/** Of one author, kind and subject the highest number; none at all where two differ under it. */
function newest(statements: readonly SignedRegister[]): SignedRegister[] {
  const best = new Map<string, SignedRegister[]>()
  for (const one of statements) {
    const { kind, author, subject, number } = one.register
    if (author === subject) continue
    const slot = `${kind} ${author} ${subject ?? ''}`
    const held = best.get(slot)
    const most = held?.[0]?.register.number ?? -1
    if (number > most) best.set(slot, [one])
    else if (number === most && held !== undefined && held.every(({ hash }) => hash !== one.hash)) held.push(one)
  }
  return [...best.values()].flatMap((held) => (held.length === 1 ? held : []))
}

export interface Knows {
  /** Members of the circles known here. */
  readonly circles: ReadonlyMap<CircleId, ReadonlySet<InstitutionId>>
  /** The allow-list and the node's own institution. */
  isNear(id: InstitutionId): boolean
}

/** May this stream go from one to the other, by what this node knows? */
export function mayGo(stream: StreamDescriptor, from: InstitutionId, to: InstitutionId, by: Knows): boolean {
  const { author, tlp, circle, recipient } = stream
  if (to === author) return true
  const members = circle === undefined ? undefined : by.circles.get(circle)
  switch (tlp) {
    case 'RED':
      return from === author && to === recipient
    case 'AMBER+STRICT':
      return from === author && members?.has(author) === true && members.has(to)
    case 'AMBER':
      return members?.has(author) === true && members.has(from) && members.has(to)
    case 'GREEN':
      return [...by.circles.values()].some((all) => all.has(author) && all.has(from) && all.has(to))
    case 'CLEAR':
      return by.isNear(author) || [...by.circles.values()].some((all) => all.has(author))
    default:
      return false
  }
}
