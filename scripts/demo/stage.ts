/** Real institutions on one machine: a home, a process and a command line each, on free loopback ports. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiOf, freePort, type NodeProcess, startProcess, tocsin } from '../../test/harness/process.ts'
import type { Player } from './cast.ts'

export interface Actor {
  readonly player: Player
  readonly home: string
  readonly id: string
  readonly api: string
  readonly token: string
  /** The text block that is mailed. */
  readonly card: string
  readonly process: NodeProcess
  /** One `tocsin` command in this home; its `--json` result. */
  run<T>(args: readonly string[], input?: string): Promise<T>
  get<T>(path: string): Promise<T | undefined>
}

export async function appear(player: Player, folder: string): Promise<Actor> {
  const home = join(folder, player.name.toLowerCase())
  const listen = `/ip4/127.0.0.1/tcp/${await freePort()}`
  const door = `127.0.0.1:${await freePort()}`
  const labels = ['--name', player.name, '--domain', player.domain, '--contact', `rssi@${player.domain}`]
  const made = await command<{ institution: string; card: string }>(home, [
    'init',
    ...labels,
    '--listen',
    listen,
    '--api',
    door,
    '--no-passphrase'
  ])
  const process = await startProcess(home, { env: { TOCSIN_LOG_LEVEL: 'warn' } })
  const api = await apiOf(home)
  const token = (await readFile(join(home, 'admin-token'), 'utf8')).trim()
  return {
    player,
    home,
    id: made.institution,
    api,
    token,
    card: made.card,
    process,
    run: (args, input) => command(home, args, input),
    get: async <T>(path: string) => {
      const response = await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${token}` } })
      return response.ok ? ((await response.json()) as T) : undefined
    }
  }
}

async function command<T>(home: string, args: readonly string[], input?: string): Promise<T> {
  const { code, stdout, stderr } = await tocsin(['--json', ...args], {
    home,
    ...(input === undefined ? {} : { input })
  })
  if (code !== 0) throw new Error(`tocsin ${args.join(' ')}: exit ${code}\n${stderr}${stdout}`)
  return JSON.parse(stdout) as T
}
