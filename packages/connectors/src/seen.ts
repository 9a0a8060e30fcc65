/** What a tool says that it met, as values that a bulletin may name. */
import { type IndicatorType, readIndicator, type TypedValue } from '@tocsin/model'
import { isObject, type JsonObject, textIn } from './import-json.ts'

/** Of one record, which may repeat a list without end. */
const MOST_VALUES = 64

export interface Seen {
  /** What is no value of this type is none that a bulletin could name: it is passed over. */
  add(type: IndicatorType, raw: string | undefined): void
  address(raw: string | undefined): void
  /** A name of the network: an address where it reads as one. */
  host(raw: string | undefined): void
  values(): readonly TypedValue[]
}

export function createSeen(): Seen {
  const found = new Map<string, TypedValue>()
  function add(as: IndicatorType, raw: string | undefined): boolean {
    if (raw === undefined || raw.length > 4_096 || found.size >= MOST_VALUES) return false
    const read = readIndicator(as, raw)
    if (!read.ok) return false
    found.set(`${read.type} ${read.value}`, { type: read.type, value: read.value })
    return true
  }
  const address = (raw: string | undefined): boolean =>
    raw !== undefined && add(raw.includes(':') ? 'ipv6' : 'ipv4', raw)
  return {
    add: (type, raw) => void add(type, raw),
    address: (raw) => void address(raw),
    host: (raw) => {
      const name = raw?.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
      if (!address(name)) add('domain', name)
    },
    values: () => [...found.values()]
  }
}

/** The objects at a member, which may be one or a list. */
export function objectsIn(object: JsonObject, name: string): readonly JsonObject[] {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  return (Array.isArray(value) ? value.slice(0, MOST_VALUES) : [value]).filter(isObject)
}

/** The texts at a member, which may be one or a list. */
export function textsIn(object: JsonObject, name: string): readonly string[] {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  if (!Array.isArray(value)) return [textIn(object, name) ?? []].flat()
  return value.slice(0, MOST_VALUES).filter((it): it is string => typeof it === 'string' && it.trim() !== '')
}

/** The address of `Name <a@b.example>`. */
export function mailAddress(text: string): string {
  return (/<([^<>]{1,320})>\s*$/.exec(text)?.[1] ?? text).trim()
}

/** The name behind the last @, as a list of senders looks it up. */
export function mailDomain(address: string): string | undefined {
  const at = address.lastIndexOf('@')
  return at < 0 ? undefined : address.slice(at + 1)
}
