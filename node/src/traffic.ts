/** Bytes of sync frames since the start, whichever sessions they went over: what agreeing with the peers costs (DESIGN §10). */
import type { SyncSession } from '@tocsin/sync'

export interface Traffic {
  /** The same session, counted. */
  through(session: SyncSession): SyncSession
  /** `sync:bytes-in` and `sync:bytes-out`, before the encryption of the link. */
  counts(): ReadonlyMap<string, number>
}

export function createTraffic(): Traffic {
  let bytesIn = 0
  let bytesOut = 0
  return {
    through: (session) => ({
      peer: session.peer,
      state: () => session.state(),
      handle: (event) => {
        if (event.type === 'received') bytesIn += event.frame.length
        const actions = session.handle(event)
        for (const action of actions) if (action.type === 'send') bytesOut += action.frame.length
        return actions
      }
    }),
    counts: () =>
      new Map([
        ['sync:bytes-in', bytesIn],
        ['sync:bytes-out', bytesOut]
      ])
  }
}
