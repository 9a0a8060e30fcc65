/** Who holds a bulletin, since when and via whom, and who of its audience does not say so (DESIGN §5). */
import type { ReceiptsView } from '@tocsin/api'
import type { InstitutionId, StreamId } from '@tocsin/model'
import { audienceOf, type HeldBulletin, type Holder, type Replica, type UnconfirmedCode } from '@tocsin/replica'
import type { HopProof } from '@tocsin/trust'
import { audienceViewOf } from './audience.ts'
import { institutionView } from './names.ts'
import { iso } from './views.ts'

const NO_RECEIPT = 'May hold it, and no receipt says so: it was not linked since, or its receipt is on its way.'
const NO_CIRCLE = 'Is in no circle with us, whose members say what they hold: its own link alone can confirm it.'

const FALSE_CLAIMS: Readonly<Record<UnconfirmedCode, string>> = {
  'beyond-head': 'Says that it holds more of the stream than was written as far as is known here.',
  'outside-audience': 'Says in a circle that may not hold this bulletin that it holds it.'
}

/** @param entries all entries of the bulletin: of RED of ours one a recipient. They are not none. */
export async function receiptsView(
  replica: Replica,
  id: string,
  entries: readonly HeldBulletin[]
): Promise<ReceiptsView> {
  const [first] = entries
  if (first === undefined) throw new RangeError('a bulletin has at least one entry')
  const { author } = first.descriptor
  const publishedAt = first.row.clock
  const found = new Map<InstitutionId, Holder>()
  const claims = new Map<InstitutionId, UnconfirmedCode>()
  const hops: HopProof[] = []
  for (const { row } of entries) {
    const said = await replica.receipts.holders(row.stream as StreamId, row.seq)
    for (const holder of said.holders) found.set(holder.institution, holder)
    for (const { institution, code } of said.unconfirmed) claims.set(institution, code)
    hops.push(...(await replica.hops.of(row.stream as StreamId, row.seq)))
  }
  const show = (one: InstitutionId): ReturnType<typeof institutionView> => institutionView(replica, one)
  // A holder's clock may be behind ours: nothing is held before it was published.
  const holders = [...found.values()]
    .map(({ institution, since, via }) => ({ institution, via, since, delayMs: Math.max(0, since - publishedAt) }))
    .sort((a, b) => a.delayMs - b.delayMs)
  const mine = author === replica.identity.institution
  const missing = mine ? missingOf(replica, entries, found) : []
  const reached = holders.length
  return {
    id,
    author: show(author),
    mine,
    publishedAt: iso(publishedAt),
    reached,
    ...(mine ? { expected: reached + missing.length } : {}),
    ...(reached === 0 ? {} : { medianMs: median(holders.map(({ delayMs }) => delayMs)) }),
    holders: holders.map(({ institution, since, delayMs, via }) => ({
      ...show(institution),
      since: iso(since),
      delayMs,
      ...(via === undefined ? {} : { via: show(via) })
    })),
    missing,
    unconfirmed: [...claims].flatMap(([one, code]) =>
      found.has(one) ? [] : [{ ...show(one), code, reason: FALSE_CLAIMS[code] }]
    ),
    hops: hops.map(({ from, time, bytes }) => ({
      ...show(from),
      at: iso(time),
      proof: Buffer.from(bytes).toString('base64')
    }))
  }
}

/** Of those that may hold it, by the audience that is shown before publishing: who does not say that it does. */
function missingOf(
  replica: Replica,
  entries: readonly HeldBulletin[],
  found: ReadonlyMap<InstitutionId, Holder>
): ReceiptsView['missing'] {
  const { view } = replica.book
  const self = replica.identity.institution
  const audience = audienceViewOf(
    replica,
    entries.map(({ descriptor }) => audienceOf(descriptor))
  )
  const says = (one: InstitutionId): boolean =>
    replica.book.circles().some((circle) => view.isMember(circle, one) && view.isMember(circle, self))
  const silent = [...audience.direct, ...audience.relay].map((one) => {
    const isHeard = audience.tlp === 'RED' || says(one.id as InstitutionId)
    return {
      ...one,
      ...(isHeard ? { code: 'no-receipt', reason: NO_RECEIPT } : { code: 'no-circle', reason: NO_CIRCLE })
    }
  })
  // Who is refused by a rule is not of the audience; who is out of reach is.
  const outOfReach = audience.refused.filter(({ code }) => code === 'out-of-reach')
  return [...silent, ...outOfReach].filter(({ id }) => !found.has(id as InstitutionId))
}

/** Of at least one. */
function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]]
  return Math.round((low + high) / 2)
}
