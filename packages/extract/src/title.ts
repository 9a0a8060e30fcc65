import type { Minimisation } from './minimise.ts'
import { addressesOf } from './recipients.ts'
import { refangView } from './refang.ts'

const MAX_TITLE = 200
/** Who wrote when, as chats put it above or before a message. */
const AUTHOR_LINE = /^\s*@?[\p{L}][\p{L}\p{N} ._'-]{0,60}\s+\[?\d{1,2}[:h]\d{2}(?::\d{2})?(?:\s?[ap]m)?\]?\s*$/iu
const LABEL = /^\s*(?:objet|sujet|subject|title|titre)\s*[:=]\s*/iu

/** The title of a message: its first line that says something, without the chat's furniture. */
export function titleOf(text: string, minimisation: Minimisation): string | undefined {
  for (let start = 0, lines = 0; start < text.length && lines < 200; lines++) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const line = text.slice(start, Math.min(end, start + 1_000)).replace(LABEL, '')
    if (/\p{L}/u.test(line) && !AUTHOR_LINE.test(line)) return cleanTitle(line, minimisation)
    start = end + 1
  }
  return undefined
}

/** Shortens a title and takes out the addresses of recipients, of ours and of members. */
export function cleanTitle(line: string, minimisation: Minimisation): string | undefined {
  let title = line
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/^[\s>*#_-]+/, '')
    .trim()
  for (const address of addressesOf(refangView(title).text)) {
    if (minimisation.personIn(address) !== undefined) title = title.replace(address, '…')
  }
  const short = title.length <= MAX_TITLE ? title : `${title.slice(0, MAX_TITLE - 1).trimEnd()}…`
  return short === '' ? undefined : short.toWellFormed()
}
