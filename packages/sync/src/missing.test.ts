import { decodeDescriptor } from '@tocsin/journal'
import { describe, expect, it } from 'vitest'
import type { Frame } from './frames.ts'
import { createHub } from './hub.ts'
import { createMissing } from './missing.ts'
import { createMemoryReplica } from './testing/memory-replica.ts'
import { createRandom } from './testing/random.ts'

describe('what is missing', () => {
  it('is not requested once the roster does not let it in any more', () => {
    const [here, there] = [createMemoryReplica(createRandom(1)), createMemoryReplica(createRandom(2))]
    const stream = there.openStream({ tlp: 'CLEAR' })
    const known = decodeDescriptor(there.descriptor(stream) ?? new Uint8Array(0))
    const sent: Frame[] = []
    let isIn = true
    const missing = createMissing({
      desk: {
        peer: there.institution,
        replica: { ...here, mayAccept: () => (isIn ? { allowed: true } : { allowed: false, code: 'left' }) },
        now: () => 0,
        send: (frame) => {
          sent.push(frame)
          return 0
        }
      },
      standing: { of: () => 0 },
      descriptors: { holds: () => true, of: () => known },
      declines: { isOurs: () => false, asked: () => {} },
      seat: createHub().seat(),
      tree: { graft: () => {} },
      knowledge: { raise: () => {} }
    })
    const item = { stream, target: 1, order: 4, newest: 1 }

    missing.addStream(item)
    isIn = false
    missing.ask(true, false)
    expect(sent).toEqual([])
    expect(missing.wanted()).toBe(0)

    isIn = true
    missing.addStream(item)
    missing.ask(true, false)
    expect(sent.map(({ type }) => type)).toEqual(['want'])
  })
})
