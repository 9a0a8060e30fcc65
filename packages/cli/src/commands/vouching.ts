import type { CircleView, PendingView, WhyView } from '@tocsin/api'
import type { Command } from 'commander'
import { segment } from '../client.ts'
import type { Session } from '../session.ts'
import { nameOf } from '../shown.ts'

/** `circle pending` and `circle why`: the fold, explained. */
export function addVouchingCommands(circle: Command, session: Session): void {
  const { t, screen } = session

  circle
    .command('pending')
    .description(t('circle-pending-help'))
    .argument('[circle]', t('arg-circle'))
    .action(async (name?: string) => {
      const client = await session.client()
      const names = name === undefined ? await ours(session) : [name]
      const items: PendingView[] = []
      for (const one of names) items.push(await client.get<PendingView>(`/v1/circles/${segment(one)}/pending`))
      if (session.json()) return screen.json({ items })
      if (items.length === 0) return screen.line(t('no-circles'))
      for (const [index, view] of items.entries()) {
        if (index > 0) screen.line()
        pendingShown(session, view)
      }
    })

  circle
    .command('why')
    .description(t('circle-why-help'))
    .argument('<institution>', t('arg-institution'))
    .argument('[circle]', t('arg-circle'))
    .action(async (institution: string, name?: string) => {
      const client = await session.client()
      const names = name === undefined ? await ours(session) : [name]
      const items: WhyView[] = []
      for (const one of names) {
        items.push(await client.get<WhyView>(`/v1/circles/${segment(one)}/why/${segment(institution)}`))
      }
      if (session.json()) return screen.json({ items })
      if (items.length === 0) return screen.line(t('no-circles'))
      for (const [index, view] of items.entries()) {
        if (index > 0) screen.line()
        whyShown(session, view)
      }
    })
}

/** Ids of the circles in which we have a part. */
async function ours(session: Session): Promise<string[]> {
  const { items } = await (await session.client()).get<{ items: CircleView[] }>('/v1/circles')
  return items.filter(({ me }) => me !== 'none').map(({ id }) => id)
}

function day(iso: string): string {
  return iso.slice(0, 10)
}

function howText({ t }: Session, how: string): string {
  return how === 'phone' || how === 'in-person' || how === 'domain' ? t(`how-${how}`) : how
}

function missingText({ t }: Session, { acceptance, vouches }: WhyView['missing']): string {
  const missing = [
    ...(vouches > 0 ? [t('missing-vouches', { count: vouches })] : []),
    ...(acceptance ? [t('missing-acceptance')] : [])
  ]
  return missing.length === 0 ? t('missing-nothing') : missing.join(', ')
}

function pendingShown(session: Session, { circle, threshold, newcomers, expiring, changed }: PendingView): void {
  const { t, screen } = session
  screen.line(t('pending-circle', { circle: circle.name, threshold }))
  if (newcomers.length === 0) screen.line(t('pending-nobody'))
  else {
    screen.table(
      [t('col-newcomer'), t('col-vouched-by'), t('col-missing-all'), t('col-institution')],
      newcomers.map((it) => [
        nameOf(it),
        it.vouches
          .map(({ by, how, checkedAt }) =>
            t('pending-vouch', { by: nameOf(by), how: howText(session, how), date: day(checkedAt) })
          )
          .join('; '),
        missingText(session, it.missing),
        it.id
      ])
    )
  }
  if (changed.length > 0) changedShown(session, circle.id, changed)
  if (expiring.length === 0) return
  screen.line()
  screen.table(
    [t('col-vouch-for'), t('col-by'), t('col-expires'), t('col-days-left'), t('col-needed'), t('col-renew')],
    expiring.map((it) => [
      nameOf(it.subject),
      nameOf(it.by),
      day(it.expires),
      String(it.daysLeft),
      t(it.needed ? 'needed-yes' : 'needed-no'),
      it.ours
        ? `tocsin vouch ${it.subject.id} --circle ${circle.id} --how ${it.how}`
        : t('renew-ask', { by: nameOf(it.by) })
    ])
  )
}

/** A card that renamed itself after it was vouched for is shown (DESIGN §7), to whoever vouched above all. */
function changedShown({ t, screen }: Session, circle: string, changed: PendingView['changed']): void {
  const said = ({ name, domains }: PendingView['changed'][number]['card']): string => `${name} (${domains.join(', ')})`
  screen.line()
  screen.line(t('pending-changed'))
  screen.table(
    [t('col-vouch-for'), t('col-by'), t('col-vouched'), t('col-card-now'), t('col-renew')],
    changed.map((it) => [
      nameOf(it.subject),
      nameOf(it.by),
      said(it.vouched),
      said(it.card),
      it.ours
        ? t('renew-call', { command: `tocsin vouch ${it.subject.id} --circle ${circle} --how ${it.how}` })
        : t('renew-ask', { by: nameOf(it.by) })
    ])
  )
}

function whyShown(session: Session, view: WhyView): void {
  const { t, screen } = session
  const { circle, standing, threshold, missing } = view
  screen.line(t(`why-${standing}`, { name: nameOf(view.institution), circle: circle.name, rank: view.rank ?? 0 }))
  screen.line(t(view.founder ? 'why-by-charter' : 'why-by-vouches', { threshold }))
  if (standing !== 'member') screen.line(t('why-missing', { missing: missingText(session, missing) }))
  const counts = (it: { counts: boolean; code?: string; explanation?: string }): string =>
    it.counts ? t('yes') : `${t('no')}: ${it.explanation ?? ''} (${it.code ?? ''})`
  const rows = [
    ...view.own.map((it) => [t(`statement-${it.kind}`), nameOf(it.by), '', counts(it)]),
    ...view.vouches.map((it) => [
      t('statement-vouch'),
      nameOf(it.by),
      `${it.name} (${it.domains.join(', ')}), ${howText(session, it.how)}, ${day(it.checkedAt)} → ${day(it.expires)}`,
      counts(it)
    ]),
    ...view.revocations.map((it) => [t('statement-revocation'), nameOf(it.by), it.reason, counts(it)])
  ]
  if (rows.length === 0) screen.line(t('why-no-statement'))
  else screen.table([t('col-statement'), t('col-by'), t('col-where'), t('col-counts')], rows)
}
