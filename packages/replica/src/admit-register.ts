/** The door for registers: cards, charters and trust statements, from a peer or from our own command line. */
import {
  closedStream,
  equalBytes,
  isNodeRegisterKind,
  JournalError,
  openRegister,
  type SignedRegister
} from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import { keys, type Store, StoreError, type Tx } from '@tocsin/store'
import { forkRegisterEvidence } from '@tocsin/trust'
import { isPast, keyFault } from './author-door.ts'
import type { Book } from './book.ts'
import type { Closings } from './closings.ts'
import { MAX_AHEAD, MAX_CIRCLES, MAX_CLOSINGS, MAX_STATEMENTS, MINUTE } from './constants.ts'
import { type AdmitCode, ReplicaError } from './errors.ts'
import type { EvidenceShelf } from './evidence.ts'
import type { Quotas } from './quotas.ts'
import type { Receipts } from './receipts.ts'
import { Refusal, soonest } from './refusal.ts'
import type { Refused } from './refused.ts'
import { mayHopAny } from './register-hop.ts'
import type { Alarm, Identity, Outcome, World } from './types.ts'

export interface AdmitRegisterDeps {
  readonly world: World
  readonly identity: Identity
  readonly store: Store
  readonly book: Book
  readonly shelf: EvidenceShelf
  readonly quotas: Quotas
  readonly closings: Closings
  /** Hears what receipts say, before they replace what they said. */
  readonly note: Receipts['note']
  readonly refused: Pick<Refused, 'register'>
  readonly alarm: (alarm: Omit<Alarm, 'at'>) => void
  /** Something was admitted: rosters are recomputed by now. */
  readonly admitted: (
    registers: readonly SignedRegister[],
    from: InstitutionId | undefined,
    rostersChanged: boolean
  ) => void
}

export interface AdmitRegister {
  /**
   * A peer's registers, or with `from` undefined our own. Repeats until nothing more is admitted, since each one can
   * make the next judgeable. One atomic write. The outcome names the last refusal, if any.
   */
  all(bytes: readonly Uint8Array[], from: InstitutionId | undefined): Promise<Outcome>
  /** A card that the operator introduces by hand, whoever it is of. @throws ReplicaError register-refused */
  introduce(tx: Tx, card: SignedRegister): void
}

export function createAdmitRegister(deps: AdmitRegisterDeps): AdmitRegister {
  const { world, identity, store, book, shelf, quotas, closings } = deps
  /** Both halves of a fork are news to the peers, though nothing was admitted. */
  const forked: SignedRegister[] = []

  async function all(bytes: readonly Uint8Array[], from: InstitutionId | undefined): Promise<Outcome> {
    const opened: SignedRegister[] = []
    let refusal: Refusal | undefined
    for (const one of bytes) {
      try {
        opened.push(openRegister(one))
      } catch (error) {
        if (!(error instanceof JournalError)) throw error
        const later =
          error.code === 'register-version' || error.code === 'register-kind' || error.code === 'descriptor-version'
        refusal = later ? Refusal.ignore('unknown-version') : Refusal.reject(error.code)
        if (!later) return { verdict: 'reject', code: error.code, accepted: 0, have: 0 }
      }
    }
    let accepted = 0
    let waiting = opened
    for (let progress = true; progress && waiting.length > 0; ) {
      const round = await admitRound(waiting, from)
      if (round.refusal?.verdict === 'reject') return outcome(round.refusal, accepted)
      refusal = round.refusal ?? refusal
      accepted += round.taken.length
      waiting = round.waiting
      progress = round.taken.length > 0
    }
    return outcome(waiting.length > 0 || refusal?.code === 'unknown-version' ? refusal : undefined, accepted)
  }

  /** One pass over what waits, in one write; what it admits counts for the next pass. */
  async function admitRound(
    candidates: readonly SignedRegister[],
    from: InstitutionId | undefined
  ): Promise<{ taken: SignedRegister[]; waiting: SignedRegister[]; refusal?: Refusal }> {
    const taken: SignedRegister[] = []
    const waiting: SignedRegister[] = []
    const fresh = new Map<string, number>()
    let refusal: Refusal | undefined
    let isChanged = false
    try {
      await store.transact((tx) => {
        for (const signed of candidates) {
          const why = judge(tx, signed, from, fresh)
          if (why === undefined) {
            if (tx.get(keys.register(signed.address)) === undefined) {
              const share = shareOf(signed)
              fresh.set(share, (fresh.get(share) ?? 0) + 1)
            }
            write(tx, signed)
            taken.push(signed)
          } else if (why.code !== 'old-register') {
            refusal = soonest(refusal, why)
            waiting.push(signed)
          }
        }
        // In the same moment as the registers: works of the same group are answered before this one goes on.
        tx.committed(() => {
          isChanged = book.refold(world.now())
        })
      })
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      return { taken: [], waiting: [...candidates], refusal: Refusal.ignore(error.code, { retryAfter: MINUTE }) }
    }
    const split = forked.splice(0)
    const news = [...taken, ...split]
    // A fork is told like a roster's change: peers compare again, and each gets the half that it lacks.
    // So is a closing: what was declined as frozen may flow now.
    const isTold = split.length > 0 || taken.some(({ register }) => register.kind === 'closing')
    if (news.length > 0) deps.admitted(news, from, isChanged || isTold)
    return { taken, waiting, ...(refusal === undefined ? {} : { refusal }) }
  }

  /** Undefined when it is to be written, else the rule that refuses it. */
  function judge(
    tx: Tx,
    signed: SignedRegister,
    from: InstitutionId | undefined,
    fresh: ReadonlyMap<string, number>
  ): Refusal | undefined {
    const { register, address } = signed
    const ahead = register.number - world.now() - MAX_AHEAD
    if (ahead > 0) return Refusal.ignore('too-new', { retryAfter: Math.max(ahead, MINUTE) })
    // [IGNORE] our own command line hands in what our own root key signed, and nothing else.
    if (from === undefined && register.author !== identity.institution) return Refusal.ignore('register-not-ours')
    const held = heldOf(tx, address)
    if (held !== undefined) {
      if (held.hash === signed.hash || held.register.number > register.number) return Refusal.ignore('old-register')
      if (held.register.number === register.number && isNodeRegisterKind(register.kind)) {
        // One key in two processes, or a thief's. A newer one comes within a day, and until then it is alike for all.
        if (held.hash < signed.hash) return Refusal.ignore('old-register')
      } else if (held.register.number === register.number) return fork(tx, held, signed)
    }
    if (register.kind === 'closing' && isPast(book, closedStream(register.value).descriptor, world.now()))
      return Refusal.ignore('overdue')
    if (from === undefined) return undefined
    if (isNodeRegisterKind(register.kind)) {
      // [IGNORE] said by another key than the author's card certifies; the card may be on its way.
      const fault = keyFault({ world, identity, book }, { author: register.author, nodeKey: register.signer })
      if (fault !== undefined) return Refusal.ignore(fault)
    }
    if (held === undefined) {
      const tooMany = beyondShare(signed, fresh.get(shareOf(signed)) ?? 0)
      if (tooMany !== undefined) return Refusal.ignore(tooMany)
    }
    // A peer never brings my own statements, unless a restored store lost them: taken, since my root key signed them.
    const verdict = mayHopAny(register, from, identity.institution, book.view)
    if (!verdict.allowed) {
      deps.refused.register(signed)
      return Refusal.ignore(verdict.code)
    }
    return held === undefined ? undefined : beyondQuota(tx, signed)
  }

  /** How many addresses there can be is bounded; how often what stands there is replaced is not. */
  function beyondQuota(tx: Tx, { register }: SignedRegister): Refusal | undefined {
    const { kind, author, circle } = register
    const draw = kind === 'receipt' ? quotas.receipts(author, circle) : quotas.registers(author, circle)
    const wait = draw.take(1)
    if (wait !== undefined) return Refusal.ignore(wait.code, { retryAfter: wait.retryAfter })
    tx.committed(draw.keep)
    return undefined
  }

  /** @param fresh how many of the same kind this write takes already */
  function beyondShare({ register }: SignedRegister, fresh: number): AdmitCode | undefined {
    const { kind, author } = register
    // Cards: one an institution. Receipts and presences: one a member and circle.
    if (kind === 'card' || isNodeRegisterKind(kind)) return undefined
    if (kind === 'closing') return book.closingsBy(author) + fresh >= MAX_CLOSINGS ? 'too-many-closings' : undefined
    if (kind === 'charter') return book.circles().length + fresh >= MAX_CIRCLES ? 'too-many-circles' : undefined
    if (register.circle === undefined) return undefined
    return book.statementsBy(register.circle, author) + fresh >= MAX_STATEMENTS ? 'too-many-statements' : undefined
  }

  /** What stands there, with what earlier works of this write made of it. */
  function heldOf(tx: Tx, address: string): SignedRegister | undefined {
    const held = book.get(address)
    const bytes = tx.get(keys.register(address))
    if (bytes === undefined) return undefined
    return held !== undefined && equalBytes(held.bytes, bytes) ? held : openRegister(bytes)
  }

  /** Same number, other bytes: both are kept, and neither counts until a higher number settles it. */
  function fork(tx: Tx, held: SignedRegister, other: SignedRegister): Refusal {
    const bytes = tx.get(keys.local('twin', held.address))
    const twin = bytes === undefined ? undefined : openRegister(bytes)
    if (twin?.hash === other.hash) return Refusal.ignore('old-register')
    // Of three and more, every replica ends with the same two, so that digests and rosters agree.
    const all = [held, other, ...(twin === undefined ? [] : [twin])].sort((a, b) => (a.hash < b.hash ? -1 : 1))
    const [first = held, second = other] = all
    if (first.hash === held.hash && second.hash === twin?.hash) return Refusal.ignore('old-register')
    tx.put(keys.register(first.address), first.bytes)
    tx.put(keys.local('twin', first.address), second.bytes)
    if (first.register.kind === 'closing' && second.register.kind === 'closing')
      closings.contest(tx, first.register.value, second.register.value)
    shelf.keep(tx, forkRegisterEvidence(first, second, world.now()))
    tx.committed(() => {
      book.apply(first, second)
      forked.push(first)
      deps.alarm({ code: 'fork-register', message: `two registers of ${first.register.author} bear one number` })
    })
    return Refusal.ignore('old-register')
  }

  function write(tx: Tx, signed: SignedRegister): void {
    tx.put(keys.register(signed.address), signed.bytes)
    tx.del(keys.local('twin', signed.address))
    deps.note(tx, signed)
    if (signed.register.kind === 'closing') closings.apply(tx, signed.register.value)
    tx.committed(() => book.apply(signed))
  }

  return {
    all,
    introduce: (tx, card) => {
      if (card.register.number > world.now() + MAX_AHEAD)
        throw new ReplicaError('register-refused', 'the card is of a later time', { reason: 'too-new' })
      const held = heldOf(tx, card.address)
      if (held === undefined || held.register.number < card.register.number) write(tx, card)
      else if (held.register.number === card.register.number && held.hash !== card.hash) fork(tx, held, card)
    }
  }
}

/** Registers with one share of what this node holds. */
function shareOf({ register }: SignedRegister): string {
  if (register.kind === 'closing') return `closing/${register.author}`
  return register.kind === 'charter' ? 'charter' : `${register.kind === 'card'}/${register.circle}/${register.author}`
}

function outcome(refusal: Refusal | undefined, accepted: number): Outcome {
  if (refusal === undefined) return { verdict: 'accept', accepted, have: 0 }
  const { retryAfter } = refusal.facts
  const later = retryAfter === undefined ? {} : { retryAfter }
  return { verdict: refusal.verdict, code: refusal.code, accepted, have: 0, ...later }
}
