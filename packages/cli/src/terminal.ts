import { openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { ReadStream } from 'node:tty'

/**
 * The controlling terminal itself, as git and ssh ask it: for questions whose standard input was a pasted text or a
 * pipe. Undefined where there is none. The caller destroys it.
 */
export function openTerminal(): Readable | undefined {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    return undefined
  }
}
