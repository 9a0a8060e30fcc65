/** Rspamd reads its map from a node over HTTP, asks by HEAD whether it has changed, and drops what is retracted. */
import { randomBytes } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { tokenFor } from '../door/pair.ts'
import { createFederation } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { temporaryFolder, until } from '../harness/process.ts'
import { itWith } from './consumer.ts'
import { startRspamd } from './rspamd.ts'

const message = (host: string): string =>
  `From: friend@univ-good.fr\r\nTo: a@univ-good.fr\r\nSubject: Bonjour\r\nDate: ${new Date().toUTCString()}\r\n\r\nhttp://${host}/x\r\n`

describe('Rspamd over HTTP', () => {
  itWith(
    ['rspamd', 'rspamadm', 'rspamc'],
    'follows what is published and retracted',
    async () => {
      const world = { now: Date.now, random: (bytes: number) => randomBytes(bytes) }
      const federation = await createFederation({ world })
      const { dir, remove } = await temporaryFolder()
      await chmod(dir, 0o755)
      try {
        const reims = await federation.institution('Reims', 'univ-reims.fr')
        await federation.circle('esr-fr', 1, [reims])
        const blocked = (value: string) =>
          publish(reims, { tlp: 'AMBER', pap: 'GREEN', title: 't', indicators: [{ type: 'domain', value }] })
        await blocked('first-campus.com')
        const token = await tokenFor(reims, { use: 'block' })
        const map = `${reims.api.replace('http://', `http://tocsin:${token}@`)}/v1/feeds/rspamd-host`
        const rspamd = await startRspamd(
          dir,
          { 'multimap.conf': `TOCSIN_HOST { type = "url"; filter = "host"; map = "${map}"; score = 6.0; }\n` },
          'map_watch_interval = 1s;\n'
        )
        try {
          const meets = (host: string, wanted: string[]) =>
            until(
              `${host}: ${wanted.join()}`,
              async () => (await rspamd.symbols(message(host))).join() === wanted.join(),
              60_000
            )
          await meets('first-campus.com', ['TOCSIN_HOST'])
          expect(await rspamd.symbols(message('second-campus.com'))).toEqual([])
          const id = await blocked('second-campus.com')
          await meets('second-campus.com', ['TOCSIN_HOST'])
          await reims.call('POST', `/v1/bulletins/${id}/retraction`, { reason: 'false alarm' })
          await meets('second-campus.com', [])
          expect(await rspamd.symbols(message('first-campus.com'))).toEqual(['TOCSIN_HOST'])
        } finally {
          await rspamd.stop()
        }
      } finally {
        await federation.end()
        await remove()
      }
    },
    240_000
  )
})
