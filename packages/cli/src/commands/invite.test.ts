import { describe, expect, it } from 'vitest'
import { cardBlocks } from '../card-block.ts'
import { openDesk } from '../testing/desk.ts'

describe('card', () => {
  it('is one block, with the number beside it and not in it', async () => {
    await using desk = await openDesk()
    const ran = await desk.run(['card'])
    expect(ran.out).toBe(desk.node.cardText('reims'))
    expect(ran.err).toContain(desk.node.numberOf('reims'))
    expect((await desk.run(['card', '--number'])).out).toBe(`${desk.node.numberOf('reims')}\n`)
    const { digest, comparison } = (await desk.run(['--json', 'card'])).json<{ digest: string; comparison: string }>()
    expect(comparison).toBe(desk.node.numberOf('reims'))
    const records = await desk.run(['card', '--records'])
    expect(records.out).toBe(
      `_tocsin.univ-reims.fr. TXT "tocsin-card=${digest}"\n` +
        `https://univ-reims.fr/.well-known/tocsin-card  tocsin-card=${digest}\n`
    )
  })
})

describe('invite', () => {
  it('is one text in both languages with the card and without the number, in lines that no mail program wraps', async () => {
    await using desk = await openDesk()
    const { out, err, status } = await desk.run(['invite', '--circle', 'esr-fr'])
    expect(status).toBe(0)
    expect(cardBlocks(out)).toEqual([desk.node.cardText('reims')])
    for (const said of [
      'tocsin join',
      'YOUR OWN directory',
      'VOTRE PROPRE annuaire',
      'esr-fr',
      'tocsin circle accept esr-fr',
      'c1'.repeat(32)
    ])
      expect(out).toContain(said)
    expect(out).not.toContain(desk.node.numberOf('reims'))
    expect(out).not.toMatch(/\d{3} \d{3}/)
    expect(err).toContain('not in the mail')
    for (const line of out.split('\n')) expect(line.length).toBeLessThan(76)
  })

  it('names no circle that it was not told to: who is in which is nobody’s business', async () => {
    await using desk = await openDesk()
    expect((await desk.run(['invite'])).out).not.toContain('esr-fr')
    expect((await desk.run(['invite', '--circle', 'nowhere'])).err).toContain('(unknown-circle)')
  })

  it('begins with headers for one recipient, and lets nobody write more of them', async () => {
    await using desk = await openDesk()
    const { out } = await desk.run(['invite', '--to', 'rssi@univ-lorraine.fr'])
    const [head = '', ...body] = out.split('\n\n')
    expect(head.split('\n')).toEqual([
      'From: rssi@univ-reims.fr',
      'To: rssi@univ-lorraine.fr',
      'Subject: Tocsin: notre carte / our card',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit'
    ])
    expect(cardBlocks(body.join('\n\n'))).toHaveLength(1)
    for (const bad of ['a@b\nBcc: c@d', 'a@b, c@d', 'nobody', '<a@b>'])
      expect((await desk.run(['invite', '--to', bad])).status).toBe(2)
  })

  it('is taken by join at the other end as it is', async () => {
    await using desk = await openDesk()
    const { out } = await desk.run(['invite', '--to', 'rssi@univ-lorraine.fr'])
    // At its own node it is the own card: the text is read whole, to the card.
    expect((await desk.run(['join', '-'], { input: out })).err).toContain('(own-card)')
    expect((await desk.run(['--json', 'invite'])).json<{ card: string }>().card).toBe(desk.node.cardText('reims'))
  })
})
