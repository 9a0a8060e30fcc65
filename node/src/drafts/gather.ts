/** From what tools met to sightings of the bulletins that name it: each record counted once, whoever sends it again. */
import type { Reader } from '@tocsin/api'
import type { ImportedSighting } from '@tocsin/connectors'
import type { IndicatorType, InstitutionId, Pap, Tlp, TypedValue } from '@tocsin/model'
import type { FactsOf, HeldBulletin, IndicatorHit } from '@tocsin/replica'
import { readRow } from '@tocsin/store'
import { sightOf } from '../ports/sight.ts'
import { cannotTellAlone } from '../ports/sightings.ts'
import type { ViewDeps } from '../ports/views.ts'
import { linksAbove } from './links.ts'
import { type MarkRow, rowOf } from './rows.ts'
import { type About, createTallies, type Tally } from './tally.ts'

/** Tallies whose bulletins have the same labels. */
export interface Group {
  readonly tlp: Tlp
  readonly pap: Pap
  readonly tallies: readonly Tally[]
}

export interface Gathering {
  /** `full`: more parts than one import may make; nothing of this record is counted. */
  add(item: ImportedSighting): Promise<'taken' | 'full'>
  groups(): readonly Group[]
  /** Indicators of which nothing was new. */
  known(): number
  /** Values that no live bulletin names, at most as many as are remembered. */
  unlisted(): number
  /** Indicators that cannot be told to their bulletin's author alone, by rule. */
  refused(): ReadonlyMap<string, 'private-to-oneself' | 'author-not-a-peer'>
}

type Labelled = About & { readonly tlp: Tlp; readonly pap: Pap }

interface Target {
  readonly held: HeldBulletin
  readonly indicator: TypedValue
  readonly author: InstitutionId
}

/** Distinct values of an import whose answer is remembered. */
const REMEMBERED = 100_000

export function createGathering(
  deps: ViewDeps,
  options: {
    /** Import and source: one that comes by two ways is two. */
    readonly name: string
    readonly reader: Reader
    readonly isPrivate: boolean
    readonly most: number
  }
): Gathering {
  const { replica } = deps
  const { name, reader, isPrivate, most } = options
  const sight = sightOf(deps, reader)
  const facts = new Map<number, Promise<FactsOf>>()
  const targets = new Map<string, readonly (readonly Target[])[]>()
  const tallies = createTallies<Labelled>((key, indicator) => {
    const row = replica.store.get(rowOf.value(key, indicator))
    return row === undefined ? undefined : readRow<MarkRow>(row).through
  })
  const unlisted = new Set<string>()
  const refused = new Map<string, 'private-to-oneself' | 'author-not-a-peer'>()

  async function isListed({ held, indicator }: IndicatorHit): Promise<boolean> {
    if (held.state !== 'live' || indicator.role === 'context' || held.summary === undefined) return false
    const of = facts.get(held.arrival) ?? deps.indicators.factsOf(held, sight)
    facts.set(held.arrival, of)
    const { disabled, contested } = (await of)(indicator)
    return !disabled && !contested
  }

  /** The indicators that a value is or lies in, each with its bulletins, the one that knows it best first. */
  async function targetsOf({ type, value }: TypedValue): Promise<readonly (readonly Target[])[]> {
    const key = `${type} ${value}`
    const before = targets.get(key)
    if (before !== undefined) return before
    const names = type === 'domain' ? namesAbove(value) : type === 'url' ? linksAbove(value) : [value]
    const hits = await Promise.all(
      names.map((it) => deps.indicators.lookup(type, it, sight, { within: isAddress(type) }))
    )
    const found = new Map<string, Target[]>()
    for (const hit of hits.flat()) {
      if (!(await isListed(hit))) continue
      const { held, indicator } = hit
      const place = `${indicator.type} ${indicator.value}`
      const target = {
        held,
        indicator: { type: indicator.type as IndicatorType, value: indicator.value },
        author: held.descriptor.author
      }
      found.set(place, [...(found.get(place) ?? []), target])
    }
    const sorted = [...found.values()].map((some) => some.sort(byKnowledge))
    if (targets.size >= REMEMBERED) targets.clear()
    targets.set(key, sorted)
    if (sorted.length === 0 && unlisted.size < REMEMBERED) unlisted.add(key)
    return sorted
  }

  function chosen(some: readonly Target[], bulletin: string | undefined): Target | undefined {
    const able = isPrivate ? some.filter(({ author }) => cannotTellAlone(deps, author) === undefined) : some
    return able.find(({ held }) => held.summary?.id === bulletin) ?? able[0]
  }

  return {
    add: async ({ values, at: said, once, bulletin }) => {
      // A sensor whose clock is ahead saw nothing later than now.
      const at = Math.min(said, replica.world.now())
      const day = new Date(at).toISOString().slice(0, 10)
      const key = 'id' in once ? `${name}#${once.id}` : `${name}/${once.stream}/${day}`
      const met = new Map<string, Target>()
      for (const value of values) {
        for (const some of await targetsOf(value)) {
          const [best] = some
          if (best === undefined) continue
          const place = `${best.indicator.type} ${best.indicator.value}`
          const target = chosen(some, bulletin)
          if (target !== undefined) met.set(place, target)
          else refused.set(place, cannotTellAlone(deps, best.author) ?? 'author-not-a-peer')
        }
      }
      // One record speaks of an indicator once, in however many ways.
      if (tallies.parts() + met.size > most) return 'full'
      for (const { held, indicator, author } of met.values()) {
        const { tlp } = held.descriptor
        const about = {
          bulletin: held.summary?.id ?? '',
          author,
          ...indicator,
          tlp,
          pap: (held.summary?.pap ?? 'RED') as Pap
        }
        tallies.count(about, { key, isOnce: 'id' in once, at })
      }
      return 'taken'
    },
    groups: () => {
      const groups = new Map<string, { tlp: Tlp; pap: Pap; tallies: Tally[] }>()
      for (const { tlp, pap, ...tally } of tallies.all()) {
        const group = groups.get(`${tlp} ${pap}`) ?? { tlp, pap, tallies: [] }
        groups.set(`${tlp} ${pap}`, group)
        group.tallies.push(tally)
      }
      return [...groups.values()]
    },
    known: tallies.known,
    unlisted: () => unlisted.size,
    refused: () => refused
  }
}

const isAddress = (type: IndicatorType): boolean => type === 'ipv4' || type === 'ipv6'

/** A listed name is met by all below it, by label; a single label lists nothing. */
function namesAbove(name: string): string[] {
  const labels = name.split('.')
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, from) => labels.slice(from).join('.'))
}

/** As feeds name them: highest confidence, then newest, then by id. */
function byKnowledge({ held: a }: Target, { held: b }: Target): number {
  const order = (b.summary?.confidence ?? 0) - (a.summary?.confidence ?? 0) || b.row.clock - a.row.clock
  return order || ((a.summary?.id ?? '') < (b.summary?.id ?? '') ? -1 : 1)
}
