/** The protocol reader, which knows docs/protocol.md alone, against the vectors and against the packages. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { buildAltered } from './altered.ts'
import type { Case, VectorFile } from './case.ts'

const VECTORS = fileURLToPath(new URL('.', import.meta.url))
const READER = fileURLToPath(new URL('../../scripts/protocol-reader.mjs', import.meta.url))
const FILES = readdirSync(VECTORS).filter((name) => name.endsWith('.json'))
const read = (name: string): VectorFile => JSON.parse(readFileSync(join(VECTORS, name), 'utf8'))
const ALL: readonly Case[] = FILES.flatMap((name) => read(name).cases)

const folder = mkdtempSync(join(tmpdir(), 'tocsin-reader-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the reader on a folder: its lines, and its exit code. */
function run(path: string): Promise<{ lines: string[]; code: number }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [READER, path], { maxBuffer: 2 ** 24 }, (error, stdout) => {
      resolve({ lines: stdout.trimEnd().split('\n'), code: error === null ? 0 : Number(error.code) })
    })
  })
}

/** A folder with one vector file, changed. */
function changed(name: string, change: (file: { cases: Record<string, unknown>[] }) => void): string {
  const copy = mkdtempSync(join(folder, 'changed-'))
  const file = JSON.parse(readFileSync(join(VECTORS, name), 'utf8'))
  change(file)
  writeFileSync(join(copy, name), JSON.stringify(file))
  return copy
}

describe('the protocol reader', () => {
  it('imports nothing but the builtins of Node', () => {
    const imported = [...readFileSync(READER, 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
      ([, name]) => name
    )
    expect(imported.length).toBeGreaterThan(0)
    expect(imported.filter((name) => name?.startsWith('node:') !== true)).toEqual([])
  })

  it('reads every vector, and the published ones', async () => {
    const { lines, code } = await run(VECTORS)
    const sizes = FILES.map((name) => `${name}: ${read(name).cases.length} cases, 0 failed`)
    expect(lines.slice(0, -1)).toEqual([
      ...sizes.toSorted(),
      'rfc8032.json: 4 cases, 0 failed',
      'wycheproof-ed25519.json: 150 cases, 0 failed'
    ])
    expect(lines.at(-1)).toBe(`${ALL.length + 154} passed, 0 failed`)
    expect(code).toBe(0)
  })

  it('fails where a result, an error or a kind is not what comes out, and on a file that says nothing', async () => {
    const spoilt: readonly [string, (file: { cases: Record<string, unknown>[] }) => void][] = [
      ['digest.json', ({ cases }) => Object.assign(cases[0] ?? {}, { result: { digest: '00'.repeat(32) } })],
      ['frame.json', ({ cases }) => Object.assign(cases.at(-1) ?? {}, { error: 'unknown-frame' })],
      ['hop.json', ({ cases }) => Object.assign(cases[0] ?? {}, { kind: 'gossip' })],
      ['entry.json', ({ cases }) => Object.assign(cases[0] ?? {}, { error: 'entry-length' })],
      ['cbor.json', (file) => Object.assign(file, { cases: [] })]
    ]
    for (const [name, change] of spoilt) {
      const { lines, code } = await run(changed(name, change))
      expect([name, code, lines.at(-1)]).toEqual([name, 1, expect.stringMatching(/ passed, 1 failed$/)])
    }
  })

  it('agrees with the packages on altered cases, random rosters and random hops', async () => {
    const cases = await buildAltered(ALL, { altered: 2000, rosters: 30, hops: 1000 }, 'reader')
    const path = mkdtempSync(join(folder, 'altered-'))
    writeFileSync(join(path, 'altered.json'), JSON.stringify({ description: 'altered', cases }))
    const { lines } = await run(path)
    expect(lines.filter((line) => line.startsWith('  '))).toEqual([])
    expect(lines[0]).toBe(`altered.json: ${cases.length} cases, 0 failed`)
  })
})
