/** Sees the frames of a node's exchanges: their bytes at the stream, without the length prefix, and their order. */
import type { InstitutionId } from '@tocsin/model'
import type { SyncSession } from '@tocsin/sync'
import { nowMs } from './figures.ts'

export interface FrameSeen {
  readonly peer: InstitutionId
  readonly direction: 'in' | 'out'
  readonly bytes: number
  readonly at: number
}

export interface Tap {
  /** The same session, watched. */
  through(session: SyncSession): SyncSession
  frames(): readonly FrameSeen[]
  forget(): void
}

export function createTap(): Tap {
  let frames: FrameSeen[] = []
  return {
    through: (session) => {
      const { peer } = session
      const note = (direction: FrameSeen['direction'], { length }: Uint8Array): void => {
        frames.push({ peer, direction, bytes: length, at: nowMs() })
      }
      return {
        peer,
        state: () => session.state(),
        handle: (event) => {
          if (event.type === 'received') note('in', event.frame)
          const actions = session.handle(event)
          for (const action of actions) if (action.type === 'send') note('out', action.frame)
          return actions
        }
      }
    },
    frames: () => frames,
    forget: () => {
      frames = []
    }
  }
}
