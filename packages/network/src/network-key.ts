import { preSharedKey } from '@libp2p/pnet'
import { NETWORK_ERRORS, NetworkError } from './errors.ts'

/** Maker of the layer under noise that only hosts with the same key get through. */
export type Protector = ReturnType<typeof preSharedKey>

// Without a line's end too: go-libp2p and js-libp2p write none.
const SWARM_KEY = /^\/key\/swarm\/psk\/1\.0\.0\/\r?\n\/base16\/\r?\n([0-9a-fA-F]{64})\s*$/

/**
 * Reads a pre-shared network key as libp2p writes it (`/key/swarm/psk/1.0.0/`, `/base16/`, 64 hex digits; specs/pnet).
 * The key shuts strangers out before noise, and nobody else: whoever was a member once still has it.
 * @throws NetworkError network-key-invalid; the text is a secret and stands in no error
 */
export function protectorOf(text: string): Protector {
  const digits = SWARM_KEY.exec(text)?.[1]
  if (digits === undefined) throw new NetworkError('network-key-invalid', NETWORK_ERRORS['network-key-invalid'])
  return preSharedKey({ psk: new TextEncoder().encode(`/key/swarm/psk/1.0.0/\n/base16/\n${digits.toLowerCase()}`) })
}
