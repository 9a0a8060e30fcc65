import type { InstitutionId, StreamId } from '@tocsin/model'
import { createBudget } from './budget.ts'
import { createClaims } from './claims.ts'
import { createCompare } from './compare.ts'
import {
  BATCH_BYTES,
  COMPARE_BURST,
  HEARTBEAT_MS,
  HELLO_TIMEOUT_MS,
  MAX_WINDOW,
  MIN_WINDOW,
  PROTOCOL,
  SILENT_MS,
  STALLED_MS,
  WANT_BURST,
  WANTS_PER_SECOND,
  WINDOW
} from './constants.ts'
import { createCredit } from './credit.ts'
import { createDeclines } from './declines.ts'
import { createDescriptors } from './descriptors.ts'
import type { Desk } from './desk.ts'
import { SyncError } from './errors.ts'
import { decodeFrame, encodeFrame } from './frame-codec.ts'
import type { Frame, FrameType, HelloFrame } from './frames.ts'
import { createHub } from './hub.ts'
import { createInbound } from './inbound.ts'
import { createKnowledge } from './knowledge.ts'
import { createMissing } from './missing.ts'
import { createNamesIn } from './names.ts'
import { createOutbound } from './outbound.ts'
import type { Action, Outcome, SessionOptions, SessionState, SyncEvent, SyncSession } from './ports.ts'
import { createRetractions } from './retractions.ts'
import { createStanding } from './standing.ts'
import { createTree } from './tree.ts'

/**
 * One session with one peer (protocol v1, DESIGN §8): a pure state machine. Both sides run the same one. Give it
 * `opened` first, then what happens; do what it answers, in order.
 */
export function createSession({ peer, replica, random, limits = {}, hub = createHub() }: SessionOptions): SyncSession {
  const window = Math.min(Math.max(limits.window ?? WINDOW, MIN_WINDOW), MAX_WINDOW)
  const batchBytes = Math.min(limits.batchBytes ?? BATCH_BYTES, BATCH_BYTES)
  let actions: Action[] = []
  // What waits goes by a clock that is never set back; what the peer is told, by the node's own.
  let now = 0
  let clock = 0
  let openedAt: number | undefined
  let closeCode: string | undefined
  let peerHello: HelloFrame | undefined
  let isAccepted = false
  let skew = 0
  let sentAt = 0
  let heardAt = 0
  let progressAt = 0
  let bytesIn = 0
  let bytesOut = 0
  let events = 0
  // What grew between our hello and the peer's: the digests of our hello do not know it.
  const early = { streams: new Set<StreamId>(), registers: new Set<string>() }

  const desk: Desk = {
    peer,
    replica,
    now: () => now,
    event: () => events,
    send(frame) {
      const bytes = encodeFrame(frame)
      desk.sendBytes(bytes)
      return bytes.length
    },
    sendBytes(frame) {
      sentAt = now
      bytesOut += frame.length
      actions.push({ type: 'send', frame })
    },
    act(action) {
      actions.push(action)
    },
    report(event) {
      actions.push({ type: 'report', event })
    }
  }
  const credit = createCredit(desk, window)
  const descriptors = createDescriptors(desk)
  const standing = createStanding(desk)
  const knowledge = createKnowledge(desk, descriptors)
  const declines = createDeclines(desk)
  const retractions = createRetractions()
  const seat = hub.seat()
  const tree = createTree(desk, descriptors)
  const missing = createMissing({ desk, standing, descriptors, declines, seat, tree, knowledge })
  const claims = createClaims({ desk, knowledge, declines, descriptors, retractions, standing, missing })
  const leads = (): boolean => replica.self().institution < peer
  const compare = createCompare({ desk, claims, knowledge, declines, random, leads })
  const inbound = createInbound({
    desk,
    credit,
    knowledge,
    declines,
    descriptors,
    retractions,
    standing,
    missing,
    seat,
    tree,
    owe: (stream) => outbound.owe(stream)
  })
  const comparing = (): boolean => compare.open() > 0
  const outbound = createOutbound({
    desk,
    credit,
    knowledge,
    declines,
    standing,
    missing,
    tree,
    batchBytes,
    comparing,
    leads
  })
  const named = createNamesIn()
  const compareBudget = createBudget()
  const wantBudget = createBudget()

  const close = (code: string): void => {
    closeCode = code
    seat.leave()
    actions.push({ type: 'close', code })
  }

  /** We end it: the peer is told the code, so that both sides' operators see one. */
  const end = (code: string): void => {
    desk.send({ type: 'refuse', code })
    close(code)
  }

  const fail = (error: unknown): void => {
    const isOurs = !(error instanceof SyncError)
    const code = isOurs ? 'internal' : error.code
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : 'not an error'
    desk.report({ type: 'violation', peer, code, detail })
    end(code)
  }

  const greet = (): void => {
    openedAt = now
    heardAt = now
    progressAt = now
    const self = replica.self()
    desk.send({
      type: 'hello',
      ...PROTOCOL,
      card: self.card,
      instance: self.instance,
      proof: self.instanceProof,
      window,
      clock,
      digests: compare.opening()
    })
  }

  const greeted = (hello: HelloFrame): void => {
    if (hello.window < MIN_WINDOW) throw new SyncError('limits-unusable', 'The peer’s window is too small.')
    peerHello = hello
    skew = hello.clock - clock
    credit.open(Math.min(hello.window, MAX_WINDOW))
    desk.send({ type: 'accept' })
    desk.report({ type: 'instance', peer, instance: hello.instance, proof: hello.proof })
    compare.hello(hello.digests)
    outbound.appended([...early.streams], [...early.registers], false)
    early.streams.clear()
    early.registers.clear()
  }

  const accepted = (): void => {
    if (isAccepted || peerHello === undefined) throw new SyncError('unexpected-frame', 'An accept out of order.')
    isAccepted = true
    const { minor, card } = peerHello
    desk.report({ type: 'linked', peer, minor, card, skew })
  }

  const chargeCompare = (): void => {
    const scopes = 1 + compare.scopes().length
    compareBudget.take(now, COMPARE_BURST + 8 * scopes, scopes)
  }

  const receivers: { readonly [T in FrameType]: (frame: Extract<Frame, { type: T }>, length: number) => void } = {
    hello: greeted,
    accept: accepted,
    refuse({ code }) {
      desk.report({ type: 'refused', peer, code })
      close('refused')
    },
    digests(frame) {
      chargeCompare()
      compare.digests(frame)
    },
    buckets(frame) {
      chargeCompare()
      compare.buckets(frame)
    },
    rows: compare.rows,
    sketch(frame) {
      chargeCompare()
      compare.sketch(frame)
    },
    differences: compare.differences,
    introduce(frame) {
      chargeCompare()
      compare.introduce(frame)
    },
    want({ wants }) {
      wantBudget.take(now, WANT_BURST, WANTS_PER_SECOND)
      outbound.want(wants)
    },
    'want-registers'({ addresses }) {
      wantBudget.take(now, WANT_BURST, WANTS_PER_SECOND)
      outbound.wantRegisters(addresses)
    },
    unavailable: inbound.unavailable,
    batch: inbound.batch,
    registers: inbound.registers,
    large: inbound.large,
    chunk: inbound.chunk,
    'large-done': ({ id }) => outbound.largeDone(id),
    push: (frame, length) => inbound.push(frame, named(frame.stream), length),
    have({ lazy, heads }) {
      for (const { stream, seq, id } of heads) {
        const claim = { kind: 'stream', key: named(stream), number: seq, hash: id, order: 4, newest: now } as const
        claims.take(claim, lazy ? 'lazy' : 'push')
      }
    },
    prune: ({ stream }) => tree.pruned(stream),
    graft: ({ stream }) => tree.grafted(stream),
    decline(frame) {
      if (declines.received(frame)) outbound.drop(frame.key)
    },
    credit: ({ amount }) => credit.grant(amount),
    twin({ instance, proof }) {
      chargeCompare()
      desk.report({ type: 'twin', peer, instance, proof })
    },
    heartbeat() {}
  }

  const receive = (bytes: Uint8Array): void => {
    if (openedAt === undefined) throw new SyncError('unexpected-frame', 'A frame before the stream was opened.')
    heardAt = now
    bytesIn += bytes.length
    const frame = decodeFrame(bytes)
    if (frame.type !== 'refuse' && (frame.type === 'hello') !== (peerHello === undefined)) {
      throw new SyncError('unexpected-frame', 'Exactly one hello, and that first.', { type: frame.type })
    }
    if (frame.type !== 'heartbeat') progressAt = now
    const take: (frame: never, length: number) => void = receivers[frame.type]
    take(frame as never, bytes.length)
  }

  const tick = (): void => {
    if (openedAt === undefined) return
    const owes = (missing.wanted() > 0 || comparing()) && inbound.pending() === 0
    if (peerHello === undefined && now - openedAt >= HELLO_TIMEOUT_MS) end('hello-timeout')
    else if (now - heardAt >= SILENT_MS) end('silent')
    else if (owes && now - progressAt >= STALLED_MS) end('stalled')
    if (closeCode !== undefined) return
    outbound.tell()
    if (now - sentAt >= HEARTBEAT_MS) desk.send({ type: 'heartbeat' })
    for (const { kind, key, target } of declines.due()) {
      if (kind === 'register') missing.addRegister(key, 2, target, '')
      else missing.addStream({ stream: key as StreamId, target, order: orderOf(key as StreamId), newest: now })
    }
  }

  /** Retractions first also at a second try: what they name may have lost its body meanwhile. */
  const orderOf = (stream: StreamId): number => (descriptors.of(stream)?.descriptor.kind === 'retraction' ? 3 : 4)

  const grown = (streams: readonly StreamId[], registers: readonly string[], from?: InstitutionId): void => {
    if (peerHello !== undefined) outbound.appended(streams, registers, from === peer)
    else {
      for (const stream of streams) early.streams.add(stream)
      for (const address of registers) early.registers.add(address)
    }
  }

  const admitted = (token: number, outcome: Outcome): void => {
    progressAt = now
    const code = inbound.admitted(token, outcome)
    if (code !== undefined) end(code)
  }

  const dispatch = (event: SyncEvent): void => {
    switch (event.type) {
      case 'opened':
        if (openedAt === undefined) greet()
        break
      case 'received':
        receive(event.frame)
        break
      case 'appended':
        grown(event.streams, event.registers, event.from)
        break
      case 'admitted':
        admitted(event.token, event.outcome)
        break
      case 'roster-changed':
        compare.request(true)
        break
      case 'twin':
        if (peerHello !== undefined) desk.send({ type: 'twin', instance: event.instance, proof: event.proof })
        break
      case 'tick':
        tick()
        break
      case 'closed':
        closeCode = 'closed'
        seat.leave()
    }
  }

  const turn = (): void => {
    if (missing.overflowed()) compare.request(false)
    missing.ask(!comparing(), inbound.pendingRegisters())
    outbound.turn()
    compare.turn(missing.waiting() + missing.wanted() + inbound.pending() === 0)
  }

  const phase = (): SessionState['phase'] => {
    if (closeCode !== undefined) return 'closed'
    if (openedAt === undefined) return 'new'
    return peerHello === undefined || !isAccepted ? 'greeting' : 'linked'
  }

  return {
    peer,
    handle(event) {
      if (closeCode !== undefined) return []
      actions = []
      events++
      clock = event.now
      now = hub.steady(clock)
      try {
        dispatch(event)
        if (closeCode === undefined && peerHello !== undefined) turn()
      } catch (error) {
        fail(error)
      }
      return actions
    },
    state: () => ({
      phase: phase(),
      ...(closeCode === undefined ? {} : { closeCode }),
      scopes: compare.scopes(),
      comparing: compare.open(),
      credit: credit.available(),
      pendingCost: credit.pending(),
      pendingAdmissions: inbound.pending(),
      missing: missing.waiting(),
      wanted: missing.wanted(),
      outgoing: outbound.waiting(),
      declinedByUs: declines.byUs(),
      declinedByPeer: declines.byPeer(),
      largeIn: inbound.largeSize(),
      largeOut: outbound.largeSize(),
      lazyTrees: tree.lazy(),
      bytesIn,
      bytesOut
    })
  }
}
