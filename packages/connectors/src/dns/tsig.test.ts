import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AXFR_ANSWERS, AXFR_QUERY, KEY, SIGNED_AT, SOA_ANSWER, SOA_QUERY } from './bind.fixture.ts'
import { readSections } from './query.ts'
import { createTsigSigner, readTsig, signTsig, type Tsig, tsigRefusal, verifyTsig } from './tsig.ts'

function parts(message: Buffer): { tsig: Tsig; unsigned: Buffer } {
  const { tsig, unsigned } = readSections(message) ?? {}
  if (tsig === undefined || unsigned === undefined) throw new Error('no TSIG')
  return { tsig, unsigned }
}

function verdict(message: Buffer, now = SIGNED_AT, keys = [KEY]): string {
  const { tsig, unsigned } = parts(message)
  const made = verifyTsig(unsigned, tsig, keys, now)
  return made.ok ? 'ok' : made.error
}

/** The message with other octets at the place of its MAC, or of the time before it. */
function altered(message: Buffer, change: (tsig: Tsig) => Partial<Tsig>): string {
  const { tsig, unsigned } = parts(message)
  const made = verifyTsig(unsigned, { ...tsig, ...change(tsig) }, [KEY], SIGNED_AT)
  return made.ok ? 'ok' : made.error
}

describe('verifyTsig', () => {
  it('takes what dig signed', () => {
    expect(verdict(SOA_QUERY)).toBe('ok')
    expect(verdict(AXFR_QUERY)).toBe('ok')
  })

  it('takes what named answered, over the MAC of the question alone', () => {
    const { tsig, unsigned } = parts(SOA_ANSWER)
    expect(verifyTsig(unsigned, tsig, [KEY], SIGNED_AT, parts(SOA_QUERY).tsig.mac).ok).toBe(true)
    expect(verifyTsig(unsigned, tsig, [KEY], SIGNED_AT, parts(AXFR_QUERY).tsig.mac).ok).toBe(false)
    expect(verifyTsig(unsigned, tsig, [KEY], SIGNED_AT).ok).toBe(false)
  })

  it('takes nothing of which one bit differs', () => {
    // The id is not covered: the original one in the record is (RFC 8945 §5.1), and relays may change the other.
    const letters = new Set<number>()
    for (let bit = 16; bit < SOA_QUERY.length * 8; bit += 1) {
      const message = Buffer.from(SOA_QUERY)
      message[bit >> 3] = (message[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const read = readSections(message)
      if (read?.tsig === undefined || !verifyTsig(read.unsigned, read.tsig, [KEY], SIGNED_AT).ok) continue
      letters.add(bit >> 3)
      expect(message.toString('latin1').toLowerCase()).toBe(SOA_QUERY.toString('latin1').toLowerCase())
    }
    // Those of the names of key and algorithm count in either case (§4.3.3).
    expect(letters.size).toBe('tocsintest'.length + 'hmacsha'.length)
  })

  it('knows a key by its name and by its secret, in that order', () => {
    expect(verdict(SOA_QUERY, SIGNED_AT, [])).toBe('BADKEY')
    expect(verdict(SOA_QUERY, SIGNED_AT, [{ ...KEY, name: 'other' }])).toBe('BADKEY')
    expect(verdict(SOA_QUERY, SIGNED_AT, [{ ...KEY, secret: Buffer.alloc(32) }])).toBe('BADSIG')
    expect(altered(SOA_QUERY, ({ algorithm }) => ({ algorithm: Buffer.from(algorithm).fill(0x61, 1, 5) }))).toBe(
      'BADKEY'
    )
  })

  it('takes no shorter MAC, and no longer one', () => {
    expect(altered(SOA_QUERY, ({ mac }) => ({ mac: mac.subarray(0, 16) }))).toBe('BADTRUNC')
    expect(altered(SOA_QUERY, ({ mac }) => ({ mac: mac.subarray(0, 0) }))).toBe('BADTRUNC')
    expect(altered(SOA_QUERY, ({ mac }) => ({ mac: Buffer.concat([mac, mac]) }))).toBe('BADSIG')
  })

  it('takes what was signed within the fudge, either way', () => {
    for (const off of [-300_000, 0, 300_999]) expect(verdict(SOA_QUERY, SIGNED_AT + off)).toBe('ok')
    for (const off of [-301_000, 301_000]) expect(verdict(SOA_QUERY, SIGNED_AT + off)).toBe('BADTIME')
    // A wrong MAC is told before a wrong time: whoever lacks the key learns nothing of our clock.
    expect(verdict(SOA_QUERY, 0, [{ ...KEY, secret: Buffer.alloc(32) }])).toBe('BADSIG')
  })
})

describe('createTsigSigner', () => {
  it('makes the signatures of named, message by message', () => {
    const sign = createTsigSigner(KEY, parts(AXFR_QUERY).tsig.mac, () => SIGNED_AT)
    expect(AXFR_ANSWERS.map((answer) => sign(parts(answer).unsigned))).toEqual(AXFR_ANSWERS)
  })

  it('makes other ones where a message is left out', () => {
    const sign = createTsigSigner(KEY, parts(AXFR_QUERY).tsig.mac, () => SIGNED_AT)
    const [first, , third] = AXFR_ANSWERS as [Buffer, Buffer, Buffer, Buffer]
    expect(sign(parts(first).unsigned)).toEqual(first)
    expect(sign(parts(third).unsigned)).not.toEqual(third)
  })
})

describe('signTsig', () => {
  it('signs as dig does', () => {
    expect(signTsig(parts(SOA_QUERY).unsigned, KEY, SIGNED_AT).message).toEqual(SOA_QUERY)
  })
})

describe('tsigRefusal', () => {
  const refusal = Buffer.from('ce8080090000000000000000', 'hex')

  it('is signed after BADTIME, with our time, and after nothing else', () => {
    const { tsig, unsigned } = parts(SOA_QUERY)
    const late = SIGNED_AT + 400_000
    const made = verifyTsig(unsigned, tsig, [KEY], late)
    if (made.ok) throw new Error('not late')
    const { tsig: told, unsigned: rest } = parts(tsigRefusal(refusal, tsig, made, late))
    expect(told).toMatchObject({ error: 18, signedAt: SIGNED_AT / 1000 })
    expect(told.other.readUIntBE(0, 6)).toBe(late / 1000)
    expect(verifyTsig(rest, told, [KEY], SIGNED_AT, tsig.mac).ok).toBe(true)
    for (const [error, code] of [
      ['BADSIG', 16],
      ['BADKEY', 17],
      ['BADTRUNC', 22]
    ] as const) {
      const { tsig: unsure } = parts(tsigRefusal(refusal, tsig, { ok: false, error }, late))
      expect(unsure).toMatchObject({ error: code, keyName: 'tocsin-test' })
      expect(unsure.mac).toHaveLength(0)
    }
  })
})

describe('readTsig', () => {
  it('reads any octets or refuses them, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (octets) => {
        const read = readTsig('k', Buffer.from(octets))
        expect(read === undefined || read.mac.length + read.other.length <= octets.length).toBe(true)
      })
    )
  })
})
