import { createHash } from 'node:crypto'

/** STIX 2.1 §2.9: a UUID version 5 says the same thing by the same name, whoever computes it. Of Tocsin alone. */
const NAMESPACE = Buffer.from('1d3c8e5b0c0f4c7f9b1e5a64c2d90f37', 'hex')

/** An id of an object: its type, two hyphens and a UUID. */
export type StixId<T extends string = string> = `${T}--${string}`

/** UUID version 5 (RFC 9562 §5.5) of a name under a namespace of 16 bytes. */
export function uuid5(namespace: Uint8Array, name: string): string {
  const bytes = createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/**
 * The id of what these parts name together. Lengths stand before the parts, so that no two lists of parts read alike
 * whatever a peer writes into one of them.
 */
export function idOf<T extends string>(type: T, ...parts: readonly string[]): StixId<T> {
  return `${type}--${uuid5(NAMESPACE, [type, ...parts].map((part) => `${part.length}:${part}`).join(','))}`
}

/** An institution's identity object, by its did:key. */
export function identityId(institution: string): StixId<'identity'> {
  return idOf('identity', institution)
}

/** The report that stands for a bulletin: an id of a bulletin is its author's, and two authors may choose the same. */
export function reportId(author: StixId<'identity'>, bulletin: string): StixId<'report'> {
  return idOf('report', author, bulletin)
}

/** One value of one bulletin. Its parts can be read back out of the object: its author, its reference, its pattern. */
export function indicatorId(
  author: StixId<'identity'>,
  bulletin: string,
  type: string,
  value: string
): StixId<'indicator'> {
  return idOf('indicator', author, bulletin, type, value)
}
