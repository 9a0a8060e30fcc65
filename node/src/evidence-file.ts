/** `tocsin evidence verify FILE`: a third party checks evidence offline, with no node, no home and no network. */
import { readFile, stat } from 'node:fs/promises'
import { openRegister } from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import { type EvidenceKind, verifyEvidence } from '@tocsin/trust'
import { z } from 'zod'
import { NodeError } from './errors.ts'

/** What the file shows; whoever recorded it, and when, is not proved. */
export interface VerifiedEvidence {
  readonly kind: EvidenceKind
  readonly code: string
  readonly accused: InstitutionId
  /** As its own card says, and nobody else. */
  readonly claimedName: string
  readonly claimedDomains: readonly string[]
  readonly recordedAt: string
  /** A signature is of a key that the card has retired: a thief of the old key could have made it. */
  readonly doubtful: boolean
}

/** Evidence of at most 512 KiB and a card of at most 32 KiB, in base64, with room for the JSON around them. */
const MAX_FILE = 1024 * 1024

const base64 = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
const FileSchema = z.strictObject({
  format: z.literal('tocsin-evidence'),
  version: z.literal(1),
  evidence: base64,
  card: base64
})

/**
 * Reads and verifies a file of `tocsin evidence export`.
 * @throws NodeError evidence-file-unreadable, evidence-refuted with the code of the check that failed in `reason`
 */
export async function verifyEvidenceFile(path: string): Promise<VerifiedEvidence> {
  const { evidence, card } = await readEvidenceFile(path)
  const verdict = verifyEvidence(evidence, card)
  if (!verdict.ok) throw new NodeError('evidence-refuted', undefined, { reason: `${verdict.code}: ${verdict.reason}` })
  const { kind, code, accused, at } = verdict.evidence
  const { register } = openRegister(card)
  if (register.kind !== 'card') throw new NodeError('evidence-refuted', undefined, { reason: 'evidence-card' })
  return {
    kind,
    code,
    accused,
    claimedName: register.value.name,
    claimedDomains: register.value.domains,
    recordedAt: new Date(at).toISOString(),
    doubtful: verdict.doubtful
  }
}

async function readEvidenceFile(path: string): Promise<z.infer<typeof FileSchema>> {
  try {
    if ((await stat(path)).size > MAX_FILE) throw new NodeError('evidence-file-unreadable', undefined, { path })
    return FileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (error instanceof NodeError) throw error
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String((error as Error).message)
    throw new NodeError('evidence-file-unreadable', undefined, { path, reason })
  }
}
