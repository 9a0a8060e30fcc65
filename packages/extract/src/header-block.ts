import type { Minimisation } from './minimise.ts'
import { addressesOf } from './recipients.ts'

const FROM = /^[\s>*]{0,12}(?:de|from|exp[ée]diteur|sender)\*{0,2}\s{0,16}:(.{0,400})$/imu
const NEAR = 1_000

/** True when the lines around `at`, up to an empty one, say that the message is from one of ours or of a member. */
export function isReporter(view: string, at: number, minimisation: Minimisation): boolean {
  const before = view.slice(Math.max(0, at - NEAR), at)
  const after = view.slice(at, at + NEAR)
  const block = `${before.slice(lastEmptyLine(before))}${after.slice(0, after.search(EMPTY_LINE) >>> 0)}`
  const from = FROM.exec(block)?.[1]
  if (from === undefined) return false
  return addressesOf(from).some(
    (address) => minimisation.ownerOf(address.slice(address.lastIndexOf('@') + 1)) !== undefined
  )
}

const EMPTY_LINE = /\n[ \t>]{0,8}\r?\n/

function lastEmptyLine(text: string): number {
  let last = 0
  for (const match of text.matchAll(/\n[ \t>]{0,8}\r?(?=\n)/g)) last = match.index
  return last
}
