import type { CircleView, OwnCardView } from '@tocsin/api'
import { type Command, InvalidArgumentError } from 'commander'
import { segment } from '../client.ts'
import { createTranslate } from '../language.ts'
import { collected } from '../options.ts'
import { safeLine } from '../safe.ts'
import type { Session } from '../session.ts'

interface InviteOptions {
  readonly to?: string
  readonly circle?: readonly string[]
}

/** `invite`: one text to mail, in both languages, since nobody knows what a stranger reads. */
export function addInviteCommand(program: Command, session: Session): void {
  const { t, screen } = session
  program
    .command('invite')
    .description(t('invite-help'))
    .option('--to <mail>', t('opt-invite-to'), mailAddress)
    .option('--circle <name>', t('opt-invite-circle'), collected)
    .action(async ({ to, circle: named = [] }: InviteOptions) => {
      const client = await session.client()
      const card = await client.get<OwnCardView>('/v1/card')
      const circles: CircleView[] = []
      for (const name of named) circles.push(await client.get<CircleView>(`/v1/circles/${segment(name)}`))
      const text = invitation(card, circles, to)
      if (session.json())
        return screen.json({ text, card: card.text, circles: circles.map(({ id, name }) => ({ id, name })) })
      screen.text(text.trimEnd())
      screen.note(t('invite-not-in-mail'))
    })
}

/** One address, with nothing that could begin another header line. */
function mailAddress(text: string): string {
  if (!/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/.test(text)) throw new InvalidArgumentError('rssi@univ-reims.fr?')
  return text
}

/** French first: that is where most readers are. Lines stay under 76 characters, so that no mail program wraps them. */
function invitation(card: OwnCardView, circles: readonly CircleView[], to: string | undefined): string {
  const facts = { name: safeLine(card.name), domains: card.domains.join(', ') }
  const parts = (['fr', 'en'] as const).map((language) => {
    const t = createTranslate(language)
    const proposed = circles.map(({ id, name, threshold }) =>
      t('invite-circle', { circle: safeLine(name), threshold, id })
    )
    return [t('invite-text', facts), ...proposed].join('\n')
  })
  return [...(to === undefined ? [] : [headers(card, to)]), ...parts, card.text].join('\n\n')
}

/** A mail as RFC 5322 has it; the subject stays ASCII, the body is UTF-8. */
function headers({ contact }: OwnCardView, to: string): string {
  return [
    ...(/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(contact) ? [`From: ${contact}`] : []),
    `To: ${to}`,
    'Subject: Tocsin: notre carte / our card',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit'
  ].join('\n')
}
