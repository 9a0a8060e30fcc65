/**
 * Tokens: stored hashed, their secret is shown once. One for a client (TLP 2.0: whom the institution protects) expires,
 * and what it fetches is kept.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { ApiPorts, Reader, Scope, TokenUseView, TokenView, UseDone } from '@tocsin/api'
import { sha256 } from '@tocsin/journal'
import type { Tlp, Use } from '@tocsin/model'
import { type Replica, ReplicaError } from '@tocsin/replica'
import { keys, ranges, readRow, StoreError, writeRow } from '@tocsin/store'
import { NodeError } from '../errors.ts'
import { iso } from './views.ts'

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly scope: Scope
  readonly maxTlp: Tlp
  readonly use: Use
  readonly createdAt: number
  /** hex SHA-256 of the secret: 256 random bits need no slow hash. */
  readonly hash: string
  readonly client?: string
  /** ms. */
  readonly expiresAt?: number
}

/** The home's own token, wherever somebody is named. */
const ADMIN = 'admin'
/** Whoever writes the files of the home. */
const HOME = 'home'
/** Kept of each token; the oldest go first. */
const MAX_USES = 10_000

export interface Tokens {
  readonly ports: ApiPorts['tokens']
  authenticate(secret: string): Promise<Reader | undefined>
  /** Keeps what was done in the files of the home. */
  atHome(act: string, about: string): Promise<void>
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
  const usesOf = await loadUses(replica)
  let last = 0

  const view = (row: TokenRow): TokenView => {
    const { id, name, scope, maxTlp, use, createdAt, client, expiresAt } = row
    const used = lastUsed.get(id)
    return {
      id,
      name,
      scope,
      maxTlp,
      use,
      createdAt: iso(createdAt),
      ...(used === undefined ? {} : { lastUsedAt: iso(used) }),
      ...(client === undefined ? {} : { client }),
      ...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) })
    }
  }

  const named = (id: string): TokenRow => {
    const row = rows.get(id) ?? [...rows.values()].find(({ name }) => name === id)
    if (row === undefined) throw new ReplicaError('not-found', 'no such token', { id })
    return row
  }

  async function keep(token: string, said: Pick<TokenUseView, 'route' | 'about' | 'status'>): Promise<UseDone> {
    const at = world.now()
    last = Math.max(last + 1, at * 1000)
    const key = `${String(last).padStart(PLACE, '0')} ${token}`
    const list = usesOf.get(token) ?? []
    usesOf.set(token, list)
    const oldest = list.length >= MAX_USES ? list.shift() : undefined
    let use: UseRow['use'] = { at: iso(at), ...said, bytes: 0 }
    const row = (): Uint8Array => writeRow({ token, use } satisfies UseRow)
    const isKept = await unlessDiskFails(
      store.transact((tx) => {
        tx.put(keys.local('token-use', key), row())
        if (oldest !== undefined) tx.del(keys.local('token-use', oldest))
      })
    )
    if (isKept) list.push(key)
    return async (more) => {
      use = { ...use, ...more }
      await unlessDiskFails(
        store.transact((tx) => {
          if (tx.get(keys.local('token-use', key)) !== undefined) tx.put(keys.local('token-use', key), row())
        })
      )
    }
  }

  return {
    atHome: async (act, about) => {
      await keep(HOME, { route: act, about, status: 200 })
    },
    authenticate: async (secret) => {
      const hash = sha256(Buffer.from(secret))
      if (timingSafeEqual(hash, admin)) return { token: ADMIN, scope: 'admin', maxTlp: 'RED', use: 'hunt' }
      let found: TokenRow | undefined
      // Every token is compared, in constant time each: how long it takes tells nothing of how near a guess was.
      for (const row of rows.values()) if (timingSafeEqual(hash, Buffer.from(row.hash, 'hex'))) found = row
      if (found === undefined || (found.expiresAt ?? Number.POSITIVE_INFINITY) <= world.now()) return undefined
      lastUsed.set(found.id, world.now())
      const { name: token, scope, maxTlp, use } = found
      return { token, scope, maxTlp, use, ...(found.client === undefined ? {} : { isClient: true }) }
    },
    ports: {
      list: async () => [...rows.values()].map(view),
      create: async ({ name, scope, maxTlp, use, client, expiresAt }) => {
        if (name === ADMIN || name === HOME || [...rows.values()].some((row) => row.name === name))
          throw new NodeError('token-name-taken', undefined, { name })
        if (expiresAt !== undefined && Date.parse(expiresAt) <= world.now())
          throw new NodeError('token-over', undefined, { expiresAt })
        const secret = `tocsin_${randomBytes(32).toString('base64url')}`
        const row: TokenRow = {
          id: randomBytes(8).toString('hex'),
          name,
          scope,
          maxTlp,
          use,
          createdAt: world.now(),
          hash: Buffer.from(sha256(Buffer.from(secret))).toString('hex'),
          ...(client === undefined ? {} : { client }),
          ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) })
        }
        await store.transact((tx) => tx.put(keys.local('token', row.id), writeRow(row)))
        rows.set(row.id, row)
        return { ...view(row), secret }
      },
      revoke: async (id) => {
        const row = named(id)
        // First where it counts: on a full disk it is void until the next start at least, and the answer says so.
        rows.delete(row.id)
        // What the client fetched stays: it is asked for when a leak is traced.
        await store.transact((tx) => tx.del(keys.local('token', row.id)), { frees: true })
      },
      uses: async (id) => {
        const name = rows.get(id)?.name ?? id
        const kept: TokenUseView[] = []
        for (const key of usesOf.get(name) ?? []) {
          const row = store.get(keys.local('token-use', key))
          if (row !== undefined) kept.push(useView(row))
        }
        if (kept.length === 0 && name !== ADMIN && name !== HOME) named(id)
        return kept.reverse()
      },
      allUses: async ({ cursor, limit }) => {
        const range = ranges.local('token-use')
        const lt = cursor === undefined ? range.lt : keys.local('token-use', cursor)
        const items: TokenUseView[] = []
        let next = ''
        for await (const [key, value] of store.scan({ gte: range.gte, lt }, { reverse: true, limit: limit + 1 })) {
          if (items.length === limit) return { items, next }
          items.push(useView(value))
          next = nameOf(key).slice(0, PLACE)
        }
        return { items }
      },
      used: keep
    }
  }
}

function useView(row: Uint8Array): TokenUseView {
  const { token, use } = readRow<UseRow>(row)
  return { token, ...use }
}

/** Digits of the place of a use in the order of all of them. */
const PLACE = 17

const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('utf8').split('\0')[1] ?? ''

/** Reads go on where the disk takes nothing more (DESIGN §11): the client is answered, and status tells of the disk. */
async function unlessDiskFails(work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return false
  }
}

interface UseRow {
  readonly token: string
  readonly use: Omit<TokenUseView, 'token'>
}

/** Keys of what each client fetched, oldest first. */
async function loadUses({ store }: Replica): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for await (const [key, value] of store.scan(ranges.local('token-use'))) {
    const { token } = readRow<UseRow>(value)
    const name = nameOf(key)
    const list = found.get(token) ?? []
    list.push(name)
    found.set(token, list)
  }
  return found
}
