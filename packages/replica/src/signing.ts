/** May this node sign at all? Two live instances of one key, or a clock that is off, stop it (DESIGN §§4, 8.5). */
import type { InstitutionId } from '@tocsin/model'
import { MAX_SKEW, MINUTE } from './constants.ts'
import { ReplicaError } from './errors.ts'
import type { World } from './types.ts'

export type NotSigning = 'twin-instance' | 'clock-off' | 'key-retired'

export interface Signing {
  /** @throws ReplicaError signing-suspended */
  check(): void
  reason(): NotSigning | undefined
  /** The same in a sentence. */
  why(): string | undefined
  /** Another live instance of this node's key has been shown. Lasts until this process ends. */
  twin(instance: string): void
  /** Clock of a linked peer minus ours, ms; undefined when it is gone. */
  skew(peer: InstitutionId, ms: number | undefined): void
}

/** @param isRetired the card that is held here ended the node key of this process: what it signs nobody takes */
export function createSigning(world: Pick<World, 'now' | 'steady'>, isRetired: () => boolean = () => false): Signing {
  let other: string | undefined
  // Each peer's clock minus our steady one: when the operator mends our clock, nobody has to be asked again.
  const clocks = new Map<InstitutionId, number>()
  // The same of who was linked last: a second witness where one peer alone is left.
  let gone: { readonly peer: InstitutionId; readonly clock: number } | undefined

  const ahead = (): number => world.now() - (world.steady ?? world.now)()

  /**
   * By how much our clock is off, as more than half of the linked peers say, and two of them at least: one clock against
   * one shows nothing, and no single peer can stop this node. Negative when we are ahead.
   */
  function off(): number | undefined {
    const heard = [...clocks.values()]
    const [only] = clocks.keys()
    if (heard.length === 1 && gone !== undefined && gone.peer !== only) heard.push(gone.clock)
    const skews = heard.map((clock) => clock - ahead())
    const sides = [skews.filter((ms) => ms > MAX_SKEW), skews.filter((ms) => ms < -MAX_SKEW)]
    const said = sides.find((side) => side.length >= 2 && 2 * side.length > skews.length)
    return said?.reduce((least, ms) => (Math.abs(ms) < Math.abs(least) ? ms : least))
  }

  function reason(): NotSigning | undefined {
    if (isRetired()) return 'key-retired'
    if (other !== undefined) return 'twin-instance'
    return off() === undefined ? undefined : 'clock-off'
  }

  function why(): string | undefined {
    if (isRetired()) return 'its node key was retired: restart it with the new one'
    if (other !== undefined) return 'another live process signs with the key of this node'
    const ms = off()
    if (ms === undefined) return undefined
    const minutes = Math.floor(Math.abs(ms) / MINUTE)
    return `the clock of this node is ${minutes} minutes ${ms > 0 ? 'behind' : 'ahead of'} those of its peers`
  }

  return {
    check: () => {
      const code = reason()
      if (code !== undefined)
        throw new ReplicaError('signing-suspended', `this node does not sign at present: ${why()}`, { reason: code })
    },
    reason,
    why,
    twin: (instance) => {
      other = instance
    },
    skew: (peer, ms) => {
      const clock = clocks.get(peer)
      if (ms !== undefined) clocks.set(peer, ms + ahead())
      else if (clocks.delete(peer) && clock !== undefined && world.steady !== undefined) gone = { peer, clock }
    }
  }
}
