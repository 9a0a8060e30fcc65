/** What the attributes of one MISP object say of each other, for what no indicator holds: a port, a file's name, a role. */
import { isObject, type JsonObject, textIn } from '../import-json.ts'
import { isTrue, noteOf, said, tagsOf } from './fields.ts'

export interface Neighbours {
  /** True for what is told in the notes of others, and is nothing by itself. */
  isNote(attribute: unknown): boolean
  /** One line each. */
  notesOf(attribute: unknown): readonly string[]
}

const HOST = /^(?:ip-(?:src|dst)|domain|hostname)$/
const HASH = /^(?:md5|sha(?:1|256|512)|ssdeep|tlsh)$/
const MOST = 8

export function neighboursIn(object: JsonObject, attributes: readonly unknown[]): Neighbours {
  const all = attributes.filter(isObject).filter((it) => !isTrue(it, 'deleted'))
  const has = (types: RegExp): boolean => all.some((it) => types.test(textIn(it, 'type') ?? ''))
  // What is under labels of its own must not be told under those of another.
  const open = all.filter(
    (it) => tagsOf(it.Tag).length + tagsOf(it.AttributeTag).length === 0 && (said(it, 'distribution') ?? '5') === '5'
  )
  const told = (type: string, word: (one: JsonObject) => string): string[] =>
    open
      .filter((it) => it.type === type)
      .slice(0, MOST)
      .flatMap((it) => {
        const value = said(it, 'value')
        return value === undefined ? [] : noteOf(word(it), value)
      })
  const ports = has(HOST) ? told('port', (it) => shown(it.object_relation) ?? 'port') : []
  const files = has(HASH) ? told('filename', () => 'file') : []
  const name = shown(object.name)

  return {
    isNote: (attribute) =>
      isObject(attribute) && attribute.type === 'port' && ports.length > 0 && open.includes(attribute),
    notesOf: (attribute) => {
      if (!isObject(attribute)) return []
      const type = textIn(attribute, 'type') ?? ''
      const relation = shown(attribute.object_relation)
      // `sha256` of a file says nothing new, `from` of a mail does.
      const isNew = relation !== undefined && !type.includes(relation) && !relation.includes(type)
      return [
        ...(isNew && name !== undefined ? [`${name}: ${relation}`] : []),
        ...(HOST.test(type) ? ports : []),
        ...(HASH.test(type) ? files : [])
      ]
    }
  }
}

/** Names of objects and relations are words with hyphens; others are nobody's template. */
function shown(name: unknown): string | undefined {
  return typeof name === 'string' && /^[\w-]{1,40}$/.test(name) ? name : undefined
}
