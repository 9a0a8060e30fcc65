import type { Work } from './work.ts'
import { catchUpWork } from './works/catch-up.ts'
import { extractWork } from './works/extract.ts'
import { feedsWork } from './works/feeds.ts'
import { growthWork } from './works/growth.ts'
import { huntWork } from './works/hunt.ts'
import { importsWork } from './works/imports.ts'
import { liveWork } from './works/live.ts'
import { lookupWork } from './works/lookup.ts'
import { meanwhileWork } from './works/meanwhile.ts'
import { mispWork } from './works/misp.ts'
import { reconnectWork } from './works/reconnect.ts'
import { replicateWork } from './works/replicate.ts'
import { startWork } from './works/start.ts'

/** In the order of the table. */
export const WORKS: readonly Work[] = [
  replicateWork,
  meanwhileWork,
  liveWork,
  reconnectWork,
  catchUpWork,
  lookupWork,
  startWork,
  huntWork,
  extractWork,
  mispWork,
  feedsWork,
  importsWork,
  growthWork
]
