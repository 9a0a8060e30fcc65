/** The node key's word that this process lives: lets a peer show me another process that uses my key. */
import { admitKey, concatBytes, fromHex, type SigningKey, toHex, utf8, verify } from '@tocsin/journal'
import type { NodeKey } from '@tocsin/model'

const DOMAIN = utf8('tocsin/instance/1\0')
/** instance 16 · time 8 · signature 64. */
export const INSTANCE_PROOF_BYTES = 88

/** @param time ms since epoch: now, so that an echo of an earlier run is told from a living process. */
export function sealInstance(key: SigningKey, instance: string, time: number): Uint8Array {
  const signed = new Uint8Array(24)
  signed.set(fromHex(instance), 0)
  new DataView(signed.buffer).setBigUint64(16, BigInt(time))
  return concatBytes(signed, key.sign(concatBytes(DOMAIN, signed)))
}

/** Undefined when this key did not sign it. */
export function openInstance(
  proof: Uint8Array,
  key: NodeKey
): { readonly instance: string; readonly time: number } | undefined {
  if (proof.length !== INSTANCE_PROOF_BYTES) return undefined
  const signed = Uint8Array.from(proof.subarray(0, 24))
  if (!verify(admitKey(fromHex(key)), concatBytes(DOMAIN, signed), proof.subarray(24))) return undefined
  return { instance: toHex(signed.subarray(0, 16)), time: Number(new DataView(signed.buffer).getBigUint64(16)) }
}
