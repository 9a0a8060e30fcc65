/**
 * A collection in the order in which its objects came to be as they are. An object stands at the arrival of the word that
 * changed it last: of its bulletin, or of the retraction, disabling or sighting after which it is another version. So a
 * reader that goes on from where it stopped hears of every change, and finds each object once.
 */
import type { Reader, TaxiiPlace } from '@tocsin/api'
import {
  identityObject,
  noteObject,
  type StixLife,
  type StixObject,
  type StixSightingParts,
  sightingObject,
  tlpMarking
} from '@tocsin/connectors'
import { openBody } from '@tocsin/journal'
import {
  type Disabling,
  type EntryKind,
  type Retraction,
  type Sighting,
  type StreamId,
  tlpAtMost,
  type Use
} from '@tocsin/model'
import { type HeldBulletin, isVoid, retractionOf, type Sight } from '@tocsin/replica'
import { type ArrivalRow, arrivalOf, keys, ranges, readRow } from '@tocsin/store'
import { institutionView } from '../names.ts'
import { sightOf } from '../sight.ts'
import type { UseRuleDeps, UseRules } from '../use-rules.ts'
import type { ViewDeps } from '../views.ts'
import { exceptionPlace, objectsOf, type PlacedObject } from './objects.ts'

export interface TimelineItem {
  readonly place: TaxiiPlace
  readonly object: StixObject
  readonly support: readonly StixObject[]
}

/** Numbers within one arrival: those of one bulletin, of which a retraction may name many. */
const SPAN = 8192
/** Above all numbers of an arrival, which names 1,024 bulletins at most. */
const EXCEPTED = 2 ** 24
/** Bulletins whose objects are kept while a page is made. */
const REMEMBERED = 8
/** Objects at a stretch: a few milliseconds, after which others have their turn. */
const STRETCH = 1000

/** Everything after a place, as far as the reader may see it. */
export async function* timeline(
  deps: UseRuleDeps,
  rules: UseRules,
  reader: Reader,
  after: TaxiiPlace
): AsyncGenerator<TimelineItem> {
  const { replica, bulletins } = deps
  const { store, streams } = replica
  const sight = seenBy(deps, rules.use, reader)
  let sinceTurn = 0
  // Many words are about one bulletin, and a page is of one moment.
  const made = new Map<number, Promise<readonly PlacedObject[]>>()

  // What is never blocked here was not said by anybody who sent it: it stands between the arrivals by its time.
  const exceptions = [...deps.exceptions.current()]
    .map(({ type, value, createdAt }) => ({ type, value, place: exceptionPlace(createdAt) }))
    .filter(({ place }) => place >= after.arrival && rules.use !== 'hunt')
    .sort((a, b) => a.place - b.place)

  const range = { gte: keys.arrival(after.arrival), lt: ranges.arrivals().lt }
  for await (const [key, value] of store.scan(range)) {
    const arrival = arrivalOf(key)
    yield* exceptedBefore(arrival)
    yield* rest(arrival, await at(arrival, readRow<ArrivalRow>(value)))
    if (sinceTurn < STRETCH) continue
    await new Promise((resolve) => setImmediate(resolve))
    sinceTurn = 0
  }
  yield* exceptedBefore(Number.POSITIVE_INFINITY)

  function* rest(arrival: number, all: readonly Omit<PlacedObject, 'place'>[]): Generator<TimelineItem> {
    for (const { index, object, support } of all) {
      sinceTurn += 1
      if (arrival > after.arrival || index > after.index) yield { place: { arrival, index }, object, support }
    }
  }

  /** What exceptions made before an arrival ended: the values that they name, and what lies below a name. */
  async function* exceptedBefore(arrival: number): AsyncGenerator<TimelineItem> {
    for (let next = exceptions[0]; next !== undefined && next.place < arrival; next = exceptions[0]) {
      exceptions.shift()
      const { type, value, place } = next
      const hits = await deps.indicators.lookup(type, value, sight, { within: true })
      const concerned = new Map(hits.map(({ held }) => [held.arrival, held]))
      yield* rest(place, await changedAt(place, [...concerned.values()], EXCEPTED))
    }
  }

  function objects(held: HeldBulletin): Promise<readonly PlacedObject[]> {
    const found = made.get(held.arrival) ?? objectsOf(deps, held, rules)
    made.delete(held.arrival)
    made.set(held.arrival, found)
    if (made.size > REMEMBERED) made.delete(made.keys().next().value ?? 0)
    return found
  }

  async function at(arrival: number, row: ArrivalRow): Promise<readonly Omit<PlacedObject, 'place'>[]> {
    const { words, concerned } = await heard(arrival, row)
    return [...words, ...(await changedAt(arrival, concerned, SPAN))]
  }

  /** The objects of bulletins that became what they are at this place. */
  async function changedAt(
    where: number,
    concerned: readonly HeldBulletin[],
    first: number
  ): Promise<readonly Omit<PlacedObject, 'place'>[]> {
    const found: Omit<PlacedObject, 'place'>[] = []
    for (const [number, held] of concerned.entries()) {
      if (!(await isShown(held))) continue
      for (const { place, index, object, support } of await objects(held))
        if (place === where) found.push({ index: first + number * SPAN + index, object, support })
    }
    return found
  }

  /** What an arrival says itself, and the bulletins that it may have changed. */
  async function heard(
    arrival: number,
    row: ArrivalRow
  ): Promise<{ readonly words: readonly Omit<PlacedObject, 'place'>[]; readonly concerned: readonly HeldBulletin[] }> {
    const nothing = { words: [], concerned: [] }
    if (row.kind === 'bulletin') {
      const held = bulletins.at(arrival)
      return { words: [], concerned: held === undefined ? [] : [held] }
    }
    if (isVoid(store.get, row.stream, row.seq)) return nothing
    if (row.kind === 'sighting') {
      const about = await bulletinOf(row)
      const word = await wordAt(row, 0, {})
      return { words: word === undefined ? [] : [word], concerned: about === undefined ? [] : [about] }
    }
    if (row.kind === 'disabling') {
      const target = bodyOf<Disabling>(row, 'disabling')?.target
      const held = target === undefined ? undefined : heldAt(target)
      return { words: [], concerned: held === undefined ? [] : [held] }
    }
    if (row.kind !== 'retraction') return nothing
    const targets = bodyOf<Retraction>(row, 'retraction')?.targets ?? []
    const words: Omit<PlacedObject, 'place'>[] = []
    for (const [index, target] of targets.entries()) {
      const taken = rowOf(target)
      const life = { isRevoked: true, modifiedAt: row.clock }
      const word = taken?.kind === 'sighting' ? await wordAt(taken, index, life) : undefined
      if (word !== undefined) words.push(word)
    }
    return { words, concerned: targets.flatMap((target) => heldAt(target) ?? []) }
  }

  /** One entry of a bulletin stands for it: its author may have told it to several audiences. */
  async function isShown(held: HeldBulletin): Promise<boolean> {
    if (!bulletins.visible(held, sight) || held.descriptor.tlp === 'RED') return false
    const id = held.summary?.id
    if (id === undefined) return false
    for (const one of await bulletins.entriesOf(id, held.descriptor.author)) {
      if (one.descriptor.tlp === 'RED' || !bulletins.visible(one, sight)) continue
      return one.arrival === held.arrival
    }
    return false
  }

  /** A sighting, or a word against an indicator that the collection has; `life` says whether it was taken back. */
  async function wordAt(
    row: ArrivalRow,
    index: number,
    life: StixLife
  ): Promise<Omit<PlacedObject, 'place'> | undefined> {
    const descriptor = streams.get(row.stream as StreamId)?.descriptor
    const body = bodyOf<Sighting>(row, 'sighting')
    if (descriptor === undefined || body === undefined) return undefined
    const { tlp, author } = descriptor
    if (tlp === 'RED' || !tlpAtMost(tlp, sight.maxTlp)) return undefined
    const isTaken = retractionOf(store.get, row.entry, descriptor) !== undefined
    if (isTaken !== (life.isRevoked === true)) return undefined
    // A count is of a bulletin's author alone.
    if (body.contributors !== undefined && author !== body.author) return undefined
    const held = await bulletinOf(row)
    if (held === undefined || !(await isShown(held))) return undefined
    const { type, value } = body.indicator
    const target = (await objects(held)).find((one) => one.of?.type === type && one.of.value === value)?.object
    if (target?.type !== 'indicator') return undefined
    const parts: StixSightingParts = {
      entry: row.entry,
      by: author,
      tlp,
      at: row.clock,
      count: body.count,
      firstSeen: body.firstSeen,
      lastSeen: body.lastSeen,
      comment: body.comment,
      isSummary: body.contributors !== undefined
    }
    const object =
      body.kind === 'sighting' ? sightingObject(target.id, parts, life) : noteObject(target.id, body.kind, parts, life)
    return { index, object, support: [tlpMarking(tlp), identityObject(author, institutionView(replica, author).name)] }
  }

  async function bulletinOf(row: ArrivalRow): Promise<HeldBulletin | undefined> {
    const body = bodyOf<Sighting>(row, 'sighting')
    if (body === undefined) return undefined
    for (const held of await bulletins.entriesOf(body.bulletin, body.author)) if (await isShown(held)) return held
    return undefined
  }

  function rowOf(entry: string): ArrivalRow | undefined {
    const place = store.get(keys.entry(entry))
    const row = place === undefined ? undefined : store.get(keys.arrival(arrivalOf(place)))
    return row === undefined ? undefined : readRow<ArrivalRow>(row)
  }

  function heldAt(entry: string): HeldBulletin | undefined {
    const place = store.get(keys.entry(entry))
    return place === undefined ? undefined : bulletins.at(arrivalOf(place))
  }

  function bodyOf<T>(row: ArrivalRow, kind: EntryKind): T | undefined {
    const bytes = store.get(keys.body(row.stream, row.seq))
    const opened = bytes === undefined ? undefined : openBody(kind, bytes)
    return opened?.ok === true ? (opened.value as T) : undefined
  }
}

/** As the token sees, by the use of the collection. */
function seenBy(deps: ViewDeps, use: Use, reader: Reader): Sight {
  return { ...sightOf(deps, reader), use }
}
