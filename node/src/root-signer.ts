/** The root key's hand: signs what the node prepared, in this process, and forgets the key again. */
import { signRegister } from '@tocsin/journal'
import type { Home } from './home.ts'
import { openRootKeys } from './keys-at-rest.ts'

/**
 * @param purpose `register`: `message` is an unsigned register (header ‖ value); `erase-now`: the message of DESIGN §4,
 * which carries its own domain string
 * @returns the 64-byte signature
 */
export async function signWithRoot(
  home: Home,
  message: Uint8Array,
  purpose: 'register' | 'erase-now',
  ask: () => Promise<string | undefined>
): Promise<Uint8Array> {
  const { root } = await openRootKeys(home, ask)
  if (purpose === 'erase-now') {
    if (!startsWith(message, ERASE_NOW)) throw new RangeError('not an erasure')
    return root.sign(message)
  }
  return signRegister(message, root).bytes.slice(message.length)
}

const ERASE_NOW = new TextEncoder().encode('tocsin/erase-now/1\0')

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte)
}
