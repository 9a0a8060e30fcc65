/** A line of five who hear of the forks of an author that none of them has to be linked to. */
import { decodeDescriptor, parseSignedHeader } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import { type ForkSide, verifyEvidence } from '@tocsin/trust'
import { afterEach, beforeEach, expect } from 'vitest'
import { createBulletinReader } from '../bulletins.ts'
import type { Forged } from './forge.ts'
import { cardOf, type Institution, institution } from './institution.ts'
import { createTown, type Inhabitant, type Link, type Town } from './town.ts'

export const AUTHOR = institution('author')
export const NAMES = ['p1', 'p2', 'p3', 'p4', 'p5']

export let town: Town
export let author: Inhabitant
export let line: Inhabitant[]
export let circle: CircleId
export let amber: { readonly tlp: 'AMBER'; readonly circle: CircleId }

/** Another town before each test. To be called once by each file, outside its tests. */
export function lineBeforeEach(): void {
  beforeEach(async () => {
    town = createTown()
    author = await town.inhabitant('author')
    line = []
    for (const name of NAMES) line.push(await town.inhabitant(name))
    await town.acquaint(author, ...line)
    circle = await town.circle([author, ...line])
    amber = { tlp: 'AMBER', circle }
  })
  afterEach(() => town.end())
}

export async function states(one: Inhabitant): Promise<string[]> {
  const { store, streams, book, identity } = one.replica
  const reader = createBulletinReader({ store, streams, book, self: identity.institution, now: town.now })
  const { items } = await reader.page({ all: true }, { maxTlp: 'RED', use: 'hunt' }, { order: 'arrival', limit: 500 })
  return items.map(({ state }) => state)
}

export const at = (n: number): Inhabitant => line[n] as Inhabitant

/** Links neighbours from the first to the last of these. */
export async function chain(first: number, last: number): Promise<Link[]> {
  const links: Link[] = []
  for (let n = first; n < last; n++) links.push(await town.link(at(n), at(n + 1)))
  return links
}

export async function take(one: Inhabitant, forged: Forged, from: Institution = AUTHOR): Promise<string> {
  return (await one.replica.admit(forged.batch(from, one.who))).code ?? 'taken'
}

export async function accused(one: Inhabitant): Promise<(string | undefined)[]> {
  const kept = await one.replica.shelf.list()
  return kept.map(({ bundle }) => {
    const verdict = verifyEvidence(bundle, cardOf(AUTHOR).bytes)
    return verdict.ok ? verdict.evidence.accused : verdict.code
  })
}

/** What everybody has to know of a fork of the author's, from this seq on. */
export async function expectSeen(all: readonly Inhabitant[], stream: string, split: number): Promise<void> {
  for (const one of all) {
    expect([...one.replica.forks.all()]).toMatchObject([{ seq: split, streams: [stream] }])
    expect(await accused(one)).toEqual(expect.arrayContaining([AUTHOR.id]))
    expect(new Set(await accused(one)).size).toBe(1)
    expect(one.replica.alarms().some(({ code, message }) => code === 'fork' && message.includes(AUTHOR.id))).toBe(true)
    const held = await states(one)
    expect(held.slice(0, split - 1)).toEqual(Array(split - 1).fill('live'))
    expect(held.slice(split - 1)).toEqual(Array(Math.max(0, held.length - split + 1)).fill('void'))
  }
}

export function expectNobodyBlamed(links: readonly Link[]): void {
  const types = links.flatMap(({ reports }) => reports.map(({ type }) => type))
  expect(types.filter((type) => type === 'rejected' || type === 'violation' || type === 'refused')).toEqual([])
}

/** Both digests of every scope are the same by now. */
export function expectAgreed(a: Inhabitant, b: Inhabitant, scopes: readonly ('direct' | CircleId)[]): void {
  for (const scope of scopes) {
    const rows = (one: Inhabitant, other: Inhabitant) =>
      one.replica.sync
        .rows(other.id, scope)
        .map(({ kind, key, number, hash }) => `${kind} ${key} ${number} ${hash}`)
        .sort()
    expect(rows(a, b)).toEqual(rows(b, a))
  }
}

export function sideOf(forged: Forged, n: number): ForkSide {
  const entry = forged.entries[n]
  if (entry === undefined) throw new RangeError('no such entry')
  return { stream: decodeDescriptor(forged.descriptor), entry: parseSignedHeader(entry.header) }
}
