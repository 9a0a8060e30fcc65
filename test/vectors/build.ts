import { buildBatch } from './build-batch.ts'
import { buildBody } from './build-body.ts'
import { buildCbor } from './build-cbor.ts'
import { buildDescriptor } from './build-descriptor.ts'
import { buildDigest } from './build-digest.ts'
import { buildEd25519 } from './build-ed25519.ts'
import { buildEntry } from './build-entry.ts'
import { buildEvidence } from './build-evidence.ts'
import { buildFork } from './build-fork.ts'
import { buildFrame } from './build-frame.ts'
import { buildHop } from './build-hop.ts'
import { buildIdentity } from './build-identity.ts'
import { buildIndicator } from './build-indicator.ts'
import { buildPresence } from './build-presence.ts'
import { buildProof } from './build-proof.ts'
import { buildReceipt } from './build-receipt.ts'
import { buildRegister } from './build-register.ts'
import { buildRoster } from './build-roster.ts'
import type { VectorFile } from './case.ts'

/** All vector files by name. Deterministic: the test holds what this gives equal to what is stored. */
export async function buildVectors(): Promise<Readonly<Record<string, VectorFile>>> {
  return {
    'batch.json': buildBatch(),
    'body.json': buildBody(),
    'cbor.json': buildCbor(),
    'descriptor.json': buildDescriptor(),
    'digest.json': buildDigest(),
    'ed25519-adversarial.json': buildEd25519(),
    'entry.json': buildEntry(),
    'evidence.json': buildEvidence(),
    'fork.json': buildFork(),
    'frame.json': buildFrame(),
    'hop.json': buildHop(),
    'identity.json': await buildIdentity(),
    'indicator.json': buildIndicator(),
    'presence.json': buildPresence(),
    'proof.json': buildProof(),
    'receipt.json': buildReceipt(),
    'register.json': buildRegister(),
    'roster.json': buildRoster()
  }
}
