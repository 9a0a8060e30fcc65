/** The official JSON Schemas of STIX 2.1, as one question: what is wrong with this object? */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnySchemaObject } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

const FOLDER = join(import.meta.dirname, '../reference/stix2.1-schemas')
const BASE = 'http://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/stix2.1/schemas'
const PLACES = ['common', 'observables', 'sdos', 'sros'] as const

/** Tells every fault of a STIX object, or of a bundle with all that is in it; none is an empty list. */
export function stixSchemas(): (object: { readonly type: string }) => readonly string[] {
  // The schemas escape hyphens in patterns, and repeat keywords that the strict mode wants said once.
  const ajv = new Ajv2020({ unicodeRegExp: false, strict: false, allErrors: true, formats: { 'idn-hostname': true } })
  addFormats.default(ajv)
  const places = new Map<string, string>()
  for (const place of PLACES) {
    for (const name of readdirSync(join(FOLDER, place))) {
      ajv.addSchema(JSON.parse(readFileSync(join(FOLDER, place, name), 'utf8')) as AnySchemaObject)
      places.set(name.replace(/\.json$/, ''), `${BASE}/${place}/${name}`)
    }
  }
  return (object) => {
    const place = places.get(object.type)
    const validate = place === undefined ? undefined : ajv.getSchema(place)
    if (validate === undefined) return [`no schema of the type ${object.type}`]
    const isValid: unknown = validate(object)
    if (isValid === true) return []
    return (validate.errors ?? []).map(({ instancePath, message }) => `${object.type}${instancePath} ${message}`)
  }
}
