import type { BulletinSummaryView } from '@tocsin/api'
import { defangText, formatPap, formatTlp } from '@tocsin/model'
import type { Command } from 'commander'
import { type Followed, follow } from '../follow.ts'
import { translateIfKnown } from '../language.ts'
import type { Session } from '../session.ts'
import { defangedGuess, nameOf, shortTime, shortTitle } from '../shown.ts'

/** `follow`: what arrives, live, until Ctrl-C. */
export function addFollowCommand(program: Command, session: Session): void {
  const { t, screen, env } = session
  program
    .command('follow')
    .description(t('follow-help'))
    .action(async () => {
      const client = await session.client()
      const { signal = new AbortController().signal } = env
      screen.note(t('following'))
      const onLost = (wait: number) => screen.note(t('connection-lost', { seconds: Math.ceil(wait / 1_000) }))
      for await (const event of follow(client, { signal, onLost })) {
        if (session.json()) screen.json(event, 0)
        else screen.line(eventLine(session, event))
      }
    })
}

function eventLine({ t }: Session, { type, data }: Followed): string {
  const kind = translateIfKnown(t, `event-${type}`) ?? type
  if (isSummary(data)) {
    const labels = `${formatTlp(data.tlp)} ${formatPap(data.pap)}`
    const id = data.id.slice(0, 8)
    return `${shortTime(data.receivedAt)}  ${kind}  ${id}  ${labels}  ${data.threat}  ${nameOf(data.author)}  ${shortTitle(data.title)}`
  }
  if (!isAbout(data)) return `${kind}  ${defangText(JSON.stringify(data))}`
  const { bulletin, reason, kind: said, indicator } = data
  const value = indicator === undefined ? undefined : defangedGuess(indicator.value)
  return [kind, bulletin.slice(0, 8), said, value, reason === undefined ? undefined : defangText(reason)]
    .filter((part) => part !== undefined)
    .join('  ')
}

/** A new or retracted bulletin comes with its head. */
function isSummary(data: unknown): data is BulletinSummaryView {
  return typeof data === 'object' && data !== null && 'title' in data && 'receivedAt' in data && 'author' in data
}

/** A disabling or sighting names the bulletin that it is about. */
interface About {
  readonly bulletin: string
  readonly reason?: string
  readonly kind?: string
  readonly indicator?: { readonly value: string }
}

function isAbout(data: unknown): data is About {
  return typeof data === 'object' && data !== null && 'bulletin' in data && typeof data.bulletin === 'string'
}
