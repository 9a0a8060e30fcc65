import type { CardChange, PreparedView } from '@tocsin/api'
import type { Command } from 'commander'
import { collected, yesOption } from '../options.ts'
import { prepareFor, signAndSubmit } from '../root-signed.ts'
import type { Session } from '../session.ts'

interface SetOptions {
  readonly name?: string
  readonly contact?: string
  /** commander's `--no-domains` and `--no-addresses`. */
  readonly domains: boolean
  readonly addresses: boolean
  readonly domain?: readonly string[]
  readonly address?: readonly string[]
  readonly prepare?: string
  readonly yes?: boolean
}

/** `card set`: a newer card, with the keys of the present one. */
export function addCardSetCommand(card: Command, session: Session): void {
  const { t, screen } = session
  card
    .command('set')
    .description(t('card-set-help'))
    .option('--name <name>', t('opt-card-name'))
    .option('--contact <mail>', t('opt-card-contact'))
    .option('--domain <domain>', t('opt-card-domain'), collected)
    .option('--no-domains', t('opt-card-no-domains'))
    .option('--address <multiaddr>', t('opt-card-address'), collected)
    .option('--no-addresses', t('opt-card-no-addresses'))
    .option('--prepare <file>', t('opt-prepare'))
    .addOption(yesOption(t('opt-yes')))
    .action(async (options: SetOptions) => {
      const { prepare: file, yes = false } = options
      const prepared = await (await session.client()).post<PreparedView>('/v1/card/prepare', changeOf(options))
      if (file !== undefined) return prepareFor(session, prepared, file)
      const done = await signAndSubmit(session, prepared, 'card', yes)
      if (session.json()) screen.json(done)
      else screen.line(t('card-set-done'))
    })
}

/** What is given wins over `--no-…`; what is not mentioned stays. */
function changeOf({ name, contact, domain, domains, address, addresses }: SetOptions): CardChange {
  return {
    ...(name === undefined ? {} : { name }),
    ...(contact === undefined ? {} : { contact }),
    ...(domain === undefined ? (domains ? {} : { domains: [] }) : { domains: [...domain] }),
    ...(address === undefined ? (addresses ? {} : { addresses: [] }) : { addresses: [...address] })
  }
}
