/** One format in a process of its own: a million items in order of arrival, as a node has them, into a file. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FEEDS, type FeedBulletin, type FeedItem, type FeedName, writeFileAtomic } from '@tocsin/connectors'
import type { IndicatorType, InstitutionId } from '@tocsin/model'
import { serve, type Verbs } from '../child.ts'
import { nowMs } from '../figures.ts'
import { PER_BULLETIN } from '../work.ts'

/** ms from start to end, and of processors. */
export interface Took {
  readonly ms: number
  readonly processor: number
}

/** Bytes, and the peak of the process's memory in MB. */
export interface Exported extends Took {
  readonly bytes: number
  readonly peak: number
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')

/** Values that are different for different numbers; the first of these types that a format carries is asked of it. */
const VALUES: Readonly<Partial<Record<IndicatorType, (number: number) => string>>> = {
  domain: (number) => `login-${hex(number, 8)}.campaign-${number % 997}.net`,
  ipv4: (number) => `11.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
  url: (number) => `https://campaign-${number % 997}.net/${hex(number, 8)}/index.html`,
  sha256: (number) => hex(number, 64),
  md5: (number) => hex(number, 32),
  sha1: (number) => hex(number, 40),
  email: (number) => `${hex(number, 8)}@campaign-${number % 997}.net`,
  ja3: (number) => hex(number, 32),
  'x509-sha1': (number) => hex(number, 40)
}

function bulletinAt(number: number): FeedBulletin {
  return {
    id: `0b9f3c1e-8f0a-4d57-9b6e-${hex(number, 12)}`,
    title: `Phishing campaign ${number}`,
    author: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' as InstitutionId,
    authorName: 'Université de Reims',
    tlp: 'AMBER',
    pap: 'GREEN',
    threat: 'phishing',
    confidence: number % 101,
    publishedAt: Date.UTC(2026, 10, 24, 9) + number,
    keepUntil: Date.UTC(2027, 10, 24)
  }
}

async function* items(type: IndicatorType, count: number): AsyncGenerator<readonly FeedItem[]> {
  const made = VALUES[type] ?? String
  for (let first = 0; first < count; first += PER_BULLETIN) {
    const bulletin = bulletinAt(first / PER_BULLETIN)
    const length = Math.min(PER_BULLETIN, count - first)
    yield Array.from({ length }, (_, i): FeedItem => {
      // A step that shares no factor with a million: nothing comes in order.
      const value = made(((first + i) * 7919) % count)
      return { indicator: { type, value, role: 'malicious' }, bulletin }
    })
  }
}

async function taken(work: () => Promise<unknown>): Promise<Took> {
  const [began, before] = [nowMs(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { ms: nowMs() - began, processor: (user + system) / 1000 }
}

const verbs = {
  export: async ({ name, count, path }: { name: FeedName; count: number; path: string }): Promise<Exported> => {
    const feed = FEEDS[name]
    const type = (Object.keys(VALUES) as IndicatorType[]).find((one) => feed.types.includes(one))
    if (type === undefined) throw new Error(`${name} carries none of the types that are measured`)
    const took = await taken(() =>
      writeFileAtomic(path, feed.write(items(type, count), { serial: 1, folder: dirname(path) }))
    )
    const file = await open(path)
    const { size } = await file.stat()
    await file.close()
    return { ...took, bytes: size, peak: process.resourceUsage().maxRSS / 1024 }
  },

  /** The same bytes into another file, in pieces of 64 KiB and onto the disk. */
  copy: ({ path, to }: { path: string; to: string }): Promise<Took> =>
    taken(async () => {
      const file = await open(to, 'w')
      for await (const piece of createReadStream(path, { highWaterMark: 65_536 }))
        await file.appendFile(piece as Buffer)
      await file.sync()
      await file.close()
    })
} satisfies Verbs

export type FeedVerbs = typeof verbs

serve(verbs)
