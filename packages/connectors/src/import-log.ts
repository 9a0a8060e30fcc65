/** Values of a log, gathered by day and class into drafts that grow. */
import { type DraftInput, type IndicatorType, readIndicator, type Threat } from '@tocsin/model'
import { labelFields } from './extracted.ts'
import type { Imported, ImportOptions, ImportPlace, ImportRefusal } from './import.ts'
import { labelsFor } from './import-labels.ts'
import { createLeaveOut } from './leave-out.ts'

/** One value that a log names. */
export interface LogValue {
  readonly type: IndicatorType
  readonly value: string
  /** `2026-11-30`: of the log where it says so. */
  readonly day: string
  /** What sets drafts of one day apart: a jail, a class. Shown and part of the key. */
  readonly group: string
  readonly threat: Threat
  /** ISO 8601 with an offset, if the log has one. */
  readonly at?: string | undefined
  readonly place: ImportPlace
}

export interface LogDrafts {
  /** What the model does not take is refused where it stands. */
  add(value: LogValue): ImportRefusal | undefined
  /** Values held: beyond `HELD_MOST` what is there is to be handed on. */
  held(): number
  /** Everything so far as drafts; begins anew. */
  drafts(): readonly Imported[]
}

/** Distinct values that are held at most, whatever the length of the log. */
export const HELD_MOST = 100_000

interface Group {
  readonly day: string
  readonly group: string
  readonly threat: Threat
  readonly place: ImportPlace
  readonly values: Map<
    string,
    { type: IndicatorType; value: string; first?: string | undefined; last?: string | undefined }
  >
}

/** Begins to gather. `name` begins keys and titles. */
export function createLogDrafts(name: string, title: string, options: ImportOptions): LogDrafts {
  const { source, labels: defaults, context } = options
  let groups = new Map<string, Group>()
  let leaveOut = createLeaveOut(context)
  let held = 0
  return {
    held: () => held,
    add({ type: as, value: raw, day, group, threat, at, place }) {
      const read = readIndicator(as, raw)
      if (!read.ok) return { kind: 'refused', code: read.code, message: `${as}: ${read.reason}`, place }
      const { type, value } = read
      if (leaveOut.leavesOut(type, value, place)) return undefined
      const id = `${day}/${group}/${threat}`
      const into = groups.get(id) ?? { day, group, threat, place, values: new Map() }
      groups.set(id, into)
      const known = into.values.get(`${type} ${value}`)
      if (known === undefined) {
        held += 1
        into.values.set(`${type} ${value}`, { type, value, first: at, last: at })
        return undefined
      }
      if (at === undefined) return undefined
      if (known.first === undefined || Date.parse(at) < Date.parse(known.first)) known.first = at
      if (known.last === undefined || Date.parse(at) > Date.parse(known.last)) known.last = at
      return undefined
    },
    drafts() {
      const all = [...groups.values()]
      const warnings = leaveOut.warnings()
      groups = new Map()
      leaveOut = createLeaveOut(context)
      held = 0
      return all.map(({ day, group, threat, place, values }): Imported => {
        const labels = labelsFor({ tlp: [], pap: [] }, defaults)
        if (!labels.ok) return { kind: 'refused', code: labels.code, message: labels.message, place }
        const draft: DraftInput = {
          // What the operator set for the source is for what says no class of its own.
          ...labelFields(labels.labels, { ...defaults, threat }),
          title: `${title}, ${group}, ${day}`,
          indicators: [...values.values()].map(({ type, value, first, last }) => ({
            type,
            value,
            ...(first === undefined ? {} : { firstSeen: first }),
            ...(last === undefined ? {} : { lastSeen: last })
          }))
        }
        const key = `${name}:${source}/${day}/${group}/${threat}`
        return { kind: 'draft', draft, key, grows: true, reference: `${name} ${group}, ${day}`, place, warnings }
      })
    }
  }
}
