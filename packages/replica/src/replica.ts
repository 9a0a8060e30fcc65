/** One institution: journal, trust and store behind one set of verbs; no network, no clock of its own. */
import { closedStream, openRegister, type SignedRegister } from '@tocsin/journal'
import type { EntryId, InstitutionId, NodeKey, StreamId } from '@tocsin/model'
import { arrivalOf, keys, ranges, type Store, StoreError } from '@tocsin/store'
import { dayOf } from '@tocsin/trust'
import { type Admit, createAdmit } from './admit.ts'
import { createAdmitFork, isForkProof } from './admit-fork.ts'
import { type AdmitRegister, createAdmitRegister } from './admit-register.ts'
import { isPast } from './author-door.ts'
import { type Book, createBook, linkKeys } from './book.ts'
import { type Closings, createClosings } from './closings.ts'
import { MINUTE } from './constants.ts'
import { sweepCounts } from './counts.ts'
import { ReplicaError } from './errors.ts'
import { createEvidenceShelf, type EvidenceShelf } from './evidence.ts'
import { type Foreign, loadForeign } from './foreign.ts'
import { type ForkBook, loadForks } from './fork-book.ts'
import { createForks } from './forks.ts'
import { createHopWindow, type HopWindow } from './hop-window.ts'
import { openInstance, sealInstance } from './instance.ts'
import { createNewcomers } from './newcomers.ts'
import { createOwnStreams } from './own-streams.ts'
import { loadPeers, type PeerRecord } from './peers.ts'
import { createPresences, type Presences } from './presences.ts'
import { createPublisher, type Publisher } from './publish.ts'
import { loadQuotas, type QuotaLimits } from './quotas.ts'
import type { EntryReader } from './reading.ts'
import { createReceipts, type Receipts, sweepHeld } from './receipts.ts'
import { soonest } from './refusal.ts'
import { createRefused } from './refused.ts'
import { createSigning } from './signing.ts'
import { loadStreams, type Streams } from './streams.ts'
import { loadStruck } from './struck.ts'
import { type Swept, sweep } from './sweep.ts'
import { createSyncPort, type SyncPort } from './sync-port.ts'
import type { Alarm, Identity, Outcome, ReplicaEvent, World } from './types.ts'

export interface ReplicaOptions {
  readonly identity: Identity
  readonly world: World
  readonly store: Store
  /** Reads large bodies beside the event loop; without one they are read in it, step by step the same in every run. */
  readonly reader?: EntryReader
  /** ms; see HEAD_PATIENCE. */
  readonly headPatience?: number
  readonly quotas?: Partial<QuotaLimits>
}

export interface Replica {
  readonly identity: Identity
  readonly world: World
  readonly store: Store
  readonly book: Book
  readonly streams: Streams
  readonly shelf: EvidenceShelf
  readonly forks: Pick<ForkBook, 'all' | 'get'>
  /** Streams under our own name with entries that this store did not write. */
  readonly foreign: Pick<Foreign, 'all' | 'get'>
  /** The operator says that such a stream is ours: what peers hold of it is taken back. @throws ReplicaError not-found */
  claim(stream: StreamId): Promise<void>
  /** How fresh each circle's roster is (DESIGN §7). */
  readonly presences: Pick<Presences, 'freshness'>
  /** Who handed what to this institution, by their own signatures. */
  readonly hops: Pick<HopWindow, 'of'>
  /** Who holds what, by their receipts. */
  readonly receipts: Pick<Receipts, 'holders'>
  readonly sync: SyncPort
  readonly publish: Publisher
  readonly admit: Admit['batch']
  /** To be called with a batch that is going to be admitted, where there is a reader. */
  readonly foresee: Admit['foresee']
  /** From a peer, or undefined for what our own root key signed. */
  readonly admitRegisters: AdmitRegister['all']
  /** The allow-list, with every node key by which each peer may link (present and next). */
  peers(): readonly (PeerRecord & { readonly nodeKeys: readonly NodeKey[]; readonly addresses: readonly string[] })[]
  isPeer(id: InstitutionId): boolean
  /** What a session lets this peer send ahead of admission, bytes: by the charters in common, less for a newcomer. */
  pendingBytes(id: InstitutionId): number
  /** Puts the institution of this card on the allow-list. @throws JournalError for a bad card, ReplicaError for our own */
  addPeer(card: Uint8Array): Promise<InstitutionId>
  removePeer(id: InstitutionId): Promise<void>
  linked(peer: InstitutionId, skew: number): void
  unlinked(peer: InstitutionId): void
  confirmed(peer: InstitutionId, stream: StreamId, seq: number, id: EntryId): void
  /** A peer shows another process that speaks with our key. */
  twin(instance: string, proof: Uint8Array): void
  /** Undefined when this node signs, else why not. */
  notSigning(): string | undefined
  alarms(): readonly Alarm[]
  watch(listener: (event: ReplicaEvent) => void): () => void
  /** To be called about once a second: the day's roster, waiting publishes, erasure in its time. */
  tick(): Promise<Swept | undefined>
  /** Writes what is only in memory yet: to be called before the store is closed. */
  flush(): Promise<void>
}

/** Quotas are written so often while anything comes in; a crash forgets no more of them than that. */
const FLUSH_MS = 5000

export async function createReplica(options: ReplicaOptions): Promise<Replica> {
  const { identity, world, store } = options
  const listeners = new Set<(event: ReplicaEvent) => void>()
  const alarms: Alarm[] = []
  const startedAt = world.now()
  const peers = await loadPeers(store)
  const known = (): InstitutionId[] => [identity.institution, ...peers.list().map(({ institution }) => institution)]
  const book = await createBook(store, startedAt, known)
  const streams = await loadStreams(store)
  const shelf = await createEvidenceShelf(store)
  const forkBook = await loadForks(store, startedAt)
  const hops = createHopWindow(store)
  const foreignBook = await loadForeign(store)
  const newcomers = createNewcomers({ world, book, peers, self: identity.institution })
  const quotas = await loadQuotas({
    world,
    store,
    charter: book.charter,
    partOf: newcomers.partOf,
    ...(options.quotas === undefined ? {} : { limits: options.quotas })
  })
  let arrival = await lastArrival(store)
  let flushedAt = startedAt
  let day = dayOf(startedAt)
  let choresOf = -1
  let sweeping: Promise<Swept> | undefined
  let sweptAt = 0
  let mergeAgainAt = 0
  const struck = await loadStruck(store, book, peers)

  function emit(event: ReplicaEvent): void {
    for (const listener of listeners) {
      try {
        listener(event)
      } catch {
        // What is told is durable already; a listener's bug is neither the teller's nor the other listeners'.
        if (event.type !== 'alarm') alarm({ code: 'listener-failed', message: `a listener failed at ${event.type}` })
      }
    }
  }

  function alarm(raised: Omit<Alarm, 'at'>): void {
    // A peer can repeat what raised it as often as it likes.
    if (alarms.some(({ code, message }) => code === raised.code && message === raised.message)) return
    const full = { ...raised, at: world.now() }
    alarms.push(full)
    if (alarms.length > 256) alarms.shift()
    emit({ type: 'alarm', alarm: full })
  }

  const own = createOwnStreams({
    world,
    identity,
    store,
    streams,
    book,
    ...(options.headPatience === undefined ? {} : { patience: options.headPatience })
  })
  const signing = createSigning(world, () => {
    const card = book.card(identity.institution)
    const period = card?.nodeKeys.find(({ key }) => key === identity.nodeKey)
    return card !== undefined && (period === undefined || (period.until ?? Number.POSITIVE_INFINITY) <= world.now())
  })
  const closings: Closings = createClosings({ world, streams, book, shelf, alarm })
  const forks = createForks({
    world,
    identity,
    store,
    streams,
    shelf,
    book: forkBook,
    closings,
    alarm,
    foreign: own.foreign,
    told: (key, from) => emit({ type: 'registers', addresses: [key], ...(from === undefined ? {} : { from }) })
  })
  const refused = createRefused({ self: identity.institution, book, streams, foreignBook })
  const admitFork = createAdmitFork({ world, identity, store, streams, book, forkBook, forks, quotas, refused })
  const admit = createAdmit({
    world,
    identity,
    store,
    streams,
    book,
    shelf,
    forks,
    forkBook,
    closings,
    foreignBook,
    refused,
    quotas,
    hops,
    reader: options.reader,
    // µs, not a dense count: the gaps between what a token may see must not tell how much it may not.
    nextArrival: () => {
      arrival = Math.max(arrival + 1, world.now() * 1000)
      return arrival
    },
    alarm,
    foreign: own.foreign,
    appended: (stream, rows, from) => {
      receipts.grown(stream)
      emit({ type: 'entries', streams: [stream], rows, ...(from === undefined ? {} : { from }) })
    },
    opened: (stream) => void whenDurable(forks.opened(stream))
  })
  options.reader?.onLost(() =>
    alarm({ code: 'reader-lost', message: 'the thread that reads bulletins ended; they are read more slowly' })
  )
  const admitRegister = createAdmitRegister({
    world,
    identity,
    store,
    book,
    shelf,
    quotas,
    closings,
    note: (tx, signed) => receipts.note(tx, signed),
    refused,
    alarm,
    admitted: afterRegisters
  })
  const presences = createPresences({
    world,
    identity,
    book,
    mayNotSign: signing.reason,
    admit: (registers) => admitRegister.all(registers, undefined)
  })

  const receipts = createReceipts({
    world,
    identity,
    store,
    streams,
    book,
    mayNotSign: signing.reason,
    admit: (registers) => admitRegister.all(registers, undefined)
  })

  /** A disk that is full or gone: what is to be written shows again with the next try. */
  async function whenDurable(work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
    }
  }

  /** Registers, and what travels among them: proofs of forks, which may need the cards that come with them. */
  async function admitRegisters(bytes: readonly Uint8Array[], from: InstitutionId | undefined): Promise<Outcome> {
    const proofs = bytes.filter(isForkProof)
    if (proofs.length === 0 || from === undefined) return admitRegister.all(bytes, from)
    const first = await admitRegister.all(
      bytes.filter((one) => !isForkProof(one)),
      from
    )
    if (first.verdict === 'reject') return first
    const second = await admitFork(proofs, from)
    const refused = [first, second].filter(({ verdict }) => verdict !== 'accept')
    const answer =
      second.verdict === 'reject' ? second : (refused.reduce<Outcome | undefined>(soonest, undefined) ?? second)
    return { ...answer, accepted: first.accepted + second.accepted }
  }

  function isHeld({ stream }: SignedRegister['register']): boolean {
    return stream !== undefined && streams.get(stream) !== undefined
  }

  /** Proofs about streams, and ends of streams, of which nothing can be kept any more. */
  async function dropPastForks(now: number): Promise<void> {
    const past = [...forkBook.all()].filter(({ sides }) =>
      sides.some(({ descriptor }) => isPast(book, descriptor, now))
    )
    const over = [...book.closings()].filter(
      ({ register }) =>
        register.kind === 'closing' && isPast(book, closedStream(register.value).descriptor, now) && !isHeld(register)
    )
    if (past.length + over.length > 0)
      await store.transact((tx) => {
        for (const { key } of past) forkBook.drop(tx, key)
        for (const signed of over) {
          tx.del(keys.register(signed.address))
          tx.del(keys.local('twin', signed.address))
          tx.committed(() => book.forget(signed))
        }
      })
  }

  function afterRegisters(
    registers: readonly SignedRegister[],
    from: InstitutionId | undefined,
    changed: boolean
  ): void {
    const sender = from === undefined ? {} : { from }
    const [said, others] = [registers.filter(isReceipt), registers.filter((one) => !isReceipt(one))]
    for (const one of said) emit({ type: 'registers', addresses: [one.address], to: receipts.towards(one), ...sender })
    if (others.length === 0) return
    emit({ type: 'registers', addresses: others.flatMap(({ address }) => book.keysOf(address)), ...sender })
    if (registers.some(({ register }) => register.kind === 'card')) emit({ type: 'allow-list-changed' })
    const turned = presences.heard(registers, changed)
    if (changed || turned) rosterChanged()
    if (changed) void presences.tick()
  }

  function rosterChanged(): void {
    receipts.rosterChanged()
    emit({ type: 'roster-changed' })
    void dropStruck()
  }

  async function dropStruck(): Promise<void> {
    try {
      if (await struck.drop()) allowListChanged()
    } catch (error) {
      // A full disk: tried again with every tick.
      if (!(error instanceof StoreError)) throw error
    }
  }

  /** Every key by which a peer may link. One that somebody else has, or says to have next, opens no gate. */
  function gateKeys(institution: InstitutionId): NodeKey[] {
    const card = book.card(institution)
    if (card === undefined) return []
    const claimed = peers
      .list()
      .flatMap((peer) => (peer.institution === institution ? [] : nextKeyOf(peer.institution)))
    return linkKeys(card, world.now()).filter((key) => {
      const owner = book.ownerOf(key)
      return owner === institution || (owner === undefined && !claimed.includes(key))
    })
  }

  function nextKeyOf(institution: InstitutionId): NodeKey[] {
    const card = book.card(institution)
    return card === undefined ? [] : [card.next as NodeKey]
  }

  function allowListChanged(): void {
    book.look()
    emit({ type: 'allow-list-changed' })
    emit({ type: 'roster-changed' })
  }

  function lookAtClock(): void {
    if (signing.reason() !== 'clock-off') return
    alarm({
      code: 'clock-off',
      message: 'the clock of this node is off that of most peers; it does not sign meanwhile'
    })
  }

  /** What is small and may wait: at the first tick and once a day. */
  async function daily(now: number): Promise<void> {
    await hops.sweep(now)
    await sweepCounts(store, now)
    await sweepHeld(store, streams)
  }

  /** Rewriting the files costs as much as the store is large: at most a twentieth of the time goes into it. */
  async function sweepNow(now: number): Promise<Swept> {
    const swept = await sweep({ store, streams }, now, now >= mergeAgainAt)
    const end = world.now()
    if (swept.merged) mergeAgainAt = end + 20 * Math.max(0, end - now)
    return swept
  }

  // Before the first session, so that peers hear it in that one.
  await presences.tick()
  return {
    identity,
    world,
    store,
    book,
    streams,
    shelf,
    forks: forkBook,
    hops,
    presences,
    receipts,
    foreign: foreignBook,
    sync: createSyncPort({
      world,
      identity,
      store,
      streams,
      book,
      forkBook,
      presences,
      refused,
      instanceProof: () => sealInstance(identity.key, identity.instance, world.now())
    }),
    publish: createPublisher({ world, identity, store, book, own, admit, signing }),
    admit: admit.batch,
    foresee: admit.foresee,
    admitRegisters,
    peers: () =>
      peers.list().map((record) => ({
        ...record,
        nodeKeys: gateKeys(record.institution),
        addresses: book.card(record.institution)?.addresses ?? []
      })),
    isPeer: (id) => peers.has(id),
    pendingBytes: newcomers.pendingBytes,
    addPeer: async (bytes) => {
      const card = openRegister(bytes)
      const { kind, author } = card.register
      if (kind !== 'card') throw new ReplicaError('register-refused', 'this is no card', { kind })
      if (author === identity.institution) throw new ReplicaError('register-refused', 'this is our own card')
      await store.transact((tx) => {
        admitRegister.introduce(tx, card)
        peers.add(tx, { institution: author, addedAt: world.now() })
        struck.pardon(tx, author)
        tx.committed(() => {
          book.refold(world.now())
          book.look()
        })
      })
      emit({ type: 'registers', addresses: [card.address] })
      allowListChanged()
      return author
    },
    claim: async (stream) => {
      if (foreignBook.get(stream) === undefined)
        throw new ReplicaError('not-found', 'no foreign entries were seen in such a stream', { stream })
      await store.transact((tx) => foreignBook.claim(tx, stream))
      // What was declined is asked for again.
      emit({ type: 'roster-changed' })
    },
    removePeer: async (id) => {
      if (!peers.has(id))
        throw new ReplicaError('unknown-institution', 'this institution is not on the allow-list', { institution: id })
      await store.transact((tx) => {
        peers.remove(tx, id)
        tx.committed(() => book.look())
      })
      allowListChanged()
    },
    linked: (peer, skew) => {
      own.linked(peer)
      receipts.linked(peer)
      signing.skew(peer, skew)
      lookAtClock()
    },
    unlinked: (peer) => {
      own.unlinked(peer)
      receipts.unlinked(peer)
      signing.skew(peer, undefined)
    },
    confirmed: (peer, stream, seq, id) => {
      own.confirmed(peer, stream, seq, id)
      void whenDurable(receipts.confirmed(peer, stream, seq))
    },
    twin: (instance, proof) => {
      const shown = openInstance(proof, identity.nodeKey)
      // Signed by our key, another process, and later than our own start: not an echo of an earlier run.
      if (
        shown === undefined ||
        shown.instance !== instance ||
        instance === identity.instance ||
        shown.time < startedAt
      )
        return
      signing.twin(instance)
      alarm({
        code: 'twin-instance',
        message: 'another live process signs with the key of this node; both stop signing'
      })
    },
    notSigning: () => store.failure() ?? signing.reason(),
    alarms: () => alarms,
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tick: async () => {
      const now = world.now()
      own.tick()
      lookAtClock()
      if (dayOf(now) !== day) {
        day = dayOf(now)
        if (book.refold(now)) rosterChanged()
        await whenDurable(dropPastForks(now))
      }
      if (choresOf !== day) {
        choresOf = day
        await whenDurable(daily(now))
      }
      if (Math.abs(now - flushedAt) >= FLUSH_MS) {
        flushedAt = now
        await whenDurable(quotas.flush())
      }
      if (await presences.tick()) rosterChanged()
      await receipts.tick()
      await dropStruck()
      if (sweeping !== undefined || Math.abs(now - sweptAt) < MINUTE / 60) return undefined
      sweptAt = now
      sweeping = sweepNow(now).finally(() => {
        sweeping = undefined
      })
      return sweeping
    },
    flush: () => whenDurable(quotas.flush())
  }
}

function isReceipt({ register }: SignedRegister): boolean {
  return register.kind === 'receipt'
}

async function lastArrival(store: Store): Promise<number> {
  for await (const [key] of store.scan(ranges.arrivals(), { reverse: true, limit: 1 })) return arrivalOf(key)
  return 0
}
