/** The local door of a real node, spoken to as any tool would: HTTP, one kept connection a caller. */
import { Agent, request } from 'node:http'

export interface Door {
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Buffer>
  json<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T>
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
    close: () => agent.destroy()
  }
}
