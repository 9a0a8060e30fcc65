/** A circle of real replicas that speak through real sessions, and what the attacks of this folder need of them. */
import type { SignedRegister } from '@tocsin/journal'
import type { CircleId, InstitutionId, StreamId } from '@tocsin/model'
import { createBulletinReader, type Outcome, type PublishedEntry } from '@tocsin/replica'
import { accepts, bulletin, createTown, type Inhabitant, type Town, vouches } from '@tocsin/replica/testing'

export interface Cast {
  readonly town: Town
  readonly circle: CircleId
  readonly amber: { readonly tlp: 'AMBER'; readonly circle: CircleId }
  /** The founders, in the order of their names. */
  readonly founders: readonly Inhabitant[]
}

/** Founders that all know each other, in one circle with this threshold. Nobody is linked yet. */
export async function createCast(names: readonly string[], threshold: number): Promise<Cast> {
  const town = createTown()
  const founders: Inhabitant[] = []
  for (const name of names) founders.push(await town.inhabitant(name))
  await town.acquaint(...founders)
  const circle = await town.circle(founders, threshold)
  return { town, circle, amber: { tlp: 'AMBER', circle }, founders }
}

/** Lets a newcomer in as people do it: known to its vouchers, vouched for, and it accepts. Links are cut again. */
export async function letIn({ town, circle }: Cast, newcomer: Inhabitant, by: readonly Inhabitant[]): Promise<void> {
  for (const one of by) {
    await town.acquaint(one, newcomer)
    const vouch = vouches(one.who, newcomer.who, circle)
    for (const other of by) await tell(other, other === one ? undefined : one, vouch)
  }
  const links = []
  for (const one of by) links.push(await town.link(one, newcomer))
  await tell(newcomer, undefined, accepts(newcomer.who, circle))
  await town.settle()
  for (const link of links) link.cut()
}

/** The one at this place: a test names what it has. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index]
  if (found === undefined) throw new RangeError(`nothing at ${index}`)
  return found
}

/** Hands registers over as a peer brings them, or as our own root key signed them. */
export function tell(
  one: Inhabitant,
  from: Inhabitant | undefined,
  ...registers: readonly SignedRegister[]
): Promise<Outcome> {
  return one.replica.admitRegisters(
    registers.map(({ bytes }) => bytes),
    from?.id
  )
}

/** Members of the circle as this one computes them. */
export function membersAt(one: Inhabitant, circle: CircleId): InstitutionId[] {
  return [...(one.replica.book.roster(circle)?.members.keys() ?? [])].sort()
}

export function idsOf(...all: readonly { readonly id: InstitutionId }[]): InstitutionId[] {
  return all.map(({ id }) => id).sort()
}

/** Titles of the bulletins in use here, in the order of arrival. */
export async function titlesAt(one: Inhabitant, town: Town): Promise<string[]> {
  const { store, streams, book, identity } = one.replica
  const reader = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
  const { items } = await reader.page({}, { maxTlp: 'RED', use: 'hunt' }, { order: 'arrival', limit: 1000 })
  return items.map(({ summary }) => summary?.title ?? '?')
}

export async function publish(
  one: Inhabitant,
  town: Town,
  audience: Parameters<typeof bulletin>[0][number],
  title: string
): Promise<PublishedEntry & { readonly stream: StreamId; readonly bulletin: string }> {
  const input = bulletin([audience], town.now(), { title })
  return { ...at(await one.replica.publish.bulletin(input), 0), bulletin: input.bulletin.id } as never
}

type Port = Inhabitant['replica']['sync']

/** From the next link on its sessions see another replica than the one that it has. */
export function turn(one: Inhabitant, how: (honest: Port) => Partial<Port>): void {
  const { sync } = one.replica
  one.replica = { ...one.replica, sync: { ...sync, ...how(sync) } }
}

/** It offers and sends every stream that it holds to everybody. */
export function misforwards(one: Inhabitant): void {
  const { streams } = one.replica
  turn(one, (honest) => ({
    maySend: (peer, stream) =>
      streams.get(stream) === undefined ? honest.maySend(peer, stream) : { allowed: true as const },
    rows: (peer, scope) => {
      const rows = honest.rows(peer, scope)
      const known = new Set(rows.map(({ key }) => key))
      const more = [...streams.all()]
        .filter(({ id }) => scope === 'direct' && !known.has(id))
        .map(({ id, state }) => ({
          kind: 'stream' as const,
          key: id,
          number: state.seq,
          hash: state.head,
          order: 4,
          newest: state.clock
        }))
      return [...rows, ...more]
    }
  }))
}
