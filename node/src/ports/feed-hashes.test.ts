import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentHash } from '@tocsin/connectors'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFeedHashes } from './feed-hashes.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-kept-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Some megabytes, in which characters of several bytes lie across every border. */
const LINE = `${'é\u20ac\u{1f600}a'.repeat(1000)}\n`
async function* long(): AsyncGenerator<string> {
  for (let line = 0; line < 500; line += 1) yield `${line} ${LINE}`
}
async function* short(): AsyncGenerator<string> {
  yield* ['a', 'b']
}
async function text(pieces: AsyncIterable<string>): Promise<string> {
  let all = ''
  for await (const piece of pieces) all += piece
  return all
}

/** Files of the folder that this process has open, though they have no name there. */
async function held(): Promise<number> {
  const open = await readdir('/proc/self/fd')
  const paths = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return paths.filter((path) => path.startsWith(folder)).length
}

const hashes = (version = () => '', at = folder) => createFeedHashes(version, () => 0, at)

it('hands out what was hashed, from memory or from a file without a name, and then holds nothing', async () => {
  for (const [write, files] of [
    [short, 0],
    [long, 1]
  ] as const) {
    const { hash, body } = await hashes().of('', write)
    expect(hash).toBe(await contentHash(write()))
    expect([await readdir(folder), await held()]).toEqual([[], files])
    expect(await text(body ?? short())).toBe(await text(write()))
    expect(await held()).toBe(0)
  }
})

it('holds nothing once a body is given up, begun or not', async () => {
  for (const begun of [false, true]) {
    const { body } = await hashes().of('', long)
    const reading = body?.[Symbol.asyncIterator]()
    if (begun) expect(await reading?.next()).toMatchObject({ done: false })
    expect(await held()).toBe(1)
    await reading?.return?.()
    expect(await held()).toBe(0)
    expect(await reading?.next()).toMatchObject({ done: true })
  }
})

it('writes once while nothing changes, and keeps nothing that is not wanted', async () => {
  let [version, written] = ['1', 0]
  const some = hashes(() => version)
  const write = (): AsyncIterable<string> => {
    written += 1
    return long()
  }
  const first = await some.of('', write, { keep: false })
  expect([first.body, await held()]).toEqual([undefined, 0])
  expect(await some.of('', write)).toEqual({ hash: first.hash })
  version = '2'
  expect((await some.of('', write, { keep: false })).hash).toBe(first.hash)
  expect(written).toBe(2)
})

it('has the hash all the same where the file cannot be made, and lets go of it where the text fails', async () => {
  const { hash, body } = await hashes(() => '', join(folder, 'absent')).of('', long)
  expect([hash, body]).toEqual([await contentHash(long()), undefined])
  async function* failing(): AsyncGenerator<string> {
    yield* long()
    throw new RangeError('cut')
  }
  await expect(hashes().of('', failing)).rejects.toThrow('cut')
  expect(await held()).toBe(0)
})
