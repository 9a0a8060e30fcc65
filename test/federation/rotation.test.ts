/** Keys that change: stolen, as planned with the root key elsewhere, and lost with the machine that held them. */
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { homeAt } from '@tocsin/node'
import { openRootKeys, recoveryPhrase } from '@tocsin/node/keys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Institution } from '../harness/federation.ts'
import { introduce } from '../harness/introduce.ts'
import { arrives, createLine, holds, type Line, publish } from '../harness/line.ts'
import { tocsin, until } from '../harness/process.ts'

interface Shown {
  readonly state: string
  readonly entries: readonly { readonly stream: string }[]
}

interface Streams {
  readonly items: readonly {
    readonly id: string
    readonly key: string
    readonly seq: number
    readonly closed?: number
    readonly foreign?: { readonly seq: number }
  }[]
  readonly linked: number
}

describe('keys that change', () => {
  let line: Line
  let genuine: string
  let forged: string

  beforeAll(async () => {
    line = await createLine()
  })
  afterAll(() => line?.federation.end())

  const state = async (at: Institution, id: string): Promise<string> =>
    (await at.call<Shown>('GET', `/v1/bulletins/${id}`)).state
  const streams = (at: Institution): Promise<Streams> => at.call<Streams>('GET', '/v1/streams')
  const cardOf = async (at: Institution): Promise<{ text: string; nodeKeys: string[] }> => at.call('GET', '/v1/card')

  async function run(home: string, args: readonly string[]): Promise<Record<string, unknown>> {
    const ran = await tocsin(['--json', ...args], { home })
    expect(ran, ran.stderr).toMatchObject({ code: 0 })
    return JSON.parse(ran.stdout)
  }

  async function turns(at: Institution, id: string, expected: string): Promise<void> {
    await until(`${id} is ${expected} at ${at.name}`, async () => (await state(at, id)) === expected)
  }

  it('a thief speaks with the stolen node key, and takes back what its owner said', async () => {
    const { reims, valenciennes, toulouse, lorraine, all } = line
    genuine = await publish(reims, { tlp: 'AMBER', title: 'genuine' })
    for (const at of all) await arrives(at, genuine)
    await reims.stop()
    const [store, aside] = [join(reims.home, 'store'), join(reims.home, 'aside')]
    await cp(store, aside, { recursive: true })
    await reims.start()
    forged = await publish(reims, { tlp: 'AMBER', title: 'nothing to see here' })
    await reims.call('POST', `/v1/bulletins/${genuine}/retraction`, { reason: 'a mistake' })
    for (const at of [valenciennes, toulouse, lorraine]) {
      await arrives(at, forged)
      await turns(at, genuine, 'retracted')
    }
    // Toulouse is away while it is settled.
    await Promise.all([reims.stop(), toulouse.stop()])
    await rm(store, { recursive: true })
    await rename(aside, store)
    await reims.start()
    await until('Reims hears of entries that it did not write', async () => {
      const { items, linked } = await streams(reims)
      return linked > 0 && items.filter(({ foreign }) => foreign !== undefined).length === 2
    })
    expect(await holds(reims, forged)).toBe(false)
    expect(await state(reims, genuine)).toBe('live')
  })

  it('the owner retires the key, and only what it wrote still counts, also for who was away', async () => {
    const { reims, valenciennes, toulouse, lorraine } = line
    const undecided = await tocsin(['--json', 'key', 'rotate', '--yes'], { home: reims.home })
    expect(undecided.code).toBe(1)
    expect(undecided.stderr).toContain('foreign-undecided')
    const before = await cardOf(reims)
    const done = await run(reims.home, ['key', 'rotate', '--void-foreign', '--yes'])
    expect(done).toEqual({ taken: ['closing', 'closing', 'card'], restart: true })
    await expect(publish(reims, { tlp: 'AMBER' })).rejects.toMatchObject({ code: 'signing-suspended' })
    await reims.stop()
    await reims.start()
    const after = await cardOf(reims)
    expect(after.nodeKeys).toHaveLength(before.nodeKeys.length + 1)
    await toulouse.start()
    for (const at of [valenciennes, toulouse, lorraine]) {
      await turns(at, forged, 'void')
      await turns(at, genuine, 'live')
    }
    // The gate of its peers knew the key beforehand: nobody is introduced again.
    const next = await publish(reims, { tlp: 'AMBER', title: 'after the theft' })
    for (const at of [valenciennes, toulouse, lorraine]) await arrives(at, next)
    for (const at of [valenciennes, toulouse, lorraine]) {
      const { items } = await at.call<{ items: { kind: string; accused: { id: string } }[] }>('GET', '/v1/evidence')
      expect(new Set(items.map(({ kind, accused }) => `${kind} ${accused.id}`))).toEqual(
        new Set([`disowned ${reims.id}`])
      )
    }
  })

  it('a planned change with the root key on another machine goes by files', async () => {
    const { valenciennes, lorraine, circle, all } = line
    const said = await publish(valenciennes, { tlp: 'AMBER', title: 'with the old key' })
    for (const at of all) await arrives(at, said)
    const safe = join(valenciennes.home, '..', 'safe')
    await mkdir(safe, { mode: 0o700 })
    await rename(join(valenciennes.home, 'root.key'), join(safe, 'root.key'))
    const [toSign, signed] = [join(safe, 'to-sign.json'), join(safe, 'signed.json')]
    await run(valenciennes.home, ['key', 'rotate', '--prepare', toSign])
    expect(await run(safe, ['sign', toSign, '--out', signed, '--yes'])).toMatchObject({ secret: true })
    expect(await run(valenciennes.home, ['submit', signed])).toMatchObject({ restart: true })
    const vouch = ['vouch', lorraine.id, '--circle', circle, '--how', 'in-person', '--prepare', `${toSign}.vouch`]
    await run(valenciennes.home, vouch)
    await run(safe, ['sign', `${toSign}.vouch`, '--out', `${signed}.vouch`, '--yes'])
    expect(await run(valenciennes.home, ['submit', `${signed}.vouch`])).toEqual({ taken: ['vouch'], restart: false })
    await valenciennes.stop()
    await valenciennes.start()
    const next = await publish(valenciennes, { tlp: 'AMBER', title: 'with the new key' })
    for (const at of all) {
      await arrives(at, next)
      expect(await state(at, said)).toBe('live')
    }
    expect((await streams(valenciennes)).items.filter(({ key }) => key === 'retired')).toMatchObject([{ closed: 1 }])
  })

  it('an institution whose machine is lost comes back by its phrase, with what it said', async () => {
    const { lorraine, toulouse } = line
    const said = await publish(lorraine, { tlp: 'AMBER', title: 'before the fire' })
    for (const at of line.all) await arrives(at, said)
    const { text } = await cardOf(lorraine)
    const { seeds } = await openRootKeys(homeAt(lorraine.home), async () => undefined)
    await lorraine.stop()
    const config = await readFile(join(lorraine.home, 'config.toml'), 'utf8')
    await rm(lorraine.home, { recursive: true })
    const [phrase, card] = [`${lorraine.home}.phrase`, `${lorraine.home}.card`]
    await writeFile(phrase, recoveryPhrase(seeds.root, 'fr'))
    await writeFile(card, text)
    const fields = ['--name', 'Lorraine', '--domain', 'univ-lorraine.fr', '--contact', 'rssi@univ-lorraine.fr']
    const back = ['--recover', '--phrase-file', phrase, '--card', card, '--no-passphrase']
    const made = await run(lorraine.home, ['init', ...fields, '--listen', lorraine.listen, ...back])
    expect(made).toMatchObject({ institution: lorraine.id })
    expect(made).not.toHaveProperty('phrase')
    // The doors of before.
    await writeFile(join(lorraine.home, 'config.toml'), config)
    await lorraine.start()
    const token = (await readFile(join(lorraine.home, 'admin-token'), 'utf8')).trim()
    const again = { ...lorraine, call: callWith(lorraine, token) } as Institution
    // The next key was lost as well: the two sides introduce each other anew.
    await introduce(toulouse, (await cardOf(again)).text)
    await introduce(again, (await cardOf(toulouse)).text)
    await until('Lorraine hears of what it said', async () => {
      const { items } = await streams(again)
      return items.some(({ foreign }) => foreign !== undefined)
    })
    for (const { id, foreign } of (await streams(again)).items)
      if (foreign !== undefined) await run(lorraine.home, ['key', 'claim', id, '--yes'])
    await arrives(again, said)
    expect(await run(lorraine.home, ['key', 'close', '--yes'])).toEqual({ taken: ['closing'], restart: false })
    const next = await publish(again, { tlp: 'AMBER', title: 'after the fire' })
    for (const at of [toulouse, line.reims]) {
      await arrives(at, next)
      expect(await state(at, said)).toBe('live')
    }
  })

  it('an institution that lost its root key comes back under another id, and its history stays readable', async () => {
    const { federation, reims, toulouse, circle } = line
    const said = await publish(toulouse, { tlp: 'AMBER', title: 'before the loss' })
    await arrives(reims, said)
    await toulouse.stop()
    const again = await federation.institution('Toulouse again', 'ut-capitole.example')
    await federation.link(reims, again)
    await federation.revoke(reims, toulouse, circle)
    await federation.vouch(reims, again, circle)
    await until('Toulouse knows the circle', () => again.call('GET', `/v1/circles/${circle}`))
    await federation.accept(again, circle)
    const { valenciennes } = line
    const safe = join(valenciennes.home, '..', 'safe')
    for (const [name, args] of [
      ['again', ['vouch', again.id, '--circle', circle, '--how', 'phone']],
      ['old', ['revoke', toulouse.id, '--circle', circle, '--reason', 'root key lost']]
    ] as const) {
      const [file, signed] = [join(safe, name), join(safe, `${name}.signed`)]
      await until(`Valenciennes holds the card for ${name}`, async () => {
        const ran = await tocsin(['--json', ...args, '--prepare', file], { home: valenciennes.home })
        return ran.code === 0
      })
      await run(safe, ['sign', file, '--out', signed, '--yes'])
      await run(valenciennes.home, ['submit', signed])
    }
    await until('the circle counts the new id, and not the old one', async () => {
      const { members } = await reims.call<{ members: { id: string }[] }>('GET', `/v1/circles/${circle}`)
      const ids = members.map(({ id }) => id)
      return ids.includes(again.id) && !ids.includes(toulouse.id)
    })
    const next = await publish(again, { tlp: 'AMBER', title: 'under the new id' })
    await arrives(reims, next)
    expect(await state(reims, said)).toBe('live')
  })
})

/** The door of a home that was made again, whose token is another one. */
function callWith({ api, name }: Institution, token: string): Institution['call'] {
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' })
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    const parsed = text === '' ? undefined : JSON.parse(text)
    if (response.ok) return parsed as T
    const what = `${name}: ${method} ${path}: ${response.status} ${text}`
    throw Object.assign(new Error(what), { status: response.status, code: parsed?.code, body: parsed })
  }
}
