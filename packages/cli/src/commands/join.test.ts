import { describe, expect, it } from 'vitest'
import { type Desk, openDesk } from '../testing/desk.ts'

const LORRAINE = `did:key:z6Mk${'L'.repeat(44)}`
const groupsOf = (desk: Desk) => desk.node.numberOf('lorraine').split(' ')
const peersOf = async (desk: Desk) =>
  (await desk.run(['--json', 'peer', 'list'])).json<{ items: { name: string }[] }>().items.map(({ name }) => name)

/** What the card's owner reads aloud, typed wherever the command asks; `mishear` is typed instead in the first tries. */
function typed(desk: Desk, asked: readonly number[], mishear: readonly string[] = []) {
  const right = asked.map((place) => groupsOf(desk)[place - 1] ?? '')
  const rounds = [...mishear.map((wrong) => asked.map(() => wrong)), right]
  return rounds.flatMap((groups) => [
    ...groups.map((group, index): [string, string] => [`Group ${asked[index]} of 9`, `${group}\r`]),
    ['read aloud too', 'y'] as [string, string]
  ])
}

/** The three places that this desk's node asks for: the same each time. */
async function askedAt(desk: Desk, card: string): Promise<number[]> {
  const shown = await desk.run(['join', card], { answers: [['Group', '\u0003']] })
  const line = /^ {2}((?:\d{3}|___)(?: (?:\d{3}|___)){8})$/m.exec(shown.err)?.[1] ?? ''
  return line.split(' ').flatMap((group, index) => (group === '___' ? [index + 1] : []))
}

describe.each([[['join']], [['peer', 'add']]])('%o', (words) => {
  it('shows whose card it claims to be and six groups, and adds nobody before the three others are typed', async () => {
    await using desk = await openDesk()
    const mail = `From: rssi@univ-lorraine.fr\n\nBonjour,\n${desk.node.cardText('lorraine').replace(/^/gm, '> ')}`
    const card = await desk.file('lorraine.eml', mail)
    const asked = await askedAt(desk, card)
    expect(asked).toHaveLength(3)
    expect(await peersOf(desk)).toEqual(['Valenciennes'])

    const added = await desk.run([...words, card], { answers: typed(desk, asked) })
    expect(added).toMatchObject({ status: 0, out: expect.stringContaining('Lorraine is a peer now') })
    expect(added.err).toContain('CLAIMS to be')
    expect(added.err).toContain('univ-lorraine.fr')
    expect(added.err).toContain('YOUR OWN directory')
    const before = added.err.slice(0, added.err.indexOf('Group '))
    for (const [index, group] of groupsOf(desk).entries()) {
      if (asked.includes(index + 1)) expect(before).not.toContain(group)
      else expect(before).toContain(group)
    }
    expect(await peersOf(desk)).toEqual(['Valenciennes', 'Lorraine'])
    expect((await desk.run(['peer', 'remove', 'Lorraine'])).status).toBe(0)
    expect((await desk.run(['peer', 'remove', 'Lorraine'])).err).toContain('(not-found)')
  })
})

describe('the number', () => {
  it('is asked for again after a slip of the ear, and never shown meanwhile', async () => {
    await using desk = await openDesk()
    const card = await desk.file('card', desk.node.cardText('lorraine'))
    const ran = await desk.run(['join', card], { answers: typed(desk, await askedAt(desk, card), ['000', '001']) })
    expect(ran.status).toBe(0)
    expect(ran.err).toContain('2 tries are left')
    expect(ran.err).toContain('1 tries are left')
  })

  it('is over after three wrong answers: nothing is trusted, and it says what to do', async () => {
    await using desk = await openDesk()
    const card = await desk.file('card', desk.node.cardText('lorraine'))
    const answers = typed(desk, await askedAt(desk, card), ['000', '001', '002'])
    const ran = await desk.run(['join', card], { answers })
    expect(ran).toMatchObject({ status: 1, err: expect.stringContaining('(number-mismatch)') })
    expect(ran.err).toContain('hang up')
    expect(await peersOf(desk)).toEqual(['Valenciennes'])
  })

  it('asks for the same three groups however often it is begun', async () => {
    await using desk = await openDesk()
    const card = await desk.file('card', desk.node.cardText('lorraine'))
    const asked = await askedAt(desk, card)
    for (let again = 0; again < 3; again++) expect(await askedAt(desk, card)).toEqual(asked)
  })

  it('is not enough when the groups that were shown were not read', async () => {
    await using desk = await openDesk()
    const card = await desk.file('card', desk.node.cardText('lorraine'))
    const answers = typed(desk, await askedAt(desk, card)).map(([question, keys]): [string, string] =>
      question === 'read aloud too' ? [question, 'n'] : [question, keys]
    )
    expect(await desk.run(['join', card], { answers })).toMatchObject({
      status: 1,
      err: expect.stringContaining('(not-confirmed)')
    })
    expect(await peersOf(desk)).toEqual(['Valenciennes'])
  })

  it('takes three digits a group, and asks again for anything else', async () => {
    await using desk = await openDesk()
    const card = await desk.file('card', desk.node.cardText('lorraine'))
    const [first, ...rest] = typed(desk, await askedAt(desk, card))
    if (first === undefined) throw new Error('nothing was asked')
    const answers: [string, string][] = [[first[0], '12\r'], ['Three digits', `\u007f\u007f${first[1]}`], ...rest]
    expect((await desk.run(['join', card], { answers })).status).toBe(0)
  })

  it.each([[[]], [['--json']]])(
    'is given whole where nobody can be asked, and --yes is no such thing %o',
    async (json) => {
      await using desk = await openDesk()
      const input = desk.node.cardText('lorraine')
      expect(await desk.run([...json, 'join', '-'], { input })).toMatchObject({
        status: 2,
        err: expect.stringContaining('number-needed')
      })
      expect((await desk.run([...json, 'join', '-', '--yes'], { input })).status).toBe(2)
      const wrong = ['join', '-', '--number', groupsOf(desk).with(8, '000').join(' ')]
      expect(await desk.run([...json, ...wrong], { input })).toMatchObject({
        status: 1,
        err: expect.stringContaining('number-mismatch')
      })
      const three = ['join', '-', '--number', groupsOf(desk).slice(0, 3).join(' ')]
      expect((await desk.run([...json, ...three], { input })).err).toContain('invalid-request')
      expect(await peersOf(desk)).toEqual(['Valenciennes'])
      const whole = ['join', '-', '--number', groupsOf(desk).join(' ')]
      expect((await desk.run([...json, ...whole], { input })).status).toBe(0)
      expect(await peersOf(desk)).toEqual(['Valenciennes', 'Lorraine'])
    }
  )

  it('is not asked of whoever wants JSON, even at a terminal', async () => {
    await using desk = await openDesk()
    const card = await desk.file('card', desk.node.cardText('lorraine'))
    const ran = await desk.run(['--json', 'join', card], { answers: [['Group', '000\r']] })
    expect(ran).toMatchObject({ status: 2, err: expect.stringContaining('number-needed') })
  })
})

describe('the card of a mail', () => {
  it('is taken from an answer that quotes ours, pasted at the terminal', async () => {
    await using desk = await openDesk()
    const input = `Merci !\n${desk.node.cardText('lorraine')}\n> Bonjour,\n${desk.node.cardText('reims').replace(/^/gm, '> ')}`
    const card = await desk.file('card', input)
    const ran = await desk.run(['join', '-'], { input, answers: typed(desk, await askedAt(desk, card)) })
    expect(ran).toMatchObject({ status: 0, out: expect.stringContaining('Lorraine') })
  })

  it.each([
    ['there is none', 'Bonjour', 'no-card'],
    ['it is our own', 'reims', 'own-card'],
    ['there are several', 'lorraine+valenciennes', 'several-cards'],
    ['it is none', '-----BEGIN TOCSIN CARD-----\nAAAA\n-----END TOCSIN CARD-----\n', 'card-malformed']
  ])('is refused when %s', async (_why, what, code) => {
    await using desk = await openDesk()
    const texts: Record<string, string> = {
      reims: desk.node.cardText('reims'),
      'lorraine+valenciennes': desk.node.cardText('lorraine') + desk.node.cardText('valenciennes')
    }
    const ran = await desk.run(['join', '-'], { input: texts[what] ?? what })
    expect(ran).toMatchObject({ status: 1, err: expect.stringContaining(`(${code})`) })
  })
})

describe('what a domain publishes', () => {
  it.each([
    ['verified', 'univ-lorraine.fr: published, the same card'],
    ['not-published', 'univ-lorraine.fr: nothing published'],
    ['unreachable', 'univ-lorraine.fr: could not be asked']
  ] as const)('is said before the call when it is %s', async (verdict, text) => {
    await using desk = await openDesk()
    desk.node.published.set(LORRAINE, verdict)
    const input = desk.node.cardText('lorraine')
    const ran = await desk.run(['join', '-', '--number', groupsOf(desk).join('')], { input })
    expect(ran).toMatchObject({ status: 0, err: expect.stringContaining(text) })
    expect(ran.err).not.toContain('!!!')
  })

  it('is loud when it is another card, and still does not decide', async () => {
    await using desk = await openDesk()
    desk.node.published.set(LORRAINE, 'different')
    const input = desk.node.cardText('lorraine')
    const number = groupsOf(desk).join('')
    const ran = await desk.run(['join', '-', '--number', number], { input, lang: 'fr' })
    expect(ran.err).toContain('!!! univ-lorraine.fr publie la carte de QUELQU’UN D’AUTRE')
    expect(ran.status).toBe(0)
    const quiet = await desk.run(['join', '-', '--number', number, '--no-domain-check'], { input })
    expect(quiet.err).not.toContain('univ-lorraine.fr:')
  })

  it('never stands for the number', async () => {
    await using desk = await openDesk()
    desk.node.published.set(LORRAINE, 'verified')
    const ran = await desk.run(['join', '-'], { input: desk.node.cardText('lorraine') })
    expect(ran.err).toContain('number-needed')
    expect(await peersOf(desk)).toEqual(['Valenciennes'])
  })

  it('of peers is listed, and ends with 1 when one is another card', async () => {
    await using desk = await openDesk()
    const quiet = await desk.run(['peer', 'check'])
    expect(quiet).toMatchObject({
      status: 0,
      out: expect.stringMatching(/Valenciennes \(\?\) +univ-valenciennes\.fr +nothing/)
    })
    desk.node.published.set((await desk.node.ports.inspectCard(desk.node.cardText('valenciennes'))).id, 'different')
    const loud = await desk.run(['peer', 'check', 'Valenciennes'])
    expect(loud).toMatchObject({ status: 1, out: expect.stringContaining('ANOTHER card') })
    expect(loud.err).toContain('(domain-different)')
    const json = await desk.run(['--json', 'peer', 'check'])
    expect(json.json<{ items: { checks: { verdict: string }[] }[] }>().items[0]?.checks[0]?.verdict).toBe('different')
  })
})
