/** Extraction in a process of its own, by us and by `ioc-extractor`; only the calls themselves are measured. */
import { extractText } from '@tocsin/extract'
import { extractIOC } from 'ioc-extractor'
import { LABELLED_CONTEXT, readLabelled } from '../../../packages/extract/src/labelled.fixture.ts'
import { serve, type Verbs } from '../child.ts'
import { HOSTILE, mixedMessages } from '../extract/texts.ts'

const set = readLabelled()
const READERS = {
  ours: (text: string): unknown => extractText(text, LABELLED_CONTEXT).found,
  reference: (text: string): unknown => extractIOC(text)
}
export type Reader = keyof typeof READERS

/** Seconds of processor, user and system, garbage collection included. */
function processorOf(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

export interface Took {
  readonly bytes: number
  readonly seconds: number
}

const verbs = {
  /** Messages of about 4 kB each. */
  mixed: ({ reader, seed, bytes }: { reader: Reader; seed: number; bytes: number }): Took => {
    const took = { bytes: 0, seconds: 0 }
    const read = READERS[reader]
    for (const batch of mixedMessages(seed, bytes, set)) {
      took.bytes += batch.reduce((total, text) => total + Buffer.byteLength(text), 0)
      took.seconds += processorOf(() => batch.forEach(read))
    }
    return took
  },
  /** The labelled set itself, over and over. */
  set: ({ reader, times }: { reader: Reader; times: number }): Took => {
    const read = READERS[reader]
    const seconds = processorOf(() => {
      for (let time = 0; time < times; time += 1) for (const { text } of set) read(text)
    })
    return { bytes: times * set.reduce((total, { text }) => total + Buffer.byteLength(text), 0), seconds }
  },
  /** One hostile unit over and over, `size` characters of it; the least of three runs. */
  hostile: ({ name, size }: { name: string; size: number }): number => {
    const unit = HOSTILE[name] ?? ''
    const text = unit.repeat(Math.ceil(size / unit.length))
    return Math.min(...Array.from({ length: 3 }, () => processorOf(() => READERS.ours(text))))
  }
} satisfies Verbs

export type ExtractVerbs = typeof verbs

serve(verbs)
