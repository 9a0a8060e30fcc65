/** What is this node's own business and nobody else's: what it never blocks. */
import type { ApiPorts, ExceptionView } from '@tocsin/api'
import { guessTypes, type IndicatorType } from '@tocsin/model'
import { type Replica, ReplicaError } from '@tocsin/replica'
import { keys, ranges, readRow, writeRow } from '@tocsin/store'
import { NodeError } from '../errors.ts'
import { meantBy, typeNeeded } from './meant.ts'
import { iso } from './views.ts'

interface ExceptionRow {
  readonly type: IndicatorType
  readonly value: string
  readonly reason: string
  readonly createdAt: number
  readonly until?: number
  readonly by: string
}

/** What is never blocked here, and since when (ms). */
export interface Exception {
  readonly type: IndicatorType
  readonly value: string
  readonly createdAt: number
}

export interface Exceptions {
  readonly ports: ApiPorts['exceptions']
  /** Those in force now, from memory. */
  current(): readonly Exception[]
  /** Moves with every change and every end of one, so that feeds know. */
  version(): string
}

export async function createExceptions(replica: Replica): Promise<Exceptions> {
  const { store, world } = replica
  const rows = new Map<string, ExceptionRow>()
  let changes = 0
  for await (const [, value] of store.scan(ranges.local('exception'))) {
    const row = readRow<ExceptionRow>(value)
    rows.set(`${row.type} ${row.value}`, row)
  }
  const inForce = (): ExceptionRow[] =>
    [...rows.values()].filter(({ until }) => until === undefined || until > world.now())
  const view = ({ type, value, reason, createdAt, until, by }: ExceptionRow): ExceptionView => ({
    type,
    value,
    reason,
    createdAt: iso(createdAt),
    ...(until === undefined ? {} : { until: iso(until) }),
    by
  })

  /** Those of the value, as it stands or as whatever it can be. */
  function rowsOf(value: string, type: string | undefined): ExceptionRow[] {
    const all = [...rows.values()].filter((row) => type === undefined || row.type === type)
    const exact = all.filter((row) => row.value === value)
    if (exact.length > 0) return exact
    const guesses = new Set(guessTypes(value).map((one) => `${one.type} ${one.value}`))
    return all.filter((row) => guesses.has(`${row.type} ${row.value}`))
  }

  return {
    current: inForce,
    version: () => `${changes}/${inForce().length}`,
    ports: {
      list: async () => inForce().map(view),
      add: async ({ value, type, reason, until }, reader) => {
        const named = meantBy(value, type)
        const id = `${named.type} ${named.value}`
        if (until !== undefined && Date.parse(until) <= world.now())
          throw new NodeError('exception-over', undefined, { until })
        if (inForce().some((row) => `${row.type} ${row.value}` === id))
          throw new NodeError('exception-exists', undefined, { value: named.value })
        const row: ExceptionRow = {
          ...named,
          reason,
          createdAt: world.now(),
          by: reader.token,
          ...(until === undefined ? {} : { until: Date.parse(until) })
        }
        await store.transact((tx) => tx.put(keys.local('exception', id), writeRow(row)))
        rows.set(id, row)
        changes += 1
        return view(row)
      },
      remove: async (value, type) => {
        const [named, ...more] = rowsOf(value, type)
        if (named === undefined) throw new ReplicaError('not-found', 'no such exception', { value })
        if (more.length > 0) throw typeNeeded(value, [named, ...more])
        const id = `${named.type} ${named.value}`
        await store.transact((tx) => tx.del(keys.local('exception', id)), { frees: true })
        rows.delete(id)
        changes += 1
      }
    }
  }
}
