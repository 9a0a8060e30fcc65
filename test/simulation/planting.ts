/** Every planted bug in a process of its own, and which rule found it where. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { MUTATIONS } from './mutations.ts'

export interface Found {
  readonly name: string
  /** Absent where nothing broke: the bug survived. */
  readonly rule?: string
  readonly message?: string
  readonly seed?: number
  readonly step?: number
  /** The rule is one of those that were to break. */
  readonly isRight?: boolean
  /** The process itself failed. */
  readonly error?: string
}

export interface PlantingOptions {
  /** Part of the names of those to plant. */
  readonly name: string
  readonly seeds: readonly [number, number]
  readonly jobs: number
  readonly heard: (found: Found) => void
}

export async function plantAll({ name, seeds, jobs, heard }: PlantingOptions): Promise<Found[]> {
  const waiting = MUTATIONS.filter((one) => one.name.includes(name)).map((one) => one.name)
  const all: Found[] = []
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const found = await one(next, seeds)
      all.push(found)
      heard(found)
    }
  }
  await Promise.all(Array.from({ length: jobs }, worker))
  return all
}

function one(name: string, [first, last]: readonly [number, number]): Promise<Found> {
  return new Promise((resolve) => {
    const file = join(import.meta.dirname, 'planted.ts')
    const child = spawn(process.execPath, [file, name, String(first), String(last)], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let out = ''
    let error = ''
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString()
    })
    child.stderr.on('data', (data: Buffer) => {
      error += data.toString()
    })
    child.on('close', (code) => {
      const line = out.trim().split('\n').at(-1) ?? ''
      if (code === 0 && line.startsWith('{')) resolve(JSON.parse(line) as Found)
      else resolve({ name, error: error.trim().split('\n').slice(-12).join('\n') || `ended with ${code}` })
    })
  })
}
