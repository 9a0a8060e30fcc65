/**
 * The registers this replica holds, in memory, and what follows from them: whose node key is whose, what the
 * charters say, and the roster of every circle on the present day. The store keeps the bytes; this only reads them.
 */
import { isDeepStrictEqual } from 'node:util'
import {
  type Card,
  type Charter,
  type Closing,
  currentNodeKeys,
  isNodeRegisterKind,
  openRegister,
  type SignedRegister,
  sha256Hex,
  utf8
} from '@tocsin/journal'
import type { CircleId, InstitutionId, NodeKey, StreamId } from '@tocsin/model'
import { keys, ranges, type Store } from '@tocsin/store'
import {
  createRosterView,
  dayOf,
  foldRoster,
  type Roster,
  type RosterView,
  type Statement,
  sharedCircles,
  statementOf
} from '@tocsin/trust'

export type Standing = 'member' | 'founder' | 'candidate'

export interface Book {
  get(address: string): SignedRegister | undefined
  /** The keys under which peers agree on what stands at this address: two when it is forked. */
  keysOf(address: string): string[]
  /**
   * By the key under which peers agree on registers: the address, and for the second one of a fork a key of its own, so
   * that both reach everybody and all fold the same.
   */
  at(key: string): SignedRegister | undefined
  /** Every register with the key under which peers agree on it. */
  rows(): Iterable<readonly [string, SignedRegister]>
  all(): Iterable<SignedRegister>
  /** What the running nodes say in this circle, one an author at most. */
  saidIn(circle: CircleId, kind: 'presence' | 'receipt'): Iterable<SignedRegister>
  /** How many statements of one author in one circle are held. */
  statementsBy(circle: CircleId, author: InstitutionId): number
  /** The newest card held of an institution. Of two with one number only the node keys on both count. */
  card(institution: InstitutionId): Card | undefined
  /** Where a stream ends by its author's root key; `contested` when that key said two things. */
  closing(stream: StreamId): Closing | 'contested' | undefined
  closingsBy(author: InstitutionId): number
  closings(): Iterable<SignedRegister>
  cardRegister(institution: InstitutionId): SignedRegister | undefined
  /** Who certifies this node key; `contested` when two root keys do (it is then nobody's). */
  ownerOf(nodeKey: NodeKey): InstitutionId | 'contested' | undefined
  charter(circle: CircleId): Charter | undefined
  circles(): readonly CircleId[]
  roster(circle: CircleId): Roster | undefined
  statements(circle: CircleId): readonly Statement[]
  standing(circle: CircleId, institution: InstitutionId): Standing | undefined
  /** Circles in which both stand as member, founder or candidate. */
  shared(a: InstitutionId, b: InstitutionId): CircleId[]
  /**
   * Circles that `self` may name to a peer: those in which the peer stands by the roster held here (DESIGN §7). A
   * newcomer that holds a charter and not yet the vouch for itself names it too, or it would never hear the rest.
   */
  named(self: InstitutionId, peer: InstitutionId): CircleId[]
  readonly view: RosterView
  /** Takes an admitted register in; call `refold` afterwards. `twin`: another with the same address and number. */
  apply(register: SignedRegister, twin?: SignedRegister): void
  /** Takes a closing out again whose stream is past everything's keep-until. */
  forget(closing: SignedRegister): void
  /** Recomputes every roster; true when one differs from before. */
  refold(now: number): boolean
  /** To be called when the allow-list changed. */
  look(): void
}

/** @param known the allow-list and this institution itself: CLEAR is taken from authors that are known (DESIGN §5). */
export async function createBook(store: Store, now: number, known: () => Iterable<InstitutionId>): Promise<Book> {
  const registers = new Map<string, SignedRegister>()
  const twins = new Map<string, SignedRegister>()
  const twinKeys = new Map<string, string>()
  // Circles whose roster may differ from what was folded last.
  const stale = new Set<CircleId>()
  const cards = new Map<InstitutionId, SignedRegister>()
  const charters = new Map<CircleId, Charter>()
  const statements = new Map<CircleId, Map<string, Statement>>()
  // By circle and kind, then address.
  const said = new Map<string, Map<string, SignedRegister>>()
  const shares = new Map<string, number>()
  const owners = new Map<NodeKey, Set<InstitutionId>>()
  const rosters = new Map<CircleId, Roster>()
  const closings = new Map<StreamId, SignedRegister>()
  const closingShares = new Map<InstitutionId, number>()
  let day = dayOf(now)

  function apply(signed: SignedRegister, twin?: SignedRegister): void {
    const { register, address } = signed
    if (isNodeRegisterKind(register.kind)) {
      registers.set(address, signed)
      const place = `${register.kind}/${register.circle}`
      said.set(place, (said.get(place) ?? new Map()).set(address, signed))
      return
    }
    if (!registers.has(address)) {
      if (register.kind === 'closing') closingShares.set(register.author, (closingShares.get(register.author) ?? 0) + 1)
      const share = `${register.circle}/${register.author}`
      shares.set(
        share,
        (shares.get(share) ?? 0) + (register.circle === undefined || register.kind === 'charter' ? 0 : 1)
      )
    }
    registers.set(address, signed)
    if (twin === undefined) {
      twins.delete(address)
      twinKeys.delete(twinKeyOf(address))
    } else {
      twins.set(address, twin)
      twinKeys.set(twinKeyOf(address), address)
    }
    if (register.kind === 'closing') {
      if (register.stream !== undefined) closings.set(register.stream, signed)
    } else if (register.kind === 'card') {
      for (const [key, claims] of owners) if (claims.delete(register.author) && claims.size === 0) owners.delete(key)
      cards.set(register.author, signed)
      for (const [circle, { founders }] of charters) if (founders.includes(register.author)) stale.add(circle)
      for (const { key } of [register, twin?.register].flatMap(nodeKeysOf)) {
        const claims = owners.get(key as NodeKey) ?? new Set()
        owners.set(key as NodeKey, claims.add(register.author))
      }
    } else if (register.kind === 'charter') {
      if (register.circle === undefined) return
      charters.set(register.circle, register.value)
      stale.add(register.circle)
    } else if (register.circle !== undefined) {
      stale.add(register.circle)
      const own = statements.get(register.circle) ?? new Map<string, Statement>()
      statements.set(register.circle, own)
      keepStatement(own, address, signed)
      keepStatement(own, `${address}/twin`, twin)
    }
  }

  function keepStatement(own: Map<string, Statement>, address: string, signed: SignedRegister | undefined): void {
    const statement = signed === undefined ? undefined : statementOf(signed)
    if (statement === undefined) own.delete(address)
    else own.set(address, statement)
  }

  function refold(at: number): boolean {
    const isNewDay = dayOf(at) !== day
    day = dayOf(at)
    let changed = false
    for (const [circle, charter] of charters) {
      if (!isNewDay && !stale.delete(circle)) continue
      const claims = new Map(charter.founders.flatMap((id) => claimOf(id as InstitutionId)))
      const next = foldRoster(circle, charter, statements.get(circle)?.values() ?? [], day, claims)
      // Whole: a second voucher or an acceptance changes what may be exchanged before it changes who is a member.
      if (!isDeepStrictEqual(rosters.get(circle), next)) changed = true
      rosters.set(circle, next)
    }
    stale.clear()
    look()
    return changed
  }

  function claimOf(id: InstitutionId): [InstitutionId, { name: string; domains: string[] }][] {
    const card = cards.get(id)?.register
    return card?.kind === 'card' ? [[id, { name: card.value.name, domains: card.value.domains }]] : []
  }

  function card(id: InstitutionId): Card | undefined {
    const signed = cards.get(id)
    if (signed?.register.kind !== 'card') return undefined
    const { value } = signed.register
    const other = twins.get(signed.address)?.register
    if (other?.kind !== 'card') return value
    // Neither counts until a higher number settles it; what the root key says in both it says all the same.
    const nodeKeys = value.nodeKeys.filter((one) => other.value.nodeKeys.some((two) => isDeepStrictEqual(one, two)))
    const [first] = nodeKeys
    if (first === undefined) return undefined
    return { ...value, nodeKeys, next: other.value.next === value.next ? value.next : first.key }
  }

  function standing(circle: CircleId, id: InstitutionId): Standing | undefined {
    const roster = rosters.get(circle)
    if (roster === undefined) return undefined
    if (roster.members.has(id)) return 'member'
    if (roster.struck.has(id) || roster.resigned.has(id)) return undefined
    if (roster.founders.has(id)) return 'founder'
    return roster.candidates.has(id) ? 'candidate' : undefined
  }

  function closing(stream: StreamId): Closing | 'contested' | undefined {
    const signed = closings.get(stream)
    if (signed?.register.kind !== 'closing') return undefined
    return twins.has(signed.address) ? 'contested' : signed.register.value
  }

  function forget({ register, address }: SignedRegister): void {
    if (!registers.delete(address) || register.stream === undefined) return
    closings.delete(register.stream)
    twins.delete(address)
    twinKeys.delete(twinKeyOf(address))
    closingShares.set(register.author, (closingShares.get(register.author) ?? 1) - 1)
  }

  let view: RosterView = createRosterView({ rosters: [], peers: [] })

  function named(self: InstitutionId, peer: InstitutionId): CircleId[] {
    return [...view.standsIn(peer)].filter((circle) => {
      const roster = rosters.get(circle)
      return roster !== undefined && !roster.struck.has(self) && !roster.resigned.has(self)
    })
  }

  function look(): void {
    view = createRosterView({ rosters: rosters.values(), peers: known() })
  }

  for await (const [, bytes] of store.scan(ranges.registers())) {
    const signed = openRegister(bytes)
    const twin = store.get(keys.local('twin', signed.address))
    apply(signed, twin === undefined ? undefined : openRegister(twin))
  }
  refold(now)

  return {
    get: (address) => registers.get(address),
    keysOf: (address) => (twins.has(address) ? [address, twinKeyOf(address)] : [address]),
    at: (key) => registers.get(key) ?? twins.get(twinKeys.get(key) ?? ''),
    *rows() {
      yield* registers
      for (const [address, twin] of twins) yield [twinKeyOf(address), twin]
    },
    all: () => registers.values(),
    saidIn: (circle, kind) => said.get(`${kind}/${circle}`)?.values() ?? [],
    statementsBy: (circle, author) => shares.get(`${circle}/${author}`) ?? 0,
    card,
    closing,
    closingsBy: (author) => closingShares.get(author) ?? 0,
    closings: () => closings.values(),
    forget,
    cardRegister: (id) => cards.get(id),
    ownerOf: (key) => {
      const claims = owners.get(key)
      // Asked for every row of every comparison: no array for the one that there is.
      const first = claims?.values().next().value
      return claims !== undefined && claims.size > 1 ? 'contested' : first
    },
    charter: (circle) => charters.get(circle),
    circles: () => [...charters.keys()],
    roster: (circle) => rosters.get(circle),
    statements: (circle) => [...(statements.get(circle)?.values() ?? [])],
    standing,
    shared: (a, b) => sharedCircles(view, a, b),
    named,
    get view() {
      return view
    },
    apply,
    refold,
    look
  }
}

/** Address of the second register of a fork among those that peers agree on. */
function twinKeyOf(address: string): string {
  return sha256Hex(utf8(`tocsin/twin/1\0${address}`))
}

function nodeKeysOf(register: SignedRegister['register'] | undefined): Card['nodeKeys'] {
  return register?.kind === 'card' ? register.value.nodeKeys : []
}

/** The node keys by which an institution may link and sign now, and the next one, which gates know beforehand. */
export function linkKeys(card: Card, now: number): NodeKey[] {
  return [...currentNodeKeys(card, now), card.next as NodeKey]
}
