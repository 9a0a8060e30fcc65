/** V8's sampling profiler over the main thread of this process, and the processor time of all its threads. */
import { type Profiler, Session } from 'node:inspector/promises'

/** Samples, µs apart. */
const INTERVAL = 250

export interface Profile {
  readonly cpu: Profiler.Profile
  /** ms of processor time, every thread: LevelDB's, zstd's, workers' and V8's own too. */
  readonly processorMs: number
}

/** Starts now; what it returns ends it. */
export async function startProfiler(): Promise<() => Promise<Profile>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL })
  await session.post('Profiler.start')
  const before = process.cpuUsage()
  return async () => {
    const { user, system } = process.cpuUsage(before)
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    return { cpu: profile, processorMs: (user + system) / 1000 }
  }
}
