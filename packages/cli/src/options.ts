import {
  INDICATOR_TYPE_NAMES,
  PAPS,
  type Pap,
  parsePap,
  parseThreat,
  parseTlp,
  THREATS,
  type Threat,
  TLPS,
  type Tlp
} from '@tocsin/model'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliError } from './errors.ts'
import type { Translate } from './language.ts'

/** An option that may be given several times. */
export function collected(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

/** A TLP in any usual spelling. */
export function tlpOption(text: string): Tlp {
  const tlp = parseTlp(text)
  if (tlp === undefined) throw new InvalidArgumentError(`${TLPS.join(', ')}?`)
  return tlp
}

/** A PAP in any usual spelling. */
export function papOption(text: string): Pap {
  const pap = parsePap(text)
  if (pap === undefined) throw new InvalidArgumentError(`${PAPS.join(', ')}?`)
  return pap
}

/** A threat class by its name in either language. */
export function threatOption(text: string): Threat {
  const threat = parseThreat(text)
  if (threat === undefined) throw new InvalidArgumentError(`${THREATS.join(', ')}?`)
  return threat
}

/** A whole number in a range. */
export function wholeOption(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= least && number <= most)) throw new InvalidArgumentError(`${least}–${most}?`)
    return number
  }
}

/** Adds what a person may say of a bulletin as a whole, whether it is written or came as a draft. */
export function withBulletinOptions(command: Command, t: Translate): Command {
  return command
    .option('--tlp <label>', t('opt-tlp'), tlpOption)
    .option('--pap <label>', t('opt-pap'), papOption)
    .option('--circle <name>', t('opt-circle'))
    .option('--to <institution>', t('opt-to'), collected)
    .option('--threat <class>', t('opt-threat'), threatOption)
    .option('--title <text>', t('opt-title'))
    .option('--confidence <n>', t('opt-confidence'), wholeOption(0, 100))
}

/** `--yes`, which answers the questions of a command beforehand. */
export function yesOption(description: string): Option {
  return new Option('--yes', description)
}

/** One type of indicator. */
export function typeOption(text: string): string {
  const names: readonly string[] = INDICATOR_TYPE_NAMES
  if (!names.includes(text)) throw new InvalidArgumentError(`${names.join(', ')}?`)
  return text
}

/** Types of indicator, with commas between them; an option that may be given several times. */
export function typesOption(value: string, previous: readonly string[] = []): readonly string[] {
  const names: readonly string[] = INDICATOR_TYPE_NAMES
  const types = value.split(',')
  const wrong = types.find((type) => !names.includes(type))
  if (wrong !== undefined) throw new InvalidArgumentError(`${names.join(', ')}?`)
  return [...previous, ...types]
}

/** `--map FIELD=PLACE`, as often as there are fields. Throws CliError `map-unreadable`. */
export function mapOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new CliError('map-unreadable', undefined, { given: pair })
      return [pair.slice(0, at), pair.slice(at + 1)]
    })
  )
}
