/** The policy zone as a DNS server holds it: its newest version, and the way there from the few before it. */
import { serialIsNewer } from '../serial.ts'
import { changeOf, type OwnerChange, type OwnerList } from './owners.ts'

export interface ZoneVersion {
  readonly serial: number
  readonly owners: OwnerList
}

/** One step of a zone, as RFC 1995 §4 tells it. */
export interface ZoneStep extends OwnerChange {
  readonly from: number
  readonly to: number
}

export interface PolicyZone {
  /** Undefined until the first version is there. */
  current(): ZoneVersion | undefined
  /** Takes the next version; one with the serial of the current is none. */
  update(version: ZoneVersion): Promise<void>
  /** The steps from a serial to the current one, oldest first; undefined where they are not kept. */
  since(serial: number): readonly ZoneStep[] | undefined
}

export interface HistoryLimits {
  readonly steps: number
  /** Owners taken and put in all steps together. */
  readonly owners: number
}

/** Some hours of a busy day; a few megabytes. */
const LIMITS: HistoryLimits = { steps: 256, owners: 65_536 }

export function createPolicyZone(limits: HistoryLimits = LIMITS): PolicyZone {
  let current: ZoneVersion | undefined
  let steps: ZoneStep[] = []

  return {
    current: () => current,
    update: async (version) => {
      if (version.serial === current?.serial) return
      const change = current === undefined ? undefined : await changeOf(current.owners, version.owners, limits.owners)
      const step =
        current === undefined || change === undefined || !serialIsNewer(version.serial, current.serial)
          ? undefined
          : { from: current.serial, to: version.serial, ...change }
      // A step too big to keep breaks the way: whoever is behind it takes the whole zone.
      steps = step === undefined ? [] : newest([...steps, step], limits)
      current = version
    },
    since: (serial) => {
      const start = steps.findIndex(({ from }) => from === serial)
      return start < 0 ? undefined : steps.slice(start)
    }
  }
}

/** As many of the last steps as the limits allow. */
function newest(steps: readonly ZoneStep[], { steps: most, owners }: HistoryLimits): ZoneStep[] {
  let room = owners
  const kept: ZoneStep[] = []
  for (const step of steps.slice(-most).reverse()) {
    room -= step.removed.length + step.added.length
    if (room < 0) break
    kept.unshift(step)
  }
  return kept
}
