/** When an author may say how many institutions told it alone that they saw an indicator. */
import { LEAST_CONTRIBUTORS } from '@tocsin/model'
import type { PrivateSightings } from './indicator-facts.ts'

export type CountCode = 'too-few-contributors' | 'count-too-close'

/**
 * Why this count would tell too much, or undefined. Fewer than `least` nearly names them. And whoever knows an earlier
 * count learns by the difference how many came since (or went): it has to be nobody, or as many again. Of *every* earlier
 * one, since 6, 3 and 7 show a single newcomer as 6 and 7 do.
 * @param least at least LEAST_CONTRIBUTORS, which every reader asks for
 */
export function judgeCount({ contributors, published }: PrivateSightings, least: number): CountCode | undefined {
  const step = Math.max(least, LEAST_CONTRIBUTORS)
  if (contributors < step) return 'too-few-contributors'
  const isClose = published.some((before) => before !== contributors && Math.abs(before - contributors) < step)
  return isClose ? 'count-too-close' : undefined
}
