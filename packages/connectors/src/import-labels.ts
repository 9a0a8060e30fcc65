import { formatPap, formatTlp, type Pap, parsePap, parseTlp, stricterPap, stricterTlp, type Tlp } from '@tocsin/model'
import type { ImportRefusalCode } from './errors.ts'
import type { ImportWarning, SourceLabels } from './import.ts'
import { oneLine } from './text.ts'

/** The labels that hold for an object. */
export interface Labels {
  readonly tlp: Tlp
  readonly pap: Pap
}

/** Every label that an object carries, as it is written there. */
export interface SaidLabels {
  readonly tlp: readonly string[]
  readonly pap: readonly string[]
}

export type LabelsFor =
  | { readonly ok: true; readonly labels: Labels; readonly warnings: readonly ImportWarning[] }
  | { readonly ok: false; readonly code: ImportRefusalCode; readonly message: string }

interface Scale<T extends string> {
  readonly name: 'TLP' | 'PAP'
  readonly parse: (text: string) => T | undefined
  readonly stricter: (a: T, b: T) => T
  readonly format: (label: T) => string
}

const TLP: Scale<Tlp> = { name: 'TLP', parse: parseTlp, stricter: stricterTlp, format: formatTlp }
const PAP: Scale<Pap> = { name: 'PAP', parse: parsePap, stricter: stricterPap, format: formatPap }

/**
 * The labels of an object: its own, the stricter of several that contradict each other, else its container's, else what
 * the operator set for the source; never wider than the container. An unknown label, or none at all, refuses the object.
 */
export function labelsFor(said: SaidLabels, defaults: SourceLabels, container?: Labels): LabelsFor {
  const warnings: ImportWarning[] = []
  const tlp = labelFor(TLP, said.tlp, defaults.tlp, container?.tlp, warnings)
  const pap = labelFor(PAP, said.pap, defaults.pap, container?.pap, warnings)
  if (typeof tlp === 'object') return tlp
  if (typeof pap === 'object') return pap
  return { ok: true, labels: { tlp, pap }, warnings }
}

function labelFor<T extends string>(
  { name, parse, stricter, format }: Scale<T>,
  said: readonly string[],
  usual: T | undefined,
  container: T | undefined,
  warnings: ImportWarning[]
): T | Extract<LabelsFor, { ok: false }> {
  const read = said.map((text) => ({ text, label: parse(text) }))
  const unknown = read.find(({ label }) => label === undefined)
  if (unknown !== undefined) {
    return { ok: false, code: 'label-unknown', message: `not a label of ${name}: ${oneLine(unknown.text, 40)}` }
  }
  const own = read.flatMap(({ label }) => label ?? [])
  const [first] = own
  if (first === undefined) {
    const label = container ?? usual
    return label ?? { ok: false, code: 'label-missing', message: `no ${name} here, and none set for the source` }
  }
  const strictest = own.reduce(stricter)
  if (own.some((label) => label !== strictest)) {
    const all = [...new Set(own)].map(format).join(', ')
    warnings.push({ code: 'labels-contradict', message: `${all}: ${format(strictest)} is taken` })
  }
  if (container === undefined || stricter(strictest, container) === strictest) return strictest
  const message = `${format(strictest)} inside ${format(container)}: ${format(container)} is taken`
  warnings.push({ code: 'label-wider-than-container', message })
  return container
}

/** Tags of MISP, OpenCTI or STIX (`tlp:amber`, `PAP:GREEN`) apart from all others; `tlp:ex:chr` is a label too. */
export function labelsInTags(tags: readonly string[]): SaidLabels & { readonly others: readonly string[] } {
  const tlp = tags.filter((tag) => /^\s*tlp\s*:/i.test(tag))
  const pap = tags.filter((tag) => /^\s*pap\s*:/i.test(tag))
  return { tlp, pap, others: tags.filter((tag) => !tlp.includes(tag) && !pap.includes(tag)) }
}

const LABEL_IN_TEXT = /\b(tlp|pap)\s{0,3}:\s{0,3}([a-z]+(?:\+[a-z]+)?)/gi

/**
 * Labels that a person wrote into a text, as in `TLP:AMBER / PAP:GREEN`. A word after the colon that is no label is one
 * that nobody knows (`TLP:ORANGE`), and refuses the text; `PAP :` in French prose needs a label behind it to count.
 */
export function labelsInText(text: string): SaidLabels {
  const found = [...text.matchAll(LABEL_IN_TEXT)].map(([whole, scale = '', word = '']) => ({
    scale: scale.toLowerCase(),
    word,
    isShouted: whole === whole.toUpperCase()
  }))
  const of = (scale: string, parse: (text: string) => string | undefined): string[] =>
    found.filter((it) => it.scale === scale && (it.isShouted || parse(it.word) !== undefined)).map(({ word }) => word)
  return { tlp: of('tlp', parseTlp), pap: of('pap', parsePap) }
}

/**
 * As labelsFor, of a text that somebody pasted. Who wrote which words of it is not known, so a label wider than what the
 * operator set for the source comes with a warning: no policy publishes that.
 */
export function labelsForText(text: string, defaults: SourceLabels): LabelsFor {
  const found = labelsFor(labelsInText(text), defaults)
  if (!found.ok) return found
  const { tlp, pap } = found.labels
  const isWider =
    (defaults.tlp !== undefined && stricterTlp(tlp, defaults.tlp) !== tlp) ||
    (defaults.pap !== undefined && stricterPap(pap, defaults.pap) !== pap)
  if (!isWider) return found
  const message = `${formatTlp(tlp)} ${formatPap(pap)} stands in the text`
  return { ...found, warnings: [...found.warnings, { code: 'label-wider-than-source', message }] }
}
