/** Members of MISP's objects as they are written there. */
import { isObject, type JsonObject, textIn } from '../import-json.ts'
import { oneLine } from '../text.ts'

/** Of what is told of a half that is no indicator, or of a neighbour in the same object. */
const MAX_NOTE = 100

/** Numbers in the place of texts are meant, as in many a MISP's own export. */
export function said(object: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : textIn(object, name)
}

/** MISP writes what is true as a boolean, its older versions as a number. */
export const isTrue = (object: JsonObject, name: string): boolean => ['true', '1'].includes(said(object, name) ?? '')

/** Names of tags: `Tag` of the core format, `EventTag` and `AttributeTag` around it. */
export function tagsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value.filter(isObject).flatMap((tag) => textIn(isObject(tag.Tag) ? tag.Tag : tag, 'name') ?? [])
}

/** One line about something that is said beside a value, as in `port 443`. */
export function noteOf(word: string, value: string): string {
  return `${word} ${oneLine(value, MAX_NOTE)}`
}
