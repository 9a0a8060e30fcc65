/** What a secondary is sent: the whole zone (RFC 5936) or the steps that it lacks (RFC 1995). */
import { serialIsNewer } from '../serial.ts'
import { eachOwner } from './owners.ts'
import { nsRecord, policyRecord, soaRecord, type ZoneFacts } from './records.ts'
import type { PolicyZone, ZoneVersion } from './zone.ts'

/** RFC 5936 §2.2: the SOA first and last, everything once in between. */
export function* wholeZone(facts: ZoneFacts, { serial, owners }: ZoneVersion): Generator<Buffer> {
  yield soaRecord(facts, serial)
  yield nsRecord(facts)
  for (const owner of eachOwner(owners)) yield policyRecord(owner, facts)
  yield soaRecord(facts, serial)
}

/**
 * What follows the serial that a secondary has: one SOA where it has the newest (RFC 1995 §2), the steps where they
 * are kept and shorter than the zone, else the zone.
 */
export function incrementOf(
  facts: ZoneFacts,
  zone: PolicyZone,
  version: ZoneVersion,
  serial: number
): Iterable<Buffer> {
  if (serial === version.serial || serialIsNewer(serial, version.serial)) return [soaRecord(facts, version.serial)]
  const steps = zone.since(serial)
  const changes = steps?.reduce((sum, { removed, added }) => sum + removed.length + added.length + 2, 0)
  if (steps === undefined || changes === undefined || changes > version.owners.count) return wholeZone(facts, version)
  return stepsOf(facts, version, steps)
}

function* stepsOf(
  facts: ZoneFacts,
  { serial }: ZoneVersion,
  steps: NonNullable<ReturnType<PolicyZone['since']>>
): Generator<Buffer> {
  yield soaRecord(facts, serial)
  for (const { from, to, removed, added } of steps) {
    yield soaRecord(facts, from)
    for (const owner of removed) yield policyRecord(owner, facts)
    yield soaRecord(facts, to)
    for (const owner of added) yield policyRecord(owner, facts)
  }
  yield soaRecord(facts, serial)
}
