/** What a node knows of the circles, by the statements that it holds; and 7: the same statements, the same roster. */
import type { SignedRegister } from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'
import type { Roster } from '@tocsin/trust'
import { broken } from '../broken.ts'
import { type Knows, membersOf } from '../law.ts'
import type { Process } from '../sim-node.ts'
import type { Records } from './records.ts'

/** Folds kept at a time. */
const FOLDS_MOST = 5000

export interface Rosters {
  /** What this process knows at this moment. */
  knowsOf(process: Process): Knows
  /** And what it knew before, where that ended in this moment. */
  knewOf(process: Process): Knows | undefined
  /** It holds other registers than before. */
  changed(process: Process): void
}

export function createRosters({ recordOf }: Records, now: () => number): Rosters {
  // By circle, day and statements: who belongs to it.
  const folds = new Map<string, Set<InstitutionId>>()

  function knowsOf(process: Process): Knows {
    const record = recordOf(process.node)
    const rosters = rostersOf(process)
    const isOld = isOther(rosters, record.rosters)
    if (record.knows === undefined || record.isStale || isOld) {
      if (record.knows !== undefined && isOld) record.knew = { knows: record.knows, until: now() }
      record.knows = learn(process)
      record.rosters = rosters
      record.isStale = false
    }
    return record.knows
  }

  function changed(process: Process): void {
    const record = recordOf(process.node)
    record.isStale = true
    // At once: the next write may change them again, and what comes in it was judged by these.
    if (!process.node.isHostile && isOther(rostersOf(process), record.rosters)) knowsOf(process)
  }

  function knewOf({ node }: Process): Knows | undefined {
    const { knew } = recordOf(node)
    return knew?.until === now() ? knew.knows : undefined
  }

  function learn({ replica, node }: Process): Knows {
    const circles = new Map<CircleId, ReadonlySet<InstitutionId>>()
    const statements = new Map<CircleId, SignedRegister[]>()
    for (const [, signed] of replica.book.rows()) {
      const { circle, kind } = signed.register
      if (circle === undefined || kind === 'charter') continue
      const list = statements.get(circle) ?? []
      statements.set(circle, list)
      list.push(signed)
    }
    for (const circle of replica.book.circles()) {
      const charter = replica.book.charter(circle)
      const roster = replica.book.roster(circle)
      if (charter === undefined) continue
      const held = statements.get(circle) ?? []
      const day = roster?.day ?? 0
      const key = `${circle} ${day} ${held
        .map(({ hash }) => hash)
        .sort()
        .join(' ')}`
      let members = folds.get(key)
      if (members === undefined) {
        members = membersOf({
          circle,
          name: charter.name,
          founders: charter.founders,
          threshold: charter.threshold,
          statements: held,
          day
        })
        if (folds.size > FOLDS_MOST) folds.clear()
        folds.set(key, members)
      }
      circles.set(circle, members)
      // 7: the same statements, the same roster.
      const theirs = roster === undefined ? [] : [...roster.members.keys()]
      if (theirs.length !== members.size || theirs.some((id) => !members.has(id)))
        broken('7-roster', node, `${theirs.length} members of ${circle.slice(0, 8)} where the law says ${members.size}`)
    }
    return { circles, isNear: (id) => id === node.party.id || replica.isPeer(id) }
  }

  return { knowsOf, knewOf, changed }
}

// A roster changes with the registers on the disk, some turns before anybody is told.
const rostersOf = ({ replica: { book } }: Process): (Roster | undefined)[] =>
  book.circles().map((circle) => book.roster(circle))

const isOther = (rosters: readonly unknown[], before: readonly unknown[]): boolean =>
  rosters.length !== before.length || rosters.some((one, at) => one !== before[at])
