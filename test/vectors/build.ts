import { buildBody } from './build-body.ts'
import { buildCbor } from './build-cbor.ts'
import { buildDescriptor } from './build-descriptor.ts'
import { buildEd25519 } from './build-ed25519.ts'
import { buildEntry } from './build-entry.ts'
import { buildIdentity } from './build-identity.ts'
import { buildRegister } from './build-register.ts'

/** All vector files by name. Deterministic: the test holds what this gives equal to what is stored. */
export async function buildVectors(): Promise<Readonly<Record<string, unknown>>> {
  return {
    'body.json': buildBody(),
    'cbor.json': buildCbor(),
    'descriptor.json': buildDescriptor(),
    'ed25519-adversarial.json': {
      description:
        'Signatures on which Ed25519 implementations disagree, built with arithmetic of their own (edwards25519.ts). expected: accepted, the code that refuses the key, or signature-refused.',
      cases: buildEd25519()
    },
    'entry.json': buildEntry(),
    'identity.json': await buildIdentity(),
    'register.json': buildRegister()
  }
}
