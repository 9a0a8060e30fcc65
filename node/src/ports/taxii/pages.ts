import type { ApiPorts, TaxiiFilter, TaxiiItem, TaxiiPlace } from '@tocsin/api'
import type { StixObject } from '@tocsin/connectors'
import { NodeError } from '../../errors.ts'
import { createUseRules, type UseRuleDeps } from '../use-rules.ts'
import { timeline } from './timeline.ts'

const BEGINNING: TaxiiPlace = { arrival: 0, index: -1 }

/** Pages of the collections, each closed: what an object refers to is in its page. */
export function createTaxiiPort(deps: UseRuleDeps): ApiPorts['taxii'] {
  const useRules = createUseRules(deps)

  return {
    page: async (use, { after = BEGINNING, limit, filter }, reader) => {
      // A token speaks for one use: a collection made for hunting must not end in a resolver.
      if (reader.scope !== 'admin' && reader.use !== use)
        throw new NodeError('forbidden-use', undefined, { use, allowed: reader.use })
      const rules = useRules.now(use)
      const wants = wantedBy(filter)
      const items: TaxiiItem[] = []
      const given = new Set<string>()
      const missing = filter.ids === undefined ? undefined : new Set(filter.ids)
      let last: TaxiiPlace | undefined
      for await (const { place, object, support } of timeline(deps, rules, reader, after)) {
        const wanted = wants(object)
        const around = support.filter((one) => !given.has(one.id) && wants(one))
        const extra = around.length + (wanted ? 1 : 0)
        if (extra === 0) continue
        // A page too small for an author and a marking beside one object holds the object alone.
        const isCramped = items.length === 0 && extra > limit
        if (!isCramped && items.length + extra > limit) return { items, ...(last === undefined ? {} : { next: last }) }
        const closed = [...around, ...(wanted ? [object] : [])]
        for (const one of isCramped ? closed.slice(-limit) : closed) {
          items.push(itemOf(one, place))
          given.add(one.id)
          missing?.delete(one.id)
        }
        last = place
        if (missing?.size === 0) break
      }
      return { items }
    }
  }
}

function itemOf(object: StixObject, place: TaxiiPlace): TaxiiItem {
  return { place, id: object.id, version: versionOf(object), object: object as object as TaxiiItem['object'] }
}

/** Markings have no versions: TAXII 2.1 §3.4.1 takes `created` for them. */
function versionOf(object: StixObject): string {
  return object.type === 'marking-definition' ? object.created : object.modified
}

function wantedBy({ ids, types, versions }: TaxiiFilter): (object: StixObject) => boolean {
  const idSet = ids === undefined ? undefined : new Set<string>(ids)
  const typeSet = types === undefined ? undefined : new Set<string>(types)
  const versionSet = versions === undefined ? undefined : new Set(versions)
  return (object) =>
    (idSet === undefined || idSet.has(object.id)) &&
    (typeSet === undefined || typeSet.has(object.type)) &&
    (versionSet === undefined || versionSet.has(Date.parse(versionOf(object))))
}
