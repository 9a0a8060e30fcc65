import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIndexBuilder } from './build.ts'
import type { HuntError } from './errors.ts'
import { logsOf } from './files.ts'
import { type Log, openLog, openStream } from './log.ts'
import { createScanner, type Scanner } from './scan.ts'
import { type Find, searchLog } from './search.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-hunt-'))
})
afterAll(() => rm(folder, { recursive: true }))

function scannerOf(...domains: string[]): Scanner {
  const builder = createIndexBuilder()
  for (const domain of domains) builder.add('domain', domain)
  return createScanner(builder.build())
}

async function file(name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

async function searched(
  log: Log,
  scanner: Scanner,
  context = 0
): Promise<{ finds: Find[]; lines: number; bytes: number }> {
  await using opened = log
  const finds: Find[] = []
  const { lines, bytes } = await searchLog(opened, scanner, { context, onFind: (find) => finds.push(find) })
  return { finds, lines, bytes }
}

/** Many lines, so that blocks and chunks end anywhere; every 1,000th holds a find. */
const LINES = Array.from({ length: 60_000 }, (_, line) =>
  line % 1_000 === 999 ? `line ${line} evil.example ${'x'.repeat(line % 97)}` : `line ${line} ${'y'.repeat(line % 211)}`
)
const TEXT = `${LINES.join('\n')}\n`

describe('searchLog', () => {
  it.each([
    ['plain', (text: Buffer) => text],
    ['gzip', (text: Buffer) => gzipSync(text)],
    ['zstd', (text: Buffer) => zstdCompressSync(text)],
    [
      'gzip in two members',
      (text: Buffer) => Buffer.concat([gzipSync(text.subarray(0, 99)), gzipSync(text.subarray(99))])
    ],
    [
      'zstd in two frames and one to be skipped',
      (text: Buffer) =>
        Buffer.concat([
          zstdCompressSync(text.subarray(0, 99)),
          Buffer.from([0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]),
          zstdCompressSync(text.subarray(99), { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
        ])
    ]
  ])('tells line and offset across blocks: %s, as a file and through a pipe', async (name, pack) => {
    const text = Buffer.from(TEXT)
    expect(text.length).toBeGreaterThan(4 * 1024 * 1024)
    const packed = pack(text)
    const path = await file(name, packed)
    for (const log of [await openLog(path), await openStream(Readable.from(pieces(packed)))]) {
      const { finds, lines, bytes } = await searched(log, scannerOf('evil.example'))
      expect({ lines, bytes, finds: finds.length }).toEqual({ lines: 60_000, bytes: text.length, finds: 60 })
      for (const { line, offset, text: found, before } of finds) {
        expect(LINES[line - 1]).toContain('evil.example')
        expect(text.toString('latin1', offset, offset + found.length)).toBe('evil.example')
        expect(before).toBe('')
      }
    }
  })

  it('shows no more of a line than asked, and never of the next', async () => {
    const path = await file('context', 'first line\r\nuser=claire evil.example password=hunter2\r\nlast line')
    const at = async (context: number): Promise<Find | undefined> =>
      (await searched(await openLog(path), scannerOf('evil.example'), context)).finds[0]
    expect(await at(0)).toEqual({ indicator: 0, line: 2, offset: 24, text: 'evil.example', before: '', after: '' })
    expect(await at(5)).toMatchObject({ before: 'aire ', after: ' pass' })
    expect(await at(500)).toMatchObject({ before: 'user=claire ', after: ' password=hunter2' })
  })

  it('cuts a line that never ends at a blank, in constant memory', async () => {
    const blanks = `${'word '.repeat(500_000)}evil.example`
    const solid = `${'x'.repeat(1024 * 1024)} evil.example`
    for (const text of [blanks, solid]) {
      const { finds, lines } = await searched(
        await openStream(Readable.from(pieces(Buffer.from(text)))),
        scannerOf('evil.example')
      )
      expect(finds).toMatchObject([{ line: 1, offset: text.length - 12 }])
      expect(lines).toBe(1)
    }
  })

  it('searches an empty log', async () => {
    expect(await searched(await openLog(await file('empty', '')), scannerOf('evil.example'))).toEqual({
      finds: [],
      lines: 0,
      bytes: 0
    })
  })

  it.each([
    ['gzip', gzipSync(TEXT)],
    ['zstd', zstdCompressSync(TEXT)]
  ])('tells a damaged log after what was found in it: %s', async (name, packed) => {
    const path = await file(`cut.${name}`, packed.subarray(0, packed.length - 2_000))
    const finds: Find[] = []
    await using log = await openLog(path)
    const search = searchLog(log, scannerOf('evil.example'), { onFind: (find) => finds.push(find) })
    await expect(search).rejects.toMatchObject({ code: 'log-damaged' })
    expect(finds.length).toBeGreaterThan(10)
  })

  it.each([
    ['absent', 'log-unreadable'],
    ['.', 'log-is-folder'],
    ['utf16', 'log-encoding']
  ])('refuses %s', async (name, code) => {
    await file('utf16', Buffer.from('\ufeffevil.example', 'utf16le'))
    await expect(openLog(join(folder, name))).rejects.toMatchObject({ code } satisfies Partial<HuntError>)
  })
})

describe('logsOf', () => {
  it('goes into folders where that is wanted, in the order of names, past links', async () => {
    const root = join(folder, 'logs')
    await mkdir(join(root, 'a'), { recursive: true })
    for (const name of ['b.log', 'a/2.log', 'a/1.log']) await writeFile(join(root, name), '')
    await symlink(folder, join(root, 'a', 'loop'))
    const names = async (recursive: boolean): Promise<string[]> => {
      const all: string[] = []
      for await (const log of logsOf(['-', root, join(folder, 'absent')], recursive))
        all.push('error' in log ? log.error.code : log.name.replace(`${root}/`, ''))
      return all
    }
    expect(await names(true)).toEqual(['-', 'a/1.log', 'a/2.log', 'b.log', 'log-unreadable'])
    expect(await names(false)).toEqual(['-', 'log-is-folder', 'log-unreadable'])
  })
})

/** In chunks of uneven length, as a pipe gives them. */
function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0, length = 1; at < bytes.length; at += length, length = ((length * 7) % 50_021) + 1)
    yield bytes.subarray(at, at + length)
}
