import type { InstitutionView, ReceiptsView } from '@tocsin/api'
import type { Command } from 'commander'
import { segment } from '../client.ts'
import type { Session } from '../session.ts'
import { nameOf, shortTime } from '../shown.ts'

/** `receipts` and `trace`: who holds a bulletin, and how it came there. */
export function addReceiptCommands(program: Command, session: Session): void {
  const add = (name: string, help: 'receipts-help' | 'trace-help', shown: typeof receiptsShown): void => {
    program
      .command(name)
      .description(session.t(help))
      .argument('<id>', session.t('arg-id'))
      .action(async (id: string) => {
        const view = await (await session.client()).get<ReceiptsView>(`/v1/bulletins/${segment(id)}/receipts`)
        if (session.json()) session.screen.json(view)
        else shown(session, view)
      })
  }
  add('receipts', 'receipts-help', receiptsShown)
  add('trace', 'trace-help', traceShown)
}

function receiptsShown(session: Session, view: ReceiptsView): void {
  const { t, screen } = session
  summaryShown(session, view)
  if (view.holders.length > 0) {
    screen.line()
    screen.table(
      [t('col-institution'), t('col-since'), t('col-delay'), ...(view.mine ? [t('col-via')] : [])],
      view.holders.map((it) => [
        nameOf(it),
        shortTime(it.since),
        duration(it.delayMs),
        ...(view.mine ? [it.via === undefined ? '?' : nameOf(it.via)] : [])
      ])
    )
  }
  restShown(session, view)
}

function traceShown(session: Session, view: ReceiptsView): void {
  const { t, screen } = session
  summaryShown(session, view)
  screen.line()
  screen.line(nameOf(view.author))
  const drawn = new Set([view.author.id])
  const draw = (from: string, indent: string): void => {
    const next = view.holders.filter(({ id, via }) => via?.id === from && !drawn.has(id))
    for (const { id } of next) drawn.add(id)
    for (const [index, it] of next.entries()) {
      const isLast = index === next.length - 1
      screen.line(`${indent}${isLast ? '└─' : '├─'} ${nameOf(it)}  ${duration(it.delayMs)}`)
      draw(it.id, `${indent}${isLast ? '   ' : '│  '}`)
    }
  }
  draw(view.author.id, '')
  // Claims of others, which may form a ring: whoever is not below us is listed all the same.
  const rest = view.holders.filter(({ id }) => !drawn.has(id))
  if (rest.length > 0) screen.line(t(view.mine ? 'way-broken' : 'way-unknown'))
  for (const it of rest) {
    const via = it.via === undefined ? '' : `  ← ${nameOf(it.via)}`
    screen.line(`   ${nameOf(it)}  ${duration(it.delayMs)}${via}`)
  }
  for (const it of view.hops) screen.line(t('trace-hop', { by: nameOf(it), time: shortTime(it.at) }))
  restShown(session, view)
}

function summaryShown({ t, screen }: Session, { reached, expected, medianMs }: ReceiptsView): void {
  const count =
    expected === undefined ? t('receipts-of-others', { reached }) : t('receipts-of-ours', { reached, expected })
  screen.line(medianMs === undefined ? count : `${count}, ${t('receipts-median', { median: duration(medianMs) })}`)
}

function restShown({ t, screen }: Session, { missing, unconfirmed }: ReceiptsView): void {
  for (const [key, list] of [['missing', missing] as const, ['unconfirmed', unconfirmed] as const]) {
    if (list.length === 0) continue
    screen.line()
    screen.table(
      [t(key), t('col-reason')],
      list.map((it: InstitutionView & { readonly code: string; readonly reason: string }) => [
        nameOf(it),
        `${it.reason} (${it.code})`
      ])
    )
  }
}

/** `1.2 s`, `5 min`, `3 h`, `2 d`. */
function duration(ms: number): string {
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`
}
