/** A member gone bad among real nodes: its colleagues see what a revocation does before they sign it, and it acts at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Institution } from '../harness/federation.ts'
import { arrives, createLine, holds, type Line, publish, sees } from '../harness/line.ts'
import { tocsin, until } from '../harness/process.ts'
import { tocsinTyped } from '../harness/terminal.ts'

describe('a member that its circle puts out', () => {
  let line: Line

  beforeAll(async () => {
    line = await createLine()
  })
  afterAll(() => line?.federation.end())

  const revoke = ['revoke', 'Toulouse', '--circle', 'esr-fr', '--reason', 'it leaks']
  const members = async (one: Institution): Promise<string[]> =>
    (await one.call<{ members: { name: string }[] }>('GET', `/v1/circles/${line.circle}`)).members
      .map(({ name }) => name)
      .sort()
  const linkedTo = async (one: Institution, other: Institution): Promise<boolean> =>
    (await one.call<{ items: { id: string; connected: boolean }[] }>('GET', '/v1/peers')).items.some(
      ({ id, connected }) => id === other.id && connected
    )

  it('takes with it whom it had vouched for: shown before anything is signed, and not done when the answer is no', async () => {
    const { federation, reims, valenciennes, toulouse, circle } = line
    // The first of two words changes nothing, and says so.
    const alone = await tocsin(revoke, { home: reims.home, env: { LC_ALL: 'C' } })
    expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('needs-confirmation') })
    expect(alone.stderr).toContain('Nobody leaves the roster by this alone')
    await federation.revoke(reims, toulouse, circle)
    await until('Valenciennes has heard of it', async () => {
      const path = `/v1/circles/${circle}/why/${encodeURIComponent(toulouse.id)}`
      return (await valenciennes.call<{ revocations: unknown[] }>('GET', path)).revocations.length === 1
    })
    // The second one puts it out, and Lorraine with it: one of its two vouches was Toulouse's.
    const asked = await tocsin(revoke, { home: valenciennes.home, env: { LC_ALL: 'C' } })
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('needs-confirmation') })
    const shown = asked.stderr.split('\n').find((text) => text.includes('Would leave the roster:'))
    expect(shown).toContain('Toulouse')
    expect(shown).toContain('Lorraine')
    const no = await tocsinTyped(valenciennes.home, revoke, [['Sign', 'n']])
    expect(no.screen).toContain('not-confirmed')
    for (const one of [reims, valenciennes, toulouse])
      expect(await members(one)).toEqual(['Lorraine', 'Reims', 'Toulouse', 'Valenciennes'])
  })

  it('is off every open connection at once, and nothing new reaches it or those who fell with it', async () => {
    const { federation, reims, valenciennes, toulouse, lorraine, circle } = line
    const before = await publish(reims, { tlp: 'AMBER', title: 'before' })
    await arrives(lorraine, before)
    expect(await linkedTo(valenciennes, toulouse)).toBe(true)
    const done = await tocsinTyped(valenciennes.home, revoke, [['Sign', 'y']])
    expect(done.code).toBe(0)
    for (const one of [reims, valenciennes]) await sees(one, circle, 2)
    expect(await members(reims)).toEqual(['Reims', 'Valenciennes'])
    await until('the link is gone', async () => !(await linkedTo(toulouse, valenciennes)))
    expect(await linkedTo(valenciennes, toulouse)).toBe(false)
    const after = await publish(reims, { tlp: 'AMBER', title: 'after' })
    await arrives(valenciennes, after)
    for (const one of [toulouse, lorraine]) {
      expect(await holds(one, after)).toBe(false)
      expect(await holds(one, before)).toBe(true)
    }
    // It comes back by the same two hands, and by nobody else's.
    const lifts = await reims.call<{ returns?: { name: string }[] }>('POST', '/v1/circles/prepare', {
      action: 'vouch',
      institution: lorraine.id,
      circle,
      how: 'phone'
    })
    expect(lifts).toMatchObject({ register: expect.any(String) })
    await federation.vouch(reims, lorraine, circle)
    for (const one of [reims, valenciennes]) await sees(one, circle, 3)
    expect(await members(reims)).toEqual(['Lorraine', 'Reims', 'Valenciennes'])
  })
})
