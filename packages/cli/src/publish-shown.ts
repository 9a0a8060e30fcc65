/** What an officer sees before he publishes: what was found and left out, the labels, and the three lists. */
import type { ExtractionView, PublishView } from '@tocsin/api'
import { formatPap, formatTlp } from '@tocsin/model'
import type { Session } from './session.ts'
import { audienceShown, defangedGuess, nameOf, shortTime, shortTitle } from './shown.ts'

/** Values of a member's accounts, which go to that member alone. */
interface Offer {
  readonly to: string
  readonly name: string
  readonly values: readonly string[]
}

/** What a text gave, and everything in it that will not be published, each with its reason. */
export function extractionShown({ t, screen }: Session, extraction: ExtractionView): void {
  const rows = [
    ...extraction.leftOut.map((it) => [defangedGuess(it.value), it.where, `${it.reason} (${it.code})`]),
    ...extraction.refused.map((it) => [defangedGuess(it.raw), it.where, `${it.reason} (${it.code})`]),
    ...extraction.attachments.map((it) => [it.name, t('attachment'), t('not-attached')])
  ]
  if (rows.length === 0) return
  screen.line(t('left-out'))
  screen.table([t('col-value'), t('col-where'), t('col-reason')], rows)
  screen.line()
}

/** The bulletin as it would be signed. */
export function previewShown(session: Session, view: PublishView): void {
  const { t, screen } = session
  const { labels } = view
  const mark = (label: string, text: string): string =>
    labels.defaulted.includes(label) ? `${text} ${t('by-default')}` : text
  screen.facts([
    [t('col-title'), shortTitle(view.title)],
    ['TLP', mark('tlp', formatTlp(labels.tlp))],
    ['PAP', mark('pap', formatPap(labels.pap))],
    ...(labels.circle === undefined ? [] : [[t('col-circle'), mark('circle', labels.circle)] as const]),
    [t('col-threat'), mark('threat', labels.threat)],
    [t('col-confidence'), mark('confidence', String(labels.confidence))],
    [t('col-keep-until'), mark('keepUntil', shortTime(labels.keepUntil))]
  ])
  screen.line()
  if (view.indicators.length > 0) {
    screen.table(
      [t('col-value'), t('col-type'), t('col-role')],
      view.indicators.map((it) => [it.defanged, it.type, it.role])
    )
    screen.line()
  }
  if (view.problems.length > 0) {
    screen.line(t('refused-lines', { count: view.problems.length }))
    screen.table(
      [t('col-where'), t('col-reason')],
      view.problems.map((it) => [it.path, `${it.message} (${it.code})`])
    )
    screen.line()
  }
  audienceShown(session, view.audience)
  for (const warning of view.warnings) screen.line(`${t('warning')} ${warning.message} (${warning.code})`)
}

/** Members whose accounts were found: by the node in the draft, or left out of a text. */
export function offersOf(view: PublishView, extraction: ExtractionView | undefined): Offer[] {
  const offers = new Map<string, Offer>()
  const add = (to: string, name: string, values: readonly string[]) => {
    const before = offers.get(to)?.values ?? []
    offers.set(to, { to, name, values: [...new Set([...before, ...values])] })
  }
  for (const { to, values } of view.offers) add(to.id, nameOf(to), values)
  for (const { code, institution, value } of extraction?.leftOut ?? []) {
    if (code === 'account-of-member' && institution !== undefined) add(institution, institution, [value])
  }
  return [...offers.values()]
}

/** The offers, each with the command that sends it. */
export function offersShown({ t, screen, env, home }: Session, offers: readonly Offer[]): void {
  const where = home() === env.home ? '' : ` --home ${quoted(home())}`
  for (const { to, name, values } of offers) {
    screen.line()
    screen.line(t('offer', { name, count: values.length }))
    const indicators = values.map((value) => ({ type: 'account', value }))
    const draft = { title: t('offer-title'), threat: 'account-compromise', indicators }
    screen.line(`  printf '%s' ${quoted(JSON.stringify(draft))} | tocsin publish - --to ${quoted(to)}${where}`)
  }
}

/** One word of a POSIX shell: within single quotes nothing is special but the quote itself. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
