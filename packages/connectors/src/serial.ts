import { headed } from './head.ts'

/** Serials live on a circle of this size (RFC 1982 §3). */
const CIRCLE = 2 ** 32

// The serial's line in our own zones, and in no other feed: their lines never begin with a tab.
const LINE = /^\t(\d{1,10}) ; serial$/m

/** True for an integer of 32 bits. */
export function isSerial(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < CIRCLE
}

/** The line of the SOA record that holds the serial, and by which it is found again. */
export function serialLine(serial: number): string {
  return `\t${serial} ; serial`
}

/** RFC 1982 §3.2: true if `a` is later on the circle than `b`; the undefined case, half a circle apart, counts as no. */
export function serialIsNewer(a: number, b: number): boolean {
  const ahead = (a - b + CIRCLE) % CIRCLE
  return ahead > 0 && ahead < CIRCLE / 2
}

/**
 * The serial of a zone: the previous one while nothing changed. On a change, `now` (ms since the epoch) as seconds if
 * that is newer than the previous serial, else the previous one plus one. Zero is passed over, because tools take it
 * for "none". Never goes back by RFC 1982, whatever the clock says.
 */
export function nextSerial(previous: number | undefined, changed: boolean, now: number): number {
  const clock = Math.max(1, Math.floor(now / 1000) % CIRCLE)
  if (previous === undefined) return clock
  if (!changed) return previous
  return serialIsNewer(clock, previous) ? clock : (previous + 1) % CIRCLE || 1
}

/** The serial of a zone that a feed wrote, from the first pieces of it; undefined if there is none. */
export function serialOf(head: string): number | undefined {
  const text = LINE.exec(head)?.[1]
  const serial = text === undefined ? undefined : Number(text)
  return isSerial(serial) ? serial : undefined
}

/**
 * A zone whose serial is newer than `previous`: kept where it is already, else moved one step on. Other feeds, and a
 * zone without a previous one, pass as they are. Pieces may be cut anywhere.
 */
export function movingSerial(
  pieces: AsyncIterable<string>,
  previous: number | undefined,
  now: number
): AsyncIterable<string> {
  if (previous === undefined) return pieces
  return headed(pieces, (head) => {
    const serial = serialOf(head)
    if (serial === undefined || serialIsNewer(serial, previous)) return head
    return head.replace(LINE, serialLine(nextSerial(previous, true, now)))
  })
}

/** The head of a feed with the serial, if there is one, made 0: what a comparison of contents looks at. */
export function withoutSerial(head: string): string {
  return head.replace(LINE, serialLine(0))
}
