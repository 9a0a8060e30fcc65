/** For tests: an HTTP server on this machine that answers as the test says, and ends with it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Handler = (request: IncomingMessage, response: ServerResponse, asked: URL) => void

export interface TestServer extends AsyncDisposable {
  readonly url: string
  /** Paths with their queries, in the order in which they were asked for. */
  readonly asked: string[]
  answer(handler: Handler): void
}

export async function serve(handler: Handler): Promise<TestServer> {
  let current = handler
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    current(request, response, new URL(request.url ?? '/', 'http://127.0.0.1'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (next) => {
      current = next
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
