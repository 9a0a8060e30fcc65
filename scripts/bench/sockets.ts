/** Bytes on the TCP connections of this process, below whatever protocol: one count for every contestant. */
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

export interface SocketBytes {
  readonly received: number
  readonly sent: number
}

/** Counts every connection made from now on, open or closed since. */
export function countSockets(): () => SocketBytes {
  const open = new Set<Socket>()
  let [received, sent] = [0, 0]
  const watch = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket }
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      received += socket.bytesRead
      sent += socket.bytesWritten
    })
  }
  subscribe('net.client.socket', watch)
  subscribe('net.server.socket', watch)
  return () => {
    const total = { received, sent }
    for (const { bytesRead, bytesWritten } of open) {
      total.received += bytesRead
      total.sent += bytesWritten
    }
    return total
  }
}
