/** What an operator means by a value that he names without its type. */
import { type ExtractContext, extractText } from '@tocsin/extract'
import { guessTypes, isIndicatorType, readIndicator, refang, type TypedValue } from '@tocsin/model'
import { NodeError } from '../errors.ts'

/** Nothing is left out of what an operator names himself. */
const NOBODY: ExtractContext = { ownDomains: [], circleDomains: [] }

/**
 * The indicator that is meant: of the type that is said, else of that which a text of this one value would yield, else
 * of the only kind that it can be. @throws NodeError value-unreadable, type-needed
 */
export function meantBy(value: string, type: string | undefined): TypedValue {
  if (type !== undefined && isIndicatorType(type)) {
    const parsed = readIndicator(type, refang(value).trim())
    if (!parsed.ok) throw new NodeError('value-unreadable', undefined, { value, reason: parsed.reason })
    return { type: parsed.type, value: parsed.value }
  }
  const guesses = guessTypes(value)
  const [first] = guesses
  if (first === undefined) throw new NodeError('value-unreadable', undefined, { value })
  const { found } = extractText(value, NOBODY)
  const extracted = found.length === 1 ? found[0] : undefined
  const meant = guesses.find((one) => one.type === extracted?.type && one.value === extracted.value)
  if (meant !== undefined) return meant
  // Any text can be a subject: where this one can be, nothing in it says what it is.
  if (guesses.length > 1 && guesses.some((one) => one.type === 'email-subject')) throw typeNeeded(value, guesses)
  return first
}

export function typeNeeded(value: string, choices: readonly TypedValue[]): NodeError {
  const types = [...new Set(choices.map((one) => one.type))]
  return new NodeError('type-needed', `the value can be of several types: ${types.join(', ')}`, { value, types })
}
