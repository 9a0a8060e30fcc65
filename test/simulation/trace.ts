/** Everything that happens in a run, as one running SHA-256: two runs are the same if and only if it is. */
import { createHash } from 'node:crypto'
import { decodeFrame } from '@tocsin/sync/testing'

export interface Trace {
  note(text: string): void
  frame(at: number, from: number, to: number, bytes: Uint8Array): void
  /** SHA-256 of all so far, hex. */
  digest(): string
  readonly frames: number
  readonly bytes: number
}

/** @param hear is told every line as text, frames as their JSON without bytes */
export function createTrace(hear?: (line: string) => void): Trace {
  const hash = createHash('sha256')
  let frames = 0
  let bytes = 0
  return {
    note: (text) => {
      hash.update(`${text}\n`)
      hear?.(text)
    },
    frame: (at, from, to, frame) => {
      frames += 1
      bytes += frame.length
      hash.update(`${at} ${from}>${to} ${frame.length}\n`).update(frame)
      hear?.(`${at} ${from}>${to} ${told(frame)}`)
    },
    digest: () => hash.copy().digest('hex'),
    get frames() {
      return frames
    },
    get bytes() {
      return bytes
    }
  }
}

function told(frame: Uint8Array): string {
  try {
    return JSON.stringify(decodeFrame(frame), (_key, value: unknown) =>
      value instanceof Uint8Array ? `${value.length} bytes` : value
    )
  } catch {
    return 'no frame'
  }
}
