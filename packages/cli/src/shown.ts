/** How views are shown to people: short ids, defanged texts, labels as their standards spell them. */
import type { AudienceView, BulletinSummaryView, IndicatorHitView, InstitutionView } from '@tocsin/api'
import { defang, defangText, formatPap, formatTlp, guessTypes } from '@tocsin/model'
import type { Session } from './session.ts'

/** Characters of an id in a table, unless more are needed to tell two apart. */
const PREFIX = 8
/** Characters of a title in a table. */
const TITLE = 60

/** The shortest prefixes, of at least eight characters, that tell these ids apart. */
export function shortIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const distinct = [...new Set(ids)].toSorted()
  const common = (a: string | undefined, b: string): number => {
    let length = 0
    while (a !== undefined && length < b.length && a[length] === b[length]) length += 1
    return length
  }
  return new Map(
    distinct.map((id, i) => {
      const needed = 1 + Math.max(common(distinct[i - 1], id), common(distinct[i + 1], id))
      return [id, id.slice(0, Math.max(PREFIX, needed))]
    })
  )
}

/** `2026-11-24 09:00` in UTC. */
export function shortTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

/** A title cut to the width of a table, with no link in it. */
export function shortTitle(title: string): string {
  const marks = [...defangText(title)]
  return marks.length <= TITLE ? marks.join('') : `${marks.slice(0, TITLE - 1).join('')}…`
}

/** Name of an institution; a claimed one is marked, since only vouches make it its own. */
export function nameOf(institution: InstitutionView): string {
  return institution.claimed ? `${institution.name} (?)` : institution.name
}

/** A value that came without its type, defanged as what it most likely is. */
export function defangedGuess(value: string): string {
  const guess = guessTypes(value)[0]
  return guess === undefined ? defangText(value) : defang(guess.type, guess.value)
}

/** Rows of bulletins. */
export function bulletinTable({ t, screen }: Session, bulletins: readonly BulletinSummaryView[]): void {
  const short = shortIds(bulletins.map(({ id }) => id))
  screen.table(
    [
      t('col-id'),
      t('col-received'),
      t('col-tlp'),
      t('col-pap'),
      t('col-threat'),
      t('col-author'),
      t('col-indicators'),
      t('col-title')
    ],
    bulletins.map((it) => [
      short.get(it.id) ?? it.id,
      shortTime(it.receivedAt),
      formatTlp(it.tlp),
      formatPap(it.pap),
      it.threat,
      nameOf(it.author),
      String(it.indicatorCount),
      it.state === 'live' ? shortTitle(it.title) : `[${it.state}] ${shortTitle(it.title)}`
    ])
  )
}

/** Rows of hits: each indicator with the bulletin that says it. */
export function hitTable({ t, screen }: Session, hits: readonly IndicatorHitView[]): void {
  const short = shortIds(hits.map(({ bulletin }) => bulletin.id))
  screen.table(
    [
      t('col-value'),
      t('col-type'),
      t('col-state'),
      t('col-tlp'),
      t('col-pap'),
      t('col-author'),
      t('col-received'),
      t('col-bulletin'),
      t('col-title')
    ],
    hits.map(({ indicator, bulletin }) => [
      indicator.defanged,
      indicator.type,
      indicator.role === 'context' ? `context, ${indicator.state}` : indicator.state,
      formatTlp(bulletin.tlp),
      formatPap(bulletin.pap),
      nameOf(bulletin.author),
      shortTime(bulletin.receivedAt),
      short.get(bulletin.id) ?? bulletin.id,
      shortTitle(bulletin.title)
    ])
  )
}

/** The three lists of an audience, each institution of the third with the rule that refuses it. */
export function audienceShown({ t, screen }: Session, audience: AudienceView): void {
  const names = (list: readonly InstitutionView[]) => (list.length === 0 ? t('nobody') : list.map(nameOf).join(', '))
  screen.facts([
    [t('reached-directly'), names(audience.direct)],
    [t('reached-by-relay'), names(audience.relay)],
    [t('not-reached'), audience.refused.length === 0 ? t('nobody') : String(audience.refused.length)],
    ...audience.refused.map((it): [string, string] => [`  ${nameOf(it)}`, `${it.reason} (${it.code})`])
  ])
  if (audience.opensTo.length > 0) screen.line(t('opens-to', { circles: audience.opensTo.join(', ') }))
}
