import type { StreamId } from '@tocsin/model'
import type { Declines } from './declines.ts'
import type { Descriptors } from './descriptors.ts'
import type { Desk } from './desk.ts'
import type { Knowledge } from './knowledge.ts'
import type { Missing, MissingStream } from './missing.ts'
import type { Row } from './ports.ts'
import type { Retractions } from './retractions.ts'
import type { Standing } from './standing.ts'

/** What the peer says it holds, by a row or an announcement, whose hash is the beginning of one. */
export type Claim = Pick<Row, 'kind' | 'key' | 'number' | 'hash' | 'order' | 'newest'>

/** Compares a claim with what we hold, and marks as missing what we lack. */
export interface Claims {
  /** True if the peer is to be asked for it. */
  take(claim: Claim, how: ClaimKind): boolean
}

/** 'row': one of a comparison; 'push': announced instead of a push, asked for at once; 'lazy': it should come otherwise. */
export type ClaimKind = 'row' | 'push' | 'lazy'

interface Deps {
  readonly desk: Desk
  readonly knowledge: Knowledge
  readonly declines: Declines
  readonly descriptors: Descriptors
  readonly retractions: Retractions
  readonly standing: Standing
  readonly missing: Missing
}

export function createClaims({ desk, knowledge, declines, descriptors, retractions, standing, missing }: Deps): Claims {
  // Only streams that we hold enter it.
  const reported = new Map<StreamId, number>()

  const reportHead = (stream: StreamId, seq: number, id: string, isFork: boolean): void => {
    if (reported.get(stream) === seq) return
    if (descriptors.isOwn(stream)) desk.report({ type: 'foreign-head', peer: desk.peer, stream, seq, id })
    else if (isFork) desk.report({ type: 'fork', peer: desk.peer, stream, seq, id })
    else return
    reported.set(stream, seq)
  }

  const decline = ({ stream, target }: MissingStream, code: string): false => {
    declines.decline('stream', stream, target, code)
    return false
  }

  const ask = (item: MissingStream, how: ClaimKind): boolean => {
    // We do not request what the hop rule would not let in (DESIGN §9.1); of an unknown stream the descriptor will tell.
    const known = descriptors.of(item.stream)
    const hop = known === undefined ? undefined : desk.replica.mayAccept(desk.peer, known.descriptor)
    if (hop?.allowed === false) return decline(item, hop.code)
    const refusal = desk.replica.refuses(desk.peer, item.stream, item.target)
    if (refusal !== undefined) {
      if (refusal.descriptor !== undefined) retractions.refused(item.stream, refusal.descriptor)
      return decline(item, refusal.code)
    }
    if (how === 'push') missing.askNow(item)
    else if (how === 'lazy') missing.expect(item)
    else missing.addStream(item)
    return true
  }

  const takeStream = ({ key, number, hash, order, newest }: Claim, how: ClaimKind): boolean => {
    const stream = key as StreamId
    const head = desk.replica.head(stream)
    knowledge.raise(stream, number)
    if (head?.seq === number && head.id.startsWith(hash)) {
      knowledge.equal({ kind: 'stream', key, number, hash })
    } else if (
      head !== undefined &&
      number <= head.seq &&
      desk.replica.idAt(stream, number)?.startsWith(hash) !== true
    ) {
      // Another entry at a place that we hold, also where the peer holds fewer: both sides have to see the fork.
      // Asked for once: the answer of admit, a decline or none, ends it.
      if (reported.get(stream) === number) return false
      reportHead(stream, number, hash, true)
      return ask({ stream, target: number, order, newest, from: number }, how === 'row' ? 'row' : 'push')
    } else if (number > standing.of(stream)) {
      if (head !== undefined) reportHead(stream, number, hash, false)
      return ask({ stream, target: number, order, newest }, how)
    }
    return false
  }

  const takeRegister = ({ key, number, hash, order }: Claim): boolean => {
    const held = desk.replica.registerHead(key)
    knowledge.raiseRegister(key, number)
    // Same number, other bytes: a fork, of which admit keeps both.
    const isFork = held?.number === number && held.hash !== hash
    const isMissing = held === undefined || held.number < number || isFork
    if (!isMissing) return false
    const refusal = desk.replica.refuses(desk.peer, key, number)
    if (refusal === undefined) missing.addRegister(key, order, number, hash)
    else declines.decline('register', key, number, refusal.code)
    return refusal === undefined
  }

  return {
    take(claim, how) {
      if (declines.isOurs(claim.key)) return false
      return claim.kind === 'stream' ? takeStream(claim, how) : takeRegister(claim)
    }
  }
}
