/** What is this node's own business and nobody else's: what it never blocks. */
import type { ApiPorts, ExceptionView } from '@tocsin/api'
import { guessTypes, type IndicatorType, isIndicatorType, parseIndicator } from '@tocsin/model'
import { type Replica, ReplicaError } from '@tocsin/replica'
import { keys, ranges, readRow, writeRow } from '@tocsin/store'
import { NodeError } from '../errors.ts'
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

  function read(value: string, type: string | undefined): { type: IndicatorType; value: string } {
    if (type !== undefined && isIndicatorType(type)) {
      const parsed = parseIndicator(type, value)
      if (parsed.ok) return { type, value: parsed.value }
    }
    const [guess] = guessTypes(value).filter((one) => type === undefined || one.type === type)
    if (guess === undefined) throw new NodeError('value-unreadable', undefined, { value })
    return guess
  }

  return {
    current: inForce,
    version: () => `${changes}/${inForce().length}`,
    ports: {
      list: async () => inForce().map(view),
      add: async ({ value, type, reason, until }, reader) => {
        const named = read(value, type)
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
      remove: async (value) => {
        const named = [...rows.values()].find((row) => row.value === value) ?? read(value, undefined)
        const id = `${named.type} ${named.value}`
        if (!rows.has(id)) throw new ReplicaError('not-found', 'no such exception', { value })
        await store.transact((tx) => tx.del(keys.local('exception', id)), { frees: true })
        rows.delete(id)
        changes += 1
      }
    }
  }
}
