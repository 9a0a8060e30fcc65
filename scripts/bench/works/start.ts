/** DESIGN §10: from starting the process to an open door, and the memory it takes then. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcess } from '../../../test/harness/process.ts'
import { nowMs, spread } from '../figures.ts'
import { bytesUnder, preparePair } from '../prepare.ts'
import type { Measured, Work } from '../work.ts'

/** What start-up leaves for later has run by then. ms. */
const SETTLED = 2_000

export const startWork: Work = {
  name: 'start',
  title: 'tocsin run until its door answers, and its memory',
  run: async (bench): Promise<Measured> => {
    const pair = await preparePair(bench)
    const runs: Started[] = []
    const times = bench.quick ? 3 : 7
    for (let time = 1; time <= times; time++) {
      bench.say(`starting, ${time} of ${times} …`)
      runs.push(await start(pair.sender.home))
    }
    const seconds = spread(runs.map(({ ms }) => ms / 1000))
    const rss = spread(runs.map((run) => run.rss / 1e6))
    const disk = (await bytesUnder(join(pair.sender.home, 'store'))) / pair.indicators
    const held = `${pair.indicators.toLocaleString('en-US')} indicators`
    return {
      rows: [
        {
          id: 'start/time',
          work: `start to ready, ${held}`,
          unit: 's',
          ours: seconds,
          budget: { text: '≤ 2 s', met: seconds.median <= 2 }
        },
        {
          id: 'start/rss',
          work: `RSS once started, ${held}`,
          unit: 'MB',
          ours: rss,
          budget: { text: '≤ 350 MB', met: rss.median <= 350 }
        },
        {
          id: 'start/peak',
          work: 'peak RSS while starting',
          unit: 'MB',
          ours: spread(runs.map(({ peak }) => peak / 1e6))
        },
        { id: 'start/disk', work: 'disk an indicator, just published', unit: 'B', ours: spread([disk]) }
      ]
    }
  }
}

export interface Started {
  readonly ms: number
  /** Bytes. */
  readonly rss: number
  readonly peak: number
}

/** Files are in the page cache, as after a restart. */
export async function start(home: string): Promise<Started> {
  const asked = nowMs()
  const node = await startProcess(home)
  const ms = nowMs() - asked
  try {
    await new Promise((resolve) => setTimeout(resolve, SETTLED))
    return { ms, ...(await memoryOf(node.pid)) }
  } finally {
    await node.stop()
  }
}

/** Bytes, as the kernel counts them. */
export async function memoryOf(pid: number): Promise<{ readonly rss: number; readonly peak: number }> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024
  return { rss: field('VmRSS'), peak: field('VmHWM') }
}
