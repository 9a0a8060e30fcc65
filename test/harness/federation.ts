/** Institutions as tests need them: made with the real `init`, run as real processes, spoken to over their real doors. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { signRegister } from '@tocsin/journal'
import type { Quotas } from '@tocsin/model'
import { homeAt, init, startNode } from '@tocsin/node'
import { openRootKeys } from '@tocsin/node/keys'
import type { World } from '@tocsin/replica'
import { pino } from 'pino'
import { introduce } from './introduce.ts'
import { freePort, type NodeProcess, startProcess, temporaryFolder, until } from './process.ts'

export interface Problem {
  readonly status: number
  readonly code: string
  readonly body: Record<string, unknown>
}

export interface Institution {
  readonly name: string
  readonly id: string
  readonly home: string
  readonly card: string
  readonly api: string
  readonly token: string
  readonly listen: string
  process(): NodeProcess | undefined
  start(options?: Parameters<typeof startProcess>[1]): Promise<void>
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Throws an Error with `status` and `code` for a problem. */
  call<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>
  /** Signs prepared bytes with the root key of the home and hands them in. */
  sign(prepared: { readonly register: string }): Promise<void>
}

export interface Federation {
  /** Makes an institution and, unless `run` is false, starts it. */
  institution(name: string, domain: string, options?: { readonly run?: boolean }): Promise<Institution>
  /** Mutual allow-listing. */
  link(a: Institution, b: Institution): Promise<void>
  /** A circle whose founders all accepted, known and accepted everywhere. Founders must be connected through links. */
  circle(
    name: string,
    threshold: number,
    founders: readonly Institution[],
    options?: {
      readonly erasureDelayMs?: number
      readonly quotas?: Quotas
    }
  ): Promise<string>
  vouch(by: Institution, subject: Institution, circle: string): Promise<void>
  accept(by: Institution, circle: string): Promise<void>
  revoke(by: Institution, subject: Institution, circle: string): Promise<void>
  /** Ends every process and removes every folder. */
  end(): Promise<void>
}

interface Listed<T> {
  readonly items: readonly T[]
}

/** Nodes inside the test's own process, on a clock that the test turns. */
export interface InProcess {
  readonly world: World
  /** ms; see NodeOptions. */
  readonly headPatience?: number
}

export async function createFederation(inProcess?: InProcess): Promise<Federation> {
  const folder = await temporaryFolder()
  const all: Institution[] = []

  async function institution(name: string, domain: string, options: { run?: boolean } = {}): Promise<Institution> {
    const dir = join(folder.dir, name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'))
    const listen = `/ip4/127.0.0.1/tcp/${await freePort()}`
    const made = await init(homeAt(dir), {
      name,
      domains: [domain],
      contact: `rssi@${domain}`,
      listen: [listen],
      announce: [],
      api: { host: '127.0.0.1', port: await freePort() },
      passphrase: undefined,
      lang: 'fr',
      now: inProcess?.world.now() ?? Date.now()
    })
    const token = (await readFile(join(dir, 'admin-token'), 'utf8')).trim()
    let running: NodeProcess | undefined

    async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' })
      }
      const response = await fetch(`${made.api}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const text = await response.text()
      const parsed = text === '' ? undefined : JSON.parse(text)
      if (!response.ok)
        throw Object.assign(new Error(`${name}: ${method} ${path}: ${response.status} ${text}`), {
          status: response.status,
          code: parsed?.code,
          body: parsed
        })
      return parsed as T
    }

    const self: Institution = {
      name,
      id: made.institution,
      home: dir,
      card: made.card,
      api: made.api,
      token,
      listen,
      process: () => running,
      start: async (extra) => {
        running = inProcess === undefined ? await startProcess(dir, extra) : await startHere(dir, inProcess)
      },
      stop: async (signal) => {
        await running?.stop(signal)
        running = undefined
      },
      call,
      sign: async ({ register }) => {
        const { root } = await openRootKeys(homeAt(dir), async () => undefined)
        const signed = signRegister(new Uint8Array(Buffer.from(register, 'base64')), root)
        await call('POST', '/v1/registers', { register: Buffer.from(signed.bytes).toString('base64') })
      }
    }
    all.push(self)
    if (options.run !== false) await self.start()
    return self
  }

  async function link(a: Institution, b: Institution): Promise<void> {
    await Promise.all([introduce(a, b.card), introduce(b, a.card)])
    await until(`${a.name} and ${b.name} are linked`, async () => {
      const { items } = await a.call<Listed<{ id: string; connected: boolean }>>('GET', '/v1/peers')
      return items.some(({ id, connected }) => id === b.id && connected)
    })
  }

  async function accept(by: Institution, circle: string): Promise<void> {
    await by.sign(await by.call('POST', '/v1/circles/prepare', { action: 'accept', circle }))
  }

  return {
    institution,
    link,
    accept,
    circle: async (name, threshold, founders, options = {}) => {
      const [first, ...others] = founders
      if (first === undefined) throw new Error('a circle has founders')
      await first.sign(
        await first.call('POST', '/v1/circles/prepare', {
          action: 'create',
          name,
          threshold,
          founders: others.map(({ card }) => card),
          ...options
        })
      )
      const { id } = await first.call<{ id: string }>('GET', `/v1/circles/${name}`)
      for (const founder of founders) {
        await until(
          `${founder.name} knows ${name}`,
          async () => (await founder.call<{ id: string }>('GET', `/v1/circles/${id}`)).id
        )
        await accept(founder, id)
      }
      for (const founder of founders) {
        await until(
          `${founder.name} sees every founder in ${name}`,
          async () =>
            (await founder.call<{ members: unknown[] }>('GET', `/v1/circles/${id}`)).members.length === founders.length
        )
      }
      return id
    },
    vouch: async (by, subject, circle) => {
      await by.sign(
        await by.call('POST', '/v1/circles/prepare', { action: 'vouch', institution: subject.id, circle, how: 'phone' })
      )
    },
    revoke: async (by, subject, circle) => {
      await by.sign(
        await by.call('POST', '/v1/circles/prepare', {
          action: 'revoke',
          institution: subject.id,
          circle,
          reason: 'test'
        })
      )
    },
    end: async () => {
      await Promise.all(all.map((one) => one.stop('SIGKILL')))
      await folder.remove()
    }
  }
}

async function startHere(dir: string, options: InProcess): Promise<NodeProcess> {
  const node = await startNode({ home: homeAt(dir), log: pino({ level: 'silent' }), ...options })
  return { pid: process.pid, log: () => '', stop: async () => node[Symbol.asyncDispose]() }
}
