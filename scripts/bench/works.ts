import type { Work } from './work.ts'
import { liveWork } from './works/live.ts'
import { meanwhileWork } from './works/meanwhile.ts'
import { reconnectWork } from './works/reconnect.ts'
import { replicateWork } from './works/replicate.ts'
import { startWork } from './works/start.ts'

/** In the order of the table. */
export const WORKS: readonly Work[] = [replicateWork, meanwhileWork, liveWork, reconnectWork, startWork]
