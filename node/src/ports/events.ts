/** Live events, in order of arrival, cut to what the reader may see: counts and gaps tell nothing of the rest. */
import type { ApiPorts, LiveEvent, Reader } from '@tocsin/api'
import { openBody } from '@tocsin/journal'
import { type Disabling, type EntryKind, type Retraction, type Sighting, type StreamId, tlpAtMost } from '@tocsin/model'
import type { HeldBulletin } from '@tocsin/replica'
import { type ArrivalRow, arrivalOf, keys, ranges, readRow } from '@tocsin/store'
import { institutionView } from './names.ts'
import { sightOf } from './sight.ts'
import { iso, summaryView, type ViewDeps } from './views.ts'

const BATCH = 256

export function createEventsPort(deps: ViewDeps): ApiPorts['events'] {
  const { replica, bulletins } = deps

  return async function* events(reader, { after, signal }) {
    let last = after ?? (await newest())
    let wake: (() => void) | undefined
    // What arrives while nobody waits, in the middle of a scan too, is not missed: the scan is done once more.
    let arrived = false
    const onArrival = (): void => {
      arrived = true
      wake?.()
    }
    const stop = replica.watch((event) => {
      if (event.type === 'entries') onArrival()
    })
    signal.addEventListener('abort', onArrival)
    try {
      while (!signal.aborted) {
        arrived = false
        let found = 0
        for await (const [key, value] of replica.store.scan(
          { gte: keys.arrival(last + 1), lt: ranges.arrivals().lt },
          { limit: BATCH }
        )) {
          found += 1
          last = arrivalOf(key)
          const event = await eventOf(last, readRow<ArrivalRow>(value), reader)
          if (event !== undefined) yield event
          if (signal.aborted) return
        }
        if (found === BATCH) continue
        await new Promise<void>((resolve) => {
          wake = resolve
          if (arrived || signal.aborted) resolve()
        })
        wake = undefined
      }
    } finally {
      stop()
      signal.removeEventListener('abort', onArrival)
    }
  }

  async function newest(): Promise<number> {
    for await (const [key] of replica.store.scan(ranges.arrivals(), { reverse: true, limit: 1 })) return arrivalOf(key)
    return 0
  }

  async function eventOf(arrival: number, row: ArrivalRow, reader: Reader): Promise<LiveEvent | undefined> {
    switch (row.kind) {
      case 'bulletin': {
        const held = bulletins.at(arrival)
        if (held === undefined || !bulletins.visible(held, sightOf(deps, reader))) return undefined
        return { id: arrival, type: 'bulletin', data: summaryView(deps, held) }
      }
      case 'retraction':
        return retraction(arrival, row, reader)
      case 'disabling': {
        const body = bodyOf<Disabling>(row, 'disabling')
        const held = body === undefined ? undefined : ownWord(row, heldAt(body.target))
        if (body === undefined || held === undefined || !visible(row, held, reader)) return undefined
        return {
          id: arrival,
          type: 'disabling',
          data: { bulletin: body.bulletin, indicators: body.indicators, reason: body.reason }
        }
      }
      case 'sighting': {
        const body = bodyOf<Sighting>(row, 'sighting')
        const author = replica.streams.get(row.stream as StreamId)?.descriptor.author
        if (body === undefined || author === undefined) return undefined
        const [held] = await bulletins.entriesOf(body.bulletin, body.author)
        if (held === undefined || !visible(row, held, reader)) return undefined
        // A count is of a bulletin's author alone.
        if (body.contributors !== undefined && author !== body.author) return undefined
        const { bulletin, indicator, kind, count, contributors } = body
        return {
          id: arrival,
          type: 'sighting',
          data: {
            bulletin,
            indicator,
            kind,
            count,
            ...(contributors === undefined ? {} : { contributors }),
            by: institutionView(replica, author),
            at: iso(row.clock)
          }
        }
      }
      default:
        return undefined
    }
  }

  function retraction(arrival: number, row: ArrivalRow, reader: Reader): LiveEvent | undefined {
    const body = bodyOf<Retraction>(row, 'retraction')
    // One event a retraction, about those of its targets that are bulletins this reader may see.
    const seen = (body?.targets ?? []).flatMap((target) => {
      const held = ownWord(row, heldAt(target))
      return held !== undefined && visible(row, held, reader) ? [summaryView(deps, held)] : []
    })
    if (body === undefined || seen.length === 0) return undefined
    return {
      id: arrival,
      type: 'retraction',
      data: {
        bulletins: seen,
        reason: body.reason,
        ...(body.supersededBy === undefined ? {} : { supersededBy: body.supersededBy })
      }
    }
  }

  /** Whether the reader may see the bulletin and this word about it, which may be stricter than the bulletin is. */
  function visible(row: ArrivalRow, held: HeldBulletin, reader: Reader): boolean {
    const sight = sightOf(deps, reader)
    const tlp = replica.streams.get(row.stream as StreamId)?.descriptor.tlp
    return tlp !== undefined && tlpAtMost(tlp, sight.maxTlp) && bulletins.visible(held, sight)
  }

  /** Only its author's word takes a bulletin out of use: anybody can name an entry of somebody else. */
  function ownWord(row: ArrivalRow, held: HeldBulletin | undefined): HeldBulletin | undefined {
    const author = replica.streams.get(row.stream as StreamId)?.descriptor.author
    return held?.descriptor.author === author ? held : undefined
  }

  function heldAt(entry: string): HeldBulletin | undefined {
    const place = replica.store.get(keys.entry(entry))
    return place === undefined ? undefined : bulletins.at(arrivalOf(place))
  }

  function bodyOf<T>(row: ArrivalRow, kind: EntryKind): T | undefined {
    const bytes = replica.store.get(keys.body(row.stream, row.seq))
    const opened = bytes === undefined ? undefined : openBody(kind, bytes)
    return opened?.ok === true ? (opened.value as T) : undefined
  }
}
