/** Every code that this program can answer with, each with its one line: titles of problems, and docs/errors.md. */
import { API_ERRORS } from '@tocsin/api'
import { CLI_ERRORS } from '@tocsin/cli'
import { CONNECTOR_ERRORS, FEED_REFUSALS, IMPORT_REFUSALS, IMPORT_WARNINGS, NOTIFY_REFUSALS } from '@tocsin/connectors'
import { EXTRACT_ERRORS, OMISSIONS, REFUSALS } from '@tocsin/extract'
import { HUNT_ERRORS } from '@tocsin/hunt'
import { JOURNAL_ERRORS, LINK_REASONS, OPAQUE_REASONS } from '@tocsin/journal'
import { CATCH_ERRORS, DRAFT_ERRORS, INDICATOR_ERRORS, MODEL_ERRORS, USE_ERRORS } from '@tocsin/model'
import { NETWORK_ERRORS } from '@tocsin/network'
import { ADMIT_ERRORS, REPLICA_ERRORS } from '@tocsin/replica'
import { STORE_ERRORS } from '@tocsin/store'
import { SYNC_ERRORS } from '@tocsin/sync'
import {
  DISCOUNT_CODES,
  HOP_CODES,
  HOP_PROOF_CODES,
  REGISTER_HOP_CODES,
  STALE_CODES,
  TRUST_ERRORS
} from '@tocsin/trust'
import { NODE_ERRORS } from './errors.ts'

/** Tables by what they are about, in the order of the documentation. */
export const ERROR_TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Command line': CLI_ERRORS,
  Node: NODE_ERRORS,
  'HTTP API': API_ERRORS,
  Drafts: DRAFT_ERRORS,
  Indicators: INDICATOR_ERRORS,
  Model: MODEL_ERRORS,
  'Use rule (PAP)': USE_ERRORS,
  Extraction: EXTRACT_ERRORS,
  'Extraction: refused': REFUSALS,
  'Extraction: left out': OMISSIONS,
  Hunt: HUNT_ERRORS,
  'Replica: our own actions': REPLICA_ERRORS,
  'Admit: what peers send': ADMIT_ERRORS,
  'Hop rule (TLP)': HOP_CODES,
  'Hop rule of registers': REGISTER_HOP_CODES,
  'Stale rosters': STALE_CODES,
  'Hop proofs': HOP_PROOF_CODES,
  'Trust records': TRUST_ERRORS,
  'Statements that do not count': DISCOUNT_CODES,
  'Signed records': JOURNAL_ERRORS,
  'Chain of a stream': LINK_REASONS,
  'Opaque bodies': OPAQUE_REASONS,
  Store: STORE_ERRORS,
  Sync: SYNC_ERRORS,
  Network: NETWORK_ERRORS,
  'Safety catch': CATCH_ERRORS,
  Feeds: FEED_REFUSALS,
  'Imports: refused': IMPORT_REFUSALS,
  'Imports: warnings': IMPORT_WARNINGS,
  Notifications: NOTIFY_REFUSALS,
  Connectors: CONNECTOR_ERRORS
}

export function explain(code: string): string | undefined {
  for (const table of Object.values(ERROR_TABLES)) if (Object.hasOwn(table, code)) return table[code]
  return undefined
}
