/** One process on one processor, from its start to its end, with what it wrote counted and thrown away. */
import { spawn } from 'node:child_process'
import { cpus } from 'node:os'

/** What a run took, in seconds, and what it found. */
export interface Ran {
  readonly wall: number
  /** User and system together. */
  readonly processor: number
  readonly lines: number
  /** Bytes, where the process says so. */
  readonly rss: number | undefined
}

/** The shell's own `time` tells what a child took; nothing else of it is used. */
const TIMED = `TIMEFORMAT='took %R %U %S'; time "$@"`

/** Runs a command on the last processor alone. `grep` ends early where nobody reads, so somebody does. */
export async function runAlone(command: readonly string[]): Promise<Ran> {
  const args = ['-c', TIMED, 'bash', 'taskset', '-c', String(cpus().length - 1), ...command]
  const child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } })
  let lines = 0
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [, wall, user, system] = /^took (\S+) (\S+) (\S+)$/m.exec(said) ?? []
  if (status !== 0 || wall === undefined) throw new Error(`${command.join(' ')} ended with ${status}: ${said}`)
  const rss = /^rss (\d+)$/m.exec(said)?.[1]
  return {
    wall: Number(wall),
    processor: Number(user) + Number(system),
    lines,
    rss: rss === undefined ? undefined : Number(rss)
  }
}
