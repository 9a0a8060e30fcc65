import type { StreamId } from '@tocsin/model'
import { MAX_NAMES } from './constants.ts'
import { SyncError } from './errors.ts'
import type { StreamName } from './frames.ts'

/**
 * Streams that are spoken of often have a number of two bytes instead of 32: the nth id said in pushes and announcements
 * of one direction of a session takes number n mod MAX_NAMES, whatever had it before. Both sides count alike.
 */
export function createNamesOut(): (stream: StreamId) => StreamName {
  const numbers = new Map<StreamId, number>()
  const places: StreamId[] = []
  let said = 0
  return (stream) => {
    const known = numbers.get(stream)
    if (known !== undefined) return known
    const number = said++ % MAX_NAMES
    const before = places[number]
    if (before !== undefined) numbers.delete(before)
    places[number] = stream
    numbers.set(stream, number)
    return stream
  }
}

/** The other side of it; throws `unexpected-frame` for a number that nothing has. */
export function createNamesIn(): (name: StreamName) => StreamId {
  const places: StreamId[] = []
  let said = 0
  return (name) => {
    if (typeof name !== 'number') {
      places[said++ % MAX_NAMES] = name
      return name
    }
    const stream = places[name]
    if (stream === undefined) throw new SyncError('unexpected-frame', 'No stream has this number.', { name })
    return stream
  }
}
