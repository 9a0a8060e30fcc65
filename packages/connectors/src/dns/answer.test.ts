import { decode, encode, type RecordType } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policyRows, RPZ } from '../feeds/rpz.ts'
import { item, stream, written } from '../items.fixture.ts'
import { createDnsDoor } from './answer.ts'
import { KEY, SIGNED_AT, SOA_QUERY } from './bind.fixture.ts'
import { gatherOwners } from './owners.ts'
import { readSections } from './query.ts'
import { createTsigSigner, signTsig, type TsigKey, verifyTsig } from './tsig.ts'
import { createPolicyZone, type PolicyZone } from './zone.ts'

const NAME = 'rpz.tocsin.invalid'
const FACTS = { name: NAME, ttl: 60 }
const APEX_AND_SOA = 3

async function zoneOf(...versions: readonly (readonly string[])[]): Promise<PolicyZone> {
  const zone = createPolicyZone()
  for (const [index, owners] of versions.entries()) {
    await zone.update({ serial: index + 1, owners: await gatherOwners(stream([owners])) })
  }
  return zone
}

const doorOf = (zone: PolicyZone, keys: readonly TsigKey[] = []) =>
  createDnsDoor({ facts: FACTS, zone, keys, now: () => SIGNED_AT })

interface Ask {
  readonly type: RecordType
  readonly name?: string
  readonly serial?: number
  readonly edns?: boolean
}

function ask({ type, name = NAME, serial, edns = false }: Ask): Buffer {
  const data = { mname: '.', rname: '.', serial, refresh: 0, retry: 0, expire: 0, minimum: 0 }
  return encode({
    id: 4711,
    questions: [{ type, name, class: 'IN' }],
    ...(serial === undefined ? {} : { authorities: [{ type: 'SOA', name, ttl: 0, class: 'IN', data }] }),
    additionals: edns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: 1232,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: []
          }
        ]
      : []
  })
}

/** Records of all messages: `owner` relative to the zone, or `SOA serial`, or `NS`. */
function records(messages: Iterable<Buffer>): string[] {
  return [...messages].flatMap((message) =>
    (decode(message).answers ?? []).map((record) => {
      if (record.type === 'SOA') return `SOA ${record.data.serial}`
      if (record.type === 'NS') return 'NS'
      expect(record).toMatchObject({ type: 'CNAME', data: '.', ttl: 60, class: 'IN' })
      return record.name.slice(0, -NAME.length - 1)
    })
  )
}

const rcode = (message: Buffer | undefined): number => (message?.[3] ?? 0) & 15

describe('the DNS door', () => {
  it('transfers the records that the text of the feed has', async () => {
    const items = [
      item('domain', 'evil.example'),
      item('domain', `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example`),
      item('ipv4', '192.0.2.7'),
      item('ipv6', '2001:db8::1'),
      item('cidr', '198.51.100.0/24')
    ]
    async function* owners() {
      for await (const rows of policyRows(stream(items), { zone: NAME })) yield rows.flatMap((row) => row.owners)
    }
    const zone = createPolicyZone()
    await zone.update({ serial: 7, owners: await gatherOwners(owners()) })
    const { text } = await written(RPZ, items, { serial: 7, zone: NAME, comments: 'none' })
    const lines = text.split('\n').flatMap((line) => (line.endsWith(' CNAME .') ? [line.slice(0, -8)] : []))
    expect(lines).toHaveLength(7)
    expect(records(doorOf(zone)(ask({ type: 'AXFR' }), 'tcp').messages)).toEqual(['SOA 7', 'NS', ...lines, 'SOA 7'])
  })

  it('cuts a large zone into messages that each fit, and each repeat the question', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `name-${i}.example`)
    const messages = [...doorOf(await zoneOf(many))(ask({ type: 'AXFR' }), 'tcp').messages]
    expect(messages.length).toBeGreaterThan(5)
    expect(Math.max(...messages.map(({ length }) => length))).toBeLessThan(61_000)
    expect(records(messages)).toHaveLength(many.length + APEX_AND_SOA)
    for (const message of messages) expect(decode(message)).toMatchObject({ id: 4711, questions: [{ name: NAME }] })
  })

  it('sends who is behind from any serial that it remembers to the newest', async () => {
    const owners = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(fc.array(owners, { minLength: 1, maxLength: 6 }), fc.nat(5), async (versions, from) => {
        const named = versions.map((numbers) => numbers.sort((a, b) => a - b).map((n) => `n${n}.example`))
        const zone = await zoneOf(...named)
        const told = records(doorOf(zone)(ask({ type: 'IXFR', serial: from }), 'tcp').messages)
        const last = named.length
        if (from >= last) expect(told).toEqual([`SOA ${last}`])
        else expect(applied(new Set(named[from - 1]), told, from, last)).toEqual(new Set(named[last - 1]))
      }),
      { numRuns: 200 }
    )
  })

  it('tells the steps alone where the zone is larger than they are', async () => {
    const many = Array.from({ length: 50 }, (_, i) => `name-${i}.example`)
    const door = doorOf(await zoneOf(many, [...many.slice(1), 'x.example'], [...many.slice(2), 'x.example']))
    expect(records(door(ask({ type: 'IXFR', serial: 1 }), 'tcp').messages)).toEqual([
      'SOA 3',
      ...['SOA 1', 'name-0.example', 'SOA 2', 'x.example'],
      ...['SOA 2', 'name-1.example', 'SOA 3'],
      'SOA 3'
    ])
  })

  it('says over UDP no more than its serial', async () => {
    const zone = await zoneOf(['a.example'], ['b.example'])
    const door = doorOf(zone)
    expect(records(door(ask({ type: 'SOA' }), 'udp').messages)).toEqual(['SOA 2'])
    expect(records(door(ask({ type: 'IXFR', serial: 1 }), 'udp').messages)).toEqual(['SOA 2'])
    expect(door(ask({ type: 'AXFR' }), 'udp')).toMatchObject({ outcome: 'refused' })
  })

  it('refuses every other name, type, class and opcode', async () => {
    const door = doorOf(await zoneOf(['a.example']))
    const refused = (message: Buffer) => {
      const [first, ...more] = door(message, 'udp').messages
      expect(more).toEqual([])
      expect(decode(first ?? Buffer.alloc(0)).answers).toEqual([])
      return rcode(first) === 5
    }
    for (const type of ['A', 'NS', 'TXT', 'CNAME', 'TSIG'] as const) expect(refused(ask({ type }))).toBe(true)
    for (const name of ['a.example', `a.example.${NAME}`, 'tocsin.invalid', '.']) {
      expect(refused(ask({ type: 'SOA', name }))).toBe(true)
    }
    const chaos = ask({ type: 'SOA' })
    chaos[chaos.length - 1] = 3
    expect(refused(chaos)).toBe(true)
    const update = ask({ type: 'SOA' })
    update[2] = 5 << 3
    expect(refused(update)).toBe(true)
    expect(door(ask({ type: 'SOA', name: 'RPZ.Tocsin.INVALID' }), 'udp')).toMatchObject({ outcome: 'soa' })
  })

  it('is not ready before there is a zone', () => {
    const door = doorOf(createPolicyZone())
    for (const type of ['SOA', 'AXFR'] as const) {
      const { outcome, messages } = door(ask({ type }), 'tcp')
      expect([outcome, ...[...messages].map(rcode)]).toEqual(['not-ready', 2])
    }
  })

  it('answers no answer, and nothing that is no message', async () => {
    const door = doorOf(await zoneOf(['a.example']))
    const answer = ask({ type: 'SOA' })
    answer[2] = 0x80
    for (const message of [answer, Buffer.alloc(0), answer.subarray(0, 11), Buffer.alloc(2049)]) {
      expect([...door(message, 'udp').messages]).toEqual([])
    }
  })
})

describe('the DNS door with a key', () => {
  it('answers who signed, signed over the question’s MAC', async () => {
    const door = doorOf(await zoneOf(['a.example'], ['b.example']), [KEY])
    const { outcome, messages } = door(SOA_QUERY, 'udp')
    const [answer = Buffer.alloc(0)] = messages
    expect(outcome).toBe('soa')
    expect(answer.readUInt16BE(0)).toBe(SOA_QUERY.readUInt16BE(0))
    const { tsig, unsigned = Buffer.alloc(0) } = readSections(answer) ?? {}
    const mac = readSections(SOA_QUERY)?.tsig?.mac
    expect(tsig !== undefined && verifyTsig(unsigned, tsig, [KEY], SIGNED_AT, mac).ok).toBe(true)
  })

  it('signs every message of a transfer over the one before', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => `name-${i}.example`)
    const door = doorOf(await zoneOf(many), [KEY])
    const question = signTsig(ask({ type: 'AXFR', edns: true }), KEY, SIGNED_AT)
    const messages = [...door(question.message, 'tcp').messages]
    expect(messages.length).toBeGreaterThan(1)
    const again = createTsigSigner(KEY, question.mac, () => SIGNED_AT)
    for (const message of messages) expect(again(readSections(message)?.unsigned ?? Buffer.alloc(0))).toEqual(message)
  })

  it('refuses who did not, and says to a wrong key that it is wrong', async () => {
    const door = doorOf(await zoneOf(['a.example']), [KEY])
    for (const type of ['SOA', 'AXFR', 'A'] as const) {
      const { outcome, messages } = door(ask({ type }), 'tcp')
      expect([outcome, ...[...messages].map(rcode)]).toEqual(['not-signed', 5])
    }
    const wrong = signTsig(ask({ type: 'AXFR' }), { ...KEY, secret: Buffer.alloc(32) }, SIGNED_AT)
    const { outcome, messages } = door(wrong.message, 'tcp')
    expect([outcome, ...[...messages].map(rcode)]).toEqual(['BADSIG', 9])
  })
})

describe('a stranger at the DNS door', () => {
  const header = fc.uint8Array({ minLength: 12, maxLength: 12 })
  const noise = fc.uint8Array({ maxLength: 300 })
  const question = fc.record({
    type: fc.constantFrom<RecordType>('SOA', 'AXFR', 'IXFR', 'A', 'TXT', 'NS'),
    name: fc.constantFrom(NAME, 'example.org', '.', `a.${NAME}`),
    edns: fc.boolean()
  })
  const sent = fc.oneof(
    fc.tuple(header, noise).map(([a, b]) => Buffer.concat([a, b])),
    question.map(ask),
    fc.tuple(question, fc.nat(), fc.nat(255)).map(([asked, at, octet]) => {
      const message = ask(asked)
      message[at % message.length] = octet
      return message
    })
  )

  it('is never sent more than he sent, over UDP and without a key', async () => {
    const door = doorOf(await zoneOf(['a.example']), [KEY])
    fc.assert(
      fc.property(sent, (message) => {
        const messages = [...door(message, 'udp').messages]
        expect(messages.length).toBeLessThan(2)
        expect(messages.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(message.length)
      }),
      { numRuns: 2000 }
    )
  })
})

/** What a secondary makes of an answer to IXFR (RFC 1995 §4). */
function applied(had: Set<string>, told: readonly string[], from: number, last: number): Set<string> {
  expect(told[0]).toBe(`SOA ${last}`)
  expect(told.at(-1)).toBe(`SOA ${last}`)
  if (told[1] !== `SOA ${from}`) return new Set(told.slice(2, -1))
  let isTaking = false
  for (const record of told.slice(1, -1)) {
    if (record.startsWith('SOA ')) isTaking = !isTaking
    else if (isTaking) expect(had.delete(record)).toBe(true)
    else {
      expect(had.has(record)).toBe(false)
      had.add(record)
    }
  }
  return had
}
