import { writeFile } from 'node:fs/promises'
import { FEEDS, type FeedItem, nextSerial } from '@tocsin/connectors'
import { describe, expect, it } from 'vitest'
import { eventually, missingBindTools, startNamed, withoutBind } from './bind.ts'
import { item } from './consumer.ts'
import { describeRpzInBind, EMPTY, LISTED, POLICY_ZONE } from './rpz-suite.ts'

const NOW = Date.UTC(2026, 10, 24, 9)

/** Addresses with zeros in every place: each of the 256 patterns of zero and other words. */
function ipv6Patterns(): string[] {
  return Array.from({ length: 256 }, (_, bits) =>
    Array.from({ length: 8 }, (_, i) => ((bits >> i) & 1 ? (0x2a01 + i * 7).toString(16) : '0')).join(':')
  )
}

function hostile(): FeedItem[] {
  const label = (letter: string) => letter.repeat(63)
  return [
    item('domain', `${label('a')}.${label('b')}.${label('c')}.${'d'.repeat(50)}.com`),
    item('domain', 'evil.info', 'x"\nevil-campus.com CNAME rpz-drop.\r\n$INCLUDE /etc/passwd\u2028;'),
    item('domain', '32.1.0.18.198.rpz-ip'),
    item('domain', '*.evil-campus.com'),
    item('domain', 'com'),
    item('cidr', '45.9.148.99/24'),
    item('cidr', '2a0e:5700:9::ffff/48'),
    item('cidr', '45.9.150.7/32'),
    item('ipv4', '45.9.150.7'),
    item('cidr', '0.0.0.0/0'),
    item('ipv6', '::ffff:198.18.0.1'),
    ...ipv6Patterns().map((address) => item('ipv6', address)),
    // Host bits set at every length; shorter ones would hold the addresses of the suite, too.
    ...Array.from({ length: 123 }, (_, i) => item('cidr', `2c0f:${'ffff:'.repeat(6)}ffff/${i + 6}`))
  ]
}

async function* zone(items: readonly FeedItem[], serial: number): AsyncGenerator<string> {
  async function* stream(): AsyncGenerator<FeedItem> {
    yield* items
  }
  yield* FEEDS.rpz.write(stream(), { serial, zone: POLICY_ZONE })
}

const first = nextSerial(undefined, true, NOW)
const listed = Object.entries(LISTED).map(([type, value]) => item(type as keyof typeof LISTED, value))

describeRpzInBind('BIND loads our response policy zone', {
  published: async () => zone(listed, first),
  retracted: async () => zone([], nextSerial(first, true, NOW))
})

describeRpzInBind('BIND loads it with hostile neighbours', {
  published: async () => zone([...hostile(), ...listed], first),
  retracted: async () => zone(hostile(), nextSerial(first, true, NOW))
})

describe('the log of BIND', () => {
  it('tells of what named-checkzone lets pass, so that finding nothing there means something', async (context) => {
    const missing = await missingBindTools()
    if (missing.length > 0) withoutBind(missing, context)
    await using bind = await startNamed({ policyZone: POLICY_ZONE, policy: EMPTY, zones: {} })
    const bad = ['24.99.148.9.45.rpz-ip CNAME .', '128.1.0.0.0.0.0.db8.2001.rpz-ip CNAME .', '']
    await writeFile(bind.policyFile, EMPTY.replace(' 1 300', ' 2 300') + bad.join('\n'))
    expect(await bind.checkZone()).toMatchObject({ status: 0 })
    await bind.reload()
    const complaints = await eventually(
      async () => bind.complaints(),
      (lines) => lines.length >= 2
    )
    expect(complaints.join('\n')).toMatch(/too small prefix length of 24/)
    expect(complaints.join('\n')).toMatch(/is not the canonical/)
  })
})
