import {
  type CircleId,
  formatPap,
  formatTlp,
  type IndicatorRole,
  type IndicatorType,
  type InstitutionId,
  type Pap,
  THREAT_INFO,
  type Threat,
  type Tlp,
  type Verdict
} from '@tocsin/model'
import { ConnectorError, type NotifyCode } from '../errors.ts'
import { oneLine } from '../text.ts'
import { type ChannelAudience, checkAudience, mayTell } from './audience.ts'
import { chatText, chatValue } from './chat-text.ts'

/** What a notification says of a bulletin. */
export interface NotificationView {
  readonly id: string
  readonly title: string
  readonly author: InstitutionId
  readonly authorName: string
  readonly tlp: Tlp
  readonly pap: Pap
  readonly circle?: CircleId | undefined
  readonly circleName?: string | undefined
  readonly threat: Threat
  readonly confidence: number
  readonly indicators: readonly { readonly type: IndicatorType; readonly value: string; readonly role: IndicatorRole }[]
}

/** Body of a Rocket.Chat incoming webhook: as few of its members as tell an officer enough to open his own node. */
export interface RocketChatPayload {
  readonly alias: string
  readonly emoji: string
  readonly text: string
  readonly attachments: readonly {
    readonly title: string
    readonly color: string
    readonly text?: string
    readonly fields: readonly { readonly title: string; readonly value: string; readonly short: boolean }[]
  }[]
}

/** How a notification is worded. */
export interface NotificationOptions {
  /** Shown as the sender; the operator's, never a peer's. */
  readonly alias?: string | undefined
  readonly lang?: 'fr' | 'en' | undefined
}

/** More would drown a channel, and the message with its mark-up must stay below the server's 5000 characters. */
const MOST_INDICATORS = 20
const MOST_VALUE = 150
const ALIAS = 'Tocsin'

/** As on the FIRST page of TLP 2.0; CLEAR is white there, which no chat shows. */
const COLOURS: Readonly<Record<Tlp, string>> = {
  CLEAR: '#808080',
  GREEN: '#33ff00',
  AMBER: '#ffc000',
  'AMBER+STRICT': '#ffc000',
  RED: '#ff2b2b'
}

const WORDS = {
  en: {
    author: 'From',
    threat: 'Threat',
    circle: 'Circle',
    confidence: 'Confidence',
    context: 'context',
    more: 'more'
  },
  fr: {
    author: 'De',
    threat: 'Menace',
    circle: 'Cercle',
    confidence: 'Confiance',
    context: 'contexte',
    more: 'de plus'
  }
} as const

/** The message for one bulletin: peers' text defanged and without any mark-up, mention or link. Asks no rule. */
export function buildNotification(view: NotificationView, options: NotificationOptions = {}): RocketChatPayload {
  const lang = options.lang ?? 'en'
  const words = WORDS[lang]
  const values = view.indicators.slice(0, MOST_INDICATORS).map(({ type, value, role }) => {
    const note = role === 'context' ? `  (${words.context})` : ''
    return `${type.padEnd(13)} ${chatValue(type, value, MOST_VALUE)}${note}`
  })
  const left = view.indicators.length - values.length
  if (left > 0) values.push(`… ${left} ${words.more}`)
  const fields = [
    { title: words.author, value: chatText(view.authorName, 100), short: true },
    { title: words.threat, value: THREAT_INFO[view.threat][lang], short: true },
    { title: words.confidence, value: String(view.confidence), short: true },
    ...(view.circleName === undefined
      ? []
      : [{ title: words.circle, value: chatText(view.circleName, 64), short: true }])
  ]
  return {
    alias: oneLine(options.alias ?? ALIAS, 50),
    emoji: ':bell:',
    text: `${formatTlp(view.tlp)} ${formatPap(view.pap)} ${chatText(view.title, 200)}`,
    attachments: [
      {
        title: `bulletin ${chatText(view.id, 36)}`,
        color: COLOURS[view.tlp],
        ...(values.length === 0 ? {} : { text: `\`\`\`\n${values.join('\n')}\n\`\`\`` }),
        fields
      }
    ]
  }
}

/** What became of a notification; `attempts` is 0 where a rule refused it. */
export type NotifyOutcome =
  | { readonly sent: true; readonly attempts: number }
  | { readonly sent: false; readonly code: NotifyCode; readonly attempts: number; readonly status?: number }

/** One channel. */
export interface RocketChatChannel {
  /** The rule alone: would this be told here? */
  mayTell(view: NotificationView): Verdict<NotifyCode>
  /** Tells it, or says by code why not. Never throws. An answer lost on the way may lead to a message told twice. */
  send(view: NotificationView): Promise<NotifyOutcome>
}

/** How a channel is reached. */
export interface RocketChatOptions extends NotificationOptions {
  /** `https://HOST/hooks/ID/TOKEN`: it carries the secret, so it is in no error, log or outcome. */
  readonly url: string
  readonly audience: ChannelAudience
  /** Of one attempt, in ms. */
  readonly timeoutMs?: number | undefined
  readonly attempts?: number | undefined
}

/** What a channel uses of the world. */
export interface RocketChatDeps {
  readonly fetch: typeof fetch
  /** Waits so many ms. */
  readonly sleep: (ms: number) => Promise<void>
}

const TIMEOUT_MS = 10_000
const ATTEMPTS = 3
/** Before the second attempt, doubled each time; a server's `Retry-After` is heeded up to the limit. */
const PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/**
 * A channel behind a Rocket.Chat incoming webhook. Throws ConnectorError if the address or the audience cannot be:
 * https, or http on a loopback host, and labels that are declared one by one.
 */
export function createRocketChat(options: RocketChatOptions, deps: RocketChatDeps): RocketChatChannel {
  const url = webhookUrl(options.url)
  const { audience, timeoutMs = TIMEOUT_MS, attempts = ATTEMPTS } = options
  checkAudience(audience)

  const post = async (body: string): Promise<{ status: number; pause: number } | undefined> => {
    try {
      const response = await deps.fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        // A redirect would carry the text, and on some servers the token, to another host.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs)
      })
      await response.body?.cancel()
      return { status: response.status, pause: Number(response.headers.get('retry-after') ?? 0) * 1000 }
    } catch {
      return undefined
    }
  }

  const send = async (view: NotificationView): Promise<NotifyOutcome> => {
    const verdict = mayTell(view, audience)
    if (!verdict.allowed) return { sent: false, code: verdict.code, attempts: 0 }
    const body = JSON.stringify(buildNotification(view, options))
    for (let attempt = 1; ; attempt += 1) {
      const answer = await post(body)
      if (answer !== undefined && answer.status >= 200 && answer.status < 300) return { sent: true, attempts: attempt }
      const status = answer === undefined ? {} : { status: answer.status }
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) {
        return { sent: false, code: 'notify-refused-by-server', attempts: attempt, ...status }
      }
      if (attempt >= attempts) return { sent: false, code: 'notify-unreachable', attempts: attempt, ...status }
      const asked = Number.isFinite(answer?.pause) ? (answer?.pause ?? 0) : 0
      await deps.sleep(Math.min(LONGEST_PAUSE_MS, Math.max(asked, PAUSE_MS * 2 ** (attempt - 1))))
    }
  }

  return { mayTell: (view) => mayTell(view, audience), send }
}

function webhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url?.hostname ?? '')
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)
  if (url === undefined || !safe || url.username !== '' || url.password !== '') {
    throw new ConnectorError('notify-url-invalid', 'the webhook must be https, or http on a loopback host')
  }
  return url
}
