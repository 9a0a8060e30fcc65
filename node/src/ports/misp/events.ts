/** Bulletins as MISP events, each as it stands now: what was taken back stays in them as deleted, so that a MISP drops it. */
import type { MispEvent, MispEventsAsked, Reader } from '@tocsin/api'
import {
  eventHead,
  eventUuid,
  indicatorAttribute,
  type MispAttribute,
  type MispBulletin,
  type MispLife,
  ruleAttribute,
  wordAttributes
} from '@tocsin/connectors'
import { endOf, INDICATOR_TYPE_NAMES, type Indicator, parseIndicator, type Use } from '@tocsin/model'
import type { HeldBulletin, IndicatorFacts, Sight } from '@tocsin/replica'
import { type ArrivalRow, keys, readRow } from '@tocsin/store'
import { aboutOf } from '../about.ts'
import { sightOf } from '../sight.ts'
import { createUseRules, refusalOf, type UseRuleDeps, type UseRules } from '../use-rules.ts'

const PAGE = 256
/** Attributes at a stretch: a few milliseconds, after which others have their turn. */
const STRETCH = 1000
/** Searched for, or asked about: there a value need not mean harm. */
const TAKES_CONTEXT: ReadonlySet<Use> = new Set(['hunt', 'enrich'])
/** Rules are run by whatever alerts or hunts, never by what blocks. */
const RULED: ReadonlySet<Use> = new Set(['hunt', 'detect', 'release'])
const LIVE = { disabled: false, contested: false }

export interface MispEvents {
  /** Every event that the reader may see, in order of arrival. */
  all(reader: Reader, asked?: MispEventsAsked): AsyncIterable<MispEvent>
  /** By its uuid. */
  byUuid(uuid: string, reader: Reader): Promise<MispEvent | undefined>
  /** By the arrival of its bulletin. */
  at(arrival: number, reader: Reader): Promise<MispEvent | undefined>
}

export function createMispEvents(deps: UseRuleDeps): MispEvents {
  const { replica, bulletins, indicators } = deps
  const { store } = replica
  const useRules = createUseRules(deps)
  // Uuids cannot be read backwards. Arrivals only grow: what was looked at once is known for good.
  const places = new Map<string, number>()
  let placedTo: number | undefined

  async function* all(reader: Reader, { since, values }: MispEventsAsked = {}): AsyncGenerator<MispEvent> {
    const rules = useRules.now(reader.use)
    const sight = sightOf(deps, reader)
    if (values !== undefined) {
      for (const held of await heldWith(values, sight)) {
        if (since !== undefined && held.arrival < since * 1000) continue
        const event = await eventOf(held, rules, sight)
        if (event !== undefined) yield event
      }
      return
    }
    let after: number | undefined
    let sinceTurn = 0
    do {
      const page = await bulletins.page({ all: true, ...(since === undefined ? {} : { since }) }, sight, {
        order: 'arrival',
        limit: PAGE,
        ...(after === undefined ? {} : { after })
      })
      for (const held of page.items) {
        const event = await eventOf(held, rules, sight)
        if (event === undefined) continue
        yield event
        sinceTurn += event.attributes.length
        if (sinceTurn < STRETCH) continue
        await new Promise((resolve) => setImmediate(resolve))
        sinceTurn = 0
      }
      after = page.next
    } while (after !== undefined)
  }

  /** Bulletins with an indicator that one of these texts is, in order of arrival. */
  async function heldWith(values: readonly string[], sight: Sight): Promise<readonly HeldBulletin[]> {
    const found = new Map<number, HeldBulletin>()
    for (const value of values)
      for (const type of INDICATOR_TYPE_NAMES) {
        const parsed = parseIndicator(type, value)
        if (!parsed.ok) continue
        for (const { held } of await indicators.lookup(type, parsed.value, sight)) found.set(held.arrival, held)
      }
    return [...found.values()].sort((a, b) => a.arrival - b.arrival)
  }

  async function at(arrival: number, reader: Reader): Promise<MispEvent | undefined> {
    const held = bulletins.at(arrival)
    const sight = sightOf(deps, reader)
    return held === undefined ? undefined : eventOf(held, useRules.now(reader.use), sight)
  }

  async function byUuid(uuid: string, reader: Reader): Promise<MispEvent | undefined> {
    await place()
    const arrival = places.get(uuid)
    const event = arrival === undefined ? undefined : await at(arrival, reader)
    if (event !== undefined || arrival === undefined) return event
    // The author told it to several audiences, and the reader is of another one.
    const held = bulletins.at(arrival)
    const id = held?.summary?.id
    if (held === undefined || id === undefined) return undefined
    for (const other of await bulletins.entriesOf(id, held.descriptor.author)) {
      const found = await at(other.arrival, reader)
      if (found !== undefined) return found
    }
    return undefined
  }

  async function place(): Promise<void> {
    const sight: Sight = { maxTlp: 'RED', use: 'hunt' }
    for (;;) {
      const page = await bulletins.page({ all: true }, sight, {
        order: 'arrival',
        limit: PAGE,
        ...(placedTo === undefined ? {} : { after: placedTo })
      })
      for (const { arrival, summary, descriptor } of page.items) {
        placedTo = arrival
        if (summary === undefined) continue
        const uuid = eventUuid({ author: descriptor.author, id: summary.id })
        if (!places.has(uuid)) places.set(uuid, arrival)
      }
      if (page.next === undefined) return
      placedTo = Math.max(placedTo ?? 0, page.next)
    }
  }

  /** One entry of a bulletin stands for it: its author may have told it to several audiences. */
  async function isShown(held: HeldBulletin, sight: Sight): Promise<boolean> {
    const { author, tlp } = held.descriptor
    const id = held.summary?.id
    if (id === undefined || tlp === 'RED' || !bulletins.visible(held, sight)) return false
    for (const one of await bulletins.entriesOf(id, author))
      if (one.descriptor.tlp !== 'RED' && bulletins.visible(one, sight)) return one.arrival === held.arrival
    return false
  }

  async function eventOf(held: HeldBulletin, rules: UseRules, sight: Sight): Promise<MispEvent | undefined> {
    if (!(await isShown(held, sight))) return undefined
    const body = held.state === 'live' || held.state === 'retracted' ? bulletins.body(held) : undefined
    if (body === undefined) return undefined
    const about: MispBulletin = { ...aboutOf(replica, held, body), tags: body.tags }
    const whole = lifeOfBulletin(held)
    const attributes: MispAttribute[] = []
    let modifiedAt = whole.modifiedAt
    const factsOf = await indicators.factsOf(held)
    for (const indicator of body.indicators) {
      const life = lifeOf(indicator, held, factsOf(indicator), rules)
      if (life === undefined) continue
      const one = whole.isDeleted === true ? whole : life
      const attribute = indicatorAttribute(indicator, about, one)
      if (attribute === undefined) continue
      attributes.push(attribute)
      if (one.modifiedAt !== undefined) modifiedAt = Math.max(modifiedAt ?? 0, one.modifiedAt)
    }
    for (const rule of RULED.has(rules.use) ? body.rules : []) {
      const attribute = ruleAttribute(rule, about, whole)
      if (attribute !== undefined) attributes.push(attribute)
    }
    attributes.push(...wordAttributes(body, about, whole))
    return { arrival: held.arrival, head: eventHead(about, { modifiedAt }), attributes }
  }

  function lifeOfBulletin({ state, retraction }: HeldBulletin): MispLife {
    if (state !== 'retracted' || retraction === undefined) return {}
    return { isDeleted: true, modifiedAt: retraction.clock }
  }

  /** Undefined for what is never in it, whether it was taken back or not. */
  function lifeOf(
    indicator: Indicator,
    held: HeldBulletin,
    facts: IndicatorFacts,
    rules: UseRules
  ): MispLife | undefined {
    if (indicator.role === 'context' && !TAKES_CONTEXT.has(rules.use)) return undefined
    const whole = { ...held, state: 'live' as const }
    const code = refusalOf(rules, indicator, whole, {
      ...facts,
      ...LIVE,
      state: facts.state === 'expired' ? 'expired' : 'live'
    })
    if (code !== undefined && code !== 'expired') return undefined
    const { disabled, contested, renewed } = facts.since
    if (facts.disabled) return { isDeleted: true, modifiedAt: clockAt(disabled) }
    if (facts.contested) return { isDeleted: true, modifiedAt: clockAt(contested) }
    if (code === 'expired')
      return { isDeleted: true, modifiedAt: endOf(indicator, { ...facts, publishedAt: held.row.clock }) }
    return rules.use === 'block' && renewed !== undefined ? { modifiedAt: clockAt(renewed) } : {}
  }

  function clockAt(arrival: number | undefined): number | undefined {
    const row = arrival === undefined ? undefined : store.get(keys.arrival(arrival))
    return row === undefined ? undefined : readRow<ArrivalRow>(row).clock
  }

  return { all, byUuid, at }
}
