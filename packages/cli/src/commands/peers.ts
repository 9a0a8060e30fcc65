import type { DomainCheckView, OwnCardView, PeerView } from '@tocsin/api'
import type { Command } from 'commander'
import { segment } from '../client.ts'
import { CliError } from '../errors.ts'
import type { Session } from '../session.ts'
import { nameOf, shortTime } from '../shown.ts'
import { addCardSetCommand } from './card-set.ts'
import { addJoinCommand } from './join.ts'

/** `card`, `join` and `peer`: introductions and the allow-list. */
export function addPeerCommands(program: Command, session: Session): void {
  const { t, screen } = session

  const card = program
    .command('card')
    .description(t('card-help'))
    .option('--number', t('opt-number'))
    .option('--records', t('opt-records'))
    .action(async ({ number = false, records = false }: { number?: boolean; records?: boolean }) => {
      const card = await (await session.client()).get<OwnCardView>('/v1/card')
      if (session.json()) return screen.json(card)
      if (records) return recordsShown(session, card)
      if (number) return screen.line(card.comparison)
      screen.text(card.text.trimEnd())
      screen.note(t('card-number', { number: card.comparison }))
    })

  addCardSetCommand(card, session)

  addJoinCommand(program, 'join', session)
  const peer = program.command('peer').description(t('peer-help'))
  addJoinCommand(peer, 'add', session)

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
    .command('check')
    .description(t('peer-check-help'))
    .argument('[institution]', t('arg-institution'))
    .action((institution?: string) => check(session, institution))

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

/** What our own domains may publish, ready to be pasted into a zone and a web server. */
function recordsShown({ t, screen }: Session, { domains, digest }: OwnCardView): void {
  screen.note(t('card-records'))
  for (const domain of domains) {
    screen.line(`_tocsin.${domain}. TXT "tocsin-card=${digest}"`)
    screen.line(`https://${domain}/.well-known/tocsin-card  tocsin-card=${digest}`)
  }
}

/** Ends with `domain-different` where one domain publishes another card, so that a nightly run is noticed. */
async function check(session: Session, institution: string | undefined): Promise<void> {
  const { t, screen } = session
  const client = await session.client()
  const named = institution === undefined ? [] : [{ id: institution, name: institution, claimed: false }]
  const peers = institution === undefined ? (await client.get<{ items: PeerView[] }>('/v1/peers')).items : named
  const items: { readonly institution: string; readonly name: string; readonly checks: DomainCheckView[] }[] = []
  for (const peer of peers) {
    const answer = await client.get<{ items: DomainCheckView[] }>(`/v1/peers/${segment(peer.id)}/domains`)
    items.push({ institution: peer.id, name: nameOf(peer), checks: answer.items })
  }
  const place = ({ found, reason }: DomainCheckView['dns']) =>
    `${t(`domain-${found}`)}${reason === undefined ? '' : ` (${reason})`}`
  if (session.json()) screen.json({ items })
  else if (items.length === 0) screen.line(t('no-peers'))
  else {
    screen.table(
      [t('col-name'), t('col-domain'), t('col-check'), t('col-dns'), t('col-web')],
      items.flatMap(({ name, checks }) =>
        checks.map(({ domain, verdict, dns, web }) => [name, domain, t(`domain-${verdict}`), place(dns), place(web)])
      )
    )
    screen.note(t('domain-advice'))
  }
  const different = items.flatMap(({ checks }) => checks).filter(({ verdict }) => verdict === 'different')
  if (different.length > 0) {
    const candidates = different.map(({ domain }) => domain)
    throw new CliError('domain-different', undefined, { candidates })
  }
}
