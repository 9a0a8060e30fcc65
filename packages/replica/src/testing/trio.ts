/**
 * The opening of most stories: a, b and c know each other and found a circle. What is exported is that of the running
 * test: another one before each, which ends after it.
 */
import type { CircleId } from '@tocsin/model'
import { afterEach, beforeEach } from 'vitest'
import { createBulletinReader, type HeldBulletin } from '../bulletins.ts'
import { createTrio, type Inhabitant, type Town } from './town.ts'

export let town: Town
export let a: Inhabitant
export let b: Inhabitant
export let c: Inhabitant
export let circle: CircleId
export let amber: { readonly tlp: 'AMBER'; readonly circle: CircleId }

/** To be called once by each file, outside its tests. */
export function meetBeforeEach(): void {
  beforeEach(async () => {
    const met = await createTrio()
    town = met.town
    ;[a, b, c] = met.trio
    circle = await town.circle([a, b, c])
    amber = { tlp: 'AMBER', circle }
  })
  afterEach(() => town.end())
}

/** Every bulletin held here, in whatever state, in the order of arrival. */
export async function heldAt(one: Inhabitant): Promise<readonly HeldBulletin[]> {
  const { store, streams, book, identity } = one.replica
  const reader = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
  const { items } = await reader.page({ all: true }, { maxTlp: 'RED', use: 'hunt' }, { order: 'arrival', limit: 500 })
  return items
}

export async function statesAt(one: Inhabitant): Promise<string[]> {
  return (await heldAt(one)).map(({ state }) => state)
}
