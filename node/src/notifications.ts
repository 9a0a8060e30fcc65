/** Somebody is told: new bulletins to the channels whose readers the operator declared (DESIGN §1: push to people). */
import { createRocketChat, type NotificationView, type RocketChatChannel } from '@tocsin/connectors'
import { PAPS, papRank, TLPS, tlpAtMost } from '@tocsin/model'
import type { Log } from '@tocsin/network'
import type { HeldBulletin, Replica } from '@tocsin/replica'
import type { Config } from './config.ts'
import { circleRef, nameOf, resolveCircle } from './ports/names.ts'
import type { ViewDeps } from './ports/views.ts'

export interface Notifications {
  /** Counts by outcome: `sent`, or the code of what held it back. */
  counts(): ReadonlyMap<string, number>
  stop(): Promise<void>
}

export function startNotifications(config: Config['notify'], views: ViewDeps, log: Log): Notifications {
  const counts = new Map<string, number>()
  const channels = config.map((channel) => open(channel, views.replica))
  const pending = new Set<Promise<void>>()
  const queue: number[] = []
  let working: Promise<void> | undefined

  const stopWatching = views.replica.watch((event) => {
    if (event.type !== 'entries' || channels.length === 0) return
    for (const { arrival, row } of event.rows) if (row.kind === 'bulletin') queue.push(arrival)
    // A channel that hangs must not gather the whole catch-up of a node that was away for a week.
    if (queue.length > 1000) queue.splice(0, queue.length - 1000)
    working ??= work().finally(() => {
      working = undefined
    })
    pending.add(working)
  })

  async function work(): Promise<void> {
    for (let arrival = queue.shift(); arrival !== undefined; arrival = queue.shift()) {
      const held = views.bulletins.at(arrival)
      if (held === undefined || held.state !== 'live') continue
      const view = notificationOf(views, held)
      if (view === undefined) continue
      for (const channel of channels) {
        const outcome = await channel.send(view)
        const key = outcome.sent ? 'sent' : outcome.code
        counts.set(key, (counts.get(key) ?? 0) + 1)
        if (!outcome.sent) log.debug({ code: outcome.code }, 'a channel was not told')
      }
    }
  }

  return {
    counts: () => counts,
    stop: async () => {
      stopWatching()
      queue.length = 0
      await working
    }
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

function open(channel: Config['notify'][number], replica: Replica): RocketChatChannel {
  const circles = channel.circle === undefined ? [] : [resolveCircle(replica, channel.circle)]
  return createRocketChat(
    {
      url: channel.url,
      audience: {
        tlps: TLPS.filter((tlp) => tlp !== 'RED' && tlpAtMost(tlp, channel.tlp)),
        paps: PAPS.filter((pap) => papRank(pap) <= papRank(channel.pap)),
        circles
      },
      lang: channel.lang
    },
    { fetch, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }
  )
}
