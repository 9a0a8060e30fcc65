import { writeFileAtomic } from '@tocsin/connectors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, missingBindTools, type Named, startNamed, withoutBind } from './bind.ts'

/** The name of the policy zone that the feed under test must be written for. */
export const POLICY_ZONE = 'rpz.tocsin.invalid'

/**
 * What must be listed at first: addresses of the public Internet (nothing is ever sent to them), since the safety catch
 * keeps documentation ranges out of feeds that block.
 */
export const LISTED = {
  domain: 'login-univ.evil-campus.com',
  ipv4: '91.200.12.34',
  cidr: '185.220.100.0/25',
  ipv6: '2a0e:5700:4::1f'
} as const

/** What must not be listed. */
const NEIGHBOUR = 'evil-campus.com'

/** Where the zone comes from: a feed over made-up items, or the bytes that a running node serves over HTTP. */
export interface RpzSource {
  /** The zone with all of LISTED. */
  published(): Promise<AsyncIterable<string>>
  /** The zone after the bulletin was retracted, with a newer serial. */
  retracted(): Promise<AsyncIterable<string>>
}

export const INTERNET = {
  'evil-campus.com': [
    '@ A 198.18.0.1',
    'login-univ A 198.18.0.2',
    'deep.below.login-univ A 198.18.0.3',
    'not-login-univ A 198.18.0.4',
    `by-address A ${LISTED.ipv4}`,
    'next-address A 91.200.12.35',
    'by-range A 185.220.100.127',
    'next-range A 185.220.100.128',
    `by-ipv6 AAAA ${LISTED.ipv6}`,
    'next-ipv6 AAAA 2a0e:5700:4::20'
  ]
} as const

/**
 * That a real BIND takes the zone as it is meant: the listed and nothing else, no complaint in its log, and after a
 * retraction nothing at all. Fails where CI runs without BIND; elsewhere says what is missing.
 */
export function describeRpzInBind(title: string, source: RpzSource): void {
  describe(title, () => {
    let bind: Named | undefined
    let missing: string[] = []

    beforeAll(async () => {
      missing = await missingBindTools()
      if (missing.length > 0) return
      bind = await startNamed({ policyZone: POLICY_ZONE, policy: EMPTY, zones: INTERNET })
      await writeFileAtomic(bind.policyFile, await source.published())
      await bind.reload()
      await eventually(serialOf(bind), (serial) => serial !== 1)
    })

    afterAll(async () => {
      await bind?.[Symbol.asyncDispose]()
    })

    const inBind = (name: string, test: (bind: Named) => Promise<void>) =>
      it(name, async (context) => {
        if (bind === undefined) withoutBind(missing, context)
        await test(bind)
      })

    inBind('is a zone by named-checkzone', async (bind) => {
      expect(await bind.checkZone()).toMatchObject({ status: 0 })
    })

    inBind('answers NXDOMAIN for the listed name and below, not for its neighbours', async (bind) => {
      await eventually(statusOf(bind, LISTED.domain), (status) => status === 'NXDOMAIN')
      expect(await bind.resolve(`deep.below.${LISTED.domain}`)).toEqual({ status: 'NXDOMAIN', data: [] })
      expect(await bind.resolve(NEIGHBOUR)).toEqual({ status: 'NOERROR', data: ['198.18.0.1'] })
      expect(await bind.resolve('not-login-univ.evil-campus.com')).toEqual({ status: 'NOERROR', data: ['198.18.0.4'] })
    })

    inBind('answers NXDOMAIN where the address is listed, not for the next address', async (bind) => {
      const status = async (name: string, type?: 'AAAA') => (await bind.resolve(`${name}.evil-campus.com`, type)).status
      expect(await status('by-address')).toBe('NXDOMAIN')
      expect(await status('next-address')).toBe('NOERROR')
      expect(await status('by-range')).toBe('NXDOMAIN')
      expect(await status('next-range')).toBe('NOERROR')
      expect(await status('by-ipv6', 'AAAA')).toBe('NXDOMAIN')
      expect(await status('next-ipv6', 'AAAA')).toBe('NOERROR')
    })

    inBind('finds nothing to complain of', async (bind) => {
      expect(bind.complaints()).toEqual([])
      expect(bind.log()).toContain(`rpz: ${POLICY_ZONE}: reload done`)
    })

    inBind('answers again after the retraction', async (bind) => {
      const before = await bind.serial()
      expect(await writeFileAtomic(bind.policyFile, await source.retracted())).toMatchObject({ changed: true })
      await bind.reload()
      await eventually(serialOf(bind), (serial) => serial !== before)
      await eventually(statusOf(bind, LISTED.domain), (status) => status === 'NOERROR')
      expect(await bind.resolve(LISTED.domain)).toEqual({ status: 'NOERROR', data: ['198.18.0.2'] })
      await eventually(statusOf(bind, 'by-address.evil-campus.com'), (status) => status === 'NOERROR')
      expect(bind.complaints()).toEqual([])
    })
  })
}

/** A policy zone that names nothing, with serial 1. */
export const EMPTY = '$TTL 60\n@ SOA localhost. hostmaster.localhost. 1 300 60 604800 60\n@ NS localhost.\n'

function serialOf(bind: Named): () => Promise<number | undefined> {
  return () => bind.serial()
}

function statusOf(bind: Named, name: string): () => Promise<string> {
  return async () => (await bind.resolve(name)).status
}
