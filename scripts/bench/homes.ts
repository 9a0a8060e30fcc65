/** Institutions made with the real `init`, and a circle of them signed by their root keys. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import {
  type Charter,
  circleIdOf,
  openRegister,
  parseCardText,
  prepareRegister,
  type SigningKey,
  signRegister
} from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'
import { homeAt, init } from '@tocsin/node'
import { openRootKeys } from '@tocsin/node/keys'

export interface Founder {
  readonly name: string
  readonly home: string
  readonly id: InstitutionId
  /** Signed card, as bytes and as the text that `peer add` takes. */
  readonly card: Uint8Array
  readonly cardText: string
  readonly root: SigningKey
  /** Base URL of the local door. */
  readonly api: string
  readonly token: string
}

export interface Circle {
  readonly id: CircleId
  /** Charter and every founder's acceptance. */
  readonly statements: readonly Uint8Array[]
}

const DAY = 86_400_000

export async function found(folder: string, name: string): Promise<Founder> {
  const home = join(folder, name)
  const { institution, card, api } = await init(homeAt(home), {
    name,
    domains: [`${name}.example.org`],
    contact: `security@${name}.example.org`,
    listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`],
    announce: [],
    api: { host: '127.0.0.1', port: await freePort() },
    passphrase: undefined,
    lang: 'en',
    now: Date.now()
  })
  const { root } = await openRootKeys(homeAt(home), async () => undefined)
  const { bytes } = openRegister(parseCardText(card))
  const token = (await readFile(join(home, 'admin-token'), 'utf8')).trim()
  return { name, home, id: institution as InstitutionId, card: bytes, cardText: card, root, api, token }
}

/** A circle that all of them founded and accepted. */
export function circleOf(founders: readonly Founder[], name = 'esr-fr'): Circle {
  const [first] = founders
  if (first === undefined) throw new RangeError('a circle has founders')
  const number = Date.now()
  const charter: Charter = {
    nonce: Buffer.from(name).toString('hex').padEnd(32, '0').slice(0, 32),
    name,
    founders: founders.map(({ id }) => id),
    threshold: Math.min(2, founders.length),
    defaults: { tlp: 'AMBER', pap: 'GREEN' },
    retention: { minMs: DAY, maxMs: 730 * DAY, defaultMs: 365 * DAY },
    erasureDelayMs: DAY
  }
  const id = circleIdOf(charter)
  const signed = signRegister(
    prepareRegister({ kind: 'charter', author: first.id, number, value: charter }),
    first.root
  )
  const acceptances = founders.map(({ id: author, root }) =>
    signRegister(prepareRegister({ kind: 'acceptance', author, circle: id, number, value: { name } }), root)
  )
  return { id, statements: [signed, ...acceptances].map(({ bytes }) => bytes) }
}

/** Below the ports that the system gives to outgoing connections, of which a town of fifty makes hundreds. */
let lastPort = 12_000 + (process.pid % 8_000)

async function freePort(): Promise<number> {
  for (;;) {
    lastPort += 1
    if (await isFree(lastPort)) return lastPort
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
