import type { StreamId } from '@tocsin/model'
import {
  MAX_MISSING,
  MAX_REGISTERS_PER_FRAME,
  MAX_URGENT,
  MAX_WANTED_REGISTERS,
  MAX_WANTED_STREAMS,
  MAX_WANTS_PER_FRAME
} from './constants.ts'
import type { Descriptors } from './descriptors.ts'
import type { Desk } from './desk.ts'
import type { Want } from './frames.ts'
import type { Standing } from './standing.ts'

/** A stream that the peer holds further than we do. */
export interface MissingStream {
  readonly stream: StreamId
  /** The last seq the peer spoke of. */
  readonly target: number
  /** Row.order: 3 retraction streams, 4 logs. */
  readonly order: number
  readonly newest: number
  /** Ask from here, although we hold more: a fork's head, the walk to its split. */
  readonly from?: number
}

/**
 * What is missing here and in which order it is asked for: registers by their order, then retraction streams, then logs,
 * newest first; a later class only when the earlier one is settled, so that rosters and retractions are there before what
 * they judge (DESIGN §8.2).
 */
export interface Missing {
  addStream(item: MissingStream): void
  /** Out of turn: announcements and forks do not wait behind a catch-up. */
  askNow(item: MissingStream): void
  /** Out of turn and from where we stand, unless that was asked already: gaps, lost descriptors, walks back. */
  askAgain(item: MissingStream): void
  /** `number`: the one the peer spoke of. */
  addRegister(address: string, order: number, number: number): void
  /** Held up to so far now. */
  reached(stream: StreamId, have: number): void
  dropStream(stream: StreamId): void
  /** It came, or will not. Answers the number that was asked for. */
  dropRegister(address: string): number | undefined
  /** Asks for what is next, once all comparisons are done; for streams once no registers wait for admission either. */
  ask(isCompared: boolean, isAdmitting: boolean): void
  /** True if something was forgotten for want of room: compare again. Clears the mark. */
  overflowed(): boolean
  /** Known to be missing, not asked for. */
  waiting(): number
  /** Asked for, not here. */
  wanted(): number
}

export function createMissing(
  desk: Pick<Desk, 'send'>,
  standing: Pick<Standing, 'of'>,
  descriptors: Pick<Descriptors, 'holds'>
): Missing {
  const registers = new Map<string, { readonly order: number; readonly number: number }>()
  const wantedRegisters = new Map<string, number>()
  const streams = new Map<StreamId, MissingStream>()
  const wanted = new Map<StreamId, MissingStream & Want>()
  const urgent = new Set<StreamId>()
  // The pending streams, last first; rebuilt when something was added.
  let queue: MissingStream[] | undefined
  let overflow = false

  const isHere = (item: MissingStream): boolean => item.from === undefined && item.target <= standing.of(item.stream)

  const wantOf = ({ stream, from }: MissingStream): Want => ({
    stream,
    from: from ?? standing.of(stream) + 1,
    describe: !descriptors.holds(stream)
  })

  const send = (items: readonly MissingStream[]): void => {
    for (let start = 0; start < items.length; start += MAX_WANTS_PER_FRAME) {
      const part = items.slice(start, start + MAX_WANTS_PER_FRAME)
      const wants = part.map(wantOf)
      for (const [index, item] of part.entries()) {
        const want = wants[index]
        if (want !== undefined) wanted.set(item.stream, { ...item, ...want })
      }
      desk.send({ type: 'want', wants })
    }
  }

  /**
   * What was asked for already and still comes. Frames keep their order: if all of it is here or under way when the peer
   * speaks of more, then it had served us before that grew, and has to be asked again.
   */
  const runningFor = (item: MissingStream): (MissingStream & Want) | undefined => {
    const running = wanted.get(item.stream)
    const isServed = running !== undefined && running.target <= standing.of(item.stream)
    return item.from === undefined && !isServed ? running : undefined
  }

  /** Raises the goal of what was asked for already. */
  const aimFurther = (running: MissingStream & Want, target: number): void => {
    wanted.set(running.stream, { ...running, target: Math.max(running.target, target) })
  }

  const nextStreams = (room: number): MissingStream[] => {
    queue ??= [...streams.values()].sort((a, b) => b.order - a.order || a.newest - b.newest)
    const running = [...wanted.values()].filter(({ stream }) => !urgent.has(stream))
    let order = Math.min(...running.map((item) => item.order))
    const chosen: MissingStream[] = []
    while (chosen.length < room) {
      const item = queue.at(-1)
      if (item === undefined || item.order > order) break
      queue.pop()
      // Dropped, asked for out of turn, or here by another way since.
      if (streams.get(item.stream) !== item) continue
      streams.delete(item.stream)
      if (isHere(item)) continue
      order = item.order
      chosen.push(item)
    }
    return chosen
  }

  const askStreams = (): void => {
    const running = wanted.size - urgent.size
    // In portions, so that one frame asks for many.
    if (running > MAX_WANTED_STREAMS / 2) return
    send(nextStreams(MAX_WANTED_STREAMS - running))
  }

  const askRegisters = (): void => {
    const chosen = [...registers].sort(([, a], [, b]) => a.order - b.order).slice(0, MAX_WANTED_REGISTERS)
    for (const [address, { number }] of chosen) {
      registers.delete(address)
      wantedRegisters.set(address, number)
    }
    const addresses = chosen.map(([address]) => address)
    for (let start = 0; start < addresses.length; start += MAX_REGISTERS_PER_FRAME) {
      desk.send({ type: 'want-registers', addresses: addresses.slice(start, start + MAX_REGISTERS_PER_FRAME) })
    }
  }

  const missing: Missing = {
    addStream(item) {
      const running = runningFor(item)
      if (running !== undefined) return aimFurther(running, item.target)
      wanted.delete(item.stream)
      urgent.delete(item.stream)
      const before = streams.get(item.stream)
      if (before === undefined && streams.size >= MAX_MISSING) {
        overflow = true
        return
      }
      const target = Math.max(item.target, before?.target ?? 0)
      streams.set(item.stream, { ...before, ...item, target })
      queue = undefined
    },
    askNow(item) {
      if (runningFor(item) !== undefined) missing.addStream(item)
      else missing.askAgain(item)
    },
    askAgain(item) {
      const running = wanted.get(item.stream)
      if (running === undefined && urgent.size >= MAX_URGENT) return missing.addStream(item)
      const { from, describe } = wantOf(item)
      // Whatever was under way when the first of them was missed is no reason to ask for it once more.
      if (running?.from === from && running.describe === describe) return aimFurther(running, item.target)
      const target = Math.max(item.target, running?.target ?? 0, streams.get(item.stream)?.target ?? 0)
      streams.delete(item.stream)
      if (running === undefined) urgent.add(item.stream)
      send([{ ...item, target }])
    },
    addRegister(address, order, number) {
      const asked = wantedRegisters.get(address)
      if (asked !== undefined) wantedRegisters.set(address, Math.max(asked, number))
      else if (registers.size >= MAX_MISSING) overflow = true
      else registers.set(address, { order, number })
    },
    reached(stream, have) {
      const item = wanted.get(stream)
      if (item === undefined || have < item.target) return
      missing.dropStream(stream)
    },
    dropStream(stream) {
      streams.delete(stream)
      wanted.delete(stream)
      urgent.delete(stream)
    },
    dropRegister(address) {
      const number = wantedRegisters.get(address) ?? registers.get(address)?.number
      registers.delete(address)
      wantedRegisters.delete(address)
      return number
    },
    ask(isCompared, isAdmitting) {
      if (!isCompared) return
      if (registers.size > 0 && wantedRegisters.size === 0) askRegisters()
      if (!isAdmitting && registers.size === 0 && wantedRegisters.size === 0 && streams.size > 0) askStreams()
    },
    overflowed() {
      const was = overflow
      overflow = false
      return was
    },
    waiting: () => registers.size + streams.size,
    wanted: () => wantedRegisters.size + wanted.size
  }
  return missing
}
