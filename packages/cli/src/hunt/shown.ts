import type { Find } from '@tocsin/hunt'
import { defang, defangText, formatPap, formatTlp } from '@tocsin/model'
import type { Session } from '../session.ts'
import type { Quarry } from './quarry.ts'

/** One find as a line for people, or with --json as an object on a line. */
export function findShown(session: Session, quarry: Quarry, file: string, find: Find, context: number): void {
  const { screen } = session
  const { line, offset, text, before, after } = find
  const { type, value } = quarry.indicator(find.indicator)
  const bulletins = quarry.bulletins(find.indicator)
  if (session.json()) {
    const around = context === 0 ? {} : { before, after }
    screen.json({ file, line, offset, type, value, text, ...around, bulletins }, 0)
    return
  }
  const [best] = bulletins
  // Around a value only what would become a link is defanged: the rest is the reader's own log.
  const shown = context === 0 ? defang(type, text) : `${defangText(before)}${defang(type, text)}${defangText(after)}`
  const parts = [`${file}:${line}:${offset}`, shown, type]
  if (defang(type, value) !== defang(type, text)) parts.push(defang(type, value))
  if (best !== undefined)
    parts.push(best.id.slice(0, 8), best.authorName, formatTlp(best.tlp), formatPap(best.pap), best.threat)
  if (bulletins.length > 1) parts.push(`+${bulletins.length - 1}`)
  screen.line(parts.join('  '))
}

/** Bytes as people read them: 1.2 GB. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** step).toPrecision(3))} ${units[step]}`
}

/** How far a search is, on one line of a terminal that is written over; nothing where nobody looks. */
export interface Progress {
  show(file: string, part: number | undefined, bytes: number): void
  /** Frees the line for something else. */
  clear(): void
}

/** Written over at most so often, in ms. */
const EVERY = 250

export function createProgress({ env, t, now }: Session): Progress {
  let last = now()
  let isShown = false
  return {
    show(file, part, bytes) {
      if (!env.isTTY || now() - last < EVERY) return
      last = now()
      isShown = true
      const percent = part === undefined ? '' : ` ${Math.floor(part * 100)} %`
      env.stderr.write(`\r\u001b[K${t('hunt-progress', { file: fileText(file), bytes: bytesText(bytes) })}${percent}`)
    },
    clear() {
      if (isShown) env.stderr.write('\r\u001b[K')
      isShown = false
    }
  }
}

/** The end of a path: a line that wraps cannot be written over. */
const fileText = (file: string): string => {
  const plain = file.replace(/\p{Cc}/gu, '?')
  return plain.length <= 40 ? plain : `…${plain.slice(-39)}`
}
