import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CircleView, PeerView, PendingView, StatusView } from '@tocsin/api'
import { CliError } from '@tocsin/cli'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Asked, CHECKS, examine, type Finding } from './doctor.ts'
import { type Home, homeAt } from './home.ts'
import { init } from './init.ts'
import { VERSION } from './version.ts'

const STATUS: StatusView = {
  institution: { id: 'did:key:z', name: 'Reims', claimed: false },
  version: VERSION,
  startedAt: '2026-11-24T09:00:00.000Z',
  now: '2026-11-24T10:00:00.000Z',
  addresses: [],
  peers: { known: 1, connected: 1 },
  circles: 1,
  streams: 1,
  bulletins: 1,
  indicators: 1,
  evidence: 0,
  alarms: [],
  signing: { ready: true },
  counters: {}
}
const PEER: PeerView = {
  id: 'did:key:y',
  name: 'Lorraine',
  claimed: false,
  domains: [],
  addresses: [],
  addedAt: '2026-11-24T09:00:00.000Z',
  connected: true,
  circles: []
}

describe('the doctor', () => {
  let folder: string
  let home: Home

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-doctor-'))
    home = homeAt(join(folder, 'home'))
    await init(home, {
      name: 'Reims',
      domains: ['univ-reims.fr'],
      contact: 'security@univ-reims.fr',
      listen: ['/ip4/0.0.0.0/tcp/4470'],
      announce: ['/dns4/tocsin.univ-reims.fr/tcp/4470'],
      api: { host: '127.0.0.1', port: 0 },
      passphrase: undefined,
      lang: 'en',
      now: Date.now()
    })
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const answering = (
    status: Partial<StatusView> = {},
    peers: readonly PeerView[] = [PEER],
    expiring: PendingView['expiring'] = [],
    presences: CircleView['presences'] = { flows: true, needed: 0, heard: [], silent: [] },
    changed: PendingView['changed'] = []
  ) => {
    const get = async (path: string): Promise<unknown> => {
      if (path === '/v1/status') return { ...STATUS, ...status }
      if (path === '/v1/peers') return { items: peers }
      if (path === '/v1/circles') return { items: [{ id: 'c1', name: 'esr-fr', me: 'member', presences }] }
      return { circle: { id: 'c1', name: 'esr-fr' }, threshold: 2, newcomers: [], expiring, changed }
    }
    return async () => ({ get }) as Asked
  }
  const silent = async (): Promise<never> => {
    throw new CliError('node-unreachable')
  }
  const of = async (ask: () => Promise<Asked>): Promise<Record<string, readonly Finding[]>> =>
    Object.groupBy(await examine(home, ask, Date.now()), ({ check }) => check) as Record<string, readonly Finding[]>
  const outcomes = (findings: readonly Finding[] | undefined) =>
    findings?.map(({ state, outcome }) => `${state} ${outcome}`)

  it('looks at everything, and finds a sound node sound but for a root key in the clear', async () => {
    const found = await of(answering())
    expect(Object.keys(found).toSorted()).toEqual([...CHECKS].toSorted())
    const notable = Object.values(found)
      .flat()
      .filter(({ state, check }) => state !== 'good' && check !== 'disk')
    expect(outcomes(notable)).toEqual(['warning plain'])
  })

  it('finds secrets that others can read, a broken configuration and a damaged card', async () => {
    await chmod(home.nodeKey, 0o640)
    await writeFile(home.config, 'network = 3\n')
    await writeFile(home.card, 'no card')
    const found = await of(silent)
    expect(found.permissions).toMatchObject([{ state: 'problem', facts: { path: home.nodeKey } }])
    await chmod(home.nodeKey, 0o600)
    await mkdir(home.store, { mode: 0o755 })
    expect((await of(silent)).permissions).toMatchObject([{ state: 'problem', facts: { path: home.store } }])
    expect(outcomes(found.config)).toEqual(['problem unreadable'])
    expect(outcomes(found.card)).toEqual(['problem unreadable'])
    expect(outcomes(found.node)).toEqual(['problem not-running'])
  })

  it('takes a root key that is kept elsewhere as well kept', async () => {
    await rm(home.rootKey)
    expect(outcomes((await of(answering()))['root-key'])).toEqual(['good elsewhere'])
  })

  it('tells a node that does not sign, alarms, evidence, another version and links that are down, with the reason', async () => {
    const found = await of(
      answering(
        {
          version: '0.0.1',
          evidence: 2,
          signing: { ready: false, reason: 'store-disk-full' },
          alarms: [{ code: 'twin-instance', message: 'two of us', at: STATUS.now }]
        },
        [PEER, { ...PEER, name: 'Metz', connected: false, lastError: 'dial-failed' }]
      )
    )
    expect(outcomes(found.version)).toEqual(['warning differs'])
    expect(found.signing).toMatchObject([{ state: 'problem', facts: { code: 'store-disk-full' } }])
    expect(found.alarms).toMatchObject([{ state: 'problem', facts: { code: 'twin-instance' } }])
    expect(found.evidence).toMatchObject([{ state: 'warning', facts: { count: 2 } }])
    expect(found.peers).toMatchObject([{ state: 'warning', facts: { name: 'Metz', code: 'dial-failed' } }])
    expect(String(found.peers?.[0]?.facts.reason).length).toBeGreaterThan(10)
    expect(outcomes((await of(answering({}, []))).peers)).toEqual(['warning none'])
  })

  it('compares the clock with the peers’, and says what to do where it is off', async () => {
    const off = { ready: false, reason: 'clock-off' }
    const alarms = [{ code: 'clock-off', message: 'six minutes behind', at: STATUS.now }]
    expect((await of(answering({ signing: off, alarms }))).clock).toMatchObject([
      { state: 'problem', outcome: 'off', facts: { reason: 'six minutes behind' } }
    ])
    expect(outcomes((await of(answering({ peers: { known: 1, connected: 0 } }))).clock)).toEqual(['warning unknown'])
    expect(outcomes((await of(answering())).clock)).toEqual(['good fine'])
  })

  it('tells vouches that end: those that only we can renew, and those without which we are out', async () => {
    const name = (id: string) => ({ id, name: id, claimed: false })
    const vouch = { how: 'phone', expires: '2026-12-01T00:00:00.000Z', daysLeft: 6, ours: false, needed: true }
    const found = await of(
      answering(
        {},
        [PEER],
        [
          { ...vouch, subject: name('did:key:metz'), by: name(STATUS.institution.id), ours: true },
          { ...vouch, subject: name(STATUS.institution.id), by: name('did:key:metz') },
          // Not needed, or between others: not for us to act on.
          { ...vouch, subject: name(STATUS.institution.id), by: name('did:key:y'), needed: false },
          { ...vouch, subject: name('did:key:y'), by: name('did:key:metz') }
        ]
      )
    )
    expect(outcomes(found.vouches)).toEqual(['warning ours-ends', 'warning needed-ends'])
    expect(found.vouches).toMatchObject([{ facts: { until: '2026-12-01', id: 'did:key:metz' } }, {}])
    expect(outcomes((await of(answering())).vouches)).toEqual(['good fine'])
  })

  it('tells whose card says something else than what we vouched for', async () => {
    const name = (id: string) => ({ id, name: id, claimed: false })
    const change = {
      subject: name('did:key:metz'),
      by: name(STATUS.institution.id),
      how: 'phone',
      vouched: { name: 'Metz', domains: ['univ-metz.fr'] },
      card: { name: 'Bank', domains: ['bank.example'] },
      ours: true
    }
    // Another's vouch is for that one to look at.
    const theirs = { ...change, by: name('did:key:y'), ours: false }
    const found = await of(answering({}, [PEER], [], undefined, [change, theirs]))
    expect(outcomes(found.vouches)).toEqual(['warning card-changed'])
    expect(found.vouches).toMatchObject([
      { facts: { id: 'did:key:metz', name: 'Metz (univ-metz.fr)', card: 'Bank (bank.example)' } }
    ])
  })

  it('tells circles whose AMBER stopped here, and with whom to link', async () => {
    const presences = { flows: false, code: 'presences-missing', needed: 2, heard: ['Lorraine'], silent: ['Metz'] }
    const found = await of(answering({}, [PEER], [], presences))
    expect(outcomes(found.presences)).toEqual(['problem stale'])
    expect(found.presences).toMatchObject([{ facts: { circle: 'esr-fr', heard: 1, needed: 2, silent: 'Metz' } }])
    expect(outcomes((await of(answering())).presences)).toEqual(['good fine'])
  })
})
