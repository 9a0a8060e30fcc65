/** One import in a process of its own, from a file into drafts that nobody keeps; and its reference in the same way. */
import { createReadStream, createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { importNamed, readImport } from '@tocsin/connectors'
import { serve, type Verbs } from '../child.ts'
import { nowMs } from '../figures.ts'
import { DOCUMENTS, type DocumentKind } from '../imports/documents.ts'

type Name = DocumentKind['name']

/** s, and the peak of the process's memory in MB. */
export interface Cost {
  readonly processor: number
  readonly wall: number
  readonly peak: number
}

export interface Read extends Cost {
  readonly drafts: number
  readonly indicators: number
  readonly refused: number
}

interface Asked {
  readonly name: Name
  readonly path: string
}

const CHUNK = 65_536
const SOME = 1_000

function kindOf(name: Name): DocumentKind {
  const kind = DOCUMENTS.find((it) => it.name === name)
  if (kind === undefined) throw new Error(`no document is called ${name}`)
  return kind
}

async function measured(work: () => Promise<void>): Promise<Cost> {
  const [began, before] = [nowMs(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return {
    processor: (user + system) / 1e6,
    wall: (nowMs() - began) / 1000,
    peak: process.resourceUsage().maxRSS / 1024
  }
}

const verbs = {
  write: async ({ name, path, seed, count }: Asked & { readonly seed: number; readonly count: number }) => {
    const { begin, end, between, record } = kindOf(name)
    function* pieces(): Generator<string> {
      yield begin
      for (let first = 0; first < count; first += SOME) {
        const length = Math.min(SOME, count - first)
        const some = Array.from({ length }, (_, index) => record(seed, first + index)).join(between)
        yield first === 0 ? some : between + some
      }
      yield end
    }
    await pipeline(Readable.from(pieces()), createWriteStream(path))
  },

  read: async ({ name, path }: Asked): Promise<Read> => {
    const info = importNamed(name)
    if (info === undefined) throw new Error(`no import is called ${name}`)
    const { mapping } = kindOf(name)
    let [drafts, indicators, refused] = [0, 0, 0]
    const cost = await measured(async () => {
      const items = readImport(info, createReadStream(path, { highWaterMark: CHUNK }), {
        source: 'bench',
        labels: { tlp: 'AMBER', pap: 'GREEN' },
        context: { ownDomains: ['univ-reims.fr'], circleDomains: [] },
        now: Date.UTC(2026, 10, 30),
        ...(mapping === undefined ? {} : { mapping })
      })
      for await (const item of items) {
        if (item.kind === 'refused') refused += 1
        if (item.kind !== 'draft') continue
        drafts += 1
        indicators += item.draft.indicators.length
      }
    })
    return { ...cost, drafts, indicators, refused }
  },

  /** What no reader of the format does without: JSON.parse of all of it or of each line, or its lines. */
  parse: ({ name, path }: Asked): Promise<Cost> =>
    measured(async () => {
      if (name === 'misp' || name === 'stix') {
        JSON.parse(await readFile(path, 'utf8'))
        return
      }
      const lines = createInterface({ input: createReadStream(path, { highWaterMark: CHUNK }) })
      for await (const line of lines) if (name === 'json') JSON.parse(line)
    })
} satisfies Verbs

export type ImportVerbs = typeof verbs

serve(verbs)
