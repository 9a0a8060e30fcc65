/** A bulletin as STIX objects, each with the arrival after which it stands as it does. */
import {
  identityObject,
  indicatorObject,
  reportObject,
  ruleObject,
  type StixBulletin,
  type StixLife,
  type StixObject,
  tlpMarking
} from '@tocsin/connectors'
import { endOf, type Indicator, type Threat, type Use } from '@tocsin/model'
import type { HeldBulletin, IndicatorFacts } from '@tocsin/replica'
import { type ArrivalRow, arrivalOf, keys, readRow } from '@tocsin/store'
import { institutionView } from '../names.ts'
import { refusalOf, type UseRules } from '../use-rules.ts'
import type { ViewDeps } from '../views.ts'

/** One object; `index` is its own for good, whatever becomes of the others of its bulletin. */
export interface PlacedObject {
  /** Arrival of the word that made it what it is. */
  readonly place: number
  readonly index: number
  readonly object: StixObject
  /** The indicator that it stands for. */
  readonly of?: Pick<Indicator, 'type' | 'value'>
  /** What it refers to: its marking and its author. */
  readonly support: readonly StixObject[]
}

/** Rules are run by whatever alerts or hunts, never by what blocks. */
const RULED: ReadonlySet<Use> = new Set(['hunt', 'detect', 'release'])
const LIVE = { retracted: false, disabled: false, contested: false }

/** What a bulletin adds to the collection of a use, taken back or not; nothing once its body is gone. */
export async function objectsOf(deps: ViewDeps, held: HeldBulletin, rules: UseRules): Promise<readonly PlacedObject[]> {
  const { replica, bulletins, indicators } = deps
  const { store } = replica
  const body = held.state === 'live' || held.state === 'retracted' ? bulletins.body(held) : undefined
  if (body === undefined) return []
  const { author, tlp } = held.descriptor
  const { name } = institutionView(replica, author)
  const about: StixBulletin = {
    id: body.id,
    title: body.title,
    author,
    authorName: name,
    tlp,
    pap: body.pap,
    threat: body.threat as Threat,
    confidence: body.confidence,
    publishedAt: held.row.clock,
    keepUntil: held.row.keepUntil,
    tags: body.tags
  }
  const support = [tlpMarking(tlp), identityObject(author, name)]
  const whole = lifeOfBulletin()
  const factsOf = await indicators.factsOf(held)
  const placed: PlacedObject[] = []
  const refs: `indicator--${string}`[] = []

  for (const [index, indicator] of body.indicators.entries()) {
    const facts = factsOf(indicator)
    const code = refusalOfServed(rules, indicator, held, facts)
    if (code === 'local-exception' && whole.life.isRevoked !== true) {
      const at = rules.exceptedAt(indicator)
      const place = at === undefined ? 0 : exceptionPlace(at)
      const life = { until: at ?? 0, modifiedAt: at ?? 0 }
      const object = place > held.arrival ? indicatorObject(indicator, about, life) : undefined
      if (object !== undefined) placed.push({ place, index, object, of: indicator, support })
      continue
    }
    if (code !== undefined) continue
    const { place, life } = whole.life.isRevoked === true ? whole : lifeOf(indicator, facts)
    const object = indicatorObject(indicator, about, life)
    if (object === undefined) continue
    refs.push(object.id)
    placed.push({ place, index, object, of: indicator, support })
  }
  const first = body.indicators.length
  for (const [index, rule] of RULED.has(rules.use) ? body.rules.entries() : []) {
    if (rule.kind === 'other') continue
    const object = ruleObject(rule, about, whole.life)
    refs.push(object.id)
    placed.push({ place: whole.place, index: first + index, object, support })
  }
  // Last, since a consumer that meets it first has to wait for what it names.
  const object = reportObject(about, body, refs, whole.life)
  placed.push({ place: whole.place, index: first + body.rules.length, object, support })
  return placed

  function lifeOfBulletin(): { readonly place: number; readonly life: StixLife } {
    const { retraction, arrival } = held
    if (held.state !== 'retracted' || retraction === undefined) return { place: arrival, life: {} }
    const word = store.get(keys.entry(retraction.entry))
    return {
      place: word === undefined ? arrival : Math.max(arrival, arrivalOf(word)),
      life: { isRevoked: true, modifiedAt: retraction.clock }
    }
  }

  function lifeOf(indicator: Indicator, facts: IndicatorFacts): { readonly place: number; readonly life: StixLife } {
    const { disabled, contested, renewed } = facts.since
    const since = (arrival: number | undefined, life: StixLife) => ({
      place: Math.max(held.arrival, arrival ?? 0),
      life: { ...life, ...(arrival === undefined ? {} : { modifiedAt: clockAt(arrival) }) }
    })
    if (facts.disabled) return since(disabled, { isRevoked: true })
    // It may be cleared again, and STIX takes nothing back that was revoked (§3.6): it ends instead.
    if (facts.contested) return since(contested, { until: contested === undefined ? 0 : clockAt(contested) })
    if (rules.use !== 'block') return since(undefined, {})
    const until = endOf(indicator, {
      publishedAt: held.row.clock,
      ...(facts.renewedAt === undefined ? {} : { renewedAt: facts.renewedAt })
    })
    return since(indicator.validUntil === undefined ? renewed : undefined, { until })
  }

  function clockAt(arrival: number): number {
    const row = store.get(keys.arrival(arrival))
    return row === undefined ? held.row.clock : readRow<ArrivalRow>(row).clock
  }
}

/** The code of what is never in the collection, whether it was taken back or not. */
function refusalOfServed(
  rules: UseRules,
  indicator: Indicator,
  held: HeldBulletin,
  facts: IndicatorFacts
): string | undefined {
  if (indicator.role === 'context') return 'context-indicator'
  const isExpired = facts.state === 'expired'
  const state = isExpired ? ('expired' as const) : ('live' as const)
  return refusalOf(rules, indicator, { ...held, state: 'live' }, { ...facts, ...LIVE, state })
}

/** Where an exception made at a time (ms) stands among the arrivals: behind those of its millisecond. */
export function exceptionPlace(at: number): number {
  return at * 1000 + 999
}
