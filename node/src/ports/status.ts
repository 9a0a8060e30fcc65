import type { ApiPorts, EvidenceView } from '@tocsin/api'
import type { PeerStatus } from '@tocsin/network'
import type { Replica } from '@tocsin/replica'
import { type ArrivalRow, ranges, readRow } from '@tocsin/store'
import { decodeEvidence } from '@tocsin/trust'
import { VERSION } from '../version.ts'
import { institutionView } from './names.ts'
import { iso } from './views.ts'

export interface StatusDeps {
  readonly replica: Replica
  readonly startedAt: number
  readonly links: () => readonly PeerStatus[]
  readonly addresses: () => readonly string[]
  /** Named counts: sessions ended by code, batches refused by code. */
  readonly counters: () => ReadonlyMap<string, number>
}

export function createStatusPort(deps: StatusDeps): ApiPorts['status'] {
  const { replica } = deps
  return async () => {
    const { bulletins, indicators } = await totals(replica)
    const links = deps.links()
    const why = replica.notSigning()
    return {
      institution: institutionView(replica, replica.identity.institution),
      version: VERSION,
      startedAt: iso(deps.startedAt),
      now: iso(replica.world.now()),
      addresses: [...deps.addresses()],
      peers: { known: replica.peers().length, connected: links.filter(({ connected }) => connected).length },
      circles: replica.book.circles().length,
      streams: replica.streams.size,
      bulletins,
      indicators,
      evidence: replica.shelf.count,
      alarms: replica.alarms().map(({ code, message, at }) => ({ code, message, at: iso(at) })),
      signing: why === undefined ? { ready: true } : { ready: false, reason: why },
      counters: Object.fromEntries([...deps.counters()].sort())
    }
  }
}

async function totals(replica: Replica): Promise<{ bulletins: number; indicators: number }> {
  let bulletins = 0
  let indicators = 0
  for await (const [, value] of replica.store.scan(ranges.arrivals())) {
    const { bulletin } = readRow<ArrivalRow>(value)
    if (bulletin === undefined) continue
    bulletins += 1
    indicators += bulletin.count
  }
  return { bulletins, indicators }
}

export function createEvidencePort(replica: Replica): ApiPorts['evidence'] {
  return async (): Promise<EvidenceView[]> =>
    (await replica.shelf.list()).map(({ id, bundle }) => {
      const { kind, code, accused, at } = decodeEvidence(bundle)
      const card = replica.book.cardRegister(accused)
      return {
        id,
        kind,
        code,
        accused: institutionView(replica, accused),
        at: iso(at),
        bundle: Buffer.from(bundle).toString('base64'),
        ...(card === undefined ? {} : { card: Buffer.from(card.bytes).toString('base64') })
      }
    })
}
