/** Presences, said and heard: AMBER and AMBER+STRICT flow from here while enough others were here lately (DESIGN §7). */
import {
  nextRegisterNumber,
  prepareRegister,
  registerAddress,
  type SignedRegister,
  signRegister
} from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'
import { type Freshness, freshnessOf, type HeldPresence, presenceOf, type StaleCode } from '@tocsin/trust'
import { keyFault } from './author-door.ts'
import type { Book } from './book.ts'
import { DAY, MINUTE } from './constants.ts'
import type { Identity, Outcome, World } from './types.ts'

export interface Presences {
  /** Why AMBER and AMBER+STRICT of this circle do not flow from here; undefined while they do. */
  stale(circle: CircleId): StaleCode | undefined
  /** Why, or why not; undefined for circles that are not held. */
  freshness(circle: CircleId): Freshness | undefined
  /** What these registers change: true when it now flows where it did not, or no longer does. */
  heard(registers: readonly SignedRegister[], rostersChanged: boolean): boolean
  /** Signs what is due, and judges anew what time alone makes stale. True when something began or ceased to flow. */
  tick(): Promise<boolean>
}

export function createPresences(deps: {
  world: World
  identity: Identity
  book: Book
  mayNotSign: () => unknown
  admit: (registers: readonly Uint8Array[]) => Promise<Outcome>
}): Presences {
  const { world, identity, book } = deps
  const self = identity.institution
  const judged = new Map<CircleId, StaleCode | 'fresh'>()
  let isDue = true
  let lookedAt = world.now()

  function freshness(circle: CircleId): Freshness | undefined {
    const roster = book.roster(circle)
    if (roster === undefined) return undefined
    const presences = new Map<InstitutionId, HeldPresence>()
    for (const { register } of book.saidIn(circle, 'presence')) {
      const { kind, author, signer, number } = register
      // Of a key that was retired since nothing counts any more: a thief may have it.
      if (kind !== 'presence' || keyFault(deps, { author, nodeKey: signer }) !== undefined) continue
      presences.set(author, { author, number, value: register.value })
    }
    const holds = (author: InstitutionId, subject: InstitutionId): number | undefined =>
      book.get(registerAddress('revocation', author, circle, subject))?.register.number
    return freshnessOf(roster, self, presences, holds, world.now())
  }

  /** True when it answers otherwise than before. */
  function judge(circle: CircleId): boolean {
    const before = judged.get(circle)
    const now = freshness(circle)?.code ?? 'fresh'
    judged.set(circle, now)
    return before !== undefined && (before === 'fresh') !== (now === 'fresh')
  }

  function judgeAll(): boolean {
    lookedAt = world.now()
    return book.circles().filter(judge).length > 0
  }

  /** Can it turn what was judged? Most presences come where enough are held and name nothing. */
  function matters({ register }: SignedRegister): boolean {
    if (register.kind === 'revocation') return true
    if (register.kind !== 'presence' || register.circle === undefined) return false
    return judged.get(register.circle) !== 'fresh' || register.value.revocations.length > 0
  }

  /** Undefined while the last one is good: it is a day old at most, and names what is held. */
  function due(circle: CircleId): Uint8Array | undefined {
    const roster = book.roster(circle)
    if (roster === undefined || !roster.members.has(self)) return undefined
    const now = world.now()
    const last = book.get(registerAddress('presence', self, circle))?.register
    const isMine = last?.kind === 'presence' && last.signer === identity.nodeKey
    if (isMine && now - last.number < MINUTE) return undefined
    const value = presenceOf(roster, book.statements(circle))
    if (isMine && now - last.number < DAY && last.value.digest === value.digest) return undefined
    const number = nextRegisterNumber(last?.number, now)
    const fields = { kind: 'presence', author: self, signer: identity.nodeKey, circle, number, value } as const
    return signRegister(prepareRegister(fields), identity.key).bytes
  }

  async function say(): Promise<void> {
    isDue = false
    if (deps.mayNotSign() !== undefined || keyFault(deps, { author: self, nodeKey: identity.nodeKey }) !== undefined)
      return
    const registers = book.circles().flatMap((circle) => due(circle) ?? [])
    if (registers.length > 0) await deps.admit(registers)
  }

  judgeAll()
  return {
    stale: (circle) => {
      // After a sleep, or when the clock was set, a peer may ask before the next tick tells what time has made stale.
      if (Math.abs(world.now() - lookedAt) >= MINUTE) return freshness(circle)?.code
      if (!judged.has(circle)) judge(circle)
      const now = judged.get(circle)
      return now === 'fresh' ? undefined : now
    },
    freshness,
    heard: (registers, rostersChanged) => {
      isDue ||= rostersChanged || registers.some(({ register }) => register.kind === 'revocation')
      if (rostersChanged) return judgeAll()
      const circles = new Set(registers.filter(matters).flatMap(({ register }) => register.circle ?? []))
      return [...circles].filter(judge).length > 0
    },
    tick: async () => {
      const isTime = Math.abs(world.now() - lookedAt) >= MINUTE
      if (isDue || isTime) await say()
      return isTime && judgeAll()
    }
  }
}
