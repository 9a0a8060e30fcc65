/** 2 and 6: at rest all that can agree agrees, and a fork is known to whoever could hear of it. */
import { parseSignedHeader, quarterOf } from '@tocsin/journal'
import type { CircleId, InstitutionId, StreamId } from '@tocsin/model'
import { keys } from '@tocsin/store'
import { type Knows, mayGo } from '../law.ts'
import type { Stream } from '../ledger.ts'
import { MINUTE } from '../parties.ts'
import type { Process, SimNode } from '../sim-node.ts'
import type { Court } from './court.ts'
import { isSilenced } from './heard.ts'

/** @returns tells what does not agree, undefined when all does */
export function createAgreement({
  world,
  ledger,
  recordOf,
  knowsOf,
  isGone,
  numberOf
}: Court): () => string | undefined {
  function disagreement(): string | undefined {
    for (const edge of world.edges.values()) {
      const [a, b] = [world.nodes[edge.a], world.nodes[edge.b]]
      if (a === undefined || b === undefined || a.isHostile || b.isHostile) continue
      const [pa, pb] = [a.process, b.process]
      if (pa === undefined || pb === undefined) continue
      const [ea, eb] = edge.ends ?? []
      if (ea === undefined || eb === undefined) {
        if (pa.replica.isPeer(b.party.id) && pb.replica.isPeer(a.party.id) && !isTwinned(a) && !isTwinned(b))
          return `${edge.a} and ${edge.b} are not linked`
        continue
      }
      if (ea.linkedAt === undefined || eb.linkedAt === undefined) return `${edge.a} and ${edge.b} have not greeted`
      const why = lacks(pa, pb) ?? lacks(pb, pa)
      if (why !== undefined) return why
    }
    return undefined
  }

  function isTwinned(node: SimNode): boolean {
    return recordOf(node).isTwinned
  }

  /** What one holds that the other may hold too and does not. */
  function lacks(from: Process, to: Process): string | undefined {
    const [self, peer] = [from.node.party.id, to.node.party.id]
    const [mine, theirs] = [knowsOf(from), knowsOf(to)]
    for (const { id, descriptor, state } of from.replica.streams.all()) {
      if (!mayGo(descriptor, self, peer, mine) || !mayGo(descriptor, self, peer, theirs)) continue
      if (
        isFrozen(descriptor.circle, descriptor.author, mine) ||
        isFrozen(descriptor.circle, descriptor.author, theirs)
      )
        continue
      // What may go back to its author is compared in its circle, and whoever has left that compares nothing there.
      if (
        descriptor.tlp === 'AMBER' &&
        !(isWithin(descriptor.circle, self, mine) && isWithin(descriptor.circle, self, theirs))
      )
        continue
      // Who has heard of too few, or of a revocation that it lacks, gives nothing on; whether it could have heard of more the
      // registers say below.
      const { circle, author } = descriptor
      if (circle !== undefined && author !== peer && isSilenced(from, circle)) continue
      // Without the author's card nothing of his can be checked; whose card must be held, the registers say below.
      if (to.replica.book.card(descriptor.author) === undefined) continue
      // 6: of two entries for one place everybody learns who may hold one of them.
      const held = to.replica.streams.get(id)
      const truth = ledger.stream(id)
      if (truth?.forkedAt !== undefined) {
        const isAnswered = mayGo(descriptor, peer, self, mine) && mayGo(descriptor, peer, self, theirs)
        const why = hides(from, to, truth, isAnswered)
        if (why !== undefined) return why
        continue
      }
      if (state.forkedAt !== undefined) return `${from.node.index} calls ${id} forked, which it is not`
      if (descriptor.author === peer && (recordOf(to.node).wasSetBack || isTwinned(to.node))) continue
      if (isGone(from, id)) continue
      // Up to where it ends: whether both know of that the registers say below. Of a root key that named two ends nobody
      // goes on with either.
      const closings = [from, to].map(({ replica }) => replica.book.closing(id))
      if (closings.includes('contested')) continue
      const ends = closings.map(lastOf)
      if (ends[0] !== ends[1]) continue
      const last = Math.min(state.seq, ends[0] ?? state.seq)
      const seq = Math.min(held?.state.seq ?? 0, ends[0] ?? Number.MAX_SAFE_INTEGER)
      if (isEarly(truth?.at.get(seq + 1), to)) continue
      if (seq < last)
        return `${to.node.index} lacks ${descriptor.tlp} ${descriptor.kind} ${id} of ${numberOf(descriptor.author)} beyond ${seq} of ${last} that ${from.node.index} holds`
      if (seq === last && seq > 0 && idAt(from, id, seq) !== idAt(to, id, seq))
        return `${to.node.index} and ${from.node.index} hold other heads of ${id}`
    }
    return lacksRegister(from, to, mine, theirs)
  }

  /** 6: who holds one of two entries for a place learns of it from whoever holds the other, or knows. */
  function hides(from: Process, to: Process, truth: Stream, isAnswered: boolean): string | undefined {
    const split = truth.forkedAt ?? 1
    const mine = from.replica.streams.get(truth.id as StreamId)?.state
    const theirs = to.replica.streams.get(truth.id as StreamId)?.state
    if (mine === undefined || theirs === undefined || mine.seq < split || theirs.seq < split) return undefined
    const [knows, isTold] = [mine.forkedAt !== undefined, theirs.forkedAt !== undefined]
    const isOther = idAt(from, truth.id, split) !== idAt(to, truth.id, split)
    if (knows && isTold) return undefined
    if (!knows && !isTold && !isOther) return undefined
    // An author learns from whoever holds a stream, be it of its audience no more; and may not tell it back.
    if (isTold && !isAnswered) return undefined
    const ignorant = isTold ? from : to
    return `${ignorant.node.index} does not know that ${truth.id} is forked at ${split}, which ${(isTold ? to : from).node.index} could tell`
  }

  function lacksRegister(from: Process, to: Process, mine: Knows, theirs: Knows): string | undefined {
    const [self, peer] = [from.node.party.id, to.node.party.id]
    for (const { address, register, hash } of from.replica.book.all()) {
      // Past its author's neighbours a receipt goes by comparisons, ten minutes a link: a rest is not as long as a ring.
      if (register.kind === 'receipt') continue
      const isBoth = (circle: CircleId, id: InstitutionId): boolean =>
        mine.circles.get(circle)?.has(id) === true && theirs.circles.get(circle)?.has(id) === true
      const inCircle = (circle: CircleId): boolean =>
        isBoth(circle, self) && isBoth(circle, peer) && isBoth(circle, register.author)
      const concerns =
        register.kind === 'card'
          ? register.author === self || [...mine.circles.keys()].some(inCircle)
          : register.stream === undefined
            ? register.circle !== undefined && inCircle(register.circle)
            : isEndOfBoth(register.stream, self, peer, mine, theirs)
      if (!concerns || isAhead(register.number, to)) continue
      const held = to.replica.book.get(address)
      if (held === undefined || held.register.number < register.number)
        return `${to.node.index} lacks ${register.kind} ${register.number} of ${numberOf(register.author)} that ${from.node.index} holds`
      if (held.register.number === register.number && held.hash !== hash)
        return `${to.node.index} and ${from.node.index} hold other ${register.kind}s of ${numberOf(register.author)}`
    }
    return undefined
  }

  /** The end of a stream that either may hand to the other, and that neither may count as out of its circle. */
  function isEndOfBoth(id: StreamId, self: InstitutionId, peer: InstitutionId, mine: Knows, theirs: Knows): boolean {
    const stream = ledger.stream(id)
    if (stream === undefined) return false
    const { circle, author, quarter } = stream.descriptor
    const views = [mine, theirs]
    return (
      views.every((knows) => mayGo(stream.descriptor, self, peer, knows)) &&
      // Whoever has left a circle is told nothing of it.
      (circle === undefined ||
        views.every((knows) => [self, peer, author].every((id) => isWithin(circle, id, knows)))) &&
      quarterOf(world.now()) === quarter
    )
  }

  return disagreement
}

function lastOf(closing: { readonly last: number } | 'contested' | undefined): number | undefined {
  return typeof closing === 'object' ? closing.last : undefined
}

/** An author's clock was ahead: what he signed then is taken when its time has come, and not within a rest. */
function isEarly(next: readonly { readonly clock: number }[] | undefined, to: Process): boolean {
  return next?.some(({ clock }) => isAhead(clock, to)) === true
}

function isAhead(clock: number, { replica }: Process): boolean {
  return clock > replica.world.now() + 7 * MINUTE
}

function idAt({ store }: Process, id: string, seq: number): string | undefined {
  const header = store.get(keys.header(id, seq))
  return header === undefined ? undefined : parseSignedHeader(header).id
}

function isFrozen(circle: CircleId | undefined, author: InstitutionId, knows: Knows): boolean {
  return circle !== undefined && !isWithin(circle, author, knows)
}

function isWithin(circle: CircleId | undefined, id: InstitutionId, knows: Knows): boolean {
  return circle !== undefined && knows.circles.get(circle)?.has(id) === true
}
