import { yamux } from '@chainsafe/libp2p-yamux'
import type { MessageStream, StreamMuxer } from '@libp2p/interface'

type Yamux = ReturnType<typeof yamux>

/** StreamState.Established, which the package does not export. */
const ESTABLISHED = 3

/** What this file leans on in yamux 8; where a later version has it no more, that version's own habits apply. */
interface Windowed {
  recvWindow: number
  recvWindowCapacity: number
  state: number
  sendWindowUpdate(): void
}

/**
 * yamux as it is, but a window is renewed when half of it is used, as other implementations do: this one says so after
 * every frame, 30 bytes, an encryption and a packet for each small frame that came.
 */
export function thriftyYamux(init: Parameters<typeof yamux>[0]): Yamux {
  const inner = yamux(init)
  return () => {
    const factory = inner()
    const create = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, { createStreamMuxer: (connection: MessageStream) => thrifty(create(connection)) })
  }
}

function thrifty<M extends StreamMuxer>(muxer: M): M {
  const maker: { _newStream?: (...args: unknown[]) => unknown } = muxer as object
  const make = maker._newStream?.bind(maker)
  if (make === undefined) return muxer
  maker._newStream = (...args) => {
    const stream = make(...args)
    if (isWindowed(stream)) renewLate(stream)
    return stream
  }
  return muxer
}

function renewLate(stream: Windowed): void {
  const renew = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    // Until it is established, and after a pause, the frame says more than a number.
    if (stream.state === ESTABLISHED && stream.recvWindowCapacity > stream.recvWindow / 2) return
    renew()
  }
}

function isWindowed(stream: unknown): stream is Windowed {
  const one = stream as Partial<Windowed>
  return (
    typeof one.sendWindowUpdate === 'function' &&
    typeof one.recvWindow === 'number' &&
    typeof one.recvWindowCapacity === 'number'
  )
}
