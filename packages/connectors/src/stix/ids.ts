import { hash } from 'node:crypto'

/** STIX 2.1 §2.9: a UUID version 5 says the same thing by the same name, whoever computes it. Of Tocsin alone. */
const NAMESPACE = Buffer.from('1d3c8e5b0c0f4c7f9b1e5a64c2d90f37', 'hex')

/** The namespace, and the name behind it: made into the same bytes again and again, once for each object. */
let named = Buffer.concat([NAMESPACE], 4096)

/** An id of an object: its type, two hyphens and a UUID. */
export type StixId<T extends string = string> = `${T}--${string}`

/** UUID version 5 (RFC 9562 §5.5) of a name under our namespace. */
function uuid5(name: string): string {
  const most = NAMESPACE.length + 3 * name.length
  if (most > named.length) named = Buffer.concat([NAMESPACE], most)
  const end = NAMESPACE.length + named.write(name, NAMESPACE.length)
  const hex = hash('sha1', named.subarray(0, end), 'hex')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * The id of what these parts name together. Lengths stand before the parts, so that no two lists of parts read alike
 * whatever a peer writes into one of them.
 */
export function idOf<T extends string>(type: T, ...parts: readonly string[]): StixId<T> {
  let name = `${type.length}:${type}`
  for (const part of parts) name += `,${part.length}:${part}`
  return `${type}--${uuid5(name)}`
}

/** An institution's identity object, by its did:key. */
export function identityId(institution: string): StixId<'identity'> {
  const known = identities.get(institution)
  if (known !== undefined) return known
  const id = idOf('identity', institution)
  if (identities.size >= REMEMBERED) identities.clear()
  identities.set(institution, id)
  return id
}

/** Asked for with every object. */
const identities = new Map<string, StixId<'identity'>>()
const REMEMBERED = 4096

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
