import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RPZ } from './feeds/rpz.ts'
import { serialInFile, writeFeedFile, writeFileAtomic } from './file.ts'
import { contentHash } from './hash.ts'
import { item, stream } from './items.fixture.ts'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tocsin-file-'))
  path = join(directory, 'feed.txt')
})

afterEach(() => rm(directory, { recursive: true }))

describe('writeFileAtomic', () => {
  it('makes a file that not everybody may read', async () => {
    expect(await writeFileAtomic(path, stream(['a\n', 'é\n']))).toMatchObject({ changed: true })
    expect(await readFile(path, 'utf8')).toBe('a\né\n')
    expect((await stat(path)).mode & 0o777).toBe(0o640)
  })

  it('writes and hashes text of any length, in whatever pieces it comes', async () => {
    const whole = 'é€\u{1f600}a'.repeat(100_000)
    const expected = await contentHash(stream([whole]))
    for (const at of [1, 100, 400_000]) {
      const pieces = [
        '',
        whole.slice(0, at * 5),
        '',
        ...[...whole.slice(at * 5)].slice(0, 5),
        whole.slice(at * 5).replace(/^.{5}/u, '')
      ]
      expect((await writeFileAtomic(path, stream(pieces))).hash).toBe(expected)
      expect((await readFile(path, 'utf8')) === whole).toBe(true)
    }
  })

  it('replaces the file and keeps its mode', async () => {
    await writeFile(path, 'old', { mode: 0o604 })
    const before = await stat(path)
    expect(await writeFileAtomic(path, stream(['new']))).toMatchObject({ changed: true })
    const after = await stat(path)
    expect(await readFile(path, 'utf8')).toBe('new')
    expect(after.mode).toBe(before.mode)
    expect(after.ino).not.toBe(before.ino)
    expect(await readdir(directory)).toEqual(['feed.txt'])
  })

  it('does not touch the file while the content is the same', async () => {
    await writeFileAtomic(path, stream(['a', 'b\n']))
    await utimes(path, 1, 1)
    const before = await stat(path)
    const { changed, hash } = await writeFileAtomic(path, stream(['ab', '\n']))
    expect(changed).toBe(false)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(await stat(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs })
    expect(await readdir(directory)).toEqual(['feed.txt'])
  })

  it('leaves the old file whole if the pieces fail', async () => {
    await writeFile(path, 'old')
    async function* failing(): AsyncGenerator<string> {
      yield 'x'.repeat(5000)
      throw new Error('source gone')
    }
    await expect(writeFileAtomic(path, failing())).rejects.toThrow('source gone')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(directory)).toEqual(['feed.txt'])
  })

  it('writes through a symbolic link', async () => {
    await writeFile(path, 'old')
    const link = join(directory, 'link')
    await symlink('feed.txt', link)
    await writeFileAtomic(link, stream(['new']))
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isSymbolicLink())).toHaveLength(
      1
    )
  })

  it('takes the place of nothing but a file', async () => {
    const server = createServer().listen(path)
    await once(server, 'listening')
    try {
      await expect(writeFileAtomic(path, stream(['a']))).rejects.toMatchObject({ code: 'EFTYPE' })
      await expect(writeFeedFile(path, stream(['a']), 0)).rejects.toMatchObject({ code: 'EFTYPE' })
      expect((await stat(path)).isSocket()).toBe(true)
    } finally {
      server.close()
    }
  })

  it('says so if there is no such directory', async () => {
    await expect(writeFileAtomic(join(directory, 'no', 'f'), stream(['a']))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('writeFeedFile', () => {
  const zone = (serial: number, ...names: string[]) =>
    RPZ.write(stream(names.map((name) => item('domain', name))), { serial })

  it('moves the serial on change only, and never back', async () => {
    expect(await serialInFile(path)).toBeUndefined()
    expect(await writeFeedFile(path, zone(100, 'a.example'), 0)).toMatchObject({ changed: true })
    expect(await serialInFile(path)).toBe(100)
    expect(await writeFeedFile(path, zone(200, 'a.example'), 0)).toMatchObject({ changed: false })
    expect(await serialInFile(path)).toBe(100)
    await writeFeedFile(path, zone(200, 'a.example', 'b.example'), 0)
    expect(await serialInFile(path)).toBe(200)
    await writeFeedFile(path, zone(150, 'b.example'), 0)
    expect(await serialInFile(path)).toBe(201)
    await writeFeedFile(path, zone(150, 'c.example'), 5_000_000)
    expect(await serialInFile(path)).toBe(5000)
  })
})
