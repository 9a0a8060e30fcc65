/** A stolen token, and an introduction with somebody in the middle: attacks at the door of one running node. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { introduce, numberOf } from '../harness/introduce.ts'
import { publish } from '../harness/line.ts'
import { createVillain } from '../hostile/villain.ts'

const DAY = 86_400_000
let now = Date.now()
let federation: Federation
let reims: Institution

beforeAll(async () => {
  federation = await createFederation({
    world: { now: () => now, random: (bytes) => new Uint8Array(randomBytes(bytes)) }
  })
  reims = await federation.institution('Reims', 'univ-reims.fr')
  await publish(reims, { tlp: 'CLEAR', pap: 'CLEAR', indicators: [{ type: 'domain', value: 'clear.evil.example' }] })
})
afterAll(() => federation?.end())

describe('a stolen API token', () => {
  const ask = (secret: string, path: string, method = 'GET', body?: unknown): Promise<Response> =>
    fetch(`${reims.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' })
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
  const stolen = async (fields: object): Promise<string> => {
    const token = { name: randomBytes(6).toString('hex'), scope: 'read', maxTlp: 'GREEN', use: 'block', ...fields }
    return (await reims.call<{ secret: string }>('POST', '/v1/tokens', token)).secret
  }
  const codeOf = async (response: Response): Promise<string> => ((await response.json()) as { code: string }).code

  it('reads as far as its scope, TLP and use go, and does nothing: `forbidden-scope`, `forbidden-use`', async () => {
    const secret = await stolen({})
    expect((await ask(secret, '/v1/bulletins')).status).toBe(200)
    expect(await (await ask(secret, '/v1/feeds/list')).text()).toContain('clear.evil.example')
    const draft = { title: 'forged', threat: 'other', tlp: 'CLEAR', indicators: [] }
    const acts = [
      ['POST', '/v1/bulletins', draft],
      ['POST', '/v1/tokens', { name: 'wider', scope: 'admin', maxTlp: 'RED', use: 'hunt' }],
      ['DELETE', '/v1/tokens/wider', undefined],
      ['POST', '/v1/exceptions', { type: 'domain', value: 'clear.evil.example', reason: 'x' }],
      ['POST', '/v1/circles/prepare', { action: 'accept', circle: 'esr-fr' }],
      ['POST', '/v1/registers', { register: 'AAAA' }]
    ] as const
    for (const [method, path, body] of acts) {
      const answer = await ask(secret, path, method, body)
      expect(`${method} ${path} ${answer.status} ${await codeOf(answer)}`).toBe(`${method} ${path} 403 forbidden-scope`)
    }
    const hunted = await ask(secret, '/v1/feeds/list?use=hunt')
    expect([hunted.status, await codeOf(hunted)]).toEqual([403, 'forbidden-use'])
    // A token that may publish publishes, and makes no token all the same.
    const publisher = await stolen({ scope: 'publish', maxTlp: 'RED', use: 'hunt' })
    expect((await ask(publisher, '/v1/bulletins', 'POST', draft)).status).toBe(201)
    expect((await ask(publisher, '/v1/tokens', 'POST', acts[1][2])).status).toBe(403)
  })

  it('that was revoked is nobody’s from that moment, on an open event stream as well: `unauthenticated`', async () => {
    const secret = await stolen({ name: 'to-revoke' })
    const events = await ask(secret, '/v1/events')
    expect(events.status).toBe(200)
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    const before = await publish(reims, { tlp: 'CLEAR', pap: 'CLEAR', title: 'before' })
    while (!heard.includes(before)) heard += (await reader?.read())?.value ?? ''
    await reims.call('DELETE', '/v1/tokens/to-revoke')
    const after = await publish(reims, { tlp: 'CLEAR', pap: 'CLEAR', title: 'after' })
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) heard += part.value
    expect(heard).not.toContain(after)
    const refused = await ask(secret, '/v1/bulletins')
    expect([refused.status, await codeOf(refused)]).toEqual([401, 'unauthenticated'])
  })

  it('of a client ends by itself, and what it fetched until then is on record', async () => {
    const expiresAt = new Date(now + 30 * DAY).toISOString()
    const secret = await stolen({ name: 'hospital', maxTlp: 'AMBER', client: 'CHU', expiresAt })
    expect((await ask(secret, '/v1/feeds/list')).status).toBe(200)
    const uses = async () =>
      (await reims.call<{ items: { route: string; status: number }[] }>('GET', '/v1/tokens/hospital/uses')).items
    expect(await uses()).toMatchObject([{ route: 'GET /v1/feeds/:name', status: 200 }])
    now += 31 * DAY
    const refused = await ask(secret, '/v1/feeds/list')
    expect([refused.status, await codeOf(refused)]).toEqual([401, 'unauthenticated'])
    expect((await uses()).length).toBe(1)
    // Nobody makes one that lasts for ever.
    const eternal = { name: 'eternal', scope: 'read', maxTlp: 'AMBER', use: 'block', client: 'CHU' }
    const asked = reims.call('POST', '/v1/tokens', { ...eternal, expiresAt: new Date(now + 500 * DAY).toISOString() })
    await expect(asked).rejects.toMatchObject({ code: 'client-token-too-wide' })
  })
})

describe('comparison-number grinding', () => {
  interface Introduction {
    readonly id: string
    readonly asked: readonly number[]
    readonly shown: readonly (string | null)[]
    readonly triesLeft: number
  }

  it('by a man in the middle leaves a number that differs from what the owner reads aloud: `number-mismatch`', async () => {
    const lorraine = await federation.institution('Lorraine', 'univ-lorraine.fr', { run: false })
    const heard = (await numberOf(lorraine.card)).split(' ')
    // The mail came from the middle: the name and domain of Lorraine, and the nearest of the numbers that were tried.
    const tried = []
    for (let n = 0; n < 4; n++) {
      const villain = await createVillain('Lorraine', 'univ-lorraine.fr')
      const groups = (await numberOf(villain.card)).split(' ')
      tried.push({ villain, alike: groups.filter((group, place) => group === heard[place]).length })
    }
    const [best] = tried.sort((one, other) => other.alike - one.alike)
    if (best === undefined) throw new Error('nothing was tried')
    try {
      const begun = await reims.call<Introduction>('POST', '/v1/introductions', { card: best.villain.card })
      // What is asked is not shown, so that it has to be heard.
      for (const place of begun.asked) expect(begun.shown[place - 1]).toBeNull()
      const groups = begun.asked.map((place) => heard[place - 1])
      for (const _ of [1, 2, 3]) {
        const answer = reims.call('POST', `/v1/introductions/${begun.id}`, { groups })
        await expect(answer).rejects.toMatchObject({ code: 'number-mismatch' })
      }
      const late = reims.call('POST', `/v1/introductions/${begun.id}`, { groups })
      await expect(late).rejects.toMatchObject({ code: 'unknown-introduction' })
      const { items } = await reims.call<{ items: unknown[] }>('GET', '/v1/peers')
      expect(items).toEqual([])
      // A program gives all nine groups, and is refused as well.
      const whole = reims.call('POST', '/v1/peers', { card: best.villain.card, number: heard.join(' ') })
      await expect(whole).rejects.toMatchObject({ code: 'number-mismatch' })
    } finally {
      for (const { villain } of tried) await villain.stop()
    }
    // The same officer with the same ears and the true card.
    await introduce(reims, lorraine.card)
    expect((await reims.call<{ items: { id: string }[] }>('GET', '/v1/peers')).items).toMatchObject([
      { id: lorraine.id }
    ])
  })
})
