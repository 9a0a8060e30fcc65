import type { CardView, PeerView } from '@tocsin/api'
import type { Command } from 'commander'
import { segment } from '../client.ts'
import { readInputText } from '../files.ts'
import { yesOption } from '../options.ts'
import type { Session } from '../session.ts'
import { nameOf, shortTime } from '../shown.ts'

/** `card` and `peer`: introductions. */
export function addPeerCommands(program: Command, session: Session): void {
  const { t, screen, ask, env } = session

  program
    .command('card')
    .description(t('card-help'))
    .action(async () => {
      const card = await (await session.client()).get<CardView>('/v1/card')
      if (session.json()) screen.json(card)
      else {
        screen.text(card.text.trimEnd())
        screen.note(t('card-number', { number: card.comparison }))
      }
    })

  const peer = program.command('peer').description(t('peer-help'))

  peer
    .command('add')
    .description(t('peer-add-help'))
    .argument('<file>', t('arg-card'))
    .addOption(yesOption(t('peer-yes')))
    .action(async (file: string, { yes = false }: { yes?: boolean }) => {
      const text = await readInputText(file, env.stdin)
      const client = await session.client()
      const card = await client.post<CardView>('/v1/cards', { card: text })
      screen.note(t('peer-claims', { name: card.name, domains: card.domains.join(', '), id: card.id }))
      screen.note(t('peer-compare'))
      screen.note(`  ${card.comparison}`)
      if (!yes) await ask.confirm(t('peer-question', { name: card.name }))
      const added = await client.post<PeerView>('/v1/peers', { card: text })
      if (session.json()) screen.json(added)
      else screen.line(t('peer-added', { name: added.name, id: added.id }))
    })

  peer
    .command('list')
    .description(t('peer-list-help'))
    .action(async () => {
      const list = await (await session.client()).get<{ items: PeerView[] }>('/v1/peers')
      if (session.json()) return screen.json(list)
      if (list.items.length === 0) return screen.line(t('no-peers'))
      screen.table(
        [t('col-name'), t('col-link'), t('col-circles'), t('col-domains'), t('col-institution')],
        list.items.map((it) => [
          nameOf(it),
          it.connected
            ? t('linked-since', { time: shortTime(it.since ?? it.addedAt) })
            : (it.lastError ?? t('not-linked')),
          it.circles.join(', '),
          it.domains.join(', '),
          it.id
        ])
      )
    })

  peer
    .command('remove')
    .description(t('peer-remove-help'))
    .argument('<institution>', t('arg-institution'))
    .action(async (institution: string) => {
      await (await session.client()).delete(`/v1/peers/${segment(institution)}`)
      if (session.json()) screen.json({ removed: institution })
      else screen.line(t('peer-removed', { name: institution }))
    })
}
