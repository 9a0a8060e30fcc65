import type { BulletinView } from '@tocsin/api'
import { defangText, formatPap, formatTlp, stricterTlp, THREAT_INFO, THREATS, type Tlp } from '@tocsin/model'
import { createTranslate, type Language, type Translate } from '../language.ts'
import { safeLine } from '../safe.ts'
import { nameOf, shortTime, shortTitle } from '../shown.ts'
import type { Digest } from './gather.ts'

export interface DigestText {
  readonly subject: string
  readonly text: string
}

/** Values shown of one bulletin. */
const VALUES = 10

/** The digest in a language: a banner with the strictest label, then the classes, then each part of a class. */
export function digestText(
  digest: Digest,
  { lang, period, since, now }: { lang: Language; period: 'daily' | 'weekly'; since: number; now: number }
): DigestText {
  const t = createTranslate(lang)
  const all = [...digest.fresh, ...digest.retracted, ...digest.seen]
  const tlp = all.map((one): Tlp => one.tlp).reduce(stricterTlp, 'CLEAR')
  const circles = [
    ...new Set(all.flatMap(({ circle }) => (circle === undefined ? [] : [safeLine(circle.name)])))
  ].sort()
  const counts = {
    fresh: digest.fresh.length + digest.more,
    retracted: digest.retracted.length,
    seen: digest.seen.length
  }
  const moment = (at: number): string => shortTime(new Date(at).toISOString())
  const lines = [
    `*** ${formatTlp(tlp)} ***`,
    ...(circles.length === 0 ? [] : [t('digest-circles', { circles: circles.join(', ') })]),
    '',
    t('digest-period', { since: moment(since), until: moment(now) }),
    t('digest-counts', counts)
  ]
  for (const threat of THREATS) {
    const of = (some: readonly BulletinView[]) => some.filter((one) => one.threat === threat)
    const parts = [
      part(t, 'digest-fresh', of(digest.fresh), (one) => freshLines(t, one)),
      part(t, 'digest-retracted', of(digest.retracted), (one) => retractedLines(one)),
      part(t, 'digest-seen', of(digest.seen), (one) => seenLines(t, one))
    ].flat()
    if (parts.length > 0) lines.push('', `== ${THREAT_INFO[threat][lang]} ==`, ...parts)
  }
  if (digest.more > 0) lines.push('', t('digest-more', { count: digest.more }))
  lines.push('', t('digest-end'))
  // Of nothing that a peer wrote: subjects show on locked screens.
  const subject = `[${formatTlp(tlp)}] ${t(period === 'daily' ? 'digest-subject-daily' : 'digest-subject-weekly', { ...counts, date: moment(now).slice(0, 10) })}`
  return { subject, text: lines.join('\n') }
}

function part(
  t: Translate,
  title: 'digest-fresh' | 'digest-retracted' | 'digest-seen',
  bulletins: readonly BulletinView[],
  linesOf: (one: BulletinView) => readonly string[]
): readonly string[] {
  return bulletins.length === 0 ? [] : ['', t(title), ...bulletins.flatMap(linesOf)]
}

/** What a peer wrote never begins a line: it stands behind a mark of ours. */
function headLines(one: BulletinView): readonly string[] {
  const { id, tlp, pap, circle, author } = one
  const place = circle === undefined ? '' : `, ${circle.name}`
  return [
    `- ${safeLine(shortTitle(one.title))}`,
    safeLine(
      `    ${id.slice(0, 8)}  ${formatTlp(tlp)} ${formatPap(pap)}${place}  ${nameOf(author)}  ${shortTime(one.publishedAt)}`
    )
  ]
}

function freshLines(t: Translate, one: BulletinView): readonly string[] {
  const shown = one.indicators.slice(0, VALUES)
  const rest = one.indicators.length - shown.length
  return [
    ...headLines(one),
    ...shown.map(({ type, defanged }) => safeLine(`    ${type} ${defanged}`)),
    ...(rest > 0 ? [`    ${t('digest-values', { count: rest })}`] : [])
  ]
}

function retractedLines(one: BulletinView): readonly string[] {
  const { retraction } = one
  return [...headLines(one), ...(retraction === undefined ? [] : [`    ${safeLine(defangText(retraction.reason))}`])]
}

function seenLines(t: Translate, one: BulletinView): readonly string[] {
  const seen = one.indicators.filter(
    ({ sightings }) => sightings.sighting + sightings.falsePositive + sightings.private > 0
  )
  return [
    ...headLines(one),
    ...seen.slice(0, VALUES).map(({ type, defanged, sightings }) => {
      const counts = { seen: sightings.sighting + sightings.private, wrong: sightings.falsePositive }
      return safeLine(`    ${type} ${defanged}  ${t('digest-sightings', counts)}`)
    })
  ]
}
