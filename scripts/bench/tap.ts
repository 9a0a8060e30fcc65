/** Sees the frames of a node's exchanges: their bytes at the stream, without the length prefix, and their order. */
import type { InstitutionId } from '@tocsin/model'
import type { SyncSession } from '@tocsin/sync'
import { nowMs } from './figures.ts'

export interface FrameSeen {
  readonly peer: InstitutionId
  readonly direction: 'in' | 'out'
  readonly bytes: number
  readonly at: number
  /** Of an exchange that still stands: of two that both sides began at once, one is given up. */
  readonly stands: boolean
}

export interface Tap {
  /** The same session, watched. */
  through(session: SyncSession): SyncSession
  frames(): readonly FrameSeen[]
  forget(): void
}

export function createTap(): Tap {
  let frames: (Omit<FrameSeen, 'stands'> & { readonly exchange: number })[] = []
  let exchanges = 0
  const ended = new Set<number>()
  return {
    through: (session) => {
      const { peer } = session
      exchanges += 1
      const exchange = exchanges
      const note = (direction: FrameSeen['direction'], { length }: Uint8Array): void => {
        frames.push({ peer, direction, bytes: length, at: nowMs(), exchange })
      }
      return {
        peer,
        state: () => session.state(),
        handle: (event) => {
          if (event.type === 'received') note('in', event.frame)
          const actions = session.handle(event)
          for (const action of actions) if (action.type === 'send') note('out', action.frame)
          if (event.type === 'closed' || actions.some(({ type }) => type === 'close')) ended.add(exchange)
          return actions
        }
      }
    },
    frames: () => frames.map(({ exchange, ...frame }) => ({ ...frame, stands: !ended.has(exchange) })),
    forget: () => {
      frames = []
    }
  }
}
