/** A full disk, a real one: a small tmpfs that only the node's own process sees. */
import { spawnSync } from 'node:child_process'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, holds, publish } from '../harness/line.ts'
import { until } from '../harness/process.ts'

const MIB = 2 ** 20
const DISK = 160
/** Less than the store wants to leave free is left after this, MiB. */
const FILLER = 110

/** A mount namespace of one's own; without root it needs a user namespace as well. It ends with the process. */
const OWN_MOUNTS = ['unshare', process.getuid?.() === 0 ? '-m' : '-Urm', 'sh', '-c']
const MOUNT = `mount -t tmpfs -o size=${DISK}m tmpfs "$0"`
const canMount = spawnSync(OWN_MOUNTS[0] ?? '', [...OWN_MOUNTS.slice(1), MOUNT, '/mnt']).status === 0

interface Status {
  readonly signing: { readonly ready: boolean; readonly reason?: string }
  readonly counters: Readonly<Record<string, number>>
}

describe('a full disk', () => {
  let federation: Federation
  let reims: Institution
  let uphf: Institution
  let filler: string

  beforeAll(async () => {
    if (!canMount) return
    federation = await createFederation()
    ;[reims, uphf] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr', { run: false }),
      federation.institution('Valenciennes', 'uphf.fr')
    ])
    const store = join(reims.home, 'store')
    await mkdir(store)
    await reims.start({ wrap: [...OWN_MOUNTS, `${MOUNT} && exec "$@"`, store] })
    filler = `/proc/${reims.process()?.pid}/root${store}/filler`
    await federation.link(reims, uphf)
    await federation.circle('esr-fr', 2, [reims, uphf])
  })

  afterAll(() => federation?.end())

  const status = (): Promise<Status> => reims.call<Status>('GET', '/v1/status')

  it.runIf(canMount || process.env.CI === 'true')(
    'stops what is new and says so, still serves what is there, and goes on once there is room',
    async () => {
      expect(canMount, 'this machine lets nobody mount a tmpfs, not even in a namespace of his own').toBe(true)
      const before = await publish(reims, {
        tlp: 'AMBER',
        title: 'before',
        pap: 'GREEN',
        indicators: [{ type: 'domain', value: 'c2.evil.example' }]
      })
      await arrives(uphf, before)
      await writeFile(filler, Buffer.alloc(FILLER * MIB, 1))

      for (let attempt = 0; attempt < 3; attempt++) {
        await expect(publish(reims, { tlp: 'AMBER', title: 'during' })).rejects.toMatchObject({
          code: 'store-disk-full'
        })
      }
      expect((await status()).signing).toEqual({ ready: false, reason: 'store-disk-full' })
      // What peers send is left out, not rejected: it is no fault of theirs.
      const theirs = await publish(uphf, { tlp: 'AMBER', title: 'from the peer' })
      await until('the batch was put off', async () => ((await status()).counters['admit:store-disk-full'] ?? 0) > 0)
      expect(await holds(reims, theirs)).toBe(false)

      expect(await reims.call('GET', `/v1/bulletins/${before}`)).toMatchObject({ id: before })
      const { items } = await reims.call<{ items: unknown[] }>('GET', '/v1/indicators?value=c2.evil.example')
      expect(items).toHaveLength(1)
      const feed = await fetch(`${reims.api}/v1/feeds/list`, { headers: { authorization: `Bearer ${reims.token}` } })
      expect(await feed.text()).toContain('c2.evil.example')
      expect((await fetch(`${reims.api}/healthz`)).ok).toBe(true)
      const { items: peers } = await reims.call<{ items: { connected: boolean }[] }>('GET', '/v1/peers')
      expect(peers.map(({ connected }) => connected)).toEqual([true])

      await rm(filler)
      const after = await publish(reims, { tlp: 'AMBER', title: 'after' })
      await arrives(uphf, after)
      expect((await status()).signing).toEqual({ ready: true })
      // The next session asks for what was put off; within one it would be a minute later.
      await uphf.stop()
      await uphf.start()
      await arrives(reims, theirs)
      expect((await reims.call<{ items: unknown[] }>('GET', '/v1/bulletins')).items).toHaveLength(3)
    }
  )

  it.runIf(canMount || process.env.CI === 'true')('lets a node start that finds it full, for reading', async () => {
    const kept = await publish(uphf, { tlp: 'AMBER', title: 'kept' })
    await uphf.stop()
    const store = join(uphf.home, 'store')
    await rename(store, `${store}.kept`)
    await mkdir(store)
    const fill = `cp -r "$0.kept/." "$0" && head -c ${FILLER * MIB} /dev/zero > "$0/filler"`
    await uphf.start({ wrap: [...OWN_MOUNTS, `${MOUNT} && ${fill} && exec "$@"`, store] })
    expect(await uphf.call('GET', `/v1/bulletins/${kept}`)).toMatchObject({ id: kept })
    await expect(publish(uphf, { tlp: 'AMBER', title: 'no room' })).rejects.toMatchObject({ code: 'store-disk-full' })
    await rm(`/proc/${uphf.process()?.pid}/root${store}/filler`)
    await arrives(reims, await publish(uphf, { tlp: 'AMBER', title: 'room' }))
  })
})
