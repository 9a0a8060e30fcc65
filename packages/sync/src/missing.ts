import type { StreamId } from '@tocsin/model'
import {
  FETCH_LOOK_MOST,
  FETCH_LOOK_MS,
  GRAFT_MS,
  MAX_EXPECTED,
  MAX_MISSING,
  MAX_REGISTERS_PER_FRAME,
  MAX_URGENT,
  MAX_WANTED_REGISTERS,
  MAX_WANTED_STREAMS,
  MAX_WANTS_PER_FRAME
} from './constants.ts'
import type { Declines } from './declines.ts'
import type { Descriptors } from './descriptors.ts'
import type { Desk } from './desk.ts'
import type { Want } from './frames.ts'
import type { Seat } from './hub.ts'
import type { Knowledge } from './knowledge.ts'
import type { Standing } from './standing.ts'
import type { Tree } from './tree.ts'

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
 * they judge (DESIGN §8.2). What another session of this node fetches already is waited for.
 */
export interface Missing {
  addStream(item: MissingStream): void
  /** It came, but another session has it admitted already: asked for again should that fail. */
  putBack(item: MissingStream): void
  /** Announced, and expected over another link: asked for, with a graft, only if it does not come (GRAFT_MS). */
  expect(item: MissingStream): void
  /** Out of turn: announcements and forks do not wait behind a catch-up. */
  askNow(item: MissingStream): void
  /** Out of turn and from where we stand, unless that was asked already: gaps, lost descriptors, walks back. */
  askAgain(item: MissingStream): void
  /** `number` and `hash`: those the peer spoke of; '' where only the number is known. */
  addRegister(address: string, order: number, number: number, hash: string): void
  /** Held up to so far now. */
  reached(stream: StreamId, have: number): void
  dropStream(stream: StreamId): void
  /** It came, or will not. Answers the number that was asked for. */
  dropRegister(address: string, delivered: boolean): number | undefined
  /** Asks for what is next, once all comparisons are done; for streams once no registers wait for admission either. */
  ask(isCompared: boolean, isAdmitting: boolean): void
  /** True if something was forgotten for want of room: compare again. Clears the mark. */
  overflowed(): boolean
  /** How far the peer said to hold a stream of which we lack something, 0 if it did not. */
  claimed(stream: StreamId): number
  /** True if the peer was asked for it. */
  isWanted(stream: StreamId): boolean
  /** Known to be missing, not asked for. */
  waiting(): number
  /** Asked for, not here. */
  wanted(): number
}

interface Deps {
  readonly desk: Pick<Desk, 'send' | 'now' | 'replica' | 'peer'>
  readonly standing: Pick<Standing, 'of'>
  readonly descriptors: Pick<Descriptors, 'holds' | 'of'>
  readonly declines: Pick<Declines, 'isOurs' | 'asked'>
  readonly seat: Pick<Seat, 'reserve' | 'release'>
  readonly tree: Pick<Tree, 'graft'>
  readonly knowledge: Pick<Knowledge, 'raise'>
}

export function createMissing(deps: Deps): Missing {
  const { desk, standing, descriptors, declines, seat, tree, knowledge } = deps
  const registers = new Map<string, { readonly order: number; readonly number: number; readonly hash: string }>()
  const wantedRegisters = new Map<string, number>()
  const streams = new Map<StreamId, MissingStream>()
  const wanted = new Map<StreamId, MissingStream & Want>()
  const urgent = new Set<StreamId>()
  const expected = new Map<StreamId, { readonly item: MissingStream; readonly at: number }>()
  // Everything that waits is being fetched by other sessions: looked at again then.
  let lookAt = 0
  // The pending streams, last first; rebuilt when something was added.
  let queue: MissingStream[] | undefined
  let overflow = false

  const isHere = (item: MissingStream): boolean => item.from === undefined && item.target <= standing.of(item.stream)

  const wantOf = ({ stream, from }: MissingStream): Want => ({
    stream,
    from: from ?? standing.of(stream) + 1,
    describe: !descriptors.holds(stream)
  })

  /** Rosters may have changed since the peer spoke of it: what would not be let in is not requested (DESIGN §9.1). */
  const mayCome = ({ stream }: MissingStream): boolean => {
    const known = descriptors.of(stream)
    if (known === undefined || desk.replica.mayAccept(desk.peer, known.descriptor).allowed) return true
    wanted.delete(stream)
    urgent.delete(stream)
    seat.release(stream, false)
    return false
  }

  const send = (all: readonly MissingStream[]): void => {
    const items = all.filter(mayCome)
    for (let start = 0; start < items.length; start += MAX_WANTS_PER_FRAME) {
      const part = items.slice(start, start + MAX_WANTS_PER_FRAME)
      const wants = part.map(wantOf)
      for (const [index, item] of part.entries()) {
        const want = wants[index]
        if (want === undefined) continue
        wanted.set(item.stream, { ...item, ...want })
        declines.asked(item.stream)
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
    const elsewhere: MissingStream[] = []
    while (chosen.length < room && elsewhere.length < FETCH_LOOK_MOST) {
      const item = queue.at(-1)
      if (item === undefined || item.order > order) break
      queue.pop()
      // Dropped, asked for out of turn, or here by another way since.
      if (streams.get(item.stream) !== item) continue
      if (isHere(item) && !declines.isOurs(item.stream)) {
        streams.delete(item.stream)
        knowledge.raise(item.stream, item.target)
        continue
      }
      // What another session fetches holds up later classes as well.
      order = item.order
      if (!isOurs(item)) {
        elsewhere.push(item)
        continue
      }
      streams.delete(item.stream)
      chosen.push(item)
    }
    queue.push(...elsewhere.reverse())
    if (chosen.length === 0 && elsewhere.length > 0) lookAt = desk.now() + FETCH_LOOK_MS
    return chosen
  }

  /** A fork's head is asked of the peer that has it; anything else by one session at a time. */
  const isOurs = (item: MissingStream): boolean => item.from !== undefined || seat.reserve(item.stream, desk.now())

  const askStreams = (): void => {
    const running = wanted.size - urgent.size
    // In portions, so that one frame asks for many.
    if (running > MAX_WANTED_STREAMS / 2) return
    send(nextStreams(MAX_WANTED_STREAMS - running))
  }

  const askRegisters = (): void => {
    const addresses: string[] = []
    for (const [address, { number, hash }] of [...registers].sort(([, a], [, b]) => a.order - b.order)) {
      if (addresses.length >= MAX_WANTED_REGISTERS) break
      const held = desk.replica.registerHead(address)
      const isHeld = held !== undefined && (held.number > number || (held.number === number && held.hash === hash))
      if (isHeld && !declines.isOurs(address)) {
        // Here by another way since.
        registers.delete(address)
        continue
      }
      if (!seat.reserve(address, desk.now())) continue
      registers.delete(address)
      declines.asked(address)
      wantedRegisters.set(address, number)
      addresses.push(address)
    }
    if (addresses.length === 0) lookAt = desk.now() + FETCH_LOOK_MS
    for (let start = 0; start < addresses.length; start += MAX_REGISTERS_PER_FRAME) {
      desk.send({ type: 'want-registers', addresses: addresses.slice(start, start + MAX_REGISTERS_PER_FRAME) })
    }
  }

  /** What was announced and did not come. */
  const askExpected = (): void => {
    const now = desk.now()
    for (const [stream, { item, at }] of expected) {
      // They stand in the order in which they fall due.
      if (at > now) return
      expected.delete(stream)
      if (isHere(item)) {
        knowledge.raise(stream, item.target)
        continue
      }
      if (runningFor(item) === undefined && isOurs(item)) {
        tree.graft(stream)
        missing.askNow(item)
      } else {
        expected.set(stream, { item, at: now + GRAFT_MS })
      }
    }
  }

  const forget = (stream: StreamId, delivered: boolean): void => {
    if (wanted.delete(stream)) seat.release(stream, delivered)
    urgent.delete(stream)
  }

  const missing: Missing = {
    putBack(item) {
      const target = Math.max(item.target, wanted.get(item.stream)?.target ?? 0)
      forget(item.stream, true)
      missing.addStream({ ...item, target })
    },
    expect(item) {
      const before = expected.get(item.stream)
      if (before === undefined && expected.size >= MAX_EXPECTED) {
        overflow = true
        return
      }
      const target = Math.max(item.target, before?.item.target ?? 0)
      expected.set(item.stream, { item: { ...item, target }, at: before?.at ?? desk.now() + GRAFT_MS })
    },
    addStream(item) {
      const running = runningFor(item)
      if (running !== undefined) return aimFurther(running, item.target)
      forget(item.stream, true)
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
      if (running === undefined && (urgent.size >= MAX_URGENT || !isOurs(item))) return missing.addStream(item)
      const { from, describe } = wantOf(item)
      // Whatever was under way when the first of them was missed is no reason to ask for it once more.
      if (running?.from === from && running.describe === describe) return aimFurther(running, item.target)
      const target = Math.max(item.target, running?.target ?? 0, streams.get(item.stream)?.target ?? 0)
      streams.delete(item.stream)
      if (running === undefined) urgent.add(item.stream)
      send([{ ...item, target }])
    },
    addRegister(address, order, number, hash) {
      const asked = wantedRegisters.get(address)
      if (asked !== undefined) wantedRegisters.set(address, Math.max(asked, number))
      else if (registers.size >= MAX_MISSING) overflow = true
      else registers.set(address, { order, number, hash })
    },
    reached(stream, have) {
      const announced = expected.get(stream)?.item
      if (announced !== undefined && announced.target <= have) {
        expected.delete(stream)
        knowledge.raise(stream, announced.target)
      }
      const item = wanted.get(stream)
      if (item === undefined || have < item.target) return
      knowledge.raise(stream, Math.max(item.target, streams.get(stream)?.target ?? 0))
      streams.delete(stream)
      forget(stream, true)
    },
    dropStream(stream) {
      streams.delete(stream)
      expected.delete(stream)
      forget(stream, false)
    },
    dropRegister(address, delivered) {
      const number = wantedRegisters.get(address) ?? registers.get(address)?.number
      registers.delete(address)
      if (wantedRegisters.delete(address)) seat.release(address, delivered)
      return number
    },
    ask(isCompared, isAdmitting) {
      askExpected()
      if (!isCompared || desk.now() < lookAt) return
      if (registers.size > 0 && wantedRegisters.size === 0) askRegisters()
      if (!isAdmitting && registers.size === 0 && wantedRegisters.size === 0 && streams.size > 0) askStreams()
    },
    overflowed() {
      const was = overflow
      overflow = false
      return was
    },
    claimed: (stream) =>
      Math.max(
        streams.get(stream)?.target ?? 0,
        wanted.get(stream)?.target ?? 0,
        expected.get(stream)?.item.target ?? 0
      ),
    isWanted: (stream) => wanted.has(stream),
    waiting: () => registers.size + streams.size,
    wanted: () => wantedRegisters.size + wanted.size
  }
  return missing
}
