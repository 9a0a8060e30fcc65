/** What the tables of attacks are made of. */
import { concatBytes } from '@tocsin/journal'
import { bulletin, type Entry, entry, openStream } from './forge.ts'
import type { Scene } from './scene.ts'
import type { Wire } from './wire.ts'

export interface Case {
  readonly name: string
  /** Counter of /v1/status. */
  readonly counter: string
  /** Whether the victim ends the session for it: what the sender is not to blame for is only left out. */
  readonly session: 'closed' | 'open'
  act(scene: Scene, wire: Wire): void
}

export const closed = (name: string, counter: string, act: Case['act']): Case => ({
  name,
  counter,
  session: 'closed',
  act
})
export const open = (name: string, counter: string, act: Case['act']): Case => ({ name, counter, session: 'open', act })

/** The bytes of one frame: type, then whatever. */
export const frame = (type: number, body: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(type), body)

export const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))

export const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

/** A stream of the villain's and one good entry in it, to be spoilt. */
export function sound({ villain }: Scene): { stream: ReturnType<typeof openStream>; one: Entry } {
  const stream = openStream(villain, { tlp: 'CLEAR' })
  return { stream, one: entry(villain, stream, bulletin('bad', 'bad.example')) }
}
