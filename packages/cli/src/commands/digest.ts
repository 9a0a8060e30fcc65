import { type Command, InvalidArgumentError, Option } from 'commander'
import { gatherDigest } from '../digest/gather.ts'
import { isMailAddress, mailText } from '../digest/mail.ts'
import { digestText } from '../digest/text.ts'
import { replaceFeed } from '../feed-file.ts'
import type { Language } from '../language.ts'
import type { Session } from '../session.ts'

const MINUTE = 60_000
const DAY = 1_440 * MINUTE

interface DigestOptions {
  readonly period: 'daily' | 'weekly'
  readonly lang?: Language
  readonly recipient: readonly string[]
  readonly from?: string
  readonly to: string
}

/** `digest`: a message for `sendmail -t`; whoever calls it sends it. */
export function addDigestCommand(program: Command, session: Session): void {
  const { t, screen, env } = session
  program
    .command('digest')
    .description(t('digest-help'))
    .addOption(new Option('--period <period>', t('opt-period')).choices(['daily', 'weekly']).default('daily'))
    .addOption(new Option('--lang <lang>', t('opt-digest-lang')).choices(['fr', 'en']))
    .requiredOption('--recipient <address>', t('opt-recipient'), recipients)
    .option('--from <address>', t('opt-from'), address)
    .option('--to <file>', t('opt-digest-to'), '-')
    .action(async ({ period, lang = env.lang, recipient, from, to }: DigestOptions) => {
      const now = session.now()
      // From a full minute on: whoever is called at seven each day, and some seconds later today, misses none of them.
      const since = Math.floor(now / MINUTE) * MINUTE - (period === 'daily' ? DAY : 7 * DAY)
      const digest = await gatherDigest(await session.client(), since)
      const { subject, text } = digestText(digest, { lang, period, since, now })
      if (session.json()) return screen.json({ subject, text, ...digest })
      const mail = mailText({ to: recipient, ...(from === undefined ? {} : { from }), subject, at: now, lang, text })
      if (to === '-') return void env.stdout.write(mail)
      await replaceFeed(to, bytesOf(mail))
    })
}

async function* bytesOf(mail: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(mail)
}

function address(text: string): string {
  if (!isMailAddress(text)) throw new InvalidArgumentError('name@example.org?')
  return text
}

function recipients(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, address(text)]
}
