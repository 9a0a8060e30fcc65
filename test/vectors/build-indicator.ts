import { ACCEPTED, REFUSED } from '../../packages/model/src/indicator.cases.ts'
import { type Case, fails, holds, type VectorFile } from './case.ts'

// What is written otherwise than in normal form is read in drafts, and refused in signed bodies.
const inNormalForm = [...new Map(ACCEPTED.map(([type, , value]) => [`${type} ${value}`, { type, value }])).values()]
const written = ACCEPTED.filter(([, raw, value]) => raw !== value).map(([type, value]) => ({ type, value }))
// CBOR holds no lone surrogate, and no body holds a value of no letters.
const refused = REFUSED.filter(([, value]) => value.isWellFormed()).map(([type, value]) => ({ type, value }))

/** Values of more than a line of letters are told by their length. */
const nameOf = ({ type, value }: { type: string; value: string }): string =>
  value.length > 80 ? `${type} of ${value.length} letters` : `${type} ${JSON.stringify(value)}`

/** Every case, in a fixed order. */
export function buildIndicator(): VectorFile {
  return {
    description:
      'Values of indicators: only the normal form of its type stands in a signed body; another makes it opaque.',
    cases: [
      ...inNormalForm.map((it): Case => holds('indicator', nameOf(it), it, true)),
      ...written.map((it) => fails('indicator', `${nameOf(it)}, not in normal form`, it, 'bad-shape')),
      ...refused.map((it) => fails('indicator', nameOf(it), it, 'bad-shape'))
    ]
  }
}
