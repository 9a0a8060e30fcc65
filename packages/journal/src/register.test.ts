import type { CircleId, StreamId } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, toHex, utf8 } from './bytes.ts'
import { circleIdOf } from './charter.ts'
import { encode } from './codec.ts'
import { JournalError } from './errors.ts'
import { institutionId, nodeKey } from './institution.ts'
import {
  MAX_REGISTER_VALUE,
  nextRegisterNumber,
  openRegister,
  prepareRegister,
  type RegisterFields,
  registerAddress,
  signRegister
} from './register.ts'
import type { Vouch } from './statements.ts'
import { decodeDescriptor, encodeDescriptor } from './stream.ts'
import { author, CIRCLE, card, charter, charterCircle, node, other, otherRoot, root } from './test-world.ts'

const vouch: Vouch = { name: 'Lorraine', domains: ['univ-lorraine.fr'], how: 'phone', checkedAt: 5, expires: 20_800 }
const closed = decodeDescriptor(
  encodeDescriptor({
    author,
    nodeKey: nodeKey(node.publicKey),
    incarnation: '01'.repeat(16),
    quarter: 227,
    kind: 'log',
    tlp: 'AMBER',
    circle: CIRCLE
  })
)
const fields: readonly RegisterFields[] = [
  { kind: 'card', author, number: 7, value: card },
  { kind: 'charter', author, circle: charterCircle, number: 7, value: charter },
  { kind: 'acceptance', author, circle: CIRCLE, number: 7, value: { name: 'esr-fr' } },
  { kind: 'vouch', author, circle: CIRCLE, subject: other, number: 7, value: vouch },
  { kind: 'revocation', author, circle: CIRCLE, subject: other, number: 7, value: { reason: 'key stolen' } },
  { kind: 'revocation', author, circle: CIRCLE, subject: other, number: 7, value: { reason: 'mended', lifted: true } },
  { kind: 'resignation', author, circle: CIRCLE, number: 7, value: {} },
  {
    kind: 'closing',
    author,
    stream: closed.id,
    number: 1,
    value: { stream: toHex(closed.bytes), last: 7, head: 'ab'.repeat(32) }
  },
  {
    kind: 'presence',
    author,
    signer: nodeKey(node.publicKey),
    circle: CIRCLE,
    number: 7,
    value: { digest: 'cd'.repeat(32), revocations: [{ author, subject: other, number: 3 }] }
  },
  {
    kind: 'receipt',
    author,
    signer: nodeKey(node.publicKey),
    circle: CIRCLE,
    number: 7,
    value: { key: new Uint8Array(32).fill(9), held: [[new Uint8Array(16), 3, 5, new Uint8Array(16).fill(1)]] }
  }
]
const keyOf = (it: RegisterFields) => ('signer' in it ? node : root)
const acceptance = { kind: 'acceptance', author, circle: CIRCLE, number: 7, value: { name: 'esr-fr' } } as const

const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'accepted'
  } catch (error) {
    if (error instanceof JournalError) return error.code
    throw error
  }
}

describe('registers', () => {
  it.each(fields)('of kind $kind go round', (it) => {
    const signed = signRegister(prepareRegister(it), keyOf(it))
    const opened = openRegister(signed.bytes)
    expect(opened).toEqual(signed)
    expect(opened.register).toEqual({ ...it, signer: nodeKey(keyOf(it).publicKey) })
    expect(opened.address).toBe(registerAddress(it.kind, it.author, it.circle ?? it.stream, it.subject))
    // What was accepted can be written in one way only.
    expect(signRegister(prepareRegister(it), keyOf(it)).bytes).toEqual(signed.bytes)
  })

  it('keep their address and change their hash with number and value', () => {
    const [one, two, three] = [acceptance, { ...acceptance, number: 8 }, { ...acceptance, value: { name: 'x' } }].map(
      (it) => signRegister(prepareRegister(it), root)
    )
    expect([two?.address, three?.address]).toEqual([one?.address, one?.address])
    expect(new Set([one?.hash, two?.hash, three?.hash]).size).toBe(3)
  })

  it('have another address for another kind, author, circle or subject', () => {
    const all = [
      registerAddress('vouch', author, CIRCLE, other),
      registerAddress('revocation', author, CIRCLE, other),
      registerAddress('vouch', other, CIRCLE, other),
      registerAddress('vouch', author, 'dd'.repeat(32) as CircleId, other),
      registerAddress('acceptance', author, CIRCLE)
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('are refused with any bit flipped', () => {
    const good = signRegister(prepareRegister(acceptance), root).bytes
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = good.slice()
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(codeOf(() => openRegister(bytes))).not.toBe('accepted')
    }
  })

  it('are refused cut short or lengthened anywhere', () => {
    const good = signRegister(prepareRegister(acceptance), root).bytes
    for (let length = 0; length < good.length; length++) {
      expect(codeOf(() => openRegister(good.subarray(0, length)))).not.toBe('accepted')
    }
    expect(codeOf(() => openRegister(concatBytes(good, new Uint8Array(1))))).toBe('register-length')
    expect(codeOf(() => openRegister(new Uint8Array(1 << 20)))).toBe('register-length')
  })

  it('throw nothing but JournalError, whatever the bytes', () => {
    const good = signRegister(prepareRegister(fields[0] ?? acceptance), root).bytes
    const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 })
    const strange = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      edits.map((them) => {
        const bytes = good.slice()
        for (const [at, byte] of them) bytes[at] = byte
        return bytes
      })
    )
    fc.assert(
      fc.property(strange, (bytes) => {
        if (codeOf(() => openRegister(bytes)) === 'accepted') expect(toHex(bytes)).toBe(toHex(good))
      })
    )
  })

  it('are signed by the author named, at preparation and at opening', () => {
    const unsigned = prepareRegister(acceptance)
    expect(codeOf(() => signRegister(unsigned, otherRoot))).toBe('register-signature')
    expect(codeOf(() => signRegister(unsigned, node))).toBe('register-signature')
    // A signature over the same bytes under another domain string is none.
    const foreign = root.sign(concatBytes(utf8('tocsin/entry/1\0'), unsigned))
    expect(codeOf(() => openRegister(concatBytes(unsigned, foreign)))).toBe('register-signature')
  })

  it('keep their own copy', () => {
    const bytes = signRegister(prepareRegister(acceptance), root).bytes.slice()
    const opened = openRegister(bytes)
    bytes.fill(0)
    expect(codeOf(() => openRegister(opened.bytes))).toBe('accepted')
  })

  it.each<[string, RegisterFields, string]>([
    ['a card in a circle', { kind: 'card', author, circle: CIRCLE, number: 1, value: card }, 'register-circle'],
    ['an acceptance of no circle', { kind: 'acceptance', author, number: 1, value: { name: 'x' } }, 'register-circle'],
    [
      'a charter under another id',
      { kind: 'charter', author, circle: CIRCLE, number: 1, value: charter },
      'register-circle'
    ],
    ['an acceptance with a subject', { ...acceptance, subject: other }, 'register-subject'],
    ['a vouch for nobody', { kind: 'vouch', author, circle: CIRCLE, number: 1, value: vouch }, 'register-subject'],
    [
      'a vouch for oneself',
      { kind: 'vouch', author, circle: CIRCLE, subject: author, number: 1, value: vouch },
      'register-subject'
    ],
    ['number 0', { ...acceptance, number: 0 }, 'register-number'],
    ['a number beyond 2^53 − 1', { ...acceptance, number: 2 ** 53 }, 'register-number'],
    ['an empty name', { ...acceptance, value: { name: '' } }, 'register-value'],
    ['a name with a line break', { ...acceptance, value: { name: 'a\nb' } }, 'register-value'],
    ['a name that turns the text around', { ...acceptance, value: { name: 'a\u202eb' } }, 'register-value'],
    ['an unknown field', { ...acceptance, value: { name: 'a', more: 1 } as { name: string } }, 'register-value']
  ])('do not take %s', (_name, it, code) => {
    expect(codeOf(() => prepareRegister(it))).toBe(code)
  })

  it('do not grow beyond 32 KiB of value', () => {
    const domains = Array.from(
      { length: 64 },
      (_, index) => `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${index}.fr`
    )
    const addresses = Array.from({ length: 16 }, (_, index) => `/dns4/${index}${'x'.repeat(240)}`)
    const nodeKeys = Array.from({ length: 64 }, () => card.nodeKeys[0] ?? card.nodeKeys).flat()
    const value = { ...card, domains, addresses, nodeKeys }
    expect(encode(value).length).toBeGreaterThan(MAX_REGISTER_VALUE)
    expect(codeOf(() => prepareRegister({ kind: 'card', author, number: 1, value }))).toBe('register-length')
  })

  it('bound texts in UTF-16 units, whatever a library counts', () => {
    const named = (name: string) => codeOf(() => prepareRegister({ ...acceptance, value: { name } }))
    expect(named('🔔'.repeat(32))).toBe('accepted')
    expect(named('🔔'.repeat(33))).toBe('register-value')
  })

  it('count on from the last number or the clock', () => {
    expect(nextRegisterNumber(undefined, 1000)).toBe(1000)
    expect(nextRegisterNumber(900, 1000)).toBe(1000)
    expect(nextRegisterNumber(1000, 1000)).toBe(1001)
    expect(nextRegisterNumber(5000, 1000)).toBe(5001)
  })
})

describe('charters', () => {
  it('are named by their hash', () => {
    const signed = signRegister(prepareRegister({ kind: 'charter', author, number: 1, value: charter }), root)
    expect(signed.register.circle).toBe(circleIdOf(charter))
    expect(circleIdOf({ ...charter, nonce: 'ac'.repeat(16) })).not.toBe(circleIdOf(charter))
  })

  it.each([
    ['more vouches than founders', { threshold: 3 }],
    ['no threshold', { threshold: 0 }],
    ['no founders', { founders: [] }],
    ['one founder twice', { founders: [author, author] }],
    [
      'a founder whose key is of small order',
      { founders: [author, institutionId(Uint8Array.of(1, ...new Uint8Array(31)))] }
    ],
    ['a default outside its bounds', { retention: { minMs: 5, maxMs: 9, defaultMs: 4 } }],
    ['an unknown TLP', { defaults: { tlp: 'WHITE', pap: 'GREEN' } }],
    ['a negative delay', { erasureDelayMs: -1 }],
    ['a quota of nothing', { quotas: { entriesADay: 0, bytesADay: 1 } }],
    ['an unknown quota', { quotas: { wordsADay: 1 } }],
    ['a quota of half an entry', { quotas: { entriesADay: 0.5 } }],
    ['more open vouches than ever count', { quotas: { openVouches: 33 } }],
    ['a window in which nothing fits', { quotas: { pendingBytes: 2 ** 20 - 1 } }],
    ['newcomers with nothing', { quotas: { newcomerPercent: 0 } }],
    ['newcomers with more than the others', { quotas: { newcomerPercent: 101 } }]
  ])('do not take %s', (_name, change) => {
    const value = { ...charter, ...change } as typeof charter
    expect(codeOf(() => prepareRegister({ kind: 'charter', author, number: 1, value }))).toBe('register-value')
  })

  it('may set quotas, which is another circle', () => {
    const value = { ...charter, quotas: { entriesADay: 1000, bytesADay: 2 ** 24 } }
    const signed = signRegister(prepareRegister({ kind: 'charter', author, number: 1, value }), root)
    expect(signed.register.value).toEqual(value)
    expect(signed.register.circle).not.toBe(circleIdOf(charter))
  })

  it('are signed by a founder', () => {
    const value = { ...charter, founders: [other], threshold: 1 }
    expect(codeOf(() => prepareRegister({ kind: 'charter', author, number: 1, value }))).toBe('charter-author')
  })
})

describe('closings', () => {
  const closing = {
    kind: 'closing',
    author,
    stream: closed.id,
    number: 1,
    value: { stream: toHex(closed.bytes), last: 0 }
  } as const

  it('are one for each stream, whatever they say', () => {
    const [none, some] = [closing.value, { ...closing.value, last: 3, head: 'ab'.repeat(32) }].map((value) =>
      signRegister(prepareRegister({ ...closing, value }), root)
    )
    expect(some?.address).toBe(none?.address)
    expect(some?.hash).not.toBe(none?.hash)
  })

  it.each([
    ['a second number', { ...closing, number: 2 }, 'register-number'],
    ['another stream than they carry', { ...closing, stream: CIRCLE as string as StreamId }, 'closing-stream'],
    ['a stream of somebody else', { ...closing, author: other }, 'closing-author'],
    ['an entry without its seq', { ...closing, value: { ...closing.value, head: 'ab'.repeat(32) } }, 'register-value'],
    ['a seq without its entry', { ...closing, value: { ...closing.value, last: 1 } }, 'register-value']
  ])('are refused with %s', (_, it, code) => {
    expect(codeOf(() => signRegister(prepareRegister(it), it.author === other ? otherRoot : root))).toBe(code)
  })
})
