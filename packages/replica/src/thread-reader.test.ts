import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { encode, toHex } from '@tocsin/journal'
import type { Bulletin } from '@tocsin/model'
import { openStore, type Store } from '@tocsin/store'
import { afterEach, describe, expect, it } from 'vitest'
import type { IncomingBatch } from './hop-door.ts'
import { type EntryReader, readEntry, type Unread } from './reading.ts'
import { createReplica, type Replica } from './replica.ts'
import { type Forged, forge, withBodies } from './testing/forge.ts'
import { accepts, cardOf, charterOf, institution, START } from './testing/institution.ts'
import { bulletin, memoryDatabase } from './testing/town.ts'
import { createThreadReader } from './thread-reader.ts'

const [author, receiver] = [institution('author'), institution('receiver')]
const { circle, register: charter } = charterOf([author, receiver], 2)
const audience = { tlp: 'AMBER' as const, circle }
const now = () => START
const undo: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one()
})

function large(count = 200): Bulletin {
  const indicators = Array.from({ length: count }, (_, index) => ({
    type: 'domain' as const,
    value: `host-${index}.evil.example`,
    role: 'malicious' as const
  }))
  return { ...bulletin([], START, { indicators }).bulletin, attachments: [] }
}

function stream(...values: (Bulletin | Uint8Array)[]): Forged {
  const forged = forge(author, audience, now)
  for (const value of values) forged.add(value instanceof Uint8Array ? { body: value } : { value })
  return forged
}

const unread = ({ entries }: Forged, body?: Uint8Array, nodeKey = author.nodeKey): Unread => ({
  nodeKey,
  header: entries[0]?.header ?? new Uint8Array(0),
  body: body ?? entries[0]?.body ?? new Uint8Array(0)
})

function reader(options: Parameters<typeof createThreadReader>[0] = {}): EntryReader {
  const made = createThreadReader(options)
  undo.push(() => made.close())
  return made
}

/** A reader that takes work: it starts with the first question and says no until it runs. */
async function running(options: Parameters<typeof createThreadReader>[0] = {}): Promise<EntryReader> {
  const made = reader(options)
  for (let tries = 0; tries < 3000; tries++) {
    const answer = made.read(unread(stream(large(1))))
    if (answer !== undefined) {
      await answer
      return made
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the thread does not start')
}

async function program(text: string): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-reader-'))
  undo.push(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'program.mjs'), text)
  return pathToFileURL(join(folder, 'program.mjs'))
}

const PROGRAM = `import { parentPort } from 'node:worker_threads'
let asked = 0
parentPort.on('message', () => {
  asked += 1
  if (asked === 1) parentPort.postMessage(undefined)
  else LATER
})
parentPort.postMessage('ready')`

describe('a thread that reads', () => {
  it('says what is read here, in the order of asking', async () => {
    const thread = await running()
    const good = stream(large())
    const cases: Unread[] = [
      unread(good),
      unread(stream(new Uint8Array(5000).fill(7))),
      unread(good, new Uint8Array(5000)),
      unread(good, undefined, receiver.nodeKey),
      unread(stream(encode([new Uint8Array(16), 1, { ...large(), title: '' }]))),
      { ...unread(good), header: new Uint8Array(3) },
      unread(stream(large(4096)))
    ]
    const answers = await Promise.all(cases.map((one) => thread.read(one)))
    expect(answers).toEqual(cases.map(readEntry))
    expect(answers.map((answer) => answer?.bulletin?.ok)).toEqual([
      true,
      false,
      undefined,
      undefined,
      false,
      undefined,
      true
    ])
    // What was sent stays whole here.
    expect(unread(good).body.length).toBeGreaterThan(5000)
  })

  it('says at once that it cannot: it starts, it has enough to do, it was closed', async () => {
    const one = unread(stream(large()))
    const thread = reader()
    expect(thread.read(one)).toBeUndefined()
    await thread.close()
    expect(thread.read(one)).toBeUndefined()
    const busy = await running()
    const body = new Uint8Array(9 * 2 ** 20)
    const asked = [1, 2, 3, 4].map(() => busy.read({ ...one, body }))
    expect(asked.map((answer) => answer !== undefined)).toEqual([true, true, true, false])
    const refused = { signed: true, matches: false }
    expect(await Promise.all(asked)).toEqual([refused, refused, refused, undefined])
  })

  it.each([
    ['fails', 'throw new Error("out of order")'],
    ['ends', 'process.exit(3)'],
    ['never answers', 'undefined']
  ])('gives its work back and says so once when it %s', async (_, what) => {
    const thread = await running({ program: await program(PROGRAM.replace('LATER', what)), patience: 200 })
    let told = 0
    const lost = new Promise<void>((resolve) => {
      thread.onLost(() => {
        told += 1
        resolve()
      })
    })
    const one = unread(stream(large()))
    expect(await Promise.all([thread.read(one), thread.read(one)])).toEqual([undefined, undefined])
    await lost
    expect(thread.read(one)).toBeUndefined()
    await thread.close()
    expect(told).toBe(1)
  })

  it('does not keep a process alive', async () => {
    const here = new URL('./', import.meta.url)
    const code = `import { createThreadReader } from '${new URL('thread-reader.ts', here)}'
      const thread = createThreadReader()
      const body = new Uint8Array(1)
      const asked = { nodeKey: '00', header: body, body }
      while (thread.read(asked) === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
      console.log(await thread.read(asked))`
    const file = await program(code)
    const { stdout } = await promisify(execFile)(process.execPath, [file.pathname], { timeout: 30_000 })
    expect(stdout.trim()).toBe('undefined')
  })
})

interface Side {
  readonly replica: Replica
  readonly store: Store
}

async function side(thread?: EntryReader): Promise<Side> {
  const store = await openStore({ path: '', database: memoryDatabase() })
  undo.push(() => store.close())
  const identity = {
    institution: receiver.id,
    key: receiver.node,
    nodeKey: receiver.nodeKey,
    instance: 'ab'.repeat(16)
  }
  const world = { now, random: (bytes: number) => new Uint8Array(bytes) }
  const replica = await createReplica({ identity, world, store, ...(thread === undefined ? {} : { reader: thread }) })
  await replica.admitRegisters([cardOf(receiver).bytes], undefined)
  await replica.addPeer(cardOf(author).bytes)
  const statements = [charter, accepts(author, circle), accepts(receiver, circle)].map(({ bytes }) => bytes)
  await replica.admitRegisters(statements, author.id)
  return { replica, store }
}

async function rowsOf({ store }: Side): Promise<string[]> {
  const rows: string[] = []
  for await (const [key, value] of store.scan({ gte: new Uint8Array(0), lt: Uint8Array.of(0xff) }))
    rows.push(`${toHex(key)} ${toHex(value)}`)
  return rows
}

describe('a foreseen batch', () => {
  function batches(): IncomingBatch[] {
    const good = stream(large(), large(1), large(1000), new Uint8Array(9000), large())
    const forged = forge(author, audience, now)
    forged.add({ value: large(), key: receiver.node })
    const other = stream(large(), large())
    const whole = good.batch(author, receiver)
    return [
      good.batch(author, receiver, { first: 1, last: 1 }),
      good.batch(author, receiver, { first: 3, last: 4 }),
      forged.batch(author, receiver),
      withBodies(other.batch(author, receiver), (body) => body && new Uint8Array(body.length)),
      withBodies(other.batch(author, receiver), () => null),
      { ...other.batch(author, receiver), descriptor: new Uint8Array(190) },
      { ...other.batch(author, receiver), proof: new Uint8Array(3) },
      whole,
      whole,
      other.batch(author, receiver)
    ]
  }

  it('is judged as any other, and leaves the same rows', async () => {
    const thread = await running()
    const [plain, helped] = [await side(), await side(thread)]
    let read = 0
    const counting: EntryReader = {
      ...thread,
      read: (one) => {
        const answer = thread.read(one)
        if (answer !== undefined) read += 1
        return answer
      }
    }
    const counted = await side(counting)
    const all = batches()
    const expected = []
    for (const batch of all) expected.push(await plain.replica.admit(batch))
    for (const one of [helped, counted]) {
      for (const batch of all) one.replica.foresee(batch)
      const outcomes = []
      for (const batch of all) outcomes.push(await one.replica.admit(batch))
      expect(outcomes).toEqual(expected)
      expect(await rowsOf(one)).toEqual(await rowsOf(plain))
    }
    expect(read).toBeGreaterThan(8)
    expect(new Set(expected.map(({ code }) => code))).toEqual(
      new Set([undefined, 'gap', 'bad-signature', 'body-mismatch', 'body-missing', 'unknown-version', 'bad-hop-proof'])
    )
  })

  it('is admitted when the thread is lost meanwhile, with an alarm', async () => {
    const thread = await running({ program: await program(PROGRAM.replace('LATER', 'process.exit(3)')) })
    const one = await side(thread)
    const batch = stream(large(), large()).batch(author, receiver)
    one.replica.foresee(batch)
    expect(await one.replica.admit(batch)).toMatchObject({ verdict: 'accept', accepted: 2 })
    expect(one.replica.alarms().map(({ code }) => code)).toEqual(['reader-lost'])
  })
})
