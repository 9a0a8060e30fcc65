import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { replaceFeed } from './feed-file.ts'
import { writeWhole } from './files.ts'

async function folder(): Promise<AsyncDisposable & { path: (name: string) => string; names: () => Promise<string[]> }> {
  const dir = await mkdtemp(join(tmpdir(), 'tocsin-feed-'))
  return {
    path: (name) => join(dir, name),
    names: () => readdir(dir),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true })
  }
}

const zone = (serial: number, ...names: string[]) =>
  `$TTL 60\n@ SOA localhost. hostmaster.localhost. (\n\t${serial} ; serial\n\t300 60 604800 60 )\n@ NS localhost.\n${names.map((name) => `${name} CNAME .\n`).join('')}`

/** The text in pieces of a few bytes, as a network may cut it. */
async function* cut(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

it('moves the serial of a zone only when something else changed, and then forwards', async () => {
  await using place = await folder()
  const file = place.path('rpz.zone')
  expect(await replaceFeed(file, cut(zone(100, 'a.example')))).toEqual({ file, changed: true, serial: 100 })
  const first = await stat(file)
  expect(first.mode & 0o777).toBe(0o640)

  // Another serial and nothing else: not even the file's time moves.
  expect(await replaceFeed(file, cut(zone(200, 'a.example')))).toEqual({ file, changed: false, serial: 100 })
  expect((await stat(file)).ino).toBe(first.ino)

  // A change whose serial is later keeps it; one whose serial is not (another node made it) is moved on.
  expect(await replaceFeed(file, cut(zone(300, 'a.example', 'b.example')))).toMatchObject({
    changed: true,
    serial: 300
  })
  expect(await replaceFeed(file, cut(zone(250, 'b.example')))).toMatchObject({ changed: true, serial: 301 })
  expect(await readFile(file, 'utf8')).toBe(zone(301, 'b.example'))
  expect(await place.names()).toEqual(['rpz.zone'])
})

it('leaves other feeds as they are, however large', async () => {
  await using place = await folder()
  const file = place.path('list.txt')
  const text = Array.from({ length: 20_000 }, (_, i) => `host-${i}.example\n`).join('')
  expect(await replaceFeed(file, cut(text, 5_000))).toEqual({ file, changed: true })
  expect(await readFile(file, 'utf8')).toBe(text)
  expect(await replaceFeed(file, cut(text, 999))).toEqual({ file, changed: false })
  expect(await replaceFeed(file, cut(''))).toEqual({ file, changed: true })
  expect(await readFile(file, 'utf8')).toBe('')
})

it('keeps the old file when the feed breaks off, and leaves nothing behind', async () => {
  await using place = await folder()
  const file = place.path('list.txt')
  await writeFile(file, 'old\n')
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('new\n')
    throw new TypeError('terminated')
  }
  await expect(replaceFeed(file, breaking())).rejects.toThrow('terminated')
  expect(await readFile(file, 'utf8')).toBe('old\n')
  expect(await place.names()).toEqual(['list.txt'])
})

it('keeps the mode and the link of the file it replaces', async () => {
  await using place = await folder()
  const real = place.path('real.zone')
  const link = place.path('link.zone')
  await writeFile(real, 'old\n')
  await chmod(real, 0o604)
  await symlink(real, link)
  await replaceFeed(link, cut('new\n'))
  expect(await readFile(real, 'utf8')).toBe('new\n')
  expect((await stat(real)).mode & 0o777).toBe(0o604)
})

it('takes the place of nothing but a file', async () => {
  await using place = await folder()
  const file = place.path('socket')
  const server = createServer().listen(file)
  await once(server, 'listening')
  const refusal = { code: 'file-unwritable', facts: { file, reason: 'EFTYPE' } }
  try {
    await expect(replaceFeed(file, cut('new\n'))).rejects.toMatchObject(refusal)
    await expect(writeWhole(file, 'new\n')).rejects.toMatchObject(refusal)
    expect((await stat(file)).isSocket()).toBe(true)
  } finally {
    server.close()
  }
})

it('says what it cannot write', async () => {
  await using place = await folder()
  const file = place.path('absent/list.txt')
  await expect(replaceFeed(file, cut('new\n'))).rejects.toMatchObject({
    code: 'file-unwritable',
    facts: { file, reason: 'ENOENT' }
  })
})
