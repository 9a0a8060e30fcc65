import { parseArgs } from 'node:util'
import { PER_BULLETIN } from './work.ts'
import { WORKS } from './works.ts'

export interface Options {
  readonly only: readonly string[]
  readonly indicators: number
  readonly seed: number
  readonly quick: boolean
  readonly long: boolean
  readonly json: boolean
  readonly list: boolean
  readonly profile: boolean
  readonly help: boolean
}

export const HELP = `npm run bench -- [options] [NAME …]

  --list            the works
  --only NAME       this work alone; may be given several times, or as NAME
  --quick           100,000 indicators instead of 1,000,000, and fewer repetitions
  --indicators N    so many, in thousands
  --seed N          of the records and of the topologies (1)
  --long            also what takes an hour: 10,000,000 indicators, 1,000 institutions
  --json            the figures as JSON instead of the table
  --profile         where the receiver's time goes while it catches up, by room`

/** @throws TypeError for an unknown option, RangeError for an impossible value */
export function optionsOf(args: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      indicators: { type: 'string' },
      seed: { type: 'string', default: '1' },
      quick: flag,
      long: flag,
      json: flag,
      list: flag,
      profile: flag,
      help: flag
    }
  })
  const { only: named, indicators: wanted, seed, ...flags } = values
  const only = [...named, ...positionals]
  const unknown = only.find((name) => !WORKS.some((work) => work.name === name))
  if (unknown !== undefined) throw new RangeError(`no work is called ${unknown}: see --list`)
  const indicators = Number(wanted ?? (flags.quick ? 100_000 : 1_000_000))
  if (!Number.isSafeInteger(indicators) || indicators < PER_BULLETIN || indicators % PER_BULLETIN !== 0)
    throw new RangeError(`--indicators takes a multiple of ${PER_BULLETIN}`)
  if (!/^\d{1,9}$/.test(seed)) throw new RangeError('--seed takes a whole number')
  return { ...flags, only, indicators, seed: Number(seed) }
}
