import { isDeepStrictEqual } from 'node:util'
/**
 * The registers this replica holds, in memory, and what follows from them: whose node key is whose, what the
 * charters say, and the roster of every circle on the present day. The store keeps the bytes; this only reads them.
 */
import { type Card, type Charter, currentNodeKeys, openRegister, type SignedRegister } from '@tocsin/journal'
import type { CircleId, InstitutionId, NodeKey } from '@tocsin/model'
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
  all(): Iterable<SignedRegister>
  /** The newest card held of an institution. */
  card(institution: InstitutionId): Card | undefined
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
  /** Recomputes every roster; true when one differs from before. */
  refold(now: number): boolean
  /** To be called when the allow-list changed. */
  look(): void
}

/** @param known the allow-list and this institution itself: CLEAR is taken from authors that are known (DESIGN §5). */
export async function createBook(store: Store, now: number, known: () => Iterable<InstitutionId>): Promise<Book> {
  const registers = new Map<string, SignedRegister>()
  const twins = new Map<string, SignedRegister>()
  const cards = new Map<InstitutionId, SignedRegister>()
  const charters = new Map<CircleId, Charter>()
  const statements = new Map<CircleId, Map<string, Statement>>()
  const owners = new Map<NodeKey, Set<InstitutionId>>()
  const rosters = new Map<CircleId, Roster>()
  let day = dayOf(now)

  function apply(signed: SignedRegister, twin?: SignedRegister): void {
    const { register, address } = signed
    registers.set(address, signed)
    if (twin === undefined) twins.delete(address)
    else twins.set(address, twin)
    if (register.kind === 'card') {
      for (const claims of owners.values()) claims.delete(register.author)
      cards.set(register.author, signed)
      for (const { key } of register.value.nodeKeys) {
        const claims = owners.get(key as NodeKey) ?? new Set()
        owners.set(key as NodeKey, claims.add(register.author))
      }
    } else if (register.kind === 'charter') {
      if (register.circle !== undefined) charters.set(register.circle, register.value)
    } else if (register.circle !== undefined) {
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
    day = dayOf(at)
    let changed = false
    for (const [circle, charter] of charters) {
      const claims = new Map(charter.founders.flatMap((id) => claimOf(id as InstitutionId)))
      const next = foldRoster(circle, charter, statements.get(circle)?.values() ?? [], day, claims)
      // Whole: a second voucher or an acceptance changes what may be exchanged before it changes who is a member.
      if (!isDeepStrictEqual(rosters.get(circle), next)) changed = true
      rosters.set(circle, next)
    }
    look()
    return changed
  }

  function claimOf(id: InstitutionId): [InstitutionId, { name: string; domains: string[] }][] {
    const card = cards.get(id)?.register
    return card?.kind === 'card' ? [[id, { name: card.value.name, domains: card.value.domains }]] : []
  }

  function standing(circle: CircleId, id: InstitutionId): Standing | undefined {
    const roster = rosters.get(circle)
    if (roster === undefined) return undefined
    if (roster.members.has(id)) return 'member'
    if (roster.struck.has(id) || roster.resigned.has(id)) return undefined
    if (roster.founders.has(id)) return 'founder'
    return roster.candidates.has(id) ? 'candidate' : undefined
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
    all: () => registers.values(),
    card: (id) => claimedCard(cards.get(id)),
    cardRegister: (id) => cards.get(id),
    ownerOf: (key) => {
      const claims = owners.get(key)
      if (claims === undefined || claims.size === 0) return undefined
      return claims.size === 1 ? [...claims][0] : 'contested'
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

function claimedCard(signed: SignedRegister | undefined): Card | undefined {
  return signed?.register.kind === 'card' ? signed.register.value : undefined
}

/** The node keys by which an institution may link and sign now, and the next one, which gates know beforehand. */
export function linkKeys(card: Card, now: number): NodeKey[] {
  return [...currentNodeKeys(card, now), card.next as NodeKey]
}
