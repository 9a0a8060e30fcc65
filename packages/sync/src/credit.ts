import { DATA_FRAME_COST, MAX_WINDOW } from './constants.ts'
import type { Desk } from './desk.ts'
import { SyncError } from './errors.ts'

/** What a data frame with so many bytes of payload costs its sender: the raw length of a batch, else the frame's length. */
export function costOf(payload: number): number {
  return DATA_FRAME_COST + payload
}

/** Both directions of the flow: what we may still send, and what we let the peer send ahead of admission. */
export interface Credit {
  /** What we may send now. */
  available(): number
  /** The peer's whole window; half of it is kept free for live entries. */
  peerWindow(): number
  open(peerWindow: number): void
  grant(amount: number): void
  spend(cost: number): void
  /** The peer sent data: throws `credit-exceeded` where it had not so much credit. */
  take(cost: number): void
  /** Data was admitted or dropped: its credit returns to the peer, in portions. */
  release(cost: number): void
  /** Cost of what was taken and not released. */
  pending(): number
}

export function createCredit(desk: Pick<Desk, 'send'>, window: number): Credit {
  let ours = 0
  let theirWindow = 0
  let left = window
  let pending = 0
  let freed = 0
  return {
    available: () => ours,
    peerWindow: () => theirWindow,
    open(peerWindow) {
      theirWindow = peerWindow
      ours = peerWindow
    },
    grant(amount) {
      ours = Math.min(ours + amount, MAX_WINDOW)
    },
    spend(cost) {
      ours -= cost
    },
    take(cost) {
      if (cost > left) throw new SyncError('credit-exceeded', 'More came than was granted.', { cost, left })
      left -= cost
      pending += cost
    },
    release(cost) {
      pending -= cost
      freed += cost
      if (freed < window / 16) return
      left += freed
      desk.send({ type: 'credit', amount: freed })
      freed = 0
    },
    pending: () => pending
  }
}
