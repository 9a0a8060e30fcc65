/** What is this node's own business: exceptions and tokens. Tokens are stored hashed; their secret is shown once. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { ApiPorts, ExceptionView, Reader, Scope, TokenView } from '@tocsin/api'
import { sha256 } from '@tocsin/journal'
import { guessTypes, type IndicatorType, isIndicatorType, parseIndicator, type Tlp, type Use } from '@tocsin/model'
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

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly scope: Scope
  readonly maxTlp: Tlp
  readonly use: Use
  readonly createdAt: number
  /** hex SHA-256 of the secret: 256 random bits need no slow hash. */
  readonly hash: string
}

export interface Exceptions {
  readonly ports: ApiPorts['exceptions']
  /** Those in force now, from memory. */
  current(): readonly { readonly type: IndicatorType; readonly value: string }[]
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

const ADMIN = 'admin'

export interface Tokens {
  readonly ports: ApiPorts['tokens']
  authenticate(secret: string): Promise<Reader | undefined>
}

/** @param adminSecret of the home's admin-token file: everything, for the institution's own command line */
export async function createTokens(replica: Replica, adminSecret: string): Promise<Tokens> {
  const { store, world } = replica
  const rows = new Map<string, TokenRow>()
  const lastUsed = new Map<string, number>()
  const admin = sha256(Buffer.from(adminSecret))
  for await (const [, value] of store.scan(ranges.local('token'))) {
    const row = readRow<TokenRow>(value)
    rows.set(row.id, row)
  }
  const view = ({ id, name, scope, maxTlp, use, createdAt }: TokenRow): TokenView => {
    const used = lastUsed.get(id)
    return {
      id,
      name,
      scope,
      maxTlp,
      use,
      createdAt: iso(createdAt),
      ...(used === undefined ? {} : { lastUsedAt: iso(used) })
    }
  }
  return {
    authenticate: async (secret) => {
      const hash = sha256(Buffer.from(secret))
      if (timingSafeEqual(hash, admin)) return { token: ADMIN, scope: 'admin', maxTlp: 'RED', use: 'hunt' }
      let found: TokenRow | undefined
      // Every token is compared, in constant time each: how long it takes tells nothing of how near a guess was.
      for (const row of rows.values()) if (timingSafeEqual(hash, Buffer.from(row.hash, 'hex'))) found = row
      if (found === undefined) return undefined
      lastUsed.set(found.id, world.now())
      return { token: found.name, scope: found.scope, maxTlp: found.maxTlp, use: found.use }
    },
    ports: {
      list: async () => [...rows.values()].map(view),
      create: async ({ name, scope, maxTlp, use }) => {
        // `admin` is what the home's own token is called wherever somebody is named.
        if (name === ADMIN || [...rows.values()].some((row) => row.name === name))
          throw new NodeError('token-name-taken', undefined, { name })
        const secret = `tocsin_${randomBytes(32).toString('base64url')}`
        const row: TokenRow = {
          id: randomBytes(8).toString('hex'),
          name,
          scope,
          maxTlp,
          use,
          createdAt: world.now(),
          hash: Buffer.from(sha256(Buffer.from(secret))).toString('hex')
        }
        await store.transact((tx) => tx.put(keys.local('token', row.id), writeRow(row)))
        rows.set(row.id, row)
        return { ...view(row), secret }
      },
      revoke: async (id) => {
        const row = rows.get(id) ?? [...rows.values()].find(({ name }) => name === id)
        if (row === undefined) throw new ReplicaError('not-found', 'no such token', { id })
        // First where it counts: on a full disk it is void until the next start at least, and the answer says so.
        rows.delete(row.id)
        await store.transact((tx) => tx.del(keys.local('token', row.id)), { frees: true })
      }
    }
  }
}
