/** What a work is, and what it gives back: rows of the one table, and curves. */
import type { Spread } from './figures.ts'

export interface Row {
  /** Stable name: rows of an earlier run are replaced by it. */
  readonly id: string
  readonly work: string
  readonly unit: string
  readonly ours: Spread
  readonly reference?: Reference
  readonly budget?: Budget
  /** What a reader must know to read the row right. */
  readonly note?: string
}

export interface Reference {
  readonly name: string
  readonly value: Spread
  /** Not measured in this run: somebody else's figure, quoted. */
  readonly quoted?: true
  /** `faster` tells how many times as fast or small ours is, `share` how much of the reference ours takes. */
  readonly as: 'faster' | 'share'
}

export interface Budget {
  readonly text: string
  readonly met: boolean
  /** What we hope for, not what the design promises. */
  readonly aim?: true
}

/** How a figure grows. `law` is k of y = c · x^k. */
export interface Curve {
  readonly id: string
  readonly title: string
  readonly x: string
  readonly unit: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly law: number
}

export interface Measured {
  readonly rows: readonly Row[]
  readonly curves?: readonly Curve[]
}

export interface Bench {
  /** Indicators of the large works. */
  readonly indicators: number
  readonly seed: number
  /** Fewer repetitions and smaller towns. */
  readonly quick: boolean
  /** Also what takes an hour: 10^7 indicators, 1,000 institutions. */
  readonly long: boolean
  /** Folder for homes and stores; gone after the run. */
  readonly folder: string
  /** Progress, to standard error. */
  say(text: string): void
}

export interface Work {
  readonly name: string
  readonly title: string
  run(bench: Bench): Promise<Measured>
}

/** Ours ÷ reference or the other way round, as the reference says. */
export function ratioOf({ ours, reference }: Pick<Row, 'ours' | 'reference'>): number | undefined {
  if (reference === undefined) return undefined
  const { value, as } = reference
  return as === 'faster' ? value.median / ours.median : ours.median / value.median
}

/** Indicators of one bulletin in the large works (DESIGN §10). */
export const PER_BULLETIN = 1_000
