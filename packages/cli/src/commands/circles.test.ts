import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

describe('statements of the root key', () => {
  it('are prepared by the node, shown, signed here and taken in', async () => {
    await using desk = await openDesk()
    const purposes: string[] = []
    const rootSigner = async (message: Uint8Array, purpose: string) => {
      purposes.push(purpose)
      return desk.node.rootSign(message)
    }
    const founder = await desk.file('valenciennes.card', desk.node.cardText('valenciennes'))
    const created = await desk.run(['circle', 'create', 'est-fr', '--threshold', '1', '--founder', founder, '--json'], {
      rootSigner,
      answers: [['Sign with the root key', 'y']]
    })
    expect(created.status).toBe(0)
    expect(created.err).toContain('one stolen key admits anybody')
    const { circle, kind } = created.json<{ circle: string; kind: string }>()
    expect(kind).toBe('charter')
    expect((await desk.run(['circle', 'accept', circle, '--yes'], { rootSigner })).status).toBe(0)
    expect(
      (await desk.run(['vouch', 'Lorraine', '--circle', 'esr-fr', '--how', 'phone', '--yes'], { rootSigner })).out
    ).toBe('Vouched for Lorraine (?) in esr-fr.\n')
    const revoked = await desk.run(['revoke', 'Valenciennes', '--circle', 'esr-fr', '--reason', 'left'], {
      rootSigner,
      answers: [['Sign with the root key', 'y']]
    })
    expect(revoked.err).toContain('Would leave the roster: Valenciennes')
    expect(revoked.err).toContain('Would return to the roster: Lorraine')
    expect(revoked.err).not.toContain('by this alone')
    expect(revoked.status).toBe(0)
    expect(purposes).toEqual(['charter', 'acceptance', 'acceptance', 'vouch', 'revocation'])
    expect(desk.node.submitted).toMatchObject([
      { kind: 'charter', name: 'est-fr', founders: [expect.stringMatching(/zR|Mk/), expect.stringMatching(/V{44}$/)] },
      { kind: 'acceptance', circle },
      { kind: 'acceptance', circle },
      { kind: 'vouch', how: 'phone' },
      { kind: 'revocation', reason: 'left' }
    ])
  })

  it('found a circle with quotas of its own, and none that are wrong', async () => {
    await using desk = await openDesk()
    const rootSigner = async (message: Uint8Array) => desk.node.rootSign(message)
    const create = ['circle', 'create', 'est-fr', '--threshold', '1', '--yes']
    const wrong = await desk.run([...create, '--quota', 'openVouches=33'], { rootSigner })
    expect(wrong).toMatchObject({ status: 2, err: expect.stringContaining('openVouches=N') })
    const quotas = ['--quota', 'entriesADay=100', '--quota', 'pendingBytes=2MiB']
    expect((await desk.run([...create, ...quotas], { rootSigner })).status).toBe(0)
    expect(desk.node.submitted[0]).toMatchObject({ quotas: { entriesADay: 100, pendingBytes: 2 ** 21 } })
    const { out } = await desk.run(['circle', 'show', 'esr-fr'])
    expect(out).toMatch(/bytesADay +64 MiB +16 MiB/)
    expect(out).toContain('30 days')
  })

  it('are not made without the key, without an answer, or with a signature by another key', async () => {
    await using desk = await openDesk()
    const vouch = ['vouch', 'Lorraine', '--circle', 'esr-fr', '--how', 'in-person']
    expect(await desk.run([...vouch, '--yes'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('no-root-key')
    })
    const rootSigner = async (message: Uint8Array) => desk.node.rootSign(message)
    expect(await desk.run(vouch, { rootSigner })).toMatchObject({
      status: 2,
      err: expect.stringContaining('needs-confirmation')
    })
    expect((await desk.run(vouch, { rootSigner, answers: [['root key?', '\u0003']] })).err).toContain('not-confirmed')
    const forged = await desk.run([...vouch, '--yes'], { rootSigner: async () => new Uint8Array(64) })
    expect(forged).toMatchObject({ status: 1, err: expect.stringContaining('register-bad-signature') })
    expect(desk.node.submitted).toEqual([])
  })

  it('are written to a file where the root key is elsewhere, and nothing is written over', async () => {
    await using desk = await openDesk()
    const file = join(desk.home, '..', 'to-sign')
    const vouch = ['vouch', 'Lorraine', '--circle', 'esr-fr', '--how', 'phone', '--prepare', file]
    const ran = await desk.run(vouch)
    expect(ran.status).toBe(0)
    expect(ran.out).toBe(`To be signed: tocsin sign ${file} --out FILE\n`)
    expect(ran.err).toContain('The root key will sign:')
    const { registers, ...rest } = JSON.parse(await readFile(file, 'utf8'))
    expect(rest).toEqual({ tocsin: 'to-sign/1', institution: expect.stringMatching(/^did:key:/) })
    expect(registers).toHaveLength(1)
    expect(desk.node.submitted).toEqual([])
    const again = await desk.run(vouch)
    expect([again.status, again.err.includes('file-unwritable')]).toEqual([1, true])
    for (const args of [
      ['revoke', 'Valenciennes', '--circle', 'esr-fr', '--reason', 'left'],
      ['circle', 'accept', 'esr-fr']
    ]) {
      const other = join(desk.home, '..', args[0] ?? '')
      expect((await desk.run([...args, '--prepare', other])).status).toBe(0)
      expect(JSON.parse(await readFile(other, 'utf8')).registers).toHaveLength(1)
    }
    expect(desk.node.submitted).toEqual([])
  })
})

it('circles are listed and shown, in French too', async () => {
  await using desk = await openDesk()
  expect((await desk.run(['circle', 'list'], { lang: 'fr' })).out).toMatch(/esr-fr +fondateur +2 +1 +2/)
  const shown = await desk.run(['circle', 'show', 'esr-fr'])
  expect(shown.out).toMatch(/Valenciennes +0 +uphf\.fr/)
  expect(shown.out).toMatch(/Lorraine \(\?\) +yes +1/)
  expect((await desk.run(['circle', 'show', 'nowhere'])).err).toContain('tocsin circle list')
})
