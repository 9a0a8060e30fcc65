/** One stream of the sync protocol as an attacker holds it: any bytes out, every frame in. */
import type { createHost } from '@tocsin/network/testing'
import { decodeFrame, encodeFrame, type Frame } from '@tocsin/sync/testing'
import { until } from '../harness/process.ts'

type Host = Awaited<ReturnType<typeof createHost>>
type Stream = Awaited<ReturnType<Host['dialProtocol']>>

export interface Wire {
  /** Frames, or what claims to be one, each behind its true length, in one write. */
  send(...frames: readonly (Frame | Uint8Array)[]): void
  /** Bytes without any framing. */
  raw(bytes: Uint8Array): void
  readonly frames: readonly Frame[]
  awaited(type: Frame['type']): Promise<Frame>
  isOpen(): boolean
  ended(): Promise<void>
  /** The code with which the victim ended the session, if it said one. */
  refusal(): string | undefined
  close(): void
}

export function openWire(stream: Stream): Wire {
  const frames: Frame[] = []
  let unread = new Uint8Array(0)
  let open = true
  stream.addEventListener('close', () => {
    open = false
  })
  stream.addEventListener('message', ({ data }) => {
    unread = Buffer.concat([unread, data.subarray()])
    for (let next = firstFrame(unread); next !== undefined; next = firstFrame(unread)) {
      frames.push(decodeFrame(next.frame))
      unread = unread.subarray(next.end)
    }
  })
  const find = (type: Frame['type']): Frame | undefined => frames.find((frame) => frame.type === type)

  function raw(bytes: Uint8Array): void {
    try {
      stream.send(bytes)
    } catch {
      // The victim was quicker: it has had enough already.
    }
  }

  return {
    raw,
    send: (...list) =>
      raw(Buffer.concat(list.flatMap((one) => framed(one instanceof Uint8Array ? one : encodeFrame(one))))),
    frames,
    awaited: (type) => until(`a ${type} frame comes`, () => find(type)),
    isOpen: () => open && stream.status === 'open' && stream.remoteWriteStatus !== 'closed',
    ended: async () => {
      await until('the victim ends the session', () => !open || stream.remoteWriteStatus === 'closed')
      stream.abort(new Error('done'))
    },
    refusal: () => {
      const last = find('refuse')
      return last?.type === 'refuse' ? last.code : undefined
    },
    close: () => stream.abort(new Error('done'))
  }
}

/** Unsigned varint, as libp2p frames its messages. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Uint8Array.from([...bytes, rest])
}

function framed(frame: Uint8Array): Uint8Array[] {
  return [varint(frame.length), frame]
}

function firstFrame(bytes: Uint8Array): { frame: Uint8Array; end: number } | undefined {
  let length = 0
  for (let index = 0; index < bytes.length && index < 4; index++) {
    const byte = bytes[index] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte >= 0x80) continue
    const end = index + 1 + length
    return end > bytes.length ? undefined : { frame: bytes.subarray(index + 1, end), end }
  }
  return undefined
}
