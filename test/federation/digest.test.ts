/** The mail of the day, from real processes: what came in its period, in the reader's language, and nothing it may not say. */
import { randomBytes } from 'node:crypto'
import PostalMime, { type Email } from 'postal-mime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, publish } from '../harness/line.ts'
import { type NodeProcess, startProcess, tocsin, until } from '../harness/process.ts'

const DAYS = 86_400_000
const OURS = 'webmail-reims.evil-campus.com'

interface Page {
  readonly items: readonly { readonly count: number }[]
}

describe('the digest of two nodes', { timeout: 240_000 }, () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  const processes: NodeProcess[] = []
  let ours: string
  const red: string[] = []

  /** Reims has heard so many words of what it published. */
  const heard = (words: number): Promise<boolean> =>
    until(`Reims has ${words} sightings`, async () => {
      return (await reims.call<Page>('GET', '/v1/sightings')).items.length === words
    })

  beforeAll(async () => {
    // Three days ago, on a clock of its own; then the same homes as processes, today.
    federation = await createFederation({
      world: { now: () => Date.now() - 3 * DAYS, random: (bytes) => randomBytes(bytes) }
    })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    uphf = await federation.institution('Valenciennes', 'uphf.fr')
    await federation.link(reims, uphf)
    await federation.circle('esr-fr', 1, [reims, uphf])
    ours = await publish(reims, {
      title: 'Le nôtre',
      threat: 'phishing',
      tlp: 'AMBER',
      indicators: [{ type: 'domain', value: OURS }]
    })
    await arrives(uphf, ours)
    await uphf.call('POST', '/v1/sightings', { value: OURS, kind: 'sighting', count: 1000 })
    const old = await publish(uphf, { title: 'Three days old', threat: 'scan', tlp: 'AMBER' })
    const wrong = await publish(uphf, { title: 'Taken back today', threat: 'scan', tlp: 'AMBER' })
    for (const one of [old, wrong]) await arrives(reims, one)
    await heard(1)
    for (const one of [reims, uphf]) {
      await one.stop()
      processes.push(await startProcess(one.home))
    }
    await until('they are linked again', async () => {
      const { items } = await reims.call<{ items: { connected: boolean }[] }>('GET', '/v1/peers')
      return items.some(({ connected }) => connected)
    })

    const fresh = await publish(uphf, {
      title: 'Fausse page du service d’été Bcc: x@evil-campus.com',
      threat: 'phishing',
      tlp: 'AMBER',
      pap: 'GREEN',
      indicators: [{ type: 'url', value: 'http://été.evil-campus.com/login' }]
    })
    const quiet = await publish(uphf, {
      title: 'Silently at quiet.evil-campus.com',
      threat: 'malware',
      tlp: 'GREEN',
      pap: 'RED',
      indicators: [{ type: 'domain', value: 'quiet.evil-campus.com' }]
    })
    const secret = await publish(uphf, {
      title: 'For Reims alone',
      threat: 'account-compromise',
      to: [reims.id],
      indicators: [{ type: 'domain', value: 'secret.evil-campus.com' }]
    })
    red.push(secret)
    for (const one of [fresh, quiet, secret]) await arrives(reims, one)
    await uphf.call('POST', `/v1/bulletins/${wrong}/retraction`, { reason: 'it was http://scanner.uphf.fr/' })
    const saw = { value: OURS, bulletin: ours }
    await uphf.call('POST', '/v1/sightings', { ...saw, kind: 'sighting', count: 7 })
    await uphf.call('POST', '/v1/sightings', { ...saw, kind: 'false-positive' })
    await uphf.call('POST', '/v1/sightings', { ...saw, kind: 'sighting', count: 500, private: true })
    await reims.call('POST', '/v1/sightings', { ...saw, kind: 'sighting', count: 300 })
    await heard(5)
    await until('the retraction came', async () => {
      const { state } = await reims.call<{ state: string }>('GET', `/v1/bulletins/${wrong}`)
      return state === 'retracted'
    })
  }, 240_000)
  afterAll(async () => {
    for (const one of processes) await one.stop('SIGKILL')
    await federation?.end()
  })

  async function mail(...args: string[]): Promise<Email & { readonly raw: string }> {
    const to = ['--recipient', 'rssi@univ-reims.fr', '--from', 'tocsin@univ-reims.fr']
    const { code, stdout, stderr } = await tocsin(['digest', ...to, ...args], { home: reims.home })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    return { ...(await PostalMime.parse(stdout)), raw: stdout }
  }

  it.each([
    {
      lang: 'fr',
      subject: /^\[TLP:AMBER\] Tocsin, jour jusqu’au \d{4}-\d\d-\d\d : 2 nouveaux, 1 retirés$/,
      counts: '2 nouveaux, 1 retirés, 1 des nôtres dont d’autres ont parlé.',
      classes: ['Logiciel malveillant', 'Scan', 'Hameçonnage'],
      said: 'vu 7 fois, dit faux par 1',
      withheld: '- (PAP:RED : à lire sur le nœud)'
    },
    {
      lang: 'en',
      subject: /^\[TLP:AMBER\] Tocsin, day to \d{4}-\d\d-\d\d: 2 new, 1 retracted$/,
      counts: '2 new, 1 retracted, 1 of ours that others spoke of.',
      classes: ['Malware', 'Scan', 'Phishing'],
      said: 'seen 7 times, called wrong by 1',
      withheld: '- (PAP:RED: read it at the node)'
    }
  ])(
    'is a mail that says in $lang what came in the day',
    async ({ lang, subject, counts, classes, said, withheld }) => {
      const { headers, subject: title, to, from, text = '', raw, attachments } = await mail('--lang', lang)
      expect(to).toMatchObject([{ address: 'rssi@univ-reims.fr' }])
      expect(from).toMatchObject({ address: 'tocsin@univ-reims.fr' })
      expect(headers.map(({ key }) => key)).not.toContain('bcc')
      expect(headers.find(({ key }) => key === 'content-language')?.value).toBe(lang)
      expect(attachments).toEqual([])
      expect(title).toMatch(subject)
      expect(raw).toMatch(/^[\r\n\t -~]*$/)
      expect(text).toMatch(/^\*\*\* TLP:AMBER \*\*\*\n/)
      expect(text).toContain(counts)
      for (const one of classes) expect(text).toContain(`== ${one} ==`)
      expect(text).toMatch(/^- Fausse page du service d’été Bcc: x@evil-campus\.com$/m)
      expect(text).toMatch(/^ {4}url hxxp:\/\/xn--\S+evil-campus\[\.\]com\/login$/m)
      expect(text).toMatch(/^ {4}it was http\[:\]\/\/scanner\.uphf\.fr\/$/m)
      expect(text.split('\n')).toContain(withheld)
      expect(text).toContain(`    domain ${OURS.replaceAll('.', '[.]')}  ${said}\n`)
      // Not of the period, not for others, not to be fetched by whoever reads mails.
      expect(text).not.toMatch(/Three days old|1000|1007|500|300|For Reims alone|secret|quiet|Silently/)
      expect(text).not.toContain(red[0]?.slice(0, 8))
    }
  )

  it('goes back a week where it is asked to', async () => {
    const { text = '' } = await mail('--lang', 'en', '--period', 'weekly')
    expect(text).toContain('Three days old')
    expect(text).toContain('seen 1007 times, called wrong by 1')
    expect(text).not.toMatch(/For Reims alone|quiet\b/)
  })

  it('is written by whom an officer’s token lets in, and of what that token may see', async () => {
    const scoped = { name: 'mail', scope: 'publish', maxTlp: 'GREEN', use: 'block' }
    const { secret } = await reims.call<{ secret: string }>('POST', '/v1/tokens', scoped)
    const { code, stdout } = await tocsin(['digest', '--recipient', 'rssi@univ-reims.fr', '--lang', 'en'], {
      home: reims.home,
      env: { TOCSIN_TOKEN: secret }
    })
    expect(code).toBe(0)
    const { subject, text = '' } = await PostalMime.parse(stdout)
    expect(subject).toMatch(/^\[TLP:CLEAR\] Tocsin, day to [\d-]+: 0 new, 0 retracted$/)
    expect(text).not.toMatch(/evil|Reims|Valenciennes|esr-fr/)
    const list = await fetch(`${reims.api}/v1/sightings`, { headers: { authorization: `Bearer ${secret}` } })
    expect(await list.json()).toEqual({ items: [] })
  })
})
