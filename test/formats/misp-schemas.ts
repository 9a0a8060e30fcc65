/** The official JSON Schema of MISP events and MISP's table of types, as one question: what is wrong with this event? */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnySchemaObject } from 'ajv'
import Ajv4 from 'ajv-draft-04'

const FOLDER = join(import.meta.dirname, '../reference/misp')

const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))

interface DescribedTypes {
  readonly result: { readonly category_type_mappings: Readonly<Record<string, readonly string[]>> }
}

interface Attribute {
  readonly category?: string
  readonly type?: string
}

type Fields = Readonly<Record<string, unknown>>

const without = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

/**
 * A REST answer without what a MISP says there beyond its own schema, which is older: fields that its clients read. What
 * is left is held against the schema as everything else is.
 */
export function plainEvent<T>({ Event }: { readonly Event: T }): { readonly Event: T } {
  const { Attribute = [], Org = {}, Orgc = {}, ...event } = Event as Fields & Readonly<Record<string, Fields>>
  const attributes = (Attribute as unknown as readonly Fields[]).map((attribute) =>
    without(attribute, ['object_id', 'object_relation', 'first_seen', 'last_seen', 'Galaxy'])
  )
  const plain = {
    ...without(event, ['extends_uuid', 'Object', 'EventReport']),
    Org: without(Org, ['local']),
    Orgc: without(Orgc, ['local']),
    Attribute: attributes
  }
  return { Event: plain as unknown as T }
}

/** Tells every fault of `{"Event":…}`; none is an empty list. */
export function mispSchemas(): (document: {
  readonly Event?: { readonly Attribute?: readonly Attribute[] }
}) => string[] {
  const ajv = new Ajv4.default({ strict: false, allErrors: true })
  const validate = ajv.compile(read('schema.json') as AnySchemaObject)
  const { category_type_mappings: types } = (read('describeTypes.json') as DescribedTypes).result
  return (document) => {
    const isValid: unknown = validate(document)
    const faults = isValid === true ? [] : (validate.errors ?? []).map((it) => `${it.instancePath} ${it.message}`)
    const pairs = (document.Event?.Attribute ?? []).filter(
      ({ category = '', type = '' }) => types[category]?.includes(type) !== true
    )
    return [...faults, ...pairs.map(({ category, type }) => `no pair of describeTypes: ${category}, ${type}`)]
  }
}
