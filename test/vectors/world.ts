/** Institutions by name, their records and circles, for the vectors of rosters, hops and evidence. Always the same. */
import {
  circleIdOf,
  decodeDescriptor,
  encodeDescriptor,
  institutionId,
  nodeKey,
  prepareRegister,
  proveNodeKey,
  type RegisterFields,
  type SignedHeader,
  type SigningKey,
  type StreamDescriptor,
  sealEntry,
  sha256,
  signedHeaderBytes,
  signingKey,
  signRegister,
  toHex,
  utf8
} from '@tocsin/journal'
import type { CircleId, EntryId, InstitutionId, Quotas } from '@tocsin/model'
import { DAY, NOW, QUARTER } from './records.ts'

export const rootOf = (name: string): SigningKey => signingKey(sha256(utf8(`root of ${name}`)))
export const nodeOf = (name: string): SigningKey => signingKey(sha256(utf8(`node of ${name}`)))
export const idOf = (name: string): InstitutionId => institutionId(rootOf(name).publicKey)

/** The day of NOW, days since the epoch. */
export const TODAY: number = Math.floor(NOW / DAY)

export const charterOf = (founders: readonly string[], threshold: number) => ({
  nonce: '00112233445566778899aabbccddeeff',
  name: 'esr-fr',
  founders: founders.map(idOf),
  threshold,
  defaults: { tlp: 'AMBER' as const, pap: 'GREEN' as const },
  retention: { minMs: DAY, maxMs: 730 * DAY, defaultMs: 365 * DAY },
  erasureDelayMs: DAY
})

/** A circle with its charter as a signed register, and the statements that can be made in it. */
export function circleOf(founders: readonly string[], threshold: number, quotas?: Quotas) {
  const value = { ...charterOf(founders, threshold), ...(quotas === undefined ? {} : { quotas }) }
  const circle: CircleId = circleIdOf(value)
  const sign = (author: string, fields: RegisterFields): string =>
    toHex(signRegister(prepareRegister(fields), rootOf(author)).bytes)
  const of = (author: string, number: number) => ({ author: idOf(author), circle, number })
  const [first = ''] = founders
  return {
    circle,
    charter: sign(first, { kind: 'charter', author: idOf(first), number: 1, value }),
    accepts: (author: string, number = 1, name = 'esr-fr') =>
      sign(author, { kind: 'acceptance', ...of(author, number), value: { name } }),
    resigns: (author: string, number = 1) => sign(author, { kind: 'resignation', ...of(author, number), value: {} }),
    vouches: (
      author: string,
      subject: string,
      change: { number?: number; expires?: number; name?: string; domains?: string[] } = {}
    ) =>
      sign(author, {
        kind: 'vouch',
        ...of(author, change.number ?? 1),
        subject: idOf(subject),
        value: {
          name: change.name ?? subject,
          domains: change.domains ?? [`${subject.toLowerCase()}.example`],
          how: 'phone',
          checkedAt: NOW - DAY,
          expires: change.expires ?? TODAY + 100
        }
      }),
    revokes: (author: string, subject: string, number = 1, lifted = false) =>
      sign(author, {
        kind: 'revocation',
        ...of(author, number),
        subject: idOf(subject),
        value: { reason: 'clé volée', ...(lifted ? { lifted } : {}) }
      })
  }
}

/** The card of an institution, hex; a key with `until` is one that it retired. */
export function cardOf(
  name: string,
  keys: readonly { key: SigningKey; until?: number }[] = [{ key: nodeOf(name) }]
): string {
  const root = rootOf(name)
  const nodeKeys = keys.map(({ key, until }) => ({
    key: nodeKey(key.publicKey),
    from: 0,
    ...(until === undefined ? {} : { until }),
    proof: proveNodeKey(key, root.publicKey)
  }))
  const next = nodeKey(nodeOf(`next ${name}`).publicKey)
  const value = { name, domains: [], contact: '', addresses: [], nodeKeys, next }
  return toHex(signRegister(prepareRegister({ kind: 'card', author: idOf(name), number: 1, value }), root).bytes)
}

/** A stream of an institution's node key. */
export function streamOf(author: string, labels: Pick<StreamDescriptor, 'tlp'> & Partial<StreamDescriptor>) {
  return decodeDescriptor(
    encodeDescriptor({
      author: idOf(author),
      nodeKey: nodeKey(nodeOf(author).publicKey),
      incarnation: '0f'.repeat(16),
      quarter: QUARTER,
      kind: 'log',
      ...labels
    })
  )
}

/** An entry of a stream, signed by `by`. */
export function entryOf(stream: ReturnType<typeof streamOf>, by: string, body = 'body', seq = 1): SignedHeader {
  const previous = seq === 1 ? null : ('99'.repeat(32) as EntryId)
  const fields = { stream: stream.id, seq, previous, clock: NOW, keepUntil: NOW + DAY, kind: 'bulletin' as const }
  return sealEntry(nodeOf(by), fields, utf8(body))
}

export const headerHex = (signed: SignedHeader): string => toHex(signedHeaderBytes(signed))
