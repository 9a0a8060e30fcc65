import type { BulletinSummaryView, BulletinView } from '@tocsin/api'
import { defangText, formatPap, formatTlp, stricterTlp, THREAT_INFO, THREATS, type Tlp } from '@tocsin/model'
import { createTranslate, type Language, type Translate } from '../language.ts'
import { safeLine } from '../safe.ts'
import { nameOf, shortTime, shortTitle } from '../shown.ts'
import type { Digest, SeenBulletin } from './gather.ts'

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
    const of = <B extends BulletinSummaryView>(some: readonly B[]) => some.filter((one) => one.threat === threat)
    const parts = [
      part(t, 'digest-fresh', of(digest.fresh), (one) => freshLines(t, one)),
      part(t, 'digest-retracted', of(digest.retracted), (one) => retractedLines(t, one)),
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

function part<B extends BulletinSummaryView>(
  t: Translate,
  title: 'digest-fresh' | 'digest-retracted' | 'digest-seen',
  bulletins: readonly B[],
  linesOf: (one: B) => readonly string[]
): readonly string[] {
  return bulletins.length === 0 ? [] : ['', t(title), ...bulletins.flatMap(linesOf)]
}

/**
 * PAP:RED may be searched for where nobody notices, and nothing else: mail servers and their filters read a mail, and
 * may fetch what it names. Such a bulletin is told of, and read at the node.
 */
const isWithheld = ({ pap }: BulletinSummaryView): boolean => pap === 'RED'

/** What a peer wrote never begins a line: it stands behind a mark of ours. */
function headLines(t: Translate, one: BulletinSummaryView): readonly string[] {
  const { id, tlp, pap, circle, author, title } = one
  const place = circle === undefined ? '' : `, ${circle.name}`
  const name = isWithheld(one) ? t('digest-withheld') : title === '' ? t('digest-erased') : safeLine(shortTitle(title))
  return [
    `- ${name}`,
    safeLine(
      `    ${id.slice(0, 8)}  ${formatTlp(tlp)} ${formatPap(pap)}${place}  ${nameOf(author)}  ${shortTime(one.publishedAt)}`
    )
  ]
}

function freshLines(t: Translate, one: BulletinView): readonly string[] {
  if (isWithheld(one)) return headLines(t, one)
  return [
    ...headLines(t, one),
    ...valueLines(t, one.indicators, ({ type, defanged }) => safeLine(`    ${type} ${defanged}`))
  ]
}

function retractedLines(t: Translate, one: BulletinView): readonly string[] {
  const { retraction } = one
  const reason = isWithheld(one) ? undefined : retraction?.reason
  return [...headLines(t, one), ...(reason === undefined ? [] : [`    ${safeLine(defangText(reason))}`])]
}

function seenLines(t: Translate, one: SeenBulletin): readonly string[] {
  const words = ({ seen, wrong, over }: SeenBulletin['said'][number]): string =>
    [
      ...(seen > 0 ? [t('digest-said-seen', { count: seen })] : []),
      ...(wrong > 0 ? [t('digest-said-wrong', { count: wrong })] : []),
      ...(over > 0 ? [t('digest-said-over', { count: over })] : [])
    ].join(', ')
  if (isWithheld(one)) {
    const sum = (of: 'seen' | 'wrong' | 'over') => one.said.reduce((all, said) => all + said[of], 0)
    const all = { type: '', defanged: '', seen: sum('seen'), wrong: sum('wrong'), over: sum('over') }
    return [...headLines(t, one), `    ${words(all)}`]
  }
  return [
    ...headLines(t, one),
    ...valueLines(t, one.said, (said) => safeLine(`    ${said.type} ${said.defanged}  ${words(said)}`))
  ]
}

function valueLines<V>(t: Translate, values: readonly V[], lineOf: (value: V) => string): readonly string[] {
  const rest = values.length - VALUES
  return [...values.slice(0, VALUES).map(lineOf), ...(rest > 0 ? [`    ${t('digest-values', { count: rest })}`] : [])]
}
