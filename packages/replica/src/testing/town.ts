/**
 * Several replicas in one process, with one virtual clock. They speak through real sync sessions over an in-memory
 * link, or hand each other single batches, so that a test can change what is handed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSignedHeader, type SignedRegister } from '@tocsin/journal'
import type { BulletinId, CircleId, InstitutionId, StreamId } from '@tocsin/model'
import { type Database, openStore, type Store } from '@tocsin/store'
import {
  type Action,
  createHub,
  createSession,
  type Hub,
  type SyncEvent,
  type SyncLimits,
  type SyncReport,
  type SyncSession
} from '@tocsin/sync'
import { MemoryLevel } from 'memory-level'
import { DAY } from '../constants.ts'
import type { IncomingBatch } from '../hop-door.ts'
import type { NewBulletin, OwnTarget } from '../publish.ts'
import type { QuotaLimits } from '../quotas.ts'
import { createReplica, type Replica } from '../replica.ts'
import type { Audience, ReplicaEvent } from '../types.ts'
import { accepts, cardOf, charterOf, type Institution, institution, START } from './institution.ts'

export interface Inhabitant {
  readonly who: Institution
  readonly id: InstitutionId
  replica: Replica
  readonly events: ReplicaEvent[]
  /** Folder of the store where it is on disk, else ''. */
  readonly path: string
}

export interface Town {
  now(): number
  /** Moves the clock; nothing else happens by itself. */
  pass(ms: number): void
  inhabitant(
    name: string,
    options?: {
      readonly disk?: boolean
      readonly card?: SignedRegister
      readonly quotas?: Partial<QuotaLimits>
      /** Begins with a copy of another store. */
      readonly rows?: Rows
    }
  ): Promise<Inhabitant>
  /** Ends its process and starts another over the same store. */
  restart(one: Inhabitant, patience?: number, minFreeBytes?: number): Promise<void>
  /** A copy of all that its store holds. Of stores in memory alone. */
  copy(one: Inhabitant): Promise<Rows>
  /** Ends its process, puts the copy in the place of what was there, and starts another. */
  rollBack(one: Inhabitant, rows: Rows, patience?: number): Promise<void>
  /** Each other's card and allow-list. */
  acquaint(...all: Inhabitant[]): Promise<void>
  /** A circle of them all, known and accepted by all, each of whom has just heard of each. */
  circle(all: readonly Inhabitant[], threshold?: number): Promise<CircleId>
  /** Links two and lets them talk until both are silent; the link stays until `cut`. */
  link(a: Inhabitant, b: Inhabitant): Promise<Link>
  /** The same without waiting for anything. `wire`: what becomes of each frame on its way, none if it is lost. */
  connect(a: Inhabitant, b: Inhabitant, limits?: Partial<SyncLimits>, wire?: Wire): Link
  /** Lets every link talk until all are silent. */
  settle(): Promise<void>
  /** A batch as `from` would send it to `to`, with its hop proof. */
  batch(from: Inhabitant, to: Inhabitant, stream: StreamId, first?: number, last?: number): IncomingBatch
  end(): Promise<void>
}

export type Rows = readonly (readonly [Uint8Array, Uint8Array])[]

export type Wire = (from: Inhabitant, frame: Uint8Array) => readonly Uint8Array[]

export interface Link {
  readonly reports: readonly SyncReport[]
  cut(): void
}

interface End {
  readonly self: Inhabitant
  readonly peer: Inhabitant
  readonly session: SyncSession
  readonly inbox: SyncEvent[]
  readonly wire: Wire
}

export function memoryDatabase(): Database {
  return new MemoryLevel({
    keyEncoding: 'view',
    valueEncoding: 'view',
    storeEncoding: 'view'
  }) as unknown as Database
}

export function createTown(): Town {
  let now = START
  // What sessions are told: it runs on while the world's clock stands, so that they tick without bodies falling due.
  let ticking = START
  let chance = 1
  const folders: string[] = []
  const stores = new Map<Inhabitant, { database?: Database; store: Store }>()
  const quotasOf = new Map<InstitutionId, Partial<QuotaLimits>>()
  const ends = new Set<End>()
  // One per running replica.
  const hubs = new WeakMap<Replica, Hub>()
  // Deterministic, and never the same twice.
  const random = (bytes: number): Uint8Array => {
    const out = Buffer.alloc(bytes)
    out.writeUInt32BE(chance++, bytes - 4)
    return out
  }
  const world = { now: () => now, random }

  async function start(one: Omit<Inhabitant, 'replica'>, store: Store, patience?: number): Promise<Replica> {
    const identity = {
      institution: one.id,
      key: one.who.node,
      nodeKey: one.who.nodeKey,
      instance: Buffer.from(random(16)).toString('hex')
    }
    const replica = await createReplica({
      identity,
      world,
      store,
      quotas: quotasOf.get(one.id) ?? {},
      ...(patience === undefined ? {} : { headPatience: patience })
    })
    replica.watch((event) => {
      one.events.push(event)
      for (const end of ends) if (end.self === one) tell(end, event)
    })
    return replica
  }

  function hubOf(replica: Replica): Hub {
    const hub = hubs.get(replica) ?? createHub()
    hubs.set(replica, hub)
    return hub
  }

  function tell(end: End, event: ReplicaEvent): void {
    const from = 'from' in event && event.from !== undefined ? { from: event.from } : {}
    if (event.type === 'entries')
      end.inbox.push({ type: 'appended', streams: event.streams as StreamId[], registers: [], ...from, now: ticking })
    if (event.type === 'registers' && (event.to === undefined || event.to.includes(end.peer.id)))
      end.inbox.push({ type: 'appended', streams: [], registers: event.addresses, ...from, now: ticking })
    if (event.type === 'roster-changed') end.inbox.push({ type: 'roster-changed', now: ticking })
  }

  function databaseOf(one: Inhabitant): Database {
    const database = stores.get(one)?.database
    if (database === undefined) throw new Error('a store on disk is not copied here')
    return database
  }

  async function settle(): Promise<void> {
    let quiet = 0
    ticking = Math.max(ticking, now)
    for (let turns = 0; quiet < 12; turns++) {
      if (turns > 20_000) throw new Error('the town does not come to rest')
      let busy = false
      for (const end of [...ends]) {
        for (let event = end.inbox.shift(); event !== undefined; event = end.inbox.shift()) {
          busy = true
          await perform(end, end.session.handle({ ...event, now: ticking }))
        }
      }
      quiet = busy ? 0 : quiet + 1
      if (busy) continue
      ticking += 1000
      for (const end of [...ends]) await perform(end, end.session.handle({ type: 'tick', now: ticking }))
    }
  }

  async function perform(end: End, actions: readonly Action[]): Promise<void> {
    const other = [...ends].find(({ self, peer }) => self === end.peer && peer === end.self)
    const { replica } = end.self
    for (const action of actions) {
      if (action.type === 'send')
        for (const frame of end.wire(end.self, action.frame))
          other?.inbox.push({ type: 'received', frame, now: ticking })
      if (action.type === 'append') {
        const outcome = await replica.admit(action.batch)
        end.inbox.push({ type: 'admitted', token: action.token, outcome, now: ticking })
      }
      if (action.type === 'registers') {
        const outcome = await replica.admitRegisters(action.registers, end.peer.id)
        end.inbox.push({ type: 'admitted', token: action.token, outcome, now: ticking })
      }
      if (action.type === 'confirmed') replica.confirmed(end.peer.id, action.stream, action.seq, action.id)
      if (action.type === 'report') {
        reports.get(end)?.push(action.event)
        if (action.event.type === 'linked') replica.linked(end.peer.id, action.event.skew)
        if (action.event.type === 'twin') replica.twin(action.event.instance, action.event.proof)
      }
      if (action.type === 'close') {
        ends.delete(end)
        if (other !== undefined) ends.delete(other)
      }
    }
  }

  const reports = new Map<End, SyncReport[]>()

  function connect(
    a: Inhabitant,
    b: Inhabitant,
    limits: Partial<SyncLimits> = {},
    wire: Wire = (_, frame) => [frame]
  ): Link {
    const make = (self: Inhabitant, peer: Inhabitant): End => ({
      self,
      peer,
      session: createSession({
        peer: peer.id,
        replica: self.replica.sync,
        random: () => 0.5,
        limits,
        hub: hubOf(self.replica)
      }),
      inbox: [{ type: 'opened', now: ticking }],
      wire
    })
    const pair = [make(a, b), make(b, a)]
    const seen: SyncReport[] = []
    for (const end of pair) {
      ends.add(end)
      reports.set(end, seen)
    }
    return {
      reports: seen,
      cut: () => {
        for (const end of pair) {
          ends.delete(end)
          end.self.replica.unlinked(end.peer.id)
        }
      }
    }
  }

  return {
    now: () => now,
    pass: (ms) => {
      now += ms
    },
    inhabitant: async (name, { disk = false, card, quotas = {}, rows = [] } = {}) => {
      const who = institution(name)
      const path = disk ? mkdtempSync(join(tmpdir(), 'tocsin-replica-')) : ''
      if (disk) folders.push(path)
      const database = disk ? undefined : memoryDatabase()
      if (database !== undefined) await fill(database, rows)
      const store = await openStore({ path, ...(database === undefined ? {} : { database }) })
      const one = { who, id: who.id, events: [], path } as unknown as Inhabitant
      quotasOf.set(who.id, quotas)
      one.replica = await start(one, store)
      stores.set(one, { store, ...(database === undefined ? {} : { database }) })
      await one.replica.admitRegisters([(card ?? cardOf(who)).bytes], undefined)
      return one
    },
    restart: async (one, patience, minFreeBytes) => {
      const held = stores.get(one)
      if (held === undefined) throw new Error('no such inhabitant')
      for (const end of [...ends]) if (end.self === one || end.peer === one) ends.delete(end)
      await held.store.close()
      const store = await openStore({
        path: one.path,
        ...(minFreeBytes === undefined ? {} : { minFreeBytes }),
        ...(held.database === undefined ? {} : { database: held.database })
      })
      stores.set(one, { ...held, store })
      one.replica = await start(one, store, patience)
    },
    copy: async (one) => {
      const rows: [Uint8Array, Uint8Array][] = []
      for await (const row of databaseOf(one).iterator()) rows.push(row)
      return rows
    },
    rollBack: async (one, rows, patience) => {
      const database = databaseOf(one)
      for (const end of [...ends]) if (end.self === one || end.peer === one) ends.delete(end)
      await stores.get(one)?.store.close()
      await fill(database, rows)
      const store = await openStore({ path: one.path, database })
      stores.set(one, { database, store })
      one.replica = await start(one, store, patience)
    },
    acquaint: async (...all) => {
      for (const one of all)
        for (const other of all)
          if (one !== other) {
            const card = other.replica.book.cardRegister(other.id)
            if (card !== undefined) await one.replica.addPeer(card.bytes)
          }
    },
    circle: async (all, threshold = 2) => {
      const { circle, register } = charterOf(
        all.map(({ who }) => who),
        Math.min(threshold, all.length)
      )
      const statements = [register, ...all.map(({ who }) => accepts(who, circle))].map(({ bytes }) => bytes)
      for (const one of all) {
        const others = all.filter((other) => other !== one)
        await one.replica.admitRegisters(statements, others[0]?.id ?? one.id)
      }
      // Each has heard of each: AMBER flows until that is seven days ago.
      for (const one of all) await one.replica.tick()
      for (const one of all) {
        const presences = [...one.replica.book.saidIn(circle, 'presence')].map(({ bytes }) => bytes)
        for (const other of all) if (other !== one) await other.replica.admitRegisters(presences, one.id)
      }
      return circle
    },
    connect,
    link: async (a, b) => {
      const link = connect(a, b)
      await settle()
      return link
    },
    settle,
    batch: (from, to, stream, first = 1, last = Number.MAX_SAFE_INTEGER) => {
      const { sync, identity } = from.replica
      const entries = sync.read(stream, first, 64 * 2 ** 20).slice(0, last - first + 1)
      const end = entries.at(-1)
      const descriptor = sync.descriptor(stream)
      if (end === undefined || descriptor === undefined) throw new Error('nothing to hand over')
      const seq = first + entries.length - 1
      const lastId = idOf(end.header)
      const proof = sync.hopProof(to.id, stream, first, seq, lastId)
      return { from: identity.institution, descriptor, entries, proof }
    },
    end: async () => {
      for (const { store } of stores.values()) await store.close()
      for (const path of folders) rmSync(path, { recursive: true, force: true })
    }
  }
}

/** These rows and no others. */
async function fill(database: Database, rows: Rows): Promise<void> {
  await database.open()
  await database.clear()
  await database.batch(rows.map(([key, value]) => ({ type: 'put', key, value }) as const))
  await database.close()
}

function idOf(header: Uint8Array): ReturnType<typeof parseSignedHeader>['id'] {
  return parseSignedHeader(header).id
}

let bulletins = 0

/** A town of three that know each other, as most stories need it. */
export async function createTrio(): Promise<{
  readonly town: Town
  readonly trio: readonly [Inhabitant, Inhabitant, Inhabitant]
}> {
  const town = createTown()
  const [a, b, c] = [await town.inhabitant('a'), await town.inhabitant('b'), await town.inhabitant('c')]
  await town.acquaint(a, b, c)
  return { town, trio: [a, b, c] }
}

/** What an officer publishes; everything can be changed. */
export function bulletin(
  audiences: readonly Audience[],
  now: number,
  more: Partial<NewBulletin['bulletin'] & Pick<NewBulletin, 'attachments' | 'keepUntil'>> & {
    readonly supersede?: readonly OwnTarget[]
  } = {}
): NewBulletin {
  const { attachments = [], supersede, keepUntil = now + 30 * DAY, ...fields } = more
  bulletins += 1
  const id = `00000000-0000-4000-8000-${bulletins.toString(16).padStart(12, '0')}` as BulletinId
  return {
    bulletin: {
      id,
      title: 'phishing',
      text: 'a text',
      threat: 'phishing',
      pap: 'GREEN',
      confidence: 50,
      tags: [],
      indicators: [{ type: 'domain', value: 'evil.example', role: 'malicious' }],
      references: [],
      rules: [],
      about: [],
      ...fields
    },
    attachments,
    audiences,
    keepUntil,
    ...(supersede === undefined ? {} : { supersedes: supersede })
  }
}
