/** A man in the middle who makes keys until the number looks right, or who holds the domain of an institution as well. */
import { randomBytes, scryptSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { comparisonNumber, institutionKey, openRegister, parseCardText } from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import { cardDigest, createDomainCheck } from '@tocsin/node/domains'
import { institution } from '@tocsin/replica/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { numberOf } from '../harness/introduce.ts'
import { createVillain, type Villain } from '../hostile/villain.ts'

const DOMAIN = 'univ-lorraine.fr'

describe('comparison-number grinding', () => {
  it('costs a scrypt over 128 MiB for each key that is tried: weeks of a core for three groups alike', async () => {
    const key = institutionKey(institution('Lorraine').id)
    const number = (await comparisonNumber(key)).replaceAll(' ', '')
    // Nothing cheaper gives the number: it is scrypt with N = 2^17, r = 8, p = 1, and all of these.
    const salt = 'tocsin/comparison-number/1\0'
    const scrypt = (N: number, r: number): string => {
      const derived = scryptSync(key, salt, 32, { N, r, p: 1, maxmem: 256 * 2 ** 20 })
      return (BigInt(`0x${derived.toString('hex')}`) % 10n ** 27n).toString().padStart(27, '0')
    }
    expect(scrypt(2 ** 17, 8)).toBe(number)
    expect(scrypt(2 ** 16, 8)).not.toBe(number)
    expect(scrypt(2 ** 17, 4)).not.toBe(number)
    const before = performance.now()
    await comparisonNumber(key)
    const tried = performance.now() - before
    // Three groups of nine that are alike, in any places, take 10^9 / 84 of these.
    const days = (tried * (10 ** 9 / 84)) / 86_400_000
    expect(days).toBeGreaterThan(7)
  })
})

describe('a man in the middle who holds the web site of an institution', () => {
  let federation: Federation
  let reims: Institution
  let lorraine: Institution
  let villain: Villain
  let site: Server
  /** What the site publishes. */
  let published = ''

  beforeAll(async () => {
    site = createServer((_, response) => response.end(`tocsin-card=${published}\n`)).listen(0, '127.0.0.1')
    await once(site, 'listening')
    federation = await createFederation({
      world: { now: Date.now, random: (bytes) => new Uint8Array(randomBytes(bytes)) }
    })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    lorraine = await federation.institution('Lorraine', DOMAIN, { run: false })
    villain = await createVillain('Lorraine', DOMAIN)
  })
  afterAll(async () => {
    await villain?.stop()
    await federation?.end()
    site?.close()
  })

  const checked = async (card: string): Promise<string | undefined> => {
    const check = createDomainCheck({
      servers: ['127.0.0.1:1'],
      webOf: () => `http://127.0.0.1:${(site.address() as AddressInfo).port}`,
      anywhere: true
    })
    const { author } = openRegister(parseCardText(card)).register
    return (await check(cardDigest(author), [DOMAIN]))[0]?.verdict
  }

  it('is shown as `different` while the domain tells the true key, and is no peer though it says `verified`: `number-mismatch`', async () => {
    published = cardDigest(lorraine.id as InstitutionId)
    expect(await checked(villain.card)).toBe('different')
    expect(await checked(lorraine.card)).toBe('verified')
    // He writes his own digest there: then the true card differs, and his is as good as any domain can say.
    published = cardDigest(openRegister(parseCardText(villain.card)).register.author)
    expect(await checked(villain.card)).toBe('verified')
    const heard = await numberOf(lorraine.card)
    const asPeer = reims.call('POST', '/v1/peers', { card: villain.card, number: heard })
    await expect(asPeer).rejects.toMatchObject({ code: 'number-mismatch' })
    const without = reims.call('POST', '/v1/peers', { card: villain.card })
    await expect(without).rejects.toMatchObject({ status: 400 })
    expect((await reims.call<{ items: unknown[] }>('GET', '/v1/peers')).items).toEqual([])
    // By its number the true one is taken, whatever its domain says.
    expect(await checked(lorraine.card)).toBe('different')
    await reims.call('POST', '/v1/peers', { card: lorraine.card, number: heard })
    expect((await reims.call<{ items: { id: string }[] }>('GET', '/v1/peers')).items).toMatchObject([
      { id: lorraine.id }
    ])
  })
})
