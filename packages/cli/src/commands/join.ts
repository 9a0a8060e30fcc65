/** Introductions: a card out of a mail, what its domains publish, and its number as it was heard on the telephone. */
import type { CardView, DomainCheckView, IntroductionView, OwnCardView, PeerView } from '@tocsin/api'
import { TocsinError } from '@tocsin/model'
import { type Command, Option } from 'commander'
import { cardBlocks } from '../card-block.ts'
import type { Client } from '../client.ts'
import { CliError, Problem } from '../errors.ts'
import { readInputText } from '../files.ts'
import type { Session } from '../session.ts'

interface JoinOptions {
  readonly number?: string
  /** commander's `--no-domain-check`. */
  readonly domainCheck: boolean
}

/** `join`, and `peer add`, which is the same act. */
export function addJoinCommand(parent: Command, name: 'join' | 'add', session: Session): void {
  const { t } = session
  parent
    .command(name)
    .description(t('join-help'))
    .argument('<file>', t('arg-mail'))
    .addOption(new Option('--number <groups>', t('opt-heard')))
    .option('--no-domain-check', t('opt-no-domain-check'))
    .action((file: string, options: JoinOptions) => join(session, file, options))
}

async function join(session: Session, file: string, { number, domainCheck }: JoinOptions): Promise<void> {
  const { t, screen, ask, env } = session
  const blocks = cardBlocks(await readInputText(file, env.stdin))
  const client = await session.client()
  const card = await foreignCard(client, blocks)
  screen.note(t('join-claims'))
  for (const [name, value] of [
    [t('col-name'), card.name],
    [t('col-domains'), card.domains.join(', ')],
    [t('addresses'), card.addresses.join(', ')],
    [t('join-contact'), card.contact],
    [t('col-id'), card.id]
  ] as const)
    screen.note(`  ${name}  ${value}`)
  const checks = domainCheck ? await checkDomains(session, client, card) : []

  let peer: PeerView
  if (number !== undefined) peer = await client.post<PeerView>('/v1/peers', { card: card.text, number })
  // Whoever wants JSON is a program, and a program heard nothing.
  else if (session.json() || !ask.possible) throw new CliError('number-needed')
  else peer = await compare(session, client, card)
  if (session.json()) return screen.json({ ...peer, domainChecks: checks })
  screen.line(t('peer-added', { name: peer.name, id: peer.id }))
  screen.note(t('join-next'))
}

/** The one card of the text that is not ours; of several by one institution the newest. */
async function foreignCard(client: Client, blocks: readonly string[]): Promise<CardView> {
  const own = await client.get<OwnCardView>('/v1/card')
  const found = new Map<string, CardView>()
  for (const block of blocks) {
    const card = await client.post<CardView>('/v1/cards', { card: block })
    if ((found.get(card.id)?.number ?? -1) < card.number) found.set(card.id, card)
  }
  found.delete(own.id)
  const [card, ...more] = found.values()
  if (card === undefined) throw new CliError('own-card')
  if (more.length > 0) {
    throw new CliError('several-cards', undefined, {
      candidates: [...found.values()].map(({ name, id }) => `${name} (${id})`)
    })
  }
  return card
}

/** Advice before the call; whatever fails here is said and holds nothing up. */
async function checkDomains(session: Session, client: Client, card: CardView): Promise<readonly DomainCheckView[]> {
  const { t, screen } = session
  try {
    const { items } = await client.post<{ items: DomainCheckView[] }>('/v1/cards/domains', { card: card.text })
    domainsNoted(session, items)
    return items
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error
    screen.note(t('domain-no-check', { reason: error.code }))
    return []
  }
}

/** One line a domain, and an alarm for each that publishes another card. */
function domainsNoted({ t, screen }: Session, checks: readonly DomainCheckView[]): void {
  for (const { domain, verdict, dns, web } of checks) {
    const reason = verdict === 'unreachable' ? ` (${dns.reason ?? web.reason ?? ''})` : ''
    screen.note(`  ${domain}: ${t(`domain-${verdict}`)}${reason}`)
  }
  for (const { domain, verdict } of checks) if (verdict === 'different') screen.note(t('domain-alarm', { domain }))
  if (checks.length > 0) screen.note(t('domain-advice'))
}

/** Six groups are shown and three are typed, until they are right or the node says that it is over. */
async function compare({ t, screen, ask }: Session, client: Client, card: CardView): Promise<PeerView> {
  const introduction = await client.post<IntroductionView>('/v1/introductions', { card: card.text })
  const { id, shown, asked, triesLeft } = introduction
  screen.note(t('join-call'))
  screen.note(t('join-shown'))
  screen.note(`  ${shown.map((group) => group ?? '___').join(' ')}`)
  screen.note(t('join-tries', { left: triesLeft }))
  for (;;) {
    const groups: string[] = []
    for (const place of asked) {
      groups.push(await ask.line(t('join-group', { place }), (typed) => /^\d{3}$/.test(typed), t('join-three-digits')))
    }
    await ask.confirm(t('join-others-match'))
    try {
      return await client.post<PeerView>(`/v1/introductions/${id}`, { groups })
    } catch (error) {
      const left = error instanceof Problem && error.code === 'number-mismatch' ? error.facts.triesLeft : 0
      if (typeof left !== 'number' || left === 0) throw error
      screen.note(t('join-wrong', { left }))
    }
  }
}
