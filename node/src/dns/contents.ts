/** Keeps the zone of the DNS door as the feed `rpz` is: made anew when something changes, and as time goes. */
import type { FeedQuery, Reader } from '@tocsin/api'
import { gatherOwners, type PolicyZone, policyRows, type ZoneFacts } from '@tocsin/connectors'
import type { Log } from '@tocsin/network'
import type { Replica } from '@tocsin/replica'
import type { FeedContents } from '../ports/feeds.ts'

export interface ZoneContentsOptions {
  readonly facts: ZoneFacts
  readonly zone: PolicyZone
  readonly contents: FeedContents
  readonly query: FeedQuery
  readonly reader: Reader
  readonly replica: Pick<Replica, 'watch'>
  readonly log: Log
  /** Told of every new version, the first included. */
  readonly onMoved: (serial: number) => void
}

export interface ZoneContents {
  stop(): Promise<void>
}

/** ms after a change, for what comes with it: a bulletin's entry and its neighbours make one version. */
const GATHER_MS = 50
/** Making the zone may take at most a third of the time: a large one moves less often. */
const REST = 2
/** ms that a failure counts for. */
const FAILED_MS = 5000
/** ms; indicators expire by the clock, and nothing says so. */
const STALE_MS = 60_000
/** ms; exceptions change without an event of the replica. */
const LOOK_MS = 500

export function keepZone(options: ZoneContentsOptions): ZoneContents {
  const { facts, zone, contents, query, reader, replica, log } = options
  let stopped = false
  let made: { readonly version: string; readonly at: number; readonly cost: number } | undefined
  let waiting: NodeJS.Timeout | undefined
  let making: Promise<void> | undefined

  async function* owners(): AsyncGenerator<Iterable<string>> {
    const items = contents.items(query, reader.use, reader)
    for await (const rows of policyRows(items, { use: reader.use, zone: facts.name, folder: contents.folder })) {
      if (stopped) return
      yield rows.flatMap((row) => row.owners)
    }
  }

  async function make(): Promise<void> {
    const version = contents.version()
    const start = performance.now()
    try {
      const list = await gatherOwners(owners())
      if (stopped) return
      const serial = await contents.serial(`dns ${facts.name}`, list.hash)
      const before = zone.current()?.serial
      await zone.update({ serial, owners: list })
      if (serial !== before) options.onMoved(serial)
    } catch (error) {
      // The last version goes on being served, and is made anew after a rest.
      log.warn({ code: (error as { code?: string }).code ?? 'internal' }, 'the zone could not be made')
      made = { version: '', at: performance.now(), cost: FAILED_MS }
      return
    }
    made = { version, at: performance.now(), cost: performance.now() - start }
  }

  /** Makes the zone if it may have changed, once at a time. */
  function look(): void {
    if (stopped || waiting !== undefined || making !== undefined) return
    const isStale = made === undefined || performance.now() - made.at > Math.max(STALE_MS, made.cost * 20)
    if (!isStale && made?.version === contents.version()) return
    const rested = made === undefined ? 0 : made.at + made.cost * REST - performance.now()
    waiting = setTimeout(
      () => {
        waiting = undefined
        making = make().finally(() => {
          making = undefined
        })
      },
      Math.max(made === undefined ? 0 : GATHER_MS, rested)
    )
  }

  const stopWatching = replica.watch(look)
  const looking = setInterval(look, LOOK_MS)
  look()

  return {
    stop: async () => {
      stopped = true
      stopWatching()
      clearInterval(looking)
      clearTimeout(waiting)
      await making
    }
  }
}
