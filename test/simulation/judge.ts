/**
 * The invariants of DESIGN §9, judged from outside: what nodes hold, say and ask for, against the simulation's own record
 * of what was signed and its own telling of the law. Only the nodes that something happened to are looked at.
 */
import {
  bodyHashOf,
  HEADER_BYTES,
  parseSignedHeader,
  quarterStart,
  type SignedRegister,
  type StreamDescriptor,
  toHex
} from '@tocsin/journal'
import type { CircleId, InstitutionId, StreamId } from '@tocsin/model'
import { type Arrived, createBulletinReader } from '@tocsin/replica'
import { keys, readRow, readU64, type StreamState } from '@tocsin/store'
import type { SyncReport } from '@tocsin/sync'
import { decodeFrame, decompress, type Frame, unpackEntries } from '@tocsin/sync/testing'
import { parseForkProof } from '@tocsin/trust'
import { Broken } from './broken.ts'
import { type Knows, mayGo, membersOf } from './law.ts'
import { createLedger, type Ledger, type Stream } from './ledger.ts'
import { DAY, HOUR, MINUTE } from './parties.ts'
import type { Process, SimNode } from './sim-node.ts'
import type { World } from './world.ts'

export interface Judge {
  readonly ledger: Ledger
  entries(process: Process, rows: readonly Arrived[], from: InstitutionId | undefined): void
  registers(process: Process): void
  alarm(process: Process, code: string): void
  sends(process: Process, to: SimNode, frame: Uint8Array): void
  reports(process: Process, peer: SimNode, report: SyncReport): void
  closes(process: Process, peer: SimNode, code: string): void
  started(process: Process): void
  stops(process: Process): void
  /** @param began this node's time when the tick began */
  ticked(process: Process, began: number): void
  /** A node got the store of another. */
  copied(to: SimNode, from: SimNode): void
  /** What this node holds, to be given back when its disk is set back. */
  memory(node: SimNode): Memory
  setBack(node: SimNode, memory: Memory): void
  /** A root key signed this. */
  signs(signed: SignedRegister): void
  /** This publish was acknowledged. */
  acknowledged(node: SimNode, stream: string, seq: number, entry: string): void
  /** After every step. */
  check(): void
  /** Undefined when all that can agree agrees, else what does not. */
  disagreement(): string | undefined
  /** At rest: nothing that is due stands anywhere. */
  atRest(): Promise<void>
  readonly counts: Map<string, number>
}

/** What the judge saw a node take in: it may not lose any of it. */
export interface Memory {
  readonly heads: ReadonlyMap<string, { readonly seq: number; readonly id: string }>
  readonly registers: ReadonlyMap<string, number>
  readonly retracted: ReadonlyMap<string, number>
}

interface Record_ {
  readonly heads: Map<string, { seq: number; id: string }>
  readonly registers: Map<string, number>
  /** Entries that a retraction held here names, with this node's time of its arrival. */
  readonly retracted: Map<string, number>
  /** The same, with those of retractions that count no more: they excuse a missing body all the same. */
  readonly excused: Set<string>
  knows: Knows | undefined
  /** What `knows` was learnt beside. */
  rosters: readonly unknown[]
  /** Its store was copied or set back, or it is such a copy: it may find itself forked. */
  isTwinned: boolean
  wasSetBack: boolean
}

/** Within so many ms after the greeting the two have compared what they hold. */
const TOLD = 30_000
const EVIDENCE_MOST = 10_000
const ALARMS_MOST = 256

export function createJudge(world: World): Judge {
  const ledger = createLedger()
  const records = new Map<number, Record_>()
  // Hashes of what root keys signed, and per circle who ever had a place in it.
  const genuine = new Set<string>()
  const placed = new Map<CircleId, Set<InstitutionId>>()
  const folds = new Map<string, Set<InstitutionId>>()
  const counts = new Map<string, number>()
  const touched = new Set<Process>()
  let batches = 0
  const dirty = new Set<Process>()

  const count = (what: string): void => {
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  function broken(rule: string, node: SimNode | number, message: string): never {
    throw new Broken(rule, `node ${typeof node === 'number' ? node : node.index}: ${message}`)
  }

  function recordOf(node: SimNode): Record_ {
    const known = records.get(node.index)
    if (known !== undefined) return known
    const made: Record_ = {
      heads: new Map(),
      registers: new Map(),
      retracted: new Map(),
      excused: new Set(),
      knows: undefined,
      rosters: [],
      isTwinned: node.twinOf !== undefined,
      wasSetBack: false
    }
    records.set(node.index, made)
    return made
  }

  // ---- what a node knows of the circles, by the statements that it holds

  function knowsOf(process: Process): Knows {
    const record = recordOf(process.node)
    const { book } = process.replica
    // A roster changes with the registers on the disk, some turns before anybody is told.
    const rosters = book.circles().map((circle) => book.roster(circle))
    const isOld = rosters.length !== record.rosters.length || rosters.some((one, at) => one !== record.rosters[at])
    if (record.knows === undefined || isOld) {
      record.knows = learn(process)
      record.rosters = rosters
    }
    return record.knows
  }

  function learn({ replica, node }: Process): Knows {
    const circles = new Map<CircleId, ReadonlySet<InstitutionId>>()
    const statements = new Map<
      CircleId,
      { hash: string; signed: ReturnType<typeof replica.book.all> extends Iterable<infer S> ? S : never }[]
    >()
    for (const [, signed] of replica.book.rows()) {
      const { circle, kind } = signed.register
      if (circle === undefined || kind === 'charter') continue
      const list = statements.get(circle) ?? []
      statements.set(circle, list)
      list.push({ hash: signed.hash, signed })
    }
    for (const circle of replica.book.circles()) {
      const charter = replica.book.charter(circle)
      const roster = replica.book.roster(circle)
      if (charter === undefined) continue
      const held = statements.get(circle) ?? []
      const day = roster?.day ?? 0
      const key = `${circle} ${day} ${held
        .map(({ hash }) => hash)
        .sort()
        .join(' ')}`
      let members = folds.get(key)
      if (members === undefined) {
        members = membersOf({
          circle,
          name: charter.name,
          founders: charter.founders,
          threshold: charter.threshold,
          statements: held.map(({ signed }) => signed),
          day
        })
        if (folds.size > 5000) folds.clear()
        folds.set(key, members)
      }
      circles.set(circle, members)
      // 7: the same statements, the same roster.
      const theirs = roster === undefined ? [] : [...roster.members.keys()]
      if (theirs.length !== members.size || theirs.some((id) => !members.has(id)))
        broken('7-roster', node, `${theirs.length} members of ${circle.slice(0, 8)} where the law says ${members.size}`)
    }
    return { circles, isNear: (id) => id === node.party.id || replica.isPeer(id) }
  }

  // ---- what comes in

  function entries(process: Process, rows: readonly Arrived[], from: InstitutionId | undefined): void {
    const { node, replica, store } = process
    const record = recordOf(node)
    touched.add(process)
    for (const { row } of rows) {
      if (from === undefined) sign(process, row.stream, row.seq)
      const signed = ledger.entries.get(row.entry)
      if (signed === undefined || signed.stream !== row.stream || signed.seq !== row.seq || signed.kind !== row.kind) {
        if (!node.isHostile)
          broken('5-genuine', node, `${row.kind} ${row.entry} at ${row.stream} ${row.seq} was never signed`)
        continue
      }
      const stream = ledger.stream(row.stream) as Stream
      // What was dropped as past its time may come once more from a peer whose clock is behind.
      if (row.seq === 1 && isGone(process, row.stream)) record.heads.delete(row.stream)
      const head = record.heads.get(row.stream)
      if (node.isHostile) {
        record.heads.set(row.stream, { seq: row.seq, id: row.entry })
        continue
      }
      const header = store.get(keys.header(row.stream, row.seq))
      if (header === undefined || toHex(header.subarray(HEADER_BYTES)) !== signed.signature)
        broken('5-signature', node, `${row.entry} is held with another signature than its author made`)
      if (from !== undefined && stream.descriptor.author === node.party.id)
        broken('6-adopts', node, `took ${row.entry} under its own key from ${numberOf(from)}`)
      const frozenAt = replica.streams.get(row.stream as StreamId)?.state.forkedAt
      if (frozenAt !== undefined && row.seq >= frozenAt)
        broken('6-chooses', node, `took ${row.entry} at ${row.seq} of ${row.stream}, forked at ${frozenAt}`)
      if ((head?.seq ?? 0) + 1 !== row.seq || (head?.id ?? null) !== signed.previous)
        broken('5-chain', node, `${row.entry} at ${row.seq} does not follow ${head?.seq ?? 0} of ${row.stream}`)
      record.heads.set(row.stream, { seq: row.seq, id: row.entry })
      const clock = replica.world.now()
      if (signed.clock > clock + 10 * MINUTE)
        broken('5-clock', node, `${row.entry} is ${signed.clock - clock} ms ahead`)
      if (from !== undefined && !mayGo(stream.descriptor, from, node.party.id, knowsOf(process)))
        broken(
          '1-holds',
          node,
          `${stream.descriptor.tlp} of ${numberOf(stream.descriptor.author)} came from ${numberOf(from)}`
        )
      const body = store.get(keys.body(row.stream, row.seq))
      const isRetracted = record.retracted.has(row.entry)
      if (body !== undefined && bodyHashOf(body) !== signed.bodyHash)
        broken('5-body', node, `another body under ${row.entry}`)
      if (
        body === undefined &&
        !record.excused.has(row.entry) &&
        !mayBeNamedBehindSplit(replica, stream.descriptor, signed.clock) &&
        signed.keepUntil > clock
      )
        broken('5-body-missing', node, `${row.entry} has no body, and neither a retraction nor the time excuses it`)
      if (signed.kind === 'retraction') retracts(process, signed.targets, stream, row.seq)
      if (signed.kind === 'bulletin' && isRetracted) outOfUse(process, row.entry)
      count(from === undefined ? 'signed' : 'admitted')
    }
  }

  function sign(process: Process, id: string, seq: number): void {
    // 3: nobody is told of what is not written.
    if (process.store.get(keys.header(id, seq)) === undefined || process.store.get(keys.descriptor(id)) === undefined)
      broken('3-told-early', process.node, `${id} ${seq} was told before it was written`)
    const { conflict } = ledger.sign(process, id, seq)
    if (conflict === undefined) return
    count('forks')
    const { node } = process
    const record = recordOf(node)
    // DESIGN §4: whoever lives in one copy only never forks himself.
    if (node.isHostile || record.isTwinned) return
    if (!record.wasSetBack || isToldOf(process, id, seq)) broken('6-forks-itself', node, conflict)
  }

  /** A peer that holds the other entry has been linked for a while: it said so before this one was signed. */
  function isToldOf(process: Process, id: string, seq: number): boolean {
    return [...process.ends.values()].some(({ linkedAt, other }) => {
      const peer = world.nodes[other]
      if (peer === undefined || peer.isHostile || linkedAt === undefined) return false
      return world.now() - linkedAt > TOLD && (recordOf(peer).heads.get(id)?.seq ?? 0) >= seq
    })
  }

  /** Only the author, in the retraction stream of the same audience, takes something out of use. */
  function retracts(process: Process, targets: readonly string[], stream: Stream, seq: number): void {
    const { node, replica } = process
    const record = recordOf(node)
    for (const target of targets) {
      const of = ledger.entries.get(target)
      const about = of === undefined ? undefined : ledger.stream(of.stream)?.descriptor
      if (about === undefined || about.author !== stream.descriptor.author) continue
      const { tlp, circle, recipient } = stream.descriptor
      if (about.tlp !== tlp || about.circle !== circle || about.recipient !== recipient) continue
      record.excused.add(target)
      if (stream.forkedAt !== undefined && seq >= stream.forkedAt) continue
      if (!record.retracted.has(target)) record.retracted.set(target, replica.world.now())
      outOfUse(process, target)
    }
  }

  /** 4: at once. */
  function outOfUse(process: Process, entry: string): void {
    const { store, replica, node } = process
    const place = store.get(keys.entry(entry))
    if (place === undefined) return
    const reader = createBulletinReader({
      store,
      streams: replica.streams,
      book: replica.book,
      self: node.party.id,
      now: replica.world.now
    })
    const held = reader.at(readU64(place, 40))
    if (held?.state === 'live') broken('4-in-use', node, `${entry} is live although a retraction of it is held`)
  }

  // ---- what goes out

  function sends(process: Process, to: SimNode, bytes: Uint8Array): void {
    const { node } = process
    if (node.isHostile) return
    const frame: Frame = decodeFrame(bytes)
    count(`frame ${frame.type}`)
    switch (frame.type) {
      case 'batch': {
        offers(process, to, frame.stream, 'sends')
        // Opening each of them once more would cost a tenth of the run.
        batches += 1
        if (batches % 4 !== 0) return
        const raw = unpackEntries(decompress(frame.packed, frame.rawLength), frame.stream, frame.first, frame.count)
        for (const { header, body } of raw) checkOffered(process, header, body)
        return
      }
      case 'large':
        offers(process, to, frame.stream, 'sends')
        return
      case 'have':
        speaks(process, to, frame.stream)
        return
      case 'rows':
        for (const { kind, key } of frame.rows) if (kind === 'stream') speaks(process, to, key)
        return
      case 'want':
        for (const { stream } of frame.wants) asks(process, to, stream)
        return
      case 'registers':
        for (const { address } of frame.registers) registerGoes(process, to, address)
        return
      default:
    }
  }

  function offers(process: Process, to: SimNode, id: string, how: string): void {
    const stream = ledger.stream(id)
    if (stream === undefined) broken('1-offers', process.node, `${how} an unknown stream ${id}`)
    if (!mayGo(stream.descriptor, process.node.party.id, to.party.id, knowsOf(process)))
      broken(
        '1-offers',
        process.node,
        `${how} ${stream.descriptor.tlp} of ${numberOf(stream.descriptor.author)} to ${to.index}`
      )
  }

  /** Its being there may be told to whom it may go, or to whom has it. */
  function speaks(process: Process, to: SimNode, id: string): void {
    const stream = ledger.stream(id)
    if (stream === undefined) broken('1-offers', process.node, `speaks of an unknown stream ${id}`)
    const [self, peer] = [process.node.party.id, to.party.id]
    const knows = knowsOf(process)
    if (mayGo(stream.descriptor, self, peer, knows)) return
    // Anybody may bring a stream back to its author: that makes nobody a holder of it.
    if (stream.descriptor.author !== self && mayGo(stream.descriptor, peer, self, knows)) return
    if (recordOf(to).heads.has(id)) return
    broken(
      '1-offers',
      process.node,
      `speaks of ${stream.descriptor.tlp} of ${numberOf(stream.descriptor.author)} to ${to.index}`
    )
  }

  function asks(process: Process, of: SimNode, id: string): void {
    const stream = ledger.stream(id)
    // Of what it does not hold, a node cannot know the audience: the descriptor will tell.
    if (stream === undefined || process.replica.streams.get(id as StreamId) === undefined) return
    if (!mayGo(stream.descriptor, of.party.id, process.node.party.id, knowsOf(process)))
      broken(
        '1-requests',
        process.node,
        `asks ${of.index} for ${stream.descriptor.tlp} of ${numberOf(stream.descriptor.author)}`
      )
  }

  /** 4: a body past its time is not offered. */
  function checkOffered(process: Process, header: Uint8Array, body: Uint8Array | null): void {
    if (body === null) return
    const { id, header: fields } = parseSignedHeader(header)
    const now = process.replica.world.now()
    const retractedAt = recordOf(process.node).retracted.get(id)
    if (fields.keepUntil <= now)
      broken('4-offers-overdue', process.node, `${id} was due ${now - fields.keepUntil} ms ago`)
    if (retractedAt !== undefined && retractedAt + DAY + MINUTE <= now)
      broken('4-offers-retracted', process.node, `${id} was retracted ${now - retractedAt} ms ago`)
  }

  function signs({ register, hash }: SignedRegister): void {
    genuine.add(hash)
    const { circle } = register
    if (circle === undefined) return
    const all = placed.get(circle) ?? new Set()
    placed.set(circle, all)
    if (register.kind === 'charter') for (const id of register.value.founders) all.add(id)
    if (register.subject !== undefined && register.kind === 'vouch') all.add(register.subject)
  }

  /** A coarse bound: of a circle's statements and cards nobody hears who never had a place in it. */
  function registerGoes(process: Process, to: SimNode, address: string): void {
    const { replica, node } = process
    const signed = replica.book.at(address)
    if (signed === undefined) {
      const bytes = replica.sync.register(address)
      if (bytes === undefined) broken('1-offers', node, `sends an unknown register ${address}`)
      proofGoes(process, to, bytes)
      return
    }
    const { kind, author, circle } = signed.register
    const [self, peer] = [node.party.id, to.party.id]
    if (author === self || author === peer) return
    const isTold = (id: CircleId): boolean => placed.get(id)?.has(peer) === true
    const may =
      kind === 'card'
        ? [...placed].some(([id, all]) => isTold(id) && all.has(author))
        : circle !== undefined && isTold(circle)
    if (!may) broken('1-offers', node, `tells ${to.index} of a ${kind} of ${numberOf(author)}`)
  }

  /** The proof of a fork goes where the forked stream may be: between members of its circle also where it is STRICT. */
  function proofGoes(process: Process, to: SimNode, bytes: Uint8Array): void {
    const { descriptor } = parseForkProof(bytes)
    const { author, tlp, circle } = descriptor
    const [self, peer] = [process.node.party.id, to.party.id]
    const knows = knowsOf(process)
    const members = circle === undefined ? undefined : knows.circles.get(circle)
    const isAmber = tlp === 'AMBER' || tlp === 'AMBER+STRICT'
    const may = isAmber
      ? peer === author || ((self === author || members?.has(self) === true) && members?.has(peer) === true)
      : mayGo(descriptor, self, peer, knows)
    if (!may) broken('1-offers', process.node, `tells ${to.index} of a fork of ${tlp} of ${numberOf(author)}`)
  }

  // ---- what ends

  function reports(process: Process, peer: SimNode, report: SyncReport): void {
    count(`report ${report.type}`)
    touched.add(process)
    if (process.node.isHostile || peer.isHostile) return
    // Honest software is never blamed, whatever others made of it.
    if (report.type === 'violation' || report.type === 'rejected')
      broken(
        'blame',
        process.node,
        `${report.type} ${report.code} of ${peer.index} ${'detail' in report ? report.detail : ''}`
      )
  }

  function closes(_process: Process, _peer: SimNode, code: string): void {
    count(`close ${code}`)
  }

  function alarm(process: Process, code: string): void {
    count(`alarm ${code}`)
    touched.add(process)
  }

  function registers(process: Process): void {
    recordOf(process.node).knows = undefined
    touched.add(process)
    dirty.add(process)
  }

  // ---- lives and deaths

  function started(process: Process): void {
    const { node, store, replica } = process
    const record = recordOf(node)
    record.knows = undefined
    touched.add(process)
    dirty.add(process)
    // 3: whatever it told anybody that it holds is there.
    for (const [id, head] of record.heads) {
      const held = replica.streams.get(id as StreamId)
      const header = store.get(keys.header(id, head.seq))
      if (held === undefined && isGone(process, id)) record.heads.delete(id)
      else if (
        held === undefined ||
        held.state.seq < head.seq ||
        header === undefined ||
        parseSignedHeader(header).id !== head.id
      )
        broken('3-durable', node, `${id} was held up to ${head.seq}, now ${held?.state.seq ?? 'not at all'}`)
    }
    for (const [address, number] of record.registers) {
      const held = replica.book.get(address)?.register.number
      if (held === undefined || held < number) broken('3-durable', node, `a register fell from ${number} to ${held}`)
    }
    // What reached the disk and was not told any more.
    for (const { id, state } of replica.streams.all()) {
      const before = record.heads.get(id)?.seq ?? 0
      for (let seq = before + 1; seq <= state.seq; seq++) took(process, id, seq)
    }
  }

  function took(process: Process, id: string, seq: number): void {
    const { node, store, replica } = process
    const header = store.get(keys.header(id, seq))
    if (header === undefined) broken('3-half-written', node, `${id} has no entry ${seq} below its head`)
    const entry = parseSignedHeader(header).id
    const isOwn = replica.streams.get(id as StreamId)?.descriptor.author === node.party.id
    if (isOwn) sign(process, id, seq)
    const signed = ledger.entries.get(entry)
    if (signed === undefined) {
      if (!node.isHostile) broken('5-genuine', node, `${entry} was never signed`)
      return
    }
    const record = recordOf(node)
    record.heads.set(id, { seq, id: entry })
    const stream = ledger.stream(id)
    if (signed.kind === 'retraction' && stream !== undefined && !node.isHostile)
      retracts(process, signed.targets, stream, seq)
  }

  /** A stream of which all that was held here is past its time goes whole. */
  function isGone({ node, replica }: Pick<Process, 'node' | 'replica'>, id: string): boolean {
    const stream = ledger.stream(id)
    if (stream === undefined) return true
    const now = replica.world.now()
    const upTo = recordOf(node).heads.get(id)?.seq ?? 0
    let last = 0
    // Of two entries for one place either may be the one that was held.
    for (const [seq, all] of stream.at)
      if (seq <= upTo) last = Math.max(last, Math.min(...all.map(({ keepUntil }) => keepUntil)))
    return last <= now + HOUR
  }

  function stops(process: Process): void {
    touched.delete(process)
    dirty.delete(process)
  }

  function ticked(process: Process, began: number): void {
    if (!process.isAlive) return
    touched.add(process)
    // 7: a roster is of a day.
    const { replica, node } = process
    const today = Math.floor(began / DAY)
    for (const circle of node.isHostile ? [] : replica.book.circles()) {
      const day = replica.book.roster(circle)?.day
      if (day === undefined || day < today)
        broken('7-day', node, `the roster of ${circle.slice(0, 8)} is of day ${day}, today is ${today}`)
    }
  }

  // ---- after every step

  function check(): void {
    for (const process of dirty) checkRegisters(process)
    dirty.clear()
    for (const process of touched) if (process.isAlive) checkBounds(process)
    touched.clear()
  }

  function checkRegisters(process: Process): void {
    if (!process.isAlive || process.node.isHostile) return
    const { node, replica } = process
    const record = recordOf(node)
    knowsOf(process)
    for (const signed of replica.book.all()) {
      const { address, register } = signed
      if (!genuine.has(signed.hash))
        broken('5-genuine', node, `a ${register.kind} of ${numberOf(register.author)} was never signed`)
      const before = record.registers.get(address)
      if (before !== undefined && before > register.number)
        broken('5-register-falls', node, `${register.kind} fell from ${before} to ${register.number}`)
      record.registers.set(address, register.number)
    }
  }

  /** 8 */
  function checkBounds(process: Process): void {
    const { node, replica } = process
    if (node.isHostile) return
    for (const end of process.ends.values()) {
      const state = end.session.state()
      const over =
        state.pendingCost > 4 * 2 ** 20 ||
        state.wanted > 512 ||
        state.missing > 32_768 ||
        state.declinedByUs > 4096 ||
        state.declinedByPeer > replica.streams.size * 2 + 4096 ||
        state.largeIn > 10 * 2 ** 20 ||
        state.largeOut > 10 * 2 ** 20
      if (over) broken('8-memory', node, `for ${end.other}: ${JSON.stringify(state)}`)
    }
    if (replica.shelf.count > EVIDENCE_MOST || replica.alarms().length > ALARMS_MOST)
      broken('8-memory', node, `${replica.shelf.count} evidences, ${replica.alarms().length} alarms`)
  }

  // ---- at rest

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
      const seq = held?.state.seq ?? 0
      if (isEarly(truth?.at.get(seq + 1), to)) continue
      if (seq < state.seq)
        return `${to.node.index} lacks ${descriptor.tlp} ${descriptor.kind} ${id} of ${numberOf(descriptor.author)} beyond ${seq} of ${state.seq} that ${from.node.index} holds`
      if (seq === state.seq && held?.state.head !== state.head)
        return `${to.node.index} and ${from.node.index} hold other heads of ${id}`
    }
    return lacksRegister(from, to, mine, theirs)
  }

  /** An author's clock was ahead: what he signed then is taken when its time has come, and not within a rest. */
  function isEarly(next: readonly { readonly clock: number }[] | undefined, { replica }: Process): boolean {
    return next?.some(({ clock }) => clock > replica.world.now() + 7 * MINUTE) === true
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

  function lacksRegister(from: Process, to: Process, mine: Knows, theirs: Knows): string | undefined {
    const [self, peer] = [from.node.party.id, to.node.party.id]
    for (const { address, register, hash } of from.replica.book.all()) {
      const isBoth = (circle: CircleId, id: InstitutionId): boolean =>
        mine.circles.get(circle)?.has(id) === true && theirs.circles.get(circle)?.has(id) === true
      const inCircle = (circle: CircleId): boolean =>
        isBoth(circle, self) && isBoth(circle, peer) && isBoth(circle, register.author)
      const concerns =
        register.kind === 'card'
          ? register.author === self || [...mine.circles.keys()].some(inCircle)
          : register.circle !== undefined && inCircle(register.circle)
      if (!concerns) continue
      const held = to.replica.book.get(address)
      if (held === undefined || held.register.number < register.number)
        return `${to.node.index} lacks ${register.kind} ${register.number} of ${numberOf(register.author)} that ${from.node.index} holds`
      if (held.register.number === register.number && held.hash !== hash)
        return `${to.node.index} and ${from.node.index} hold other ${register.kind}s of ${numberOf(register.author)}`
    }
    return undefined
  }

  async function atRest(): Promise<void> {
    for (const node of world.nodes) {
      const { process } = node
      if (process === undefined || node.isHostile) continue
      checkErased(process)
      checkHeads(process)
    }
  }

  /** 4: in its time. */
  function checkErased(process: Process): void {
    const { node, store, replica } = process
    const now = replica.world.now()
    const record = recordOf(node)
    for (const { id, state } of replica.streams.all()) {
      const stream = ledger.stream(id)
      if (stream === undefined) continue
      for (let seq = 1; seq <= state.seq; seq++) {
        const all = stream.at.get(seq) ?? []
        const [signed] = all
        if (signed === undefined || all.length > 1) continue
        if (store.get(keys.body(id, seq)) === undefined) continue
        if (signed.keepUntil + MINUTE < now)
          broken('4-overdue', node, `the body of ${signed.id} is ${now - signed.keepUntil} ms overdue`)
        const at = record.retracted.get(signed.id)
        if (at !== undefined && at + DAY + MINUTE < now && stream.forkedAt === undefined)
          broken('4-retracted', node, `the body of ${signed.id} was to be erased ${now - at - DAY} ms ago`)
      }
    }
  }

  /** Nothing changed but by what was seen to come in. */
  function checkHeads({ node, store, replica }: Process): void {
    const record = recordOf(node)
    for (const [id, head] of record.heads) {
      const held = replica.streams.get(id as StreamId)
      const row = store.get(keys.stream(id))
      const state = row === undefined ? undefined : readRow<StreamState>(row)
      if (held === undefined && state === undefined) {
        if (isGone({ node, replica }, id)) record.heads.delete(id)
        else broken('3-durable', node, `${id} is gone`)
      } else if (held?.state.seq !== head.seq || state?.seq !== head.seq || state.head !== head.id)
        broken('3-durable', node, `${id} stands at ${held?.state.seq}, ${state?.seq} on disk, ${head.seq} was seen`)
    }
  }

  function numberOf(id: InstitutionId): number | string {
    return world.nodes.find(({ party }) => party.id === id)?.index ?? id
  }

  return {
    ledger,
    counts,
    signs,
    entries,
    registers,
    alarm,
    sends,
    reports,
    closes,
    started,
    stops,
    ticked,
    copied: (to, from) => {
      const [fresh, old] = [recordOf(to), recordOf(from)]
      for (const [id, head] of old.heads) fresh.heads.set(id, head)
      for (const [address, number] of old.registers) fresh.registers.set(address, number)
      for (const [entry, at] of old.retracted) fresh.retracted.set(entry, at)
      for (const entry of old.excused) fresh.excused.add(entry)
      fresh.isTwinned = true
      old.isTwinned = true
    },
    memory: (node) => {
      const { heads, registers: numbers, retracted } = recordOf(node)
      return { heads: new Map(heads), registers: new Map(numbers), retracted: new Map(retracted) }
    },
    setBack: (node, memory) => {
      const record = recordOf(node)
      record.heads.clear()
      record.registers.clear()
      record.retracted.clear()
      record.excused.clear()
      for (const [id, head] of memory.heads) record.heads.set(id, head)
      for (const [address, number] of memory.registers) record.registers.set(address, number)
      for (const [entry, at] of memory.retracted) record.retracted.set(entry, at)
      for (const entry of memory.retracted.keys()) record.excused.add(entry)
      record.wasSetBack = true
    },
    acknowledged: (node, stream, seq, entry) => {
      count('acknowledged')
      const head = recordOf(node).heads.get(stream)
      const truth = ledger
        .stream(stream)
        ?.at.get(seq)
        ?.some(({ id }) => id === entry)
      if (head === undefined || head.seq < seq || truth !== true)
        broken('3-acknowledged', node, `${entry} at ${stream} ${seq} was acknowledged before it was there`)
    },
    check,
    disagreement,
    atRest
  }
}

/** A retraction behind the split of its stream is shown to nobody any more; whoever erased for it did no wrong. */
function mayBeNamedBehindSplit({ forks }: Process['replica'], of: StreamDescriptor, clock: number): boolean {
  return [...forks.all()].some(({ sides }) =>
    sides.some(
      ({ descriptor: { author, kind, tlp, circle, recipient, quarter } }) =>
        kind === 'retraction' &&
        author === of.author &&
        tlp === of.tlp &&
        circle === of.circle &&
        recipient === of.recipient &&
        clock < quarterStart(quarter + 1)
    )
  )
}
