/** May this node sign at all? Two live instances of one key, or a clock that is off, stop it (DESIGN §§4, 8.5). */
import type { InstitutionId } from '@tocsin/model'
import { MAX_SKEW } from './constants.ts'
import { ReplicaError } from './errors.ts'

export interface Signing {
  /** @throws ReplicaError signing-suspended */
  check(): void
  reason(): string | undefined
  /** Another live instance of this node's key has been shown. Lasts until this process ends. */
  twin(instance: string): void
  /** Clock of a linked peer minus ours, ms; undefined when it is gone. */
  skew(peer: InstitutionId, ms: number | undefined): void
}

export function createSigning(): Signing {
  let other: string | undefined
  const skews = new Map<InstitutionId, number>()

  function reason(): string | undefined {
    if (other !== undefined) return 'twin-instance'
    // One peer's clock says nothing: with fewer than three there is no majority to be off from.
    if (skews.size >= 3 && Math.abs(median([...skews.values()])) > MAX_SKEW) return 'clock-off'
    return undefined
  }

  return {
    check: () => {
      const why = reason()
      if (why !== undefined)
        throw new ReplicaError('signing-suspended', `this node does not sign at present: ${why}`, { reason: why })
    },
    reason,
    twin: (instance) => {
      other = instance
    },
    skew: (peer, ms) => {
      if (ms === undefined) skews.delete(peer)
      else skews.set(peer, ms)
    }
  }
}

function median(values: number[]): number {
  values.sort((a, b) => a - b)
  const middle = values.length >> 1
  const upper = values[middle] ?? 0
  return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? 0) + upper) / 2
}
