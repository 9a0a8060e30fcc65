import type { Minimisation } from './minimise.ts'
import { createLineOpenings, matchesAt } from './openings.ts'
import type { Part } from './part.ts'

/** A pasted header line that names who received the mail: 'À : …', 'To: …', 'Destinataires : …'. */
const RECIPIENT_LINE =
  /^[\s>*]{0,12}(?:to|à|a|pour|cc|cci|bcc|destinataires?|recipients?|envoyé à|delivered-to|x-original-to|envelope-to)\*{0,2}\s{0,2}:/imuy
const RECIPIENT_LINES = createLineOpenings('tàapcdrebx')
const ADDRESS = /[A-Za-z0-9._%+-]{1,64}@[\p{L}\p{N}.-]{3,253}/gu
const MAX_LINE = 65_536

/** Notes the recipients that the text itself names, so that they are left out wherever they stand. */
export function noteRecipients(part: Part, minimisation: Minimisation): void {
  const { view } = part
  let done = 0
  for (const match of matchesAt(view, RECIPIENT_LINE, RECIPIENT_LINES(view, part.lines))) {
    if (match.index < done) continue
    const from = match.index + match[0].length
    const line = view.slice(from, Math.min(view.length, from + MAX_LINE))
    // A long list of recipients is folded over lines that begin with a blank (RFC 5322 §2.2.3).
    const end = line.search(/\n(?![ \t]+\S*@)/)
    const list = end < 0 ? line : line.slice(0, end)
    done = from + list.length
    for (const address of addressesOf(list)) minimisation.addRecipient(address)
  }
}

/** The mail addresses of a header value. */
export function addressesOf(text: string): string[] {
  if (!text.includes('@')) return []
  return [...text.matchAll(ADDRESS)].map(([address]) => address.replace(/[.-]+$/, ''))
}
