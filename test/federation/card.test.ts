/** An institution that renames itself: by command, also where its root key is elsewhere; whoever vouched for it is shown (real processes). */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CircleView, OwnCardView, PeerView, PendingView } from '@tocsin/api'
import { openRegister, parseCardText } from '@tocsin/journal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { sees } from '../harness/line.ts'
import { tocsin, until } from '../harness/process.ts'

describe('a card that changes', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let lorraine: Institution
  let circle: string

  beforeAll(async () => {
    federation = await createFederation()
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr')
    lorraine = await federation.institution('Lorraine', 'univ-lorraine.fr')
    await federation.link(reims, uphf)
    await federation.link(uphf, lorraine)
    await federation.link(reims, lorraine)
    circle = await federation.circle('esr-fr', 2, [reims, uphf])
    for (const one of [reims, uphf]) await federation.vouch(one, lorraine, circle)
    await until('Lorraine knows the circle', () => lorraine.call('GET', `/v1/circles/${circle}`))
    await federation.accept(lorraine, circle)
    for (const one of [reims, uphf, lorraine]) await sees(one, circle, 3)
  })
  afterAll(() => federation?.end())

  const cardOf = (one: Institution): Promise<OwnCardView> => one.call<OwnCardView>('GET', '/v1/card')
  const shownAt = async (one: Institution): Promise<PeerView | undefined> =>
    (await one.call<{ items: PeerView[] }>('GET', '/v1/peers')).items.find(({ id }) => id === lorraine.id)
  const changed = async (one: Institution): Promise<PendingView['changed']> =>
    (await one.call<PendingView>('GET', `/v1/circles/${circle}/pending`)).changed

  it('keeps its keys, and shows whoever vouched what it said then and what it says now', async () => {
    const before = await cardOf(lorraine)
    const args = [
      'card',
      'set',
      '--name',
      'Banque de Lorraine',
      '--domain',
      'univ-lorraine.fr',
      '--domain',
      'bank.example'
    ]
    const asked = await tocsin(args, { home: lorraine.home })
    expect(asked.code).toBe(2)
    expect(asked.stderr).toContain('the name: Lorraine → Banque de Lorraine')
    expect(asked.stderr).toContain('esr-fr does not vouch for Banque de Lorraine, bank.example')
    const done = await tocsin([...args, '--yes'], { home: lorraine.home })
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('new card is in force') })
    const after = await cardOf(lorraine)
    expect(after).toMatchObject({
      id: before.id,
      name: 'Banque de Lorraine',
      domains: ['univ-lorraine.fr', 'bank.example'],
      contact: before.contact,
      addresses: before.addresses,
      nodeKeys: before.nodeKeys,
      comparison: before.comparison
    })
    // The circle goes by what was vouched for, and whoever vouched is told.
    for (const one of [reims, uphf]) {
      const [mine, other] = await until(`${one.name} hears of it`, async () => {
        const found = await changed(one)
        return found.length === 2 && found.toSorted((a, b) => Number(b.ours) - Number(a.ours))
      })
      expect(mine).toMatchObject({
        ours: true,
        vouched: { name: 'Lorraine', domains: ['univ-lorraine.fr'] },
        card: { name: 'Banque de Lorraine', domains: ['univ-lorraine.fr', 'bank.example'] }
      })
      expect(other?.ours).toBe(false)
      expect(await shownAt(one)).toMatchObject({ name: 'Lorraine', claimed: false, connected: true })
    }
    const { members } = await reims.call<CircleView>('GET', `/v1/circles/${circle}`)
    expect(members.find(({ id }) => id === lorraine.id)?.domains).toEqual(['univ-lorraine.fr'])
    const pending = await tocsin(['circle', 'pending'], { home: reims.home })
    expect(pending.stdout).toMatch(
      /Lorraine \(univ-lorraine\.fr\) +Banque de Lorraine \(univ-lorraine\.fr, bank\.example\) +call first/
    )
    const doctor = await tocsin(['doctor'], { home: reims.home })
    expect(doctor.stdout).toContain('Banque de Lorraine (univ-lorraine.fr, bank.example)')
    // And again, for nothing.
    expect((await tocsin([...args, '--yes'], { home: lorraine.home })).stderr).toContain('(card-unchanged)')
    const bad = await tocsin(['card', 'set', '--domain', 'no domain', '--yes'], { home: lorraine.home })
    expect(bad.stderr).toContain('(domain-invalid)')
  })

  it('goes by it once those who vouched have called and vouched anew', async () => {
    for (const one of [reims, uphf]) await federation.vouch(one, lorraine, circle)
    await until('Reims shows the new name', async () => (await shownAt(reims))?.name === 'Banque de Lorraine')
    await until('nothing is left to be looked at', async () => (await changed(reims)).length === 0)
    expect(await shownAt(reims)).toMatchObject({ claimed: false })
  })

  it('is prepared here, signed where the root key is, and submitted; the home keeps the newest', async () => {
    const [toSign, signed] = ['card.to-sign', 'card.signed'].map((name) => join(lorraine.home, '..', name))
    const env = { home: lorraine.home }
    const prepared = await tocsin(['card', 'set', '--contact', 'soc@univ-lorraine.fr', '--prepare', toSign ?? ''], env)
    expect(prepared.code).toBe(0)
    expect((await cardOf(lorraine)).contact).toBe('rssi@univ-lorraine.fr')
    const made = await tocsin(['sign', toSign ?? '', '--out', signed ?? '', '--yes'], env)
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('soc@univ-lorraine.fr') })
    expect((await tocsin(['submit', signed ?? ''], env)).code).toBe(0)
    expect((await cardOf(lorraine)).contact).toBe('soc@univ-lorraine.fr')
    const kept = await until('the home holds it', async () => {
      const { register } = openRegister(parseCardText(await readFile(join(lorraine.home, 'card.tocsin'), 'utf8')))
      return register.kind === 'card' && register.value.contact === 'soc@univ-lorraine.fr' ? register : undefined
    })
    expect(kept.value.name).toBe('Banque de Lorraine')
    await lorraine.stop()
    await lorraine.start()
    expect(await cardOf(lorraine)).toMatchObject({ name: 'Banque de Lorraine', contact: 'soc@univ-lorraine.fr' })
  })
})
