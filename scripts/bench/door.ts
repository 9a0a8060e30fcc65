/** The local door of a real node, spoken to as any tool would: HTTP, one kept connection a caller. */
import { Agent, request } from 'node:http'
import { nowMs } from './figures.ts'

export interface Door {
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Buffer>
  json<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** Follows the live events; `saw` resolves with the moment at which one named that text. */
  follow(): Promise<{ saw(text: string): Promise<number>; close(): void }>
  close(): void
}

/** @throws Error with the problem document for every answer that is no success */
export function openDoor(api: string, token: string): Door {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const call: Door['call'] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
      const headers = {
        authorization: `Bearer ${token}`,
        ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': payload.length })
      }
      const asked = request(`${api}${path}`, { method, headers, agent }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.once('error', reject)
        response.once('end', () => {
          const bytes = Buffer.concat(parts)
          const { statusCode = 0 } = response
          if (statusCode < 300) resolve(bytes)
          else reject(new Error(`${method} ${path}: ${statusCode} ${bytes.toString('utf8', 0, 500)}`))
        })
      })
      asked.once('error', reject)
      asked.end(payload)
    })
  return {
    call,
    json: async <T>(...asked: Parameters<Door['call']>) => JSON.parse((await call(...asked)).toString()) as T,
    follow: () => follow(`${api}/v1/events`, token),
    close: () => agent.destroy()
  }
}

function follow(url: string, token: string): ReturnType<Door['follow']> {
  return new Promise((resolve, reject) => {
    const waiting = new Map<string, (at: number) => void>()
    let text = ''
    const look = (): void => {
      const at = nowMs()
      for (const [wanted, tell] of waiting) {
        if (!text.includes(wanted)) continue
        waiting.delete(wanted)
        tell(at)
      }
    }
    const asked = request(url, { headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.on('data', (part: Buffer) => {
        text += part.toString()
        look()
      })
      // It ends when `close` destroys it, or with the node.
      response.on('error', () => undefined)
      resolve({
        saw: (wanted) =>
          new Promise((tell) => {
            waiting.set(wanted, tell)
            look()
          }),
        close: () => asked.destroy()
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}
