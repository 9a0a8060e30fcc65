import { randomBytes } from 'node:crypto'
import { ENTRY_KINDS, type EntryBodies, type EntryKind, readEntryBody } from '@tocsin/model'
import { maxBodyOf } from './body.ts'
import { plain } from './bytes.ts'
import { decode, encode } from './codec.ts'
import { JournalError } from './errors.ts'

/** Version of the body format that this code writes and reads. */
const VERSION = 1

/** Random bytes at the start: without them the hash of an erased one-address bulletin could be guessed back. */
export const BODY_NONCE_BYTES = 16

// A full bulletin has 4,096 indicators of 7 pairs, 61,000 items; 64 references, 32 rules and 16 attachments are small.
const MAX_ITEMS = 131_072
// [nonce, 1, { indicators: [{…}] }] has depth 4.
const MAX_DEPTH = 6

/** Why a body is held opaque: relayed and kept like any other, but in no index and no feed. */
export type OpaqueCode = 'unknown-version' | 'unknown-kind' | 'bad-cbor' | 'bad-shape'

/** One line for each reason to hold a body opaque. */
export const OPAQUE_REASONS: Readonly<Record<OpaqueCode, string>> = {
  'unknown-version': 'The body is of a version that this node does not read.',
  'unknown-kind': 'The entry is of a kind that this node does not read.',
  'bad-cbor': 'The body is not CBOR of the frozen subset.',
  'bad-shape': 'The body breaks the schema of its kind.'
}

/** A body that could be read. */
export interface OpenedBody<Kind extends EntryKind = EntryKind> {
  readonly ok: true
  readonly value: EntryBodies[Kind]
}

/** A body that could not. `reason` names places of the schema, never what the author wrote. */
export interface OpaqueBody {
  readonly ok: false
  readonly code: OpaqueCode
  readonly reason: string
}

/**
 * The bytes of a body: CBOR `[nonce, 1, value]`. Throws `body-shape` for a value that readers would hold opaque, and a
 * `cbor-…` code for one that CBOR cannot hold; whether it is too large is seen when the entry is sealed. `nonce` (16
 * bytes) is for vectors; it is random otherwise.
 */
export function sealBody<Kind extends EntryKind>(
  kind: Kind,
  value: EntryBodies[Kind],
  nonce: Uint8Array = randomBytes(BODY_NONCE_BYTES)
): Uint8Array {
  const parsed = readEntryBody(kind, value)
  if (!parsed.success) {
    const reason = placesOf(parsed.error.issues)
    throw new JournalError('body-shape', `The ${kind} breaks its schema at ${reason}.`, { kind, reason })
  }
  return encode([plain(nonce), VERSION, parsed.data])
}

/** Reads a body whose hash was checked. Never throws: a strange body is opaque, and the chain stands without it. */
export function openBody<Kind extends EntryKind>(
  kind: Kind | number,
  bytes: Uint8Array
): OpenedBody<Kind> | OpaqueBody {
  if (!isEntryKind(kind)) return opaque('unknown-kind')
  let body: unknown
  try {
    body = decode(bytes, { maxBytes: maxBodyOf(kind), maxDepth: MAX_DEPTH, maxItems: MAX_ITEMS })
  } catch (error) {
    return opaque('bad-cbor', error instanceof JournalError ? error.code : undefined)
  }
  if (!Array.isArray(body)) return opaque('bad-shape')
  const [nonce, version, value] = body as readonly unknown[]
  if (!(nonce instanceof Uint8Array) || nonce.length !== BODY_NONCE_BYTES) return opaque('bad-shape')
  if (version !== VERSION) return opaque(typeof version === 'number' ? 'unknown-version' : 'bad-shape')
  const parsed = body.length === 3 ? readEntryBody(kind, value) : undefined
  if (parsed?.success !== true) return opaque('bad-shape', parsed && placesOf(parsed.error.issues))
  return { ok: true, value: parsed.data }
}

function isEntryKind<Kind extends EntryKind>(kind: Kind | number): kind is Kind {
  return typeof kind === 'string' && ENTRY_KINDS.includes(kind)
}

function opaque(code: OpaqueCode, reason: string = OPAQUE_REASONS[code]): OpaqueBody {
  return { ok: false, code, reason }
}

function placesOf(issues: readonly { readonly path: readonly PropertyKey[] }[]): string {
  return issues
    .slice(0, 8)
    .map((issue) => issue.path.map(String).join('.') || 'its root')
    .join(', ')
}
