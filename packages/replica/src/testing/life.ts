/** Bulletins as they are published, found and gone, in the town of the running test. */
import type { CircleId } from '@tocsin/model'
import { keys } from '@tocsin/store'
import { afterEach, beforeEach } from 'vitest'
import { type BulletinReader, createBulletinReader, type Sight } from '../bulletins.ts'
import type { IndicatorReader } from '../indicator-facts.ts'
import { createIndicatorReader } from '../indicators.ts'
import type { OwnTarget, PublishedEntry } from '../publish.ts'
import type { Audience } from '../types.ts'
import { bulletin, createTown, type Inhabitant, type Town } from './town.ts'

export const SIGHT: Sight = { maxTlp: 'RED', use: 'hunt' }

/** Another one before each test. */
export let town: Town

/** To be called once by each file, outside its tests. */
export function townBeforeEach(): void {
  beforeEach(() => {
    town = createTown()
  })
  afterEach(() => town.end())
}

export function readers(one: Inhabitant): { bulletins: BulletinReader; indicators: IndicatorReader } {
  const { store, streams, book, identity } = one.replica
  const bulletins = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
  return { bulletins, indicators: createIndicatorReader({ store, book, bulletins, now: town.now }) }
}

export function bodyAt(one: Inhabitant, { stream, seq }: PublishedEntry): Uint8Array | undefined {
  return one.replica.store.get(keys.body(stream, seq))
}

export function target(published: PublishedEntry | undefined, keepUntil: number): OwnTarget {
  if (published === undefined) throw new Error('nothing was published')
  return { entry: published.entry, audience: published.audience, keepUntil }
}

export async function pair(disk = false): Promise<{ a: Inhabitant; b: Inhabitant; circle: CircleId; amber: Audience }> {
  const a = await town.inhabitant('a', { disk })
  const b = await town.inhabitant('b', { disk })
  await town.acquaint(a, b)
  const circle = await town.circle([a, b])
  return { a, b, circle, amber: { tlp: 'AMBER', circle } }
}

export async function publish(
  one: Inhabitant,
  audience: Audience,
  more: Parameters<typeof bulletin>[2] = {}
): Promise<{ entry: PublishedEntry; id: string; target: OwnTarget }> {
  const input = bulletin([audience], town.now(), more)
  const [entry] = await one.replica.publish.bulletin(input)
  if (entry === undefined) throw new Error('nothing was published')
  return { entry, id: input.bulletin.id as string, target: target(entry, input.keepUntil) }
}
