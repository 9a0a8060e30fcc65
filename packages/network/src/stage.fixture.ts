import { randomBytes } from 'node:crypto'
import type { ConnectionGater } from '@libp2p/interface'
import { afterEach, expect } from 'vitest'
import { createHost, type Host, type HostOptions } from './host.ts'
import { createParty, linked, type Party, type PartyOptions } from './network.fixture.ts'

/** Parties and bare hosts of one test file, ended after each test. */
export interface Stage {
  party(name: string, options?: PartyOptions): Promise<Party>
  /** A host with our protocols and prologue, but nobody's peer and with no gate of its own. */
  rawHost(options?: Partial<HostOptions>): Promise<Host>
}

export function createStage(): Stage {
  const running: { stop(): void | Promise<void> }[] = []
  afterEach(async () => {
    await Promise.all(running.splice(0).map((started) => started.stop()))
  })
  return {
    async party(name, options = {}) {
      const created = await createParty(name, options)
      running.push(created)
      await created.network.start()
      return created
    },
    async rawHost(options = {}) {
      const open: ConnectionGater = {}
      const host = await createHost({
        nodeKeySeed: randomBytes(32),
        listen: ['/ip4/127.0.0.1/tcp/0'],
        gater: open,
        ...options
      })
      running.push(host)
      await host.start()
      return host
    }
  }
}

export const until = (check: () => boolean | Promise<boolean>): Promise<void> =>
  expect.poll(check, { interval: 10, timeout: 15_000 }).toBe(true)

export function allowBoth(a: Party, b: Party): void {
  a.allow(b)
  b.allow(a)
}

export async function link(a: Party, b: Party): Promise<void> {
  allowBoth(a, b)
  await bothLinked(a, b)
}

export const bothLinked = (a: Party, b: Party): Promise<void> => until(() => linked(a, b) && linked(b, a))

/** Says at both that these are the circles in which both are members. */
export function shareBoth(a: Party, b: Party, ...circles: readonly string[]): void {
  a.share(b, ...circles)
  b.share(a, ...circles)
}

/** A full mesh of peers in these circles, linked. */
export async function mesh(parties: readonly Party[], ...circles: readonly string[]): Promise<void> {
  const pairs = parties.flatMap((a, index) => parties.slice(index + 1).map((b) => [a, b] as const))
  for (const [a, b] of pairs) {
    shareBoth(a, b, ...circles)
    allowBoth(a, b)
  }
  for (const [a, b] of pairs) await bothLinked(a, b)
}
