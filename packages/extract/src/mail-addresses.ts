import { parseIndicator } from '@tocsin/model'
import { createCharClass } from './chars.ts'
import { overlaps } from './claims.ts'
import { omission } from './minimise.ts'
import { hasKnownSuffix } from './suffix.ts'
import type { TokenContext } from './tokens.ts'

const isLocal = createCharClass(/[A-Za-z0-9._%+-]/)
const isHost = createCharClass(/[\p{L}\p{N}.-]/u)
const endsNoHost = createCharClass(/[.-]/)
const beginsNoLocal = createCharClass(/[.%+-]/)
/** Mailing machines put the recipient into the sender with '=' for '@': 'bounce+jean=univ.example@evil.com'. */
const MACHINE = /^(?:prvs|btv1|srs[01]|bounces?|b|return)$|\+|^.*-$/i

/** Reads the mail addresses of a word that holds an at sign; '@name' is somebody in a chat. */
export function readMailAddresses({ part, collector, signatures }: TokenContext, from: number, to: number): void {
  const { view } = part
  let done = from
  for (let at = view.indexOf('@', from); at >= 0 && at < to; at = view.indexOf('@', at + 1)) {
    let start = at
    while (start > done && isLocal(view.charCodeAt(start - 1))) start--
    let end = at + 1
    while (end < to && isHost(view.charCodeAt(end))) end++
    while (end > at + 1 && endsNoHost(view.charCodeAt(end - 1))) end--
    while (start < at && beginsNoLocal(view.charCodeAt(start))) start++
    // '@name@host.example' is an account of the fediverse, no mailbox.
    if (start === at || view.charAt(start - 1) === '@') continue
    if (view.slice(start, at) === 'git' && view.charAt(end) === ':') continue
    if (start === from) start = machineStart(view, start)
    const host = view.slice(at + 1, end)
    const parsed = parseIndicator('domain', host)
    if (!parsed.ok) continue
    if (!hasKnownSuffix(parsed.value)) {
      if (part.defanged(start, end)) collector.refuse(part, 'unknown-tld', start, end)
      continue
    }
    if (overlaps(signatures, start, end)) {
      collector.omit(part, 'email', parsedAddress(view.slice(start, end)), start, end, omission('signature'))
      done = end
    } else if (collector.offer(part, 'email', view.slice(start, end), start, end, { quiet: true })) done = end
  }
}

/** Goes back over one '=' when what stands before it was put there by a mailing machine. */
function machineStart(view: string, start: number): number {
  if (view.charAt(start - 1) !== '=') return start
  let from = start - 1
  while (from > 0 && start - from < 64 && isLocal(view.charCodeAt(from - 1))) from--
  return MACHINE.test(view.slice(from, start - 1)) ? from : start
}

/** The normal form of an address, or what was written where there is none. */
function parsedAddress(written: string): string {
  const parsed = parseIndicator('email', written)
  return parsed.ok ? parsed.value : written
}
