/** What this institution says: sealed here, and let in by the same door as everybody else's entries. */
import {
  BODY_NONCE_BYTES,
  decodeDescriptor,
  type EntryKind,
  institutionKey,
  MAX_BODY,
  type StreamKind,
  sealBody,
  sealEntry,
  sha256,
  signedHeaderBytes,
  toHex,
  verifyEraseNow
} from '@tocsin/journal'
import {
  type Attachment,
  type Bulletin,
  type BulletinId,
  type Disabling,
  type EntryId,
  MAX_ATTACHMENT_BYTES,
  type Retraction,
  type Sighting
} from '@tocsin/model'
import { disablingOf, keys, ranges, readRow, type Store, type StreamState, type Tx } from '@tocsin/store'
import type { Admit } from './admit.ts'
import type { Book } from './book.ts'
import { MAX_SKEW, MAX_TARGETS } from './constants.ts'
import { type CountCode, judgeCount } from './count.ts'
import { countsBefore, noteCount } from './counts.ts'
import { REPLICA_ERRORS, ReplicaError } from './errors.ts'
import type { PrivateSightings } from './indicator-facts.ts'
import type { OwnStreams } from './own-streams.ts'

import { retentionOf } from './rules.ts'
import type { Signing } from './signing.ts'
import { type Audience, audienceKey, type Identity, type World } from './types.ts'

export interface PublishedEntry {
  readonly entry: EntryId
  readonly stream: string
  readonly seq: number
  readonly audience: Audience
}

/** An entry of mine that carries a bulletin, with what a retraction of it needs. */
export interface OwnTarget {
  readonly entry: EntryId
  readonly audience: Audience
  readonly keepUntil: number
}

export interface NewBulletin {
  readonly bulletin: Omit<Bulletin, 'attachments'>
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly data: Uint8Array }[]
  /** One, or for RED one a recipient. */
  readonly audiences: readonly Audience[]
  /** ms. */
  readonly keepUntil: number
  /** Entries of the bulletin that this one supersedes: retracted in the same write. */
  readonly supersedes?: readonly OwnTarget[]
}

export interface NewCount extends PrivateSightings {
  readonly bulletin: BulletinId
  readonly indicator: Sighting['indicator']
  /** Least contributors, and least step to an earlier count. */
  readonly least: number
  readonly audiences: readonly Audience[]
  /** ms. */
  readonly keepUntil: number
}

export interface Publisher {
  /** Resolves once everything is durable. @throws ReplicaError, StoreError */
  bulletin(input: NewBulletin, waiting?: () => void): Promise<readonly PublishedEntry[]>
  sighting(sighting: Sighting, audience: Audience, keepUntil: number): Promise<PublishedEntry>
  /** Says how many institutions told us alone. @throws ReplicaError too-few-contributors, count-too-close */
  count(input: NewCount): Promise<readonly PublishedEntry[]>
  /** Why this count would be refused now. */
  mayCount(indicator: NewCount['indicator'], told: PrivateSightings, least: number): CountCode | undefined
  retract(targets: readonly OwnTarget[], reason: string, eraseNow?: string): Promise<readonly PublishedEntry[]>
  disable(target: OwnTarget, disabling: Omit<Disabling, 'target'>): Promise<PublishedEntry>
}

interface Item {
  readonly kind: EntryKind
  readonly keepUntil: number
  /** The value, once the ids of the entries before it in this batch are known. */
  readonly value: (before: readonly EntryId[]) => Bulletin | Sighting | Retraction | Disabling | Attachment
}

export interface PublishDeps {
  readonly world: World
  readonly identity: Identity
  readonly store: Store
  readonly book: Book
  readonly own: OwnStreams
  readonly admit: Admit
  readonly signing: Signing
}

export function createPublisher(deps: PublishDeps): Publisher {
  const { world, identity, store, book, own, admit, signing } = deps

  /** Seals the items one after another at the end of the audience's stream. */
  function seal(tx: Tx, audience: Audience, kind: StreamKind, items: readonly Item[]): PublishedEntry[] {
    signing.check()
    if (audience.circle !== undefined && !book.view.isMember(audience.circle, identity.institution)) {
      throw new ReplicaError('not-in-circle', 'this institution is not a member of the circle', {
        circle: audience.circle
      })
    }
    const now = world.now()
    const { bytes, stream } = own.current(tx, audience, kind, now)
    const { id } = decodeDescriptor(bytes)
    const row = tx.get(keys.stream(id))
    const state = row === undefined ? undefined : readRow<StreamState>(row)
    // The clock never falls along a stream, whatever the machine's clock does.
    const clock = Math.max(now, state?.clock ?? 0)
    let seq = state?.seq ?? 0
    let previous = (state?.head ?? null) as EntryId | null
    const done: EntryId[] = []
    const sealed = items.map((item) => {
      seq += 1
      const body = sealBody(item.kind, item.value(done), world.random(BODY_NONCE_BYTES))
      if (item.kind !== 'attachment' && body.length > MAX_BODY)
        throw new ReplicaError('body-too-large', 'the bulletin is too large', { bytes: body.length, most: MAX_BODY })
      const header = sealEntry(
        identity.key,
        { stream: id, seq, previous, clock, kind: item.kind, keepUntil: item.keepUntil },
        body
      )
      previous = header.id
      done.push(header.id)
      return { header: signedHeaderBytes(header), body }
    })
    admit.own(tx, bytes, sealed)
    if (stream === undefined) own.opened(tx, audience, kind, id)
    const first = seq - items.length + 1
    return done.map((entry, index) => ({ entry, stream: id, seq: first + index, audience }))
  }

  function checkKeepUntil(audience: Audience, keepUntil: number, least?: number): void {
    const { minMs, maxMs } = retentionOf(book, audience.circle)
    const earliest = world.now() + (least ?? minMs)
    const latest = world.now() + maxMs
    if (keepUntil < earliest || keepUntil > latest) {
      const facts = { keepUntil: iso(keepUntil), earliest: iso(earliest), latest: iso(latest) }
      throw new ReplicaError('keep-until-out-of-bounds', 'keep-until is out of bounds', facts)
    }
  }

  function sealRetractions(tx: Tx, targets: readonly OwnTarget[], more: Omit<Retraction, 'targets'>): PublishedEntry[] {
    return byAudience(targets).flatMap(({ audience, group }) => {
      // It lives as long as what it names, and has to outlive the stream's clock, which may be a little ahead.
      const keepUntil = Math.max(world.now() + MAX_SKEW, ...group.map((target) => target.keepUntil))
      // One root-signed erasure is over one list of targets and cannot be cut.
      const size = more.eraseNow === undefined ? MAX_TARGETS : group.length
      const items: Item[] = []
      for (let start = 0; start < group.length; start += size) {
        const part = group.slice(start, start + size).map(({ entry }) => entry)
        items.push({ kind: 'retraction', keepUntil, value: () => ({ targets: part, ...more }) })
      }
      return seal(tx, audience, 'retraction', items)
    })
  }

  /** Disablings name the values of what they disable: they go with it. */
  async function disablingsOf(targets: readonly OwnTarget[]): Promise<OwnTarget[]> {
    const found = new Map<string, OwnTarget>()
    const author = institutionKey(identity.institution)
    for (const target of targets) {
      for await (const [key] of store.scan(ranges.disablings(target.entry, author))) {
        const entry = disablingOf(key) as EntryId
        found.set(entry, { ...target, entry })
      }
    }
    return [...found.values()]
  }

  async function allReady(audiences: readonly Audience[], kind: StreamKind, waiting?: () => void): Promise<void> {
    signing.check()
    for (const audience of audiences) await own.ready(audience, kind, waiting)
  }

  return {
    bulletin: async (input, waiting) => {
      for (const audience of input.audiences) checkKeepUntil(audience, input.keepUntil)
      for (const { name, data } of input.attachments)
        if (data.length > MAX_ATTACHMENT_BYTES)
          throw new ReplicaError('attachment-too-large', 'an attachment is too large', { name, bytes: data.length })
      await allReady(input.audiences, 'log', waiting)
      const superseded = [...(input.supersedes ?? []), ...(await disablingsOf(input.supersedes ?? []))]
      await allReady(
        byAudience(superseded).map(({ audience }) => audience),
        'retraction',
        waiting
      )
      return store.transact((tx) => {
        if (superseded.length > 0) {
          const supersededBy = input.bulletin.id as BulletinId
          sealRetractions(tx, superseded, { reason: 'superseded', supersededBy })
        }
        return input.audiences.flatMap((audience) => seal(tx, audience, 'log', itemsOf(input)).slice(-1))
      })
    },
    sighting: async (sighting, audience, keepUntil) => {
      checkKeepUntil(audience, keepUntil, 0)
      await allReady([audience], 'log')
      return only(
        await store.transact((tx) =>
          seal(tx, audience, 'log', [{ kind: 'sighting', keepUntil, value: () => sighting }])
        )
      )
    },
    count: async ({ bulletin, indicator, contributors, published, least, audiences, keepUntil }) => {
      for (const audience of audiences) checkKeepUntil(audience, keepUntil, 0)
      await allReady(audiences, 'log')
      return store.transact((tx) => {
        const before = [...published, ...countsBefore(tx, indicator)]
        const code = judgeCount({ contributors, published: before }, least)
        if (code !== undefined) throw new ReplicaError(code, REPLICA_ERRORS[code], { contributors, least })
        noteCount(tx, indicator, [...before, contributors], keepUntil)
        const value = (): Sighting => ({
          bulletin,
          author: identity.institution,
          indicator,
          kind: 'sighting',
          count: contributors,
          contributors
        })
        return audiences.flatMap((audience) => seal(tx, audience, 'log', [{ kind: 'sighting', keepUntil, value }]))
      })
    },
    mayCount: (indicator, { contributors, published }, least) =>
      judgeCount({ contributors, published: [...published, ...countsBefore(store, indicator)] }, least),
    retract: async (targets, reason, eraseNow) => {
      const groups = byAudience(targets)
      for (const { group } of groups) {
        const ids = group.map(({ entry }) => entry)
        if (eraseNow !== undefined && !verifyEraseNow(identity.institution, ids, eraseNow)) {
          throw new ReplicaError('erase-now-signature-invalid', 'the root key did not sign this erasure')
        }
      }
      await allReady(
        groups.map(({ audience }) => audience),
        'retraction'
      )
      const disablings = await disablingsOf(targets)
      return store.transact((tx) => {
        if (eraseNow === undefined) return sealRetractions(tx, [...targets, ...disablings], { reason })
        // The root key signed for the targets alone: what goes with them goes after the delay.
        return [...sealRetractions(tx, targets, { reason, eraseNow }), ...sealRetractions(tx, disablings, { reason })]
      })
    },
    disable: async (target, disabling) => {
      checkKeepUntil(target.audience, target.keepUntil, 0)
      await allReady([target.audience], 'log')
      const value = (): Disabling => ({ ...disabling, target: target.entry })
      const items: Item[] = [{ kind: 'disabling', keepUntil: target.keepUntil, value }]
      return only(await store.transact((tx) => seal(tx, target.audience, 'log', items)))
    }
  }
}

function itemsOf({ bulletin, attachments, keepUntil }: NewBulletin): Item[] {
  const files = attachments.map(({ data }): Item => ({ kind: 'attachment', keepUntil, value: () => ({ data }) }))
  const described = attachments.map(({ name, mediaType, data }) => ({
    name,
    mediaType,
    size: data.length,
    sha256: toHex(sha256(data))
  }))
  const value = (before: readonly EntryId[]): Bulletin => ({
    ...bulletin,
    attachments: described.map((attachment, index) => ({ ...attachment, entry: before[index] as EntryId }))
  })
  return [...files, { kind: 'bulletin', keepUntil, value }]
}

function byAudience(targets: readonly OwnTarget[]): { audience: Audience; group: OwnTarget[] }[] {
  const groups = new Map<string, { audience: Audience; group: OwnTarget[] }>()
  for (const target of targets) {
    const key = audienceKey(target.audience)
    const held = groups.get(key) ?? { audience: target.audience, group: [] }
    held.group.push(target)
    groups.set(key, held)
  }
  return [...groups.values()]
}

function only<T>(list: readonly T[]): T {
  const [one] = list
  if (one === undefined) throw new ReplicaError('not-found', 'nothing was written')
  return one
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
