/** Somebody is told: new bulletins to the channels whose readers the operator declared (DESIGN §1: push to people). */
import { setTimeout as after } from 'node:timers/promises'
import { createRocketChat, type NotificationView, type RocketChatChannel } from '@tocsin/connectors'
import { type CircleId, PAPS, papRank, TLPS, tlpAtMost } from '@tocsin/model'
import type { Log } from '@tocsin/network'
import { type HeldBulletin, type Replica, ReplicaError } from '@tocsin/replica'
import type { Config } from './config.ts'
import { circleRef, nameOf, resolveCircle } from './ports/names.ts'
import type { ViewDeps } from './ports/views.ts'

export interface Notifications {
  /** Counts by outcome: `sent`, or the code of what held it back. */
  counts(): ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** @throws ConnectorError notify-url-invalid, notify-audience-invalid: at the start, not at the first bulletin */
export function startNotifications(config: Config['notify'], views: ViewDeps, log: Log): Notifications {
  const counts = new Map<string, number>()
  const stopping = new AbortController()
  const channels = config.map((channel) =>
    createChannel(channel, views, stopping.signal, (code) => {
      counts.set(code, (counts.get(code) ?? 0) + 1)
      if (code !== 'sent') log.debug({ code }, 'a channel was not told')
    })
  )
  const stopWatching = views.replica.watch((event) => {
    if (event.type !== 'entries') return
    for (const { arrival, row } of event.rows) {
      if (row.kind === 'bulletin') for (const channel of channels) channel.tell(arrival)
    }
  })
  return {
    counts: () => counts,
    stop: async () => {
      stopWatching()
      stopping.abort()
      await Promise.all(channels.map(({ idle }) => idle()))
    }
  }
}

interface Channel {
  tell(arrival: number): void
  idle(): Promise<void>
}

/** One channel with a queue of its own: a server that hangs holds up neither the node nor the other channels. */
function createChannel(
  config: Config['notify'][number],
  views: ViewDeps,
  stopping: AbortSignal,
  count: (code: string) => void
): Channel {
  const queue: number[] = []
  let working: Promise<void> | undefined
  let opened = {
    circle: circleOf(views.replica, config),
    chat: open(config, circleOf(views.replica, config), stopping)
  }

  /** The circle may be founded, or joined, after the channel was declared. */
  function current(): RocketChatChannel {
    const circle = circleOf(views.replica, config)
    if (circle !== opened.circle) opened = { circle, chat: open(config, circle, stopping) }
    return opened.chat
  }

  async function work(): Promise<void> {
    for (let arrival = queue.shift(); arrival !== undefined && !stopping.aborted; arrival = queue.shift()) {
      try {
        const held = views.bulletins.at(arrival)
        const view = held?.state === 'live' ? notificationOf(views, held) : undefined
        if (view === undefined) continue
        const outcome = await current().send(view)
        count(outcome.sent ? 'sent' : outcome.code)
      } catch {
        // A row that cannot be read is reported where it is asked for; here the next one is told.
        count('internal')
      }
    }
  }

  return {
    tell: (arrival) => {
      queue.push(arrival)
      // A channel that hangs must not gather the whole catch-up of a node that was away for a week.
      if (queue.length > QUEUED_AT_MOST) queue.shift()
      working ??= work().finally(() => {
        working = undefined
      })
    },
    idle: async () => working
  }
}

function notificationOf({ replica, bulletins }: ViewDeps, held: HeldBulletin): NotificationView | undefined {
  const body = bulletins.body(held)
  if (body === undefined) return undefined
  const { author, tlp, circle } = held.descriptor
  return {
    id: body.id,
    title: body.title,
    author,
    authorName: nameOf(replica, author).name,
    tlp,
    pap: body.pap,
    ...(circle === undefined ? {} : { circle, circleName: circleRef(replica, circle).name }),
    threat: body.threat,
    confidence: body.confidence,
    indicators: body.indicators
  }
}

/** Undefined where the channel names none, or one that is not known here yet. */
function circleOf(replica: Replica, { circle }: Config['notify'][number]): CircleId | undefined {
  if (circle === undefined) return undefined
  try {
    return resolveCircle(replica, circle)
  } catch (error) {
    if (error instanceof ReplicaError) return undefined
    throw error
  }
}

function open(
  channel: Config['notify'][number],
  circle: CircleId | undefined,
  stopping: AbortSignal
): RocketChatChannel {
  const named = channel.circle === undefined ? [] : [circle ?? NO_CIRCLE]
  return createRocketChat(
    {
      url: channel.url,
      audience: {
        tlps: TLPS.filter((tlp) => tlp !== 'RED' && tlpAtMost(tlp, channel.tlp)),
        paps: PAPS.filter((pap) => papRank(pap) <= papRank(channel.pap)),
        circles: named
      },
      lang: channel.lang
    },
    {
      fetch: (input, init = {}) =>
        fetch(input, { ...init, signal: AbortSignal.any([stopping, ...(init.signal == null ? [] : [init.signal])]) }),
      // Ends early with the node: the attempt after it fails at once.
      sleep: (ms) => after(ms, undefined, { signal: stopping }).catch(() => undefined)
    }
  )
}

/** Stands for a declared circle that is not known here yet: no bulletin is of it. */
const NO_CIRCLE = '0'.repeat(64) as CircleId
/** Bulletins that wait for a channel; the oldest are dropped first. */
const QUEUED_AT_MOST = 1000
