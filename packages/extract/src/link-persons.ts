import type { Minimisation, Omission } from './minimise.ts'

/** A link without the victims it names; `value` is missing when nothing of use remains. */
export interface CutLink {
  readonly value?: string
  readonly persons: readonly { readonly address: string; readonly omission: Omission }[]
}

/**
 * Takes recipients, own and members' addresses out of a link, in whichever encoding: a fragment goes whole, of a query
 * only the pairs that name somebody, and a path is cut before the segment. A path cut down to the bare host is no
 * indicator: it may be any large document host.
 */
export function cutPersons(url: string, minimisation: Minimisation): CutLink {
  // A URL in normal form: everything after host and port.
  const rest = /^[^/]+\/\/[^/?#]*(.*)$/s.exec(url)?.[1] ?? ''
  if (minimisation.personIn(rest) === undefined) return { value: url, persons: [] }
  const persons: { address: string; omission: Omission }[] = []
  const base = url.slice(0, url.length - rest.length)
  const hash = rest.indexOf('#')
  const beforeHash = hash < 0 ? rest : rest.slice(0, hash)
  const fragment = hash < 0 || names(rest.slice(hash + 1)) ? '' : rest.slice(hash)
  const mark = beforeHash.indexOf('?')
  const path = mark < 0 ? beforeHash : beforeHash.slice(0, mark)

  const segments = path.split('/')
  const named = segments.findIndex((segment) => segment !== '' && names(segment))
  if (named >= 0) {
    const kept = segments.slice(0, named).join('/')
    return kept === '' ? { persons } : { value: `${base}${kept}/`, persons }
  }
  const pairs = mark < 0 ? [] : beforeHash.slice(mark + 1).split('&')
  const keptPairs = pairs.filter((pair) => !names(pair.slice(pair.indexOf('=') + 1)))
  const query = keptPairs.length === 0 ? '' : `?${keptPairs.join('&')}`
  return { value: `${base}${path}${query}${fragment}`, persons }

  function names(component: string): boolean {
    const person = minimisation.personIn(component)
    if (person !== undefined) persons.push(person)
    return person !== undefined
  }
}
