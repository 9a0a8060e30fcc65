import { parseSignedHeader } from '@tocsin/journal'
import type { StreamId } from '@tocsin/model'
import { packEntries, rawSizeOf } from './batch-bytes.ts'
import { compress } from './compression.ts'
import {
  ANNOUNCE_LATER_MS,
  DATA_FRAME_COST,
  FRAMES_PER_TURN,
  HEAD_ID_BYTES,
  LARGE_BODY,
  LIVE_BODY,
  LIVE_RUN,
  MAX_BATCH_ENTRIES,
  MAX_HEADS_PER_FRAME,
  MAX_REGISTERS_PER_FRAME,
  PUSH_AT_MOST,
  PUSH_FROM_START
} from './constants.ts'
import { type Credit, costOf } from './credit.ts'
import type { Declines } from './declines.ts'
import type { Desk } from './desk.ts'
import { SyncError } from './errors.ts'
import { encodeFrame } from './frame-codec.ts'
import type { Frame, Want } from './frames.ts'
import type { Knowledge } from './knowledge.ts'
import { createLargeOut } from './large-out.ts'
import type { Missing } from './missing.ts'
import { createNamesOut } from './names.ts'
import type { WireEntry } from './ports.ts'
import { createShortener, isShort } from './push.ts'
import type { Standing } from './standing.ts'
import type { Tree } from './tree.ts'

/** What goes to the peer: what it asked for, and what is new, under its credit. */
export interface Outbound {
  want(wants: readonly Want[]): void
  wantRegisters(addresses: readonly string[]): void
  appended(streams: readonly StreamId[], registers: readonly string[], fromPeer: boolean): void
  /** The peer has to hear how far we hold this stream: with the next tick, once for all that happened since. */
  owe(stream: StreamId): void
  /** Announcements of what goes over other links, and acknowledgements. */
  tell(): void
  /** The peer declined this stream or register. */
  drop(key: string): void
  largeDone(id: number): void
  /** Sends what credit and the length of one turn allow. */
  turn(): void
  waiting(): number
  largeSize(): number
}

interface Deps {
  readonly desk: Desk
  readonly credit: Credit
  readonly knowledge: Knowledge
  readonly declines: Declines
  readonly standing: Pick<Standing, 'underWay'>
  readonly missing: Pick<Missing, 'claimed'>
  readonly tree: Pick<Tree, 'isEager'>
  readonly batchBytes: number
  /** True while the peer's rows are not known yet. */
  readonly comparing: () => boolean
  /** Where both would announce the same, this side does so first. */
  readonly leads: () => boolean
}

/** A stream on its way: the next seq to send. */
interface Job {
  readonly stream: StreamId
  next: number
  describe: boolean
  /** The next entry is known to be a large one, so it is not read again and again while another one is on its way. */
  isLarge: boolean
}

/** 'sent': a frame went out; 'dropped': the job is gone, look again; 'blocked': it has to wait. */
type Step = 'sent' | 'dropped' | 'blocked'

export function createOutbound(deps: Deps): Outbound {
  const { desk, credit, knowledge, declines, standing, missing, tree, batchBytes } = deps
  const { replica, peer } = desk
  // All three hold only what we hold: bounded by our own store.
  const live = new Map<StreamId, Job>()
  const catchUp = new Map<StreamId, Job>()
  const registers = new Map<string, { readonly wanted: boolean }>()
  // Acknowledged with the next tick, and announced with it where the peer is not known to hold as much by then.
  const owed = new Set<StreamId>()
  const lazy = new Map<StreamId, number>()
  // Streams whose descriptor went out in this session.
  const described = new Set<StreamId>()
  const large = createLargeOut()
  const nameOf = createNamesOut()
  const shorten = createShortener()
  let liveRun = 0
  let chunkTurn = false

  const unavailable = (streams: readonly StreamId[], addresses: readonly string[]): void => {
    if (streams.length + addresses.length > 0) desk.send({ type: 'unavailable', streams, registers: addresses })
  }

  const announce = (streams: readonly StreamId[], isLazy: boolean): void => {
    const heads = streams.flatMap((stream) => {
      const head = replica.head(stream)
      return head === undefined
        ? []
        : [{ stream: nameOf(stream), seq: head.seq, id: head.id.slice(0, 2 * HEAD_ID_BYTES) }]
    })
    if (heads.length > 0) desk.send({ type: 'have', lazy: isLazy, heads })
  }

  const isToTell = (stream: StreamId): boolean => {
    const head = replica.head(stream)
    if (head === undefined || declines.has(stream) || (knowledge.stream(stream) ?? 0) >= head.seq) return false
    if (!replica.maySend(peer, stream).allowed) return false
    // From here on it is the peer's to ask.
    knowledge.raise(stream, head.seq)
    return true
  }

  const sendData = (frame: Frame): Step => {
    const bytes = encodeFrame(frame)
    if (costOf(bytes.length) > credit.available()) return 'blocked'
    credit.spend(costOf(bytes.length))
    desk.sendBytes(bytes)
    return 'sent'
  }

  const sendRegisters = (): Step => {
    const chosen: { address: string; bytes: Uint8Array }[] = []
    const gone: string[] = []
    let size = 0
    for (const [address, { wanted }] of registers) {
      const bytes = replica.register(address)
      if (bytes === undefined || !replica.maySendRegister(peer, address).allowed) {
        registers.delete(address)
        if (wanted) gone.push(address)
        continue
      }
      if (chosen.length > 0 && (size + bytes.length > batchBytes || chosen.length >= MAX_REGISTERS_PER_FRAME)) break
      size += bytes.length
      chosen.push({ address, bytes })
      if (gone.length >= MAX_REGISTERS_PER_FRAME) break
    }
    unavailable([], gone)
    if (chosen.length === 0) return 'dropped'
    const step = sendData({ type: 'registers', registers: chosen })
    if (step !== 'sent') return step
    for (const { address } of chosen) {
      registers.delete(address)
      knowledge.raiseRegister(address, replica.registerHead(address)?.number ?? 0)
    }
    return step
  }

  /** Contiguous entries for one batch: by raw size and count, none with a body of more than `mostBody` but the first. */
  const cut = (entries: readonly WireEntry[], mostBody: number): WireEntry[] => {
    const chosen: WireEntry[] = []
    let raw = 0
    for (const entry of entries) {
      raw += rawSizeOf(entry)
      const fits = raw <= batchBytes && (entry.body?.length ?? 0) <= mostBody && chosen.length < MAX_BATCH_ENTRIES
      if (chosen.length > 0 && !fits) break
      chosen.push(entry)
    }
    return chosen
  }

  const describe = (job: Job): Uint8Array | null => {
    const known = !job.describe && (described.has(job.stream) || (knowledge.stream(job.stream) ?? 0) > 0)
    return known ? null : (replica.descriptor(job.stream) ?? null)
  }

  const afford = (cost: number, isLive: boolean): boolean =>
    // Half of the peer's window is for live entries alone, so that they never wait for a catch-up to be admitted.
    credit.available() - cost >= (isLive ? 0 : credit.peerWindow() / 2)

  const sendBatch = (job: Job, entries: readonly WireEntry[], isLive: boolean): Step => {
    const raw = entries.reduce((sum, entry) => sum + rawSizeOf(entry), 0)
    if (!afford(costOf(raw), isLive)) return 'blocked'
    const { stream, next: first } = job
    const last = first + entries.length - 1
    const descriptor = describe(job)
    const proof = proofOf(stream, first, entries)
    const [entry] = entries
    credit.spend(costOf(raw))
    if (isLive && entry !== undefined && entries.length === 1 && descriptor === null && isShort(entry, first)) {
      desk.send(shorten(nameOf(stream), entry, proof))
    } else {
      const [count, packed] = [entries.length, compress(packEntries(entries))]
      desk.send({ type: 'batch', stream, first, count, rawLength: raw, descriptor, proof, packed })
    }
    moveOn(job, last)
    return 'sent'
  }

  const proofOf = (stream: StreamId, first: number, entries: readonly WireEntry[]): Uint8Array => {
    const end = entries.at(-1)
    if (end === undefined) throw new SyncError('internal', 'A batch without entries.')
    return replica.hopProof(peer, stream, first, first + entries.length - 1, parseSignedHeader(end.header).id)
  }

  const moveOn = (job: Job, last: number): void => {
    job.next = last + 1
    job.describe = false
    described.add(job.stream)
    knowledge.raise(job.stream, last)
  }

  const startLarge = (job: Job, entry: WireEntry, body: Uint8Array): Step => {
    job.isLarge = true
    // The list of a 9 MiB body is 4.6 KB; 16 KiB are room for it, the proof and the descriptor.
    if (large.busy() || !afford(costOf(16 * DATA_FRAME_COST), false)) return 'blocked'
    const proof = proofOf(job.stream, job.next, [entry])
    const frame = large.start(
      { header: entry.header, body },
      { stream: job.stream, descriptor: describe(job), proof },
      job.next
    )
    sendData(frame)
    job.describe = false
    job.isLarge = false
    described.add(job.stream)
    job.next++
    return 'sent'
  }

  const sendChunk = (): Step => {
    const frame = large.next()
    const stream = large.sending()
    if (frame === undefined || stream === undefined || !afford(costOf(2 * LIVE_BODY), false)) return 'blocked'
    // Asked again for every chunk: a roster that changes meanwhile applies at once (DESIGN §8.5).
    if (!replica.maySend(peer, stream).allowed) {
      large.stop()
      catchUp.delete(stream)
      unavailable([stream], [])
      return 'dropped'
    }
    sendData(frame)
    const seq = large.sent()
    if (seq !== undefined) knowledge.raise(stream, seq)
    return 'sent'
  }

  const sendJob = (jobs: Map<StreamId, Job>, job: Job, isLive: boolean): Step => {
    const { stream, next } = job
    const head = replica.head(stream)
    const isThere = head !== undefined && next <= head.seq && replica.maySend(peer, stream).allowed
    const entries = isThere ? cut(replica.read(stream, next, batchBytes), isLive ? LIVE_BODY : LARGE_BODY) : []
    const [first] = entries
    if (first === undefined) {
      jobs.delete(stream)
      const isDone = head !== undefined && next > head.seq
      if (!isLive && !isDone) unavailable([stream], [])
      return 'dropped'
    }
    const body = first.body
    if (isLive && body !== null && body.length > LIVE_BODY) {
      jobs.delete(stream)
      announce([stream], false)
      return 'dropped'
    }
    const step =
      body !== null && body.length > LARGE_BODY ? startLarge(job, first, body) : sendBatch(job, entries, isLive)
    if (step === 'sent' && job.next > (replica.head(stream)?.seq ?? 0)) jobs.delete(stream)
    return step
  }

  const stepLive = (): Step => {
    const [job] = live.values()
    return job === undefined ? 'blocked' : sendJob(live, job, true)
  }

  const stepCatchUp = (): Step => {
    chunkTurn = !chunkTurn
    if (chunkTurn) {
      const sent = sendChunk()
      if (sent !== 'blocked') return sent
    }
    for (const job of catchUp.values()) {
      // Entries behind a large body wait until its chunks are out: the receiver gets each stream in order.
      if (job.stream === large.sending() || (job.isLarge && large.busy())) continue
      const step = sendJob(catchUp, job, false)
      if (step !== 'blocked') return step
      // Not for want of credit, but because one large body is on its way already: the next stream may go.
      if (!job.isLarge) break
    }
    return sendChunk()
  }

  const step = (): Step => {
    if (registers.size > 0) {
      const sent = sendRegisters()
      if (sent !== 'blocked') return sent
    }
    if (liveRun < LIVE_RUN) {
      const sent = stepLive()
      if (sent === 'sent') liveRun++
      if (sent !== 'blocked') return sent
    }
    liveRun = 0
    const sent = stepCatchUp()
    return sent === 'blocked' ? stepLive() : sent
  }

  const pushStream = (stream: StreamId): void => {
    const head = replica.head(stream)
    if (head === undefined || declines.has(stream) || live.has(stream) || catchUp.has(stream)) return
    // What came from this peer itself and is being admitted is not pushed back.
    const held = Math.max(
      knowledge.stream(stream) ?? -1,
      standing.underWay(stream) ?? -1,
      missing.claimed(stream) || -1
    )
    if (held >= head.seq) return
    if (!tree.isEager(stream) && stream !== large.sending()) {
      // Whether it may be told is asked when it is: most of it the peer has by then.
      if (!lazy.has(stream)) lazy.set(stream, desk.now() + (deps.leads() ? 0 : ANNOUNCE_LATER_MS))
      return
    }
    if (!replica.maySend(peer, stream).allowed) return
    if (stream === large.sending()) {
      // Behind its large body, or it would come too early.
      catchUp.set(stream, { stream, next: held + 1, describe: false, isLarge: false })
      return
    }
    const isFar = held < 0 ? deps.comparing() || head.seq > PUSH_FROM_START : head.seq - held > PUSH_AT_MOST
    if (isFar) announce([stream], false)
    else live.set(stream, { stream, next: Math.max(held, 0) + 1, describe: held <= 0, isLarge: false })
  }

  return {
    want(wants) {
      const gone: StreamId[] = []
      for (const { stream, from, describe } of wants) {
        const head = replica.head(stream)
        declines.lift(stream)
        live.delete(stream)
        knowledge.set(stream, from - 1)
        if (head === undefined || from > head.seq || !replica.maySend(peer, stream).allowed) gone.push(stream)
        else catchUp.set(stream, { stream, next: from, describe, isLarge: false })
      }
      unavailable(gone, [])
    },
    wantRegisters(addresses) {
      const gone: string[] = []
      for (const address of addresses) {
        declines.lift(address)
        if (replica.registerHead(address) === undefined) gone.push(address)
        else registers.set(address, { wanted: true })
      }
      unavailable([], gone)
    },
    appended(streams, addresses, fromPeer) {
      for (const address of addresses) {
        const number = replica.registerHead(address)?.number ?? 0
        if (fromPeer) knowledge.raiseRegister(address, number)
        if (number <= (knowledge.register(address) ?? 0) || declines.has(address) || registers.has(address)) continue
        if (replica.maySendRegister(peer, address).allowed) registers.set(address, { wanted: false })
      }
      for (const stream of streams) pushStream(stream)
    },
    owe(stream) {
      owed.add(stream)
    },
    tell() {
      const told: StreamId[] = []
      for (const stream of owed) {
        if (told.length >= MAX_HEADS_PER_FRAME) break
        owed.delete(stream)
        lazy.delete(stream)
        if (replica.maySend(peer, stream).allowed) told.push(stream)
      }
      for (const [stream, at] of lazy) {
        // They stand in the order in which they fall due.
        if (at > desk.now() || told.length >= MAX_HEADS_PER_FRAME) break
        lazy.delete(stream)
        if (isToTell(stream)) told.push(stream)
      }
      announce(told, true)
    },
    drop(key) {
      live.delete(key as StreamId)
      catchUp.delete(key as StreamId)
      registers.delete(key)
    },
    largeDone(id) {
      if (!large.done(id)) throw new SyncError('unexpected-frame', 'A large body that was never started is done.')
    },
    turn() {
      for (let sent = 0; sent < FRAMES_PER_TURN; ) {
        const taken = step()
        if (taken === 'blocked') return
        if (taken === 'sent') sent++
      }
    },
    waiting: () => live.size + catchUp.size + registers.size,
    largeSize: () => large.size()
  }
}
