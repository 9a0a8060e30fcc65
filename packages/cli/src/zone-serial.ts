/**
 * The serial of a response policy zone, in the one line of our zones that has it. It may only move forwards, and only
 * when something else changed: a resolver takes a zone by its serial alone (RFC 1035 §3.3.13, RFC 1982).
 */
const LINE = /^\t(\d{1,10}) ; serial$/m
const CIRCLE = 2 ** 32

/** The serial in the head of a zone; undefined where there is none. */
export function serialOf(head: string): number | undefined {
  const serial = Number(LINE.exec(head)?.[1] ?? Number.NaN)
  return Number.isInteger(serial) && serial < CIRCLE ? serial : undefined
}

/** The head with another serial. */
export function withSerial(head: string, serial: number): string {
  return head.replace(LINE, `\t${serial} ; serial`)
}

/** True if `a` is later than `b` on the circle of serials (RFC 1982 §3.2). */
export function isLater(a: number, b: number): boolean {
  const ahead = (a - b + CIRCLE) % CIRCLE
  return ahead > 0 && ahead < CIRCLE / 2
}

/** The serial that a changed zone gets after `previous`: its own if that is later, else the next one; never 0. */
export function movedSerial(own: number, previous: number | undefined): number {
  if (previous === undefined || isLater(own, previous)) return own
  return (previous + 1) % CIRCLE || 1
}
