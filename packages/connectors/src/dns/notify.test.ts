import { decode } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEY, SIGNED_AT } from './bind.fixture.ts'
import { buildNotify, readNotifyReply } from './notify.ts'
import { createTsigSigner, signTsig } from './tsig.ts'

const FACTS = { name: 'rpz.tocsin.invalid', ttl: 60 }

/** What a secondary says to it (RFC 1996 §4.7): the question again, QR set. */
function reply(message: Buffer, rcode = 0): Buffer {
  const answer = Buffer.from(message.subarray(0, 12 + 20 + 4))
  answer[2] = 0xa4
  answer[3] = rcode
  answer.writeUInt32BE(0, 6)
  answer.writeUInt16BE(0, 10)
  return answer
}

describe('NOTIFY', () => {
  it('is what RFC 1996 §3.7 shows: opcode 4, AA, the zone’s SOA asked and told', () => {
    const { message } = buildNotify(FACTS, 2026113001, 9, undefined, SIGNED_AT)
    expect(message.readUInt16BE(2)).toBe(0x2400)
    expect(decode(message)).toMatchObject({
      id: 9,
      questions: [{ name: FACTS.name, type: 'SOA', class: 'IN' }],
      answers: [{ name: FACTS.name, type: 'SOA', data: { serial: 2026113001 } }]
    })
  })

  it('is heard by an answer with its id and no other', () => {
    const notify = buildNotify(FACTS, 1, 9, undefined, SIGNED_AT)
    expect(readNotifyReply(reply(notify.message), notify, SIGNED_AT)).toBe('heard')
    expect(readNotifyReply(reply(notify.message, 5), notify, SIGNED_AT)).toBe('refused')
    expect(readNotifyReply(reply(notify.message), { ...notify, id: 10 }, SIGNED_AT)).toBeUndefined()
    expect(readNotifyReply(notify.message, notify, SIGNED_AT)).toBeUndefined()
  })

  it('believes a signed answer alone where it was signed', () => {
    const notify = buildNotify(FACTS, 1, 9, KEY, SIGNED_AT)
    const plain = reply(notify.message)
    expect(readNotifyReply(plain, notify, SIGNED_AT)).toBeUndefined()
    expect(readNotifyReply(signTsig(plain, KEY, SIGNED_AT).message, notify, SIGNED_AT)).toBeUndefined()
    const sign = createTsigSigner(KEY, notify.mac ?? Buffer.alloc(0), () => SIGNED_AT)
    expect(readNotifyReply(sign(plain), notify, SIGNED_AT)).toBe('heard')
  })

  it('reads any octets without throwing', () => {
    const notify = buildNotify(FACTS, 1, 9, KEY, SIGNED_AT)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const message = Buffer.concat([Buffer.from([0, 9, 0xa4, 0]), octets])
        expect(readNotifyReply(message, notify, SIGNED_AT)).toBeUndefined()
      })
    )
  })
})
